package auth

import (
	"context"
	"fmt"

	"github.com/bedside-health/bedside/internal/audit"
	"github.com/bedside-health/bedside/internal/auth/db"
	"github.com/bedside-health/bedside/internal/errs"
	"github.com/bedside-health/bedside/internal/principal"
	"github.com/jackc/pgx/v5"
)

// setLanguage sets the language of mail about the caller's account: that an
// address or a password was changed, links, invitations. Nothing is written
// where it is that one already. Refusals: Invalid.
func (s *Service) setLanguage(ctx context.Context, p principal.Principal, lang string) error {
	if lang == "" || language(lang) != lang {
		return errs.InvalidFields(errs.Field{Name: "language", Reason: "unknown"})
	}
	err := s.db.W.Tx(ctx, func(ctx context.Context, tx pgx.Tx) error {
		n, err := s.q.SetLanguage(ctx, tx, db.SetLanguageParams{AccountID: p.Account.UUID, Language: lang})
		if err != nil || n == 0 {
			return err
		}
		return audit.Append(ctx, tx, audit.Entry{
			Actor: audit.ActorFrom(ctx), Action: "auth.language", Subject: accountSubject(p.Account), Detail: map[string]string{"language": lang},
		})
	})
	if err != nil {
		return fmt.Errorf("setting an account's language: %w", err)
	}
	return nil
}
