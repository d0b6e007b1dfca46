package identity

import (
	"context"
	"encoding/hex"
	"time"

	"github.com/bedside-health/bedside/internal/cache"
	"github.com/bedside-health/bedside/internal/errs"
	"github.com/google/uuid"
)

// Purposes separate what the keyed hash and the sealer are used for.
const (
	purposeNetwork = "enrollment.network"
	purposeCode    = "enrollment.registration_code"
	purposeMailbox = "enrollment.registration_mailbox"
	// purposeReplacement names a new address in the proof of its case.
	purposeReplacement = "enrollment.address_replacement"
)

func purposeCodeOf(registration uuid.UUID) string { return purposeCode + "\n" + registration.String() }

// codeHash binds a code to its registration, under a key that the database does
// not have.
func (s *Service) codeHash(registration uuid.UUID, code string) []byte {
	return s.seal.Hash(purposeCode, registration.String()+":"+code)
}

// mailboxKey names an address without saying it.
func (s *Service) mailboxKey(email string) string {
	return hex.EncodeToString(s.seal.Hash(purposeMailbox, email))
}

// allowStart counts a start: a whole office may share a network; nobody needs
// many codes for one address.
func (s *Service) allowStart(ctx context.Context, email, from string) error {
	if err := s.allow(ctx, "start:address:"+s.network(from), 30, time.Hour); err != nil {
		return err
	}
	return s.allow(ctx, "start:mailbox:"+s.mailboxKey(email), 5, time.Hour)
}

// allowConfirm counts a code that was typed.
func (s *Service) allowConfirm(ctx context.Context, from string) error {
	return s.allow(ctx, "confirm:address:"+s.network(from), 60, 15*time.Minute)
}

func (s *Service) network(from string) string {
	return hex.EncodeToString(s.seal.Hash(purposeNetwork, cache.Network(from)))
}

func (s *Service) allow(ctx context.Context, bucket string, limit int, window time.Duration) error {
	if ok, retry := s.throttle.Allow(ctx, "identity:"+bucket, limit, window); !ok {
		return errs.TooManyTries(retry)
	}
	return nil
}
