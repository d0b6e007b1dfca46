package auth

import (
	"context"
	"fmt"

	"github.com/bedside-health/bedside/internal/auth/db"
	"github.com/bedside-health/bedside/internal/ids"
	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
)

// requestCode makes a challenge and a job that mails its code. It does exactly
// the same for an address that nobody has: the row is then a decoy, and the
// job finds nobody to write to. SMTP is the job's business, so its pace shows
// to nobody.
func (s *Service) requestCode(ctx context.Context, rawEmail, lang string, from client) (uuid.UUID, error) {
	email, err := normalizeEmail(rawEmail)
	if err != nil {
		return uuid.Nil, err
	}
	who := s.seal.Hash(purposeAddress, email)
	if err := s.allow(ctx, s.attempts.request, who, from.address); err != nil {
		return uuid.Nil, err
	}
	code, err := newCode()
	if err != nil {
		return uuid.Nil, err
	}
	id := ids.NewUUID()
	sealed, err := s.seal.SealSecret(mailPurpose(id), []byte(code))
	if err != nil {
		return uuid.Nil, fmt.Errorf("sealing a code: %w", err)
	}
	err = s.db.W.Tx(ctx, func(ctx context.Context, tx pgx.Tx) error {
		err := s.q.InsertChallenge(ctx, tx, db.InsertChallengeParams{
			ChallengeID: id, Email: email, AddressHash: who, CodeHash: s.codeHash(id, code), Demo: s.demo,
		})
		if err != nil {
			return fmt.Errorf("inserting a challenge: %w", err)
		}
		err = s.jobs.Insert(ctx, tx, codeMailArgs{Challenge: id, Code: sealed, Language: language(lang)}, nil)
		if err != nil {
			return fmt.Errorf("queueing the code mail: %w", err)
		}
		return record(ctx, tx, "auth.code_request", challengeSubject(id))
	})
	if err != nil {
		return uuid.Nil, fmt.Errorf("requesting a code: %w", err)
	}
	return id, nil
}

// codeHash binds a code to its challenge, under a key that the database does
// not have: eight digits alone would be found by trying them all.
func (s *Service) codeHash(challenge uuid.UUID, code string) []byte {
	return s.seal.Hash(purposeCode, challenge.String()+":"+code)
}

func challengeSubject(id uuid.UUID) string { return "challenge/" + id.String() }
