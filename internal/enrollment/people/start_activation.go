package people

import (
	"context"
	"errors"
	"fmt"
	"time"
	"unicode/utf8"

	"github.com/bedside-health/bedside/internal/audit"
	"github.com/bedside-health/bedside/internal/enrollment/people/db"
	"github.com/bedside-health/bedside/internal/errs"
	"github.com/bedside-health/bedside/internal/ids"
	"github.com/bedside-health/bedside/internal/pg"
	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
)

// details are what somebody typed about their membership.
type details struct {
	memberID, familyName, birthDate, language, address string
}

// typed is details in a form that can be compared.
type typed struct {
	number, familyName string
	birthDate          time.Time
}

// check refuses what cannot be details of anybody. It knows of no member, so it
// may say which field it means.
func (d details) check(today time.Time) (typed, error) {
	var faults []errs.Field
	t := typed{number: foldNumber(d.memberID), familyName: d.familyName}
	if n := len(t.number); n < 2 || n > 80 || len(d.memberID) > 200 {
		faults = append(faults, errs.Field{Name: "member_id", Reason: "length"})
	}
	if n := utf8.RuneCountInString(d.familyName); n > 200 || len(nameParts(d.familyName)) == 0 {
		faults = append(faults, errs.Field{Name: "family_name", Reason: "length"})
	}
	var ok bool
	if t.birthDate, ok = parseBirthDate(d.birthDate, today); !ok {
		faults = append(faults, errs.Field{Name: "birth_date", Reason: "date"})
	}
	if len(faults) > 0 {
		return typed{}, errs.InvalidFields(faults...)
	}
	return t, nil
}

// started answers typed details: the same whoever they mean.
type started struct {
	activation uuid.UUID
	reference  string
}

// startActivation looks for the one member whom typed details mean. Found or
// not, it asks the same, writes rows of the same shape, queues one job, and
// answers alike after the same time; what differs happens in the job, and in a
// mailbox.
func (s *Service) startActivation(ctx context.Context, in details) (started, error) {
	today := s.today()
	t, err := in.check(today)
	if err != nil {
		return started{}, err
	}
	number := s.seal.Hash(purposeNumber, t.number)
	if err := s.allow(ctx, s.attempts.start, number, in.address); err != nil {
		return started{}, err
	}
	pace := time.NewTimer(s.pace)
	defer pace.Stop()
	out, err := s.lookAndStart(ctx, t, languageOr(in.language, ""), number, today)
	select {
	case <-pace.C:
	case <-ctx.Done():
	}
	return out, err
}

func (s *Service) lookAndStart(ctx context.Context, t typed, language string, number []byte, today time.Time) (started, error) {
	found, reason, err := s.whoIsMeant(ctx, s.db.W.DB(), t, today)
	if err != nil {
		return started{}, err
	}
	for try := 0; ; try++ {
		out, err := s.insertActivation(ctx, found, reason, language, number, t)
		e, taken := errors.AsType[*pgconn.PgError](err)
		if taken && e.Code == "23505" && try < 2 { // the reference exists: make another
			continue
		}
		return out, err
	}
}

// whoIsMeant finds the member whom typed details mean as the rosters are now.
func (s *Service) whoIsMeant(ctx context.Context, from pg.DBTX, t typed, today time.Time) (*candidate, string, error) {
	rows, err := s.q.Candidates(ctx, from, db.CandidatesParams{Number: t.number, Today: today, Most: maxCandidates})
	if err != nil {
		return nil, "", fmt.Errorf("looking for a member: %w", err)
	}
	candidates := make([]candidate, len(rows))
	for i, r := range rows {
		candidates[i] = candidate{
			member: r.MemberID, familyName: r.FamilyName, birthDate: r.BirthDate, email: r.Email,
			active: r.Active, sharedEmail: r.Shared,
		}
	}
	found, reason := decide(candidates, t.familyName, t.birthDate, today)
	return found, reason, nil
}

// insertActivation writes the attempt and its case, if it is one for staff,
// with the job that mails.
func (s *Service) insertActivation(ctx context.Context, found *candidate, reason, language string, number []byte, t typed) (started, error) {
	out := started{activation: ids.NewUUID(), reference: ids.Reference()}
	code, err := newCode()
	if err != nil {
		return started{}, err
	}
	sealed, err := s.seal.SealSecret(purposeCodeOf(out.activation), []byte(code))
	if err != nil {
		return started{}, fmt.Errorf("sealing a code: %w", err)
	}
	details, err := s.sealTyped(out.activation, t)
	if err != nil {
		return started{}, err
	}
	now := s.clock.Now()
	row := db.InsertActivationParams{
		ActivationID: out.activation, Reference: out.reference, State: stateStarted, NumberHash: number,
		CodeHash: s.codeHash(out.activation, code), Language: language, At: now, ExpiresAt: now.Add(codeLifetime),
		CaseID: ids.NewUUID(), Reason: reason, Typed: details,
	}
	if reason != "" {
		row.State = stateToStaff
	}
	if found != nil {
		row.CaseMemberID = &found.member
		if reason == "" {
			row.MemberID = &found.member
		}
		if reason == "" || reason == reasonAlreadyActive && !found.sharedEmail {
			row.Email = found.email
		}
	}
	err = s.db.W.Tx(ctx, func(ctx context.Context, tx pgx.Tx) error {
		if err := s.q.InsertActivation(ctx, tx, row); err != nil {
			return fmt.Errorf("inserting an activation: %w", err)
		}
		if err := s.jobs.Insert(ctx, tx, codeMail{Activation: out.activation, Code: sealed, Actor: self()}, nil); err != nil {
			return err
		}
		return audit.Append(ctx, tx, audit.Entry{Actor: self(), Action: "activation.start", Subject: activationSubject(out.activation)})
	})
	if err != nil {
		return started{}, fmt.Errorf("starting an activation: %w", err)
	}
	return out, nil
}
