package people

import (
	"context"
	"errors"
	"fmt"

	"github.com/bedside-health/bedside/internal/enrollment/names"
	"github.com/bedside-health/bedside/internal/mail"
	"github.com/jackc/pgx/v5"
)

// opened is what the holder of a link may see before they have proven more.
type opened struct{ givenName, maskedEmail, language string }

// openInvitation says whether a link is good. The birth date is asked for
// next, so a first name is all that it shows.
func (s *Service) openInvitation(ctx context.Context, token, from string) (opened, error) {
	if err := s.allow(ctx, s.attempts.open, nil, from); err != nil {
		return opened{}, err
	}
	i, err := s.q.OpenInvitation(ctx, s.db.W.DB(), s.tokenHash(token))
	if errors.Is(err, pgx.ErrNoRows) {
		return opened{}, errInvitationUnknown()
	}
	if err != nil {
		return opened{}, fmt.Errorf("opening an invitation: %w", err)
	}
	switch {
	case i.Tries >= maxTries:
		return opened{}, errInvitationSpent()
	case i.State == invitationAccepted:
		return opened{}, errAlreadyActive()
	case i.Expired, i.State != invitationQueued && i.State != invitationSent:
		return opened{}, errInvitationExpired()
	}
	return opened{givenName: names.Proper(i.GivenName), maskedEmail: mail.Mask(i.Email), language: i.Language}, nil
}
