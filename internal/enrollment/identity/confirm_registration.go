package identity

import (
	"context"
	"crypto/hmac"
	"errors"
	"fmt"

	"github.com/bedside-health/bedside/internal/audit"
	"github.com/bedside-health/bedside/internal/enrollment/identity/db"
	"github.com/bedside-health/bedside/internal/enrollment/people"
	authv1 "github.com/bedside-health/bedside/internal/gen/bedside/auth/v1"
	rpcv1 "github.com/bedside-health/bedside/internal/gen/bedside/rpc/v1"
	"github.com/bedside-health/bedside/internal/ids"
	"github.com/bedside-health/bedside/internal/rpc"
	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
)

// opened is an account that stands.
type opened struct {
	ticket, reference string
	patient           ids.PatientID
}

// confirmRegistration opens the account with the mailed code. Repeating it with
// the right code repeats its answer, also after a crash in the middle.
func (s *Service) confirmRegistration(ctx context.Context, id uuid.UUID, code, from string) (opened, error) {
	if err := s.allowConfirm(ctx, from); err != nil {
		return opened{}, err
	}
	r, err := s.tryCode(ctx, id, s.codeHash(id, people.CleanCode(code)))
	if err != nil {
		return opened{}, err
	}
	res, err := s.accounts.EnsureAccount(rpc.AsService(ctx), &authv1.EnsureAccountRequest{
		Email: r.Email, Role: rpcv1.Role_ROLE_PATIENT, Language: r.Language, Proof: serviceName + ":" + registrationSubject(id),
	})
	if err != nil {
		return opened{}, fmt.Errorf("ensuring the account: %w", err)
	}
	account, err := ids.Parse[ids.AccountID](res.GetAccountId())
	if err != nil {
		return opened{}, fmt.Errorf("reading the account's id: %w", err)
	}
	out := opened{ticket: res.GetTicket()}
	err = s.db.W.Tx(ctx, func(ctx context.Context, tx pgx.Tx) (err error) {
		out.patient, out.reference, err = s.open(ctx, tx, id, account)
		return err
	})
	if err != nil {
		return opened{}, fmt.Errorf("opening an account: %w", err)
	}
	s.people.Ring()
	return out, nil
}

// tryCode checks a code and counts a wrong one, in a transaction that commits
// either way.
func (s *Service) tryCode(ctx context.Context, id uuid.UUID, hash []byte) (db.LockRegistrationRow, error) {
	var r db.LockRegistrationRow
	var refusal error
	err := s.db.W.Tx(ctx, func(ctx context.Context, tx pgx.Tx) (err error) {
		refusal = nil
		r, err = s.q.LockRegistration(ctx, tx, id)
		if errors.Is(err, pgx.ErrNoRows) {
			return errCodeExpired()
		}
		if err != nil {
			return fmt.Errorf("reading a registration: %w", err)
		}
		switch {
		case r.Expired:
			refusal = errCodeExpired()
			return nil
		case r.Tries >= maxTries:
			refusal = errCodeSpent()
			return nil
		case !hmac.Equal(r.CodeHash, hash):
			refusal = errCodeWrong()
			err = s.q.CountTry(ctx, tx, id)
		default:
			err = s.q.MarkProven(ctx, tx, id)
		}
		if err != nil {
			return fmt.Errorf("noting a try: %w", err)
		}
		return audit.Append(ctx, tx, audit.Entry{Actor: self(), Action: "registration.try", Subject: registrationSubject(id)})
	})
	if err != nil {
		return db.LockRegistrationRow{}, fmt.Errorf("trying a code: %w", err)
	}
	return r, refusal
}

// open makes the account a patient of its own. An account that is a patient
// already keeps that.
func (s *Service) open(ctx context.Context, tx pgx.Tx, id uuid.UUID, account ids.AccountID) (ids.PatientID, string, error) {
	none := ids.PatientID{}
	r, err := s.q.LockRegistration(ctx, tx, id)
	if err != nil {
		return none, "", fmt.Errorf("locking a registration: %w", err)
	}
	if r.PatientID != nil {
		reference, err := s.referenceOf(ctx, tx, r.ActivationID)
		return ids.PatientID{UUID: *r.PatientID}, reference, err
	}
	_, err = s.q.SelfOfAccount(ctx, tx, db.SelfOfAccountParams{Account: account.UUID, Today: s.today()})
	if err == nil {
		return none, "", errAlreadyActive()
	}
	if !errors.Is(err, pgx.ErrNoRows) {
		return none, "", fmt.Errorf("reading whom the account is: %w", err)
	}
	patient := ids.New[ids.PatientID]()
	if err := s.insertPatient(ctx, tx, r, patient, account); err != nil {
		return none, "", err
	}
	reference := ""
	if r.ActivationID != nil {
		if reference, err = s.claim(ctx, tx, *r.ActivationID, patient); err != nil {
			return none, "", err
		}
	}
	err = s.q.ConfirmRegistration(ctx, tx, db.ConfirmRegistrationParams{RegistrationID: id, PatientID: &patient.UUID, AccountID: &account.UUID})
	if err != nil {
		return none, "", fmt.Errorf("confirming a registration: %w", err)
	}
	err = audit.Append(ctx, tx, audit.Entry{
		Actor: audit.Actor{Account: account}, Patient: patient, Action: "patient.register", Subject: registrationSubject(id),
		Detail: map[string]string{"certainty": certaintyOf(r)},
	})
	if err != nil {
		return none, "", err
	}
	return patient, reference, s.people.Publish(ctx, tx, []uuid.UUID{patient.UUID})
}

func certaintyOf(r db.LockRegistrationRow) string {
	if r.ActivationID != nil {
		return certaintyLimited
	}
	return certaintyFull
}

func (s *Service) insertPatient(ctx context.Context, tx pgx.Tx, r db.LockRegistrationRow, patient ids.PatientID, account ids.AccountID) error {
	err := s.q.InsertPatient(ctx, tx, db.InsertPatientParams{
		PatientID: patient.UUID, GivenName: r.GivenName, FamilyName: r.FamilyName, BirthDate: r.BirthDate, Language: r.Language,
	})
	if err != nil {
		return fmt.Errorf("inserting a patient: %w", err)
	}
	n, err := s.q.InsertSelf(ctx, tx, db.InsertSelfParams{
		ActsForID: ids.NewUUID(), AccountID: account.UUID, PatientID: patient.UUID, FromDate: s.today(), Certainty: certaintyOf(r),
	})
	if err != nil {
		return fmt.Errorf("inserting who acts for the patient: %w", err)
	}
	if n == 0 { // lost a race for the account
		return errAlreadyActive()
	}
	err = s.q.PutProvenEmail(ctx, tx, db.PutProvenEmailParams{ContactID: ids.NewUUID(), PatientID: patient.UUID, Value: r.Email})
	if err != nil {
		return fmt.Errorf("keeping the proven address: %w", err)
	}
	return nil
}

func (s *Service) referenceOf(ctx context.Context, tx pgx.Tx, activation *uuid.UUID) (string, error) {
	if activation == nil {
		return "", nil
	}
	reference, err := s.q.ReferenceOfActivation(ctx, tx, *activation)
	if err != nil {
		return "", fmt.Errorf("reading a reference: %w", err)
	}
	return reference, nil
}
