package identity

import (
	"context"
	"fmt"
	"time"

	"github.com/bedside-health/bedside/internal/audit"
	"github.com/bedside-health/bedside/internal/enrollment/identity/db"
	"github.com/bedside-health/bedside/internal/enrollment/people"
	"github.com/bedside-health/bedside/internal/errs"
	enrollmentv1 "github.com/bedside-health/bedside/internal/gen/bedside/enrollment/v1"
	"github.com/bedside-health/bedside/internal/ids"
	"github.com/bedside-health/bedside/internal/mail"
	"github.com/bedside-health/bedside/internal/once"
	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
)

// person is who somebody says they are, checked.
type person struct {
	given, family, email, language string
	born                           time.Time
	activation                     *uuid.UUID
}

// readPerson refuses what cannot be, field by field.
func readPerson(req *enrollmentv1.StartRegistrationRequest, today time.Time) (person, error) {
	var faults []errs.Field
	refuse := func(name, reason string) { faults = append(faults, errs.Field{Name: name, Reason: reason}) }
	p := person{language: people.LanguageOr(req.GetLanguage(), "")}
	var ok bool
	if p.given, ok = tidyName(req.GetGivenName()); !ok {
		refuse("given_name", "name")
	}
	if p.family, ok = tidyName(req.GetFamilyName()); !ok {
		refuse("family_name", "name")
	}
	if p.born, ok = people.ParseBirthDate(req.GetBirthDate(), today); !ok {
		refuse("birth_date", "date")
	} else if p.born.After(people.AdultIfBornBy(today)) {
		refuse("birth_date", "minor")
	}
	if p.email, ok = mail.Address(req.GetEmail()); !ok {
		refuse("email", "not_an_address")
	}
	if id, err := uuid.Parse(req.GetActivationId()); err == nil {
		p.activation = &id
	} else if req.GetActivationId() != "" {
		refuse("activation_id", "malformed")
	}
	if len(faults) > 0 {
		return person{}, errs.InvalidFields(faults...)
	}
	return p, nil
}

// startRegistration writes a row and queues a job, the same whoever has the
// address, and answers alike after the same time. The same form sent twice
// mails one code.
func (s *Service) startRegistration(ctx context.Context, req *enrollmentv1.StartRegistrationRequest) (*enrollmentv1.StartRegistrationResponse, error) {
	p, err := readPerson(req, s.today())
	if err != nil {
		return nil, err
	}
	if err := s.allowStart(ctx, p.email, req.GetAddress()); err != nil {
		return nil, err
	}
	pace := time.NewTimer(s.pace)
	defer pace.Stop()
	var res *enrollmentv1.StartRegistrationResponse
	err = s.db.W.Tx(ctx, func(ctx context.Context, tx pgx.Tx) (err error) {
		res, err = once.Do(ctx, tx, "StartRegistration", req.GetIdempotencyKey(), req, "mailbox:"+s.mailboxKey(p.email),
			func() (*enrollmentv1.StartRegistrationResponse, error) {
				id := ids.NewUUID()
				return &enrollmentv1.StartRegistrationResponse{RegistrationId: id.String()}, s.insertRegistration(ctx, tx, id, p)
			})
		return err
	})
	select {
	case <-pace.C:
	case <-ctx.Done():
	}
	if err != nil {
		return nil, fmt.Errorf("starting a registration: %w", err)
	}
	return res, nil
}

func (s *Service) insertRegistration(ctx context.Context, tx pgx.Tx, id uuid.UUID, p person) error {
	code, err := people.NewCode()
	if err != nil {
		return err
	}
	sealed, err := s.seal.SealSecret(purposeCodeOf(id), []byte(code))
	if err != nil {
		return fmt.Errorf("sealing a code: %w", err)
	}
	now := s.clock.Now()
	err = s.q.InsertRegistration(ctx, tx, db.InsertRegistrationParams{
		RegistrationID: id, ActivationID: p.activation, GivenName: p.given, FamilyName: p.family, BirthDate: p.born,
		Email: p.email, CodeHash: s.codeHash(id, code), Language: p.language, At: now, ExpiresAt: now.Add(codeLifetime),
	})
	if err != nil {
		return fmt.Errorf("inserting a registration: %w", err)
	}
	if err := s.jobs.Insert(ctx, tx, registrationMail{Registration: id, Code: sealed, Actor: self()}, nil); err != nil {
		return err
	}
	return audit.Append(ctx, tx, audit.Entry{Actor: self(), Action: "registration.start", Subject: registrationSubject(id)})
}

func registrationSubject(id uuid.UUID) string { return "registration/" + id.String() }
