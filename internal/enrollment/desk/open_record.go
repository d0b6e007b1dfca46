package desk

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/bedside-health/bedside/internal/audit"
	"github.com/bedside-health/bedside/internal/enrollment/desk/db"
	"github.com/bedside-health/bedside/internal/enrollment/names"
	"github.com/bedside-health/bedside/internal/enrollment/people"
	"github.com/bedside-health/bedside/internal/errs"
	enrollmentv1 "github.com/bedside-health/bedside/internal/gen/bedside/enrollment/v1"
	"github.com/bedside-health/bedside/internal/ids"
	"github.com/bedside-health/bedside/internal/pg"
	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
)

func errPatientUnknown() error {
	return errs.New(errs.NotFound, "patient_unknown", "There is no such patient.")
}

func errMemberUnknown() error {
	return errs.New(errs.NotFound, "member_unknown", "There is no such member.")
}

// GetPatient implements enrollmentv1connect.DeskServiceHandler: the record of a
// patient, whose opening is recorded. Codes: NotFound.
func (s *Service) GetPatient(ctx context.Context, req *enrollmentv1.GetPatientRequest) (*enrollmentv1.GetPatientResponse, error) {
	id, err := uuid.Parse(req.GetPatientId())
	if err != nil {
		return nil, errPatientUnknown()
	}
	from := s.d.DB.R.DB(ctx)
	p, err := s.q.Patient(ctx, from, id)
	if errors.Is(err, pgx.ErrNoRows) {
		return nil, errPatientUnknown()
	}
	if err != nil {
		return nil, fmt.Errorf("reading a patient: %w", err)
	}
	out := &enrollmentv1.DeskPatient{
		PatientId: id.String(), GivenName: names.Proper(p.GivenName), FamilyName: names.Proper(p.FamilyName),
		BirthDate: p.BirthDate.Format(time.DateOnly), Language: p.Language,
	}
	if p.Survivor != id {
		out.MergedInto = p.Survivor.String()
	}
	// Who goes on for others is reached and covered as they are as well.
	person := append(p.Absorbed, id)
	if err := s.fillPatient(ctx, from, id, person, out); err != nil {
		return nil, err
	}
	rows, err := s.q.Members(ctx, from, db.MembersParams{Today: s.d.Today(), Patients: person})
	if err != nil {
		return nil, fmt.Errorf("reading a patient's members: %w", err)
	}
	if out.Members, err = s.members(ctx, from, rows); err != nil {
		return nil, err
	}
	if out.Invitations, out.Attempts, err = s.wayIn(ctx, from, rows); err != nil {
		return nil, err
	}
	opened := make([]audit.Entry, len(person))
	for i, one := range person {
		opened[i] = audit.Entry{Actor: audit.ActorFrom(ctx), Patient: ids.PatientID{UUID: one}, Action: "patient.open"}
	}
	return &enrollmentv1.GetPatientResponse{Patient: out}, s.d.Audit.Record(ctx, opened...)
}

// GetMember implements enrollmentv1connect.DeskServiceHandler: the record of a
// member, whose opening is recorded. Codes: NotFound.
func (s *Service) GetMember(ctx context.Context, req *enrollmentv1.GetMemberRequest) (*enrollmentv1.GetMemberResponse, error) {
	id, err := uuid.Parse(req.GetMemberId())
	if err != nil {
		return nil, errMemberUnknown()
	}
	from := s.d.DB.R.DB(ctx)
	rows, err := s.q.Members(ctx, from, db.MembersParams{Today: s.d.Today(), Member: &id})
	if err != nil {
		return nil, fmt.Errorf("reading a member: %w", err)
	}
	if len(rows) == 0 {
		return nil, errMemberUnknown()
	}
	entry := audit.Entry{Actor: audit.ActorFrom(ctx), Action: "member.open", Subject: "member/" + id.String()}
	res := &enrollmentv1.GetMemberResponse{}
	if p := rows[0].PatientID; p != nil {
		entry.Patient = ids.PatientID{UUID: *p}
		patient, err := s.q.Patient(ctx, from, *p)
		if err != nil {
			return nil, fmt.Errorf("reading the member's patient: %w", err)
		}
		res.PatientId = patient.Survivor.String()
	}
	members, err := s.members(ctx, from, rows)
	if err != nil {
		return nil, err
	}
	res.Member = members[0]
	if res.Invitations, res.Attempts, err = s.wayIn(ctx, from, rows); err != nil {
		return nil, err
	}
	return res, s.d.Audit.Record(ctx, entry)
}

// fillPatient adds how a patient is reached, who acts for them, and what was
// agreed to. person is the patient, and whom they go on for.
func (s *Service) fillPatient(ctx context.Context, from pg.DBTX, id uuid.UUID, person []uuid.UUID, out *enrollmentv1.DeskPatient) error {
	contacts, err := s.q.Contacts(ctx, from, person)
	if err != nil {
		return fmt.Errorf("reading contact points: %w", err)
	}
	for _, c := range contacts {
		out.Contacts = append(out.Contacts, &enrollmentv1.DeskContact{
			Kind: c.Kind, Value: c.Value, State: c.State, Zip: c.Zip, Source: c.Source, Proven: c.Proven,
		})
	}
	actors, err := s.q.Actors(ctx, from, db.ActorsParams{Patient: id, Today: s.d.Today()})
	if err != nil {
		return fmt.Errorf("reading who acts for a patient: %w", err)
	}
	for _, a := range actors {
		out.Actors = append(out.Actors, &enrollmentv1.DeskActor{
			ActsForId: a.ActsForID.String(), Relation: a.Relation, From: a.FromDate.Format(time.DateOnly), Until: people.DateOrEmpty(a.UntilDate), Name: fullName(a.GivenName, a.FamilyName),
		})
	}
	consents, err := s.q.Consents(ctx, from, db.ConsentsParams{Today: s.d.Today(), Patient: id})
	if err != nil {
		return fmt.Errorf("reading consents: %w", err)
	}
	for _, c := range consents {
		out.Consents = append(out.Consents, &enrollmentv1.DeskConsent{
			ConsentId: c.ConsentID.String(), Kind: c.Kind, Version: c.Version, Language: c.Language, Method: c.Method, GivenAt: stamp(&c.GivenAt),
			GivenBy: c.GivenBy, Counts: c.Counts,
		})
	}
	return nil
}
