package contacts

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/bedside-health/bedside/internal/audit"
	"github.com/bedside-health/bedside/internal/enrollment/contacts/db"
	authv1 "github.com/bedside-health/bedside/internal/gen/bedside/auth/v1"
	"github.com/bedside-health/bedside/internal/ids"
	"github.com/bedside-health/bedside/internal/rpc"
	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
)

// followSignInEmail makes the address that an account has proven the one that
// its own patient is written to, and says whether that changed anything. The
// address is asked of auth, and never taken from the caller.
func (s *Service) followSignInEmail(ctx context.Context, actor audit.Actor, account ids.AccountID) (bool, error) {
	res, err := s.Accounts.SignInEmail(rpc.AsService(ctx), &authv1.SignInEmailRequest{AccountId: account.String()})
	if err != nil {
		return false, fmt.Errorf("asking for the address of an account: %w", err)
	}
	changed := false
	err = s.DB.W.Tx(ctx, func(ctx context.Context, tx pgx.Tx) error {
		changed, err = s.follow(ctx, tx, actor, account, res.GetEmail())
		return err
	})
	if err != nil {
		return false, fmt.Errorf("following the address of an account: %w", err)
	}
	if changed {
		s.Ring()
	}
	return changed, nil
}

// lockSelf locks the patient that an account is, and reads them again: a merge
// may have put the account aside while we waited.
func (s *Service) lockSelf(ctx context.Context, tx pgx.Tx, account ids.AccountID) (uuid.UUID, error) {
	ask := db.SelfParams{Account: account.UUID, Today: s.today()}
	patient, err := s.q.Self(ctx, tx, ask)
	if err != nil {
		return patient, err
	}
	if err := s.Hold(ctx, tx, []uuid.UUID{patient}); err != nil {
		return patient, err
	}
	return s.q.Self(ctx, tx, ask)
}

// follow writes to the account's own patient at an address that it has proven,
// and says whether that is another than before.
func (s *Service) follow(ctx context.Context, tx pgx.Tx, actor audit.Actor, account ids.AccountID, email string) (bool, error) {
	self, err := s.lockSelf(ctx, tx, account)
	if errors.Is(err, pgx.ErrNoRows) { // who works here, or acts for others only
		return false, nil
	}
	if err != nil {
		return false, fmt.Errorf("locking a patient: %w", err)
	}
	patient := ids.PatientID{UUID: self}
	rows, err := s.q.BestContacts(ctx, tx, patient.UUID)
	if err != nil {
		return false, fmt.Errorf("reading contact points: %w", err)
	}
	for _, r := range rows {
		if r.Kind == kindEmail && r.Verified && strings.EqualFold(r.Value, email) {
			return false, nil
		}
	}
	if err := s.q.PutProvenEmail(ctx, tx, db.PutProvenEmailParams{ContactID: ids.NewUUID(), Patient: patient.UUID, Value: email}); err != nil {
		return false, fmt.Errorf("storing an address: %w", err)
	}
	if err := s.q.DropOtherEmails(ctx, tx, db.DropOtherEmailsParams{Patient: patient.UUID, Value: email}); err != nil {
		return false, fmt.Errorf("forgetting older addresses: %w", err)
	}
	err = audit.Append(ctx, tx, audit.Entry{Actor: actor, Patient: patient, Action: "contact.set", Detail: map[string]string{"kind": kindEmail}})
	if err != nil {
		return false, err
	}
	return true, s.Publish(ctx, tx, []uuid.UUID{patient.UUID})
}
