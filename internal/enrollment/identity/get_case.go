package identity

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/bedside-health/bedside/internal/audit"
	"github.com/bedside-health/bedside/internal/enrollment/identity/db"
	"github.com/bedside-health/bedside/internal/enrollment/names"
	"github.com/bedside-health/bedside/internal/enrollment/people"
	enrollmentv1 "github.com/bedside-health/bedside/internal/gen/bedside/enrollment/v1"
	"github.com/bedside-health/bedside/internal/ids"
	"github.com/bedside-health/bedside/internal/mail"
	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"google.golang.org/protobuf/types/known/timestamppb"
)

// whole is a case with all that belongs to it.
type whole struct {
	row      db.CaseByReferenceRow
	typed    *people.Typed
	claimant *db.ClaimantOfRow
	checks   []db.ChecksOfRow
	members  []db.CandidatesOfRow
	covers   map[uuid.UUID]db.HealthCoveragesRow
	numbers  []string
	today    time.Time
	// lately: the claimant's papers were looked at within the hour.
	lately bool
}

// getCase reads a case for staff: what was typed beside what the rosters have,
// masked where the whole is not needed. number is one more to look for. Who was
// looked at is recorded.
func (s *Service) getCase(ctx context.Context, actor audit.Actor, reference, number string) (*enrollmentv1.IdentityCase, error) {
	w := whole{today: s.today()}
	var err error
	from := s.db.R.DB(ctx)
	w.row, err = s.q.CaseByReference(ctx, from, reference)
	if errors.Is(err, pgx.ErrNoRows) {
		return nil, errCaseUnknown()
	}
	if err != nil {
		return nil, fmt.Errorf("reading a case: %w", err)
	}
	if w.row.ActivationID != nil && len(w.row.Typed) > 0 {
		t, err := s.people.OpenTyped(*w.row.ActivationID, w.row.Typed)
		if err != nil {
			return nil, err
		}
		w.typed = &t
		w.numbers = append(w.numbers, t.Number)
	}
	if folded := people.FoldNumber(number); folded != "" {
		w.numbers = append(w.numbers, folded)
	}
	if err := s.fillCase(ctx, &w); err != nil {
		return nil, err
	}
	if err := s.recordCase(ctx, actor, w); err != nil {
		return nil, err
	}
	return w.message(actor), nil
}

func (s *Service) fillCase(ctx context.Context, w *whole) (err error) {
	from := s.db.R.DB(ctx)
	if w.row.PatientID != nil {
		c, err := s.q.ClaimantOf(ctx, from, db.ClaimantOfParams{Patient: *w.row.PatientID, Today: w.today})
		if err != nil {
			return fmt.Errorf("reading the claimant: %w", err)
		}
		w.claimant = &c
		if w.lately, err = s.q.CheckedLately(ctx, from, db.CheckedLatelyParams{CaseID: w.row.CaseID, Patient: *w.row.PatientID}); err != nil {
			return fmt.Errorf("reading identity checks: %w", err)
		}
	}
	if w.checks, err = s.q.ChecksOf(ctx, from, w.row.CaseID); err != nil {
		return fmt.Errorf("reading identity checks: %w", err)
	}
	ask := db.CandidatesOfParams{Numbers: slices.Clone(w.numbers), Families: []string{}, Births: []time.Time{}, Member: w.row.MemberID, Most: maxCandidates}
	if w.typed != nil {
		ask.Families, ask.Births = append(ask.Families, names.Fold(w.typed.FamilyName)), append(ask.Births, w.typed.BirthDate)
	}
	if w.claimant != nil {
		ask.Families, ask.Births = append(ask.Families, names.Fold(w.claimant.FamilyName)), append(ask.Births, w.claimant.BirthDate)
	}
	if w.members, err = s.q.CandidatesOf(ctx, from, ask); err != nil {
		return fmt.Errorf("looking for members: %w", err)
	}
	var who []uuid.UUID
	for _, m := range w.members {
		who = append(who, m.MemberID)
	}
	covers, err := s.q.HealthCoverages(ctx, from, db.HealthCoveragesParams{Members: who})
	if err != nil {
		return fmt.Errorf("reading coverages: %w", err)
	}
	w.covers = map[uuid.UUID]db.HealthCoveragesRow{}
	for _, c := range covers { // the newest comes last
		w.covers[c.MemberID] = c
	}
	return nil
}

// recordCase notes whose details were looked at before they leave.
func (s *Service) recordCase(ctx context.Context, actor audit.Actor, w whole) error {
	patients := []uuid.UUID{uuid.Nil}
	if w.claimant != nil {
		patients = append(patients, w.claimant.PatientID)
	}
	for _, m := range w.members {
		if m.PatientID != nil && !slices.Contains(patients, *m.PatientID) {
			patients = append(patients, *m.PatientID)
		}
	}
	var reads []audit.Entry
	for _, p := range patients {
		reads = append(reads, audit.Entry{Actor: actor, Patient: ids.PatientID{UUID: p}, Action: "case.read", Subject: caseSubject(w.row.CaseID)})
	}
	if err := s.audit.Record(ctx, reads...); err != nil {
		return fmt.Errorf("recording a read: %w", err)
	}
	return nil
}

func (w whole) message(actor audit.Actor) *enrollmentv1.IdentityCase {
	m := &enrollmentv1.IdentityCase{
		Reference: w.row.Reference, At: timestamppb.New(w.row.At), Reason: w.row.Reason, Version: w.row.Version,
		Outcome: w.row.Outcome, CloseReason: w.row.CloseReason, Linkable: w.lately,
	}
	if w.row.ClosedAt != nil {
		m.ClosedAt = timestamppb.New(*w.row.ClosedAt)
	}
	if t := w.typed; t != nil {
		m.Typed = &enrollmentv1.TypedDetails{MaskedNumber: maskNumber(t.Number), FamilyName: t.FamilyName, BirthDate: t.BirthDate.Format(time.DateOnly)}
	}
	if c := w.claimant; c != nil {
		m.Claimant = &enrollmentv1.Claimant{
			PatientId: c.PatientID.String(), GivenName: names.Proper(c.GivenName), FamilyName: names.Proper(c.FamilyName),
			BirthDate: c.BirthDate.Format(time.DateOnly), MaskedEmail: mail.Mask(c.Email), Limited: c.Limited,
		}
	}
	for _, k := range w.checks {
		m.Checks = append(m.Checks, &enrollmentv1.IdentityCheck{
			Method: k.Method, Document: k.Document, Outcome: k.Outcome, At: timestamppb.New(k.At), Mine: k.AccountID == actor.Account.UUID,
		})
	}
	for _, c := range w.members {
		m.Candidates = append(m.Candidates, w.candidate(c))
	}
	slices.SortStableFunc(m.Candidates, func(a, b *enrollmentv1.Candidate) int { return fits(b) - fits(a) })
	return m
}

func (w whole) candidate(c db.CandidatesOfRow) *enrollmentv1.Candidate {
	own, subscriber := people.FoldNumber(c.OwnNo), people.FoldNumber(c.SubscriberNo)
	shown := c.SubscriberNo
	if c.OwnNo != "" {
		shown = c.OwnNo
	}
	m := &enrollmentv1.Candidate{
		MemberId: c.MemberID.String(), GivenName: names.Proper(c.GivenName), FamilyName: names.Proper(c.FamilyName),
		BirthDate: c.BirthDate.Format(time.DateOnly), PayerName: c.PayerName, MaskedNumber: maskNumber(shown),
		MaskedPhone: maskNumber(c.Phone), SharedEmail: c.Shared, Minor: c.BirthDate.After(people.AdultIfBornBy(w.today)),
		NumberFits: slices.Contains(w.numbers, subscriber) || own != "" && slices.Contains(w.numbers, own),
	}
	if c.Email != "" {
		m.MaskedEmail = mail.Mask(c.Email)
	}
	if w.typed != nil {
		m.NameFits = people.SameFamilyName(w.typed.FamilyName, c.FamilyName)
		m.BirthDateFits = w.typed.BirthDate.Equal(c.BirthDate)
	}
	if w.claimant != nil {
		m.NameFits = m.NameFits || people.SameFamilyName(w.claimant.FamilyName, c.FamilyName)
		m.BirthDateFits = m.BirthDateFits || w.claimant.BirthDate.Equal(c.BirthDate)
	}
	if c.PatientID != nil {
		m.Patient = "other"
		if w.row.PatientID != nil && *c.PatientID == *w.row.PatientID {
			m.Patient = "claimant"
		}
	}
	if v, ok := w.covers[c.MemberID]; ok {
		m.Plan, m.CoveredFrom = v.Plan, v.Starts.Format(time.DateOnly)
		if v.Ends != nil {
			m.CoveredTo = v.Ends.Format(time.DateOnly)
		}
	}
	return m
}

// fits ranks candidates: how much of what was typed they have.
func fits(c *enrollmentv1.Candidate) int {
	n := 0
	for _, one := range []bool{c.GetNumberFits(), c.GetNameFits(), c.GetBirthDateFits()} {
		if one {
			n++
		}
	}
	return n
}

func caseSubject(id uuid.UUID) string { return "case/" + id.String() }
