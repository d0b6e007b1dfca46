package scheduling

import (
	"context"
	"fmt"
	"time"

	enrollmentv1 "github.com/bedside-health/bedside/internal/gen/bedside/enrollment/v1"
	feedv1 "github.com/bedside-health/bedside/internal/gen/bedside/feed/v1"
	"github.com/bedside-health/bedside/internal/scheduling/db"
	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"google.golang.org/protobuf/proto"
)

// patientsAtOnce bounds one transaction of a long feed, such as after a roster.
const patientsAtOnce = 100

// applyPatients takes enrollment's word on patients into the projection.
func (s *Service) applyPatients(ctx context.Context, tx pgx.Tx, page []*feedv1.Change) error {
	var rows []db.UpsertPatientsParams
	var acts []db.InsertActsForParams
	var patients []uuid.UUID
	for _, c := range page {
		row, may, err := patientRow(c)
		if err != nil {
			s.d.Log.ErrorContext(ctx, "a patient's published facts cannot be read: the old ones stay", "patient", c.GetKey(), "version", c.GetVersion(), "error", err)
			continue
		}
		rows, acts, patients = append(rows, row), append(acts, may...), append(patients, row.PatientID)
	}
	failed := func(doing string, err *error) func(int, error) {
		return func(_ int, e error) {
			if e != nil && *err == nil {
				*err = fmt.Errorf("%s: %w", doing, e)
			}
		}
	}
	var err error
	s.q.UpsertPatients(ctx, tx, rows).Exec(failed("storing patients", &err))
	if err != nil {
		return err
	}
	if err := s.q.ForgetActsFor(ctx, tx, patients); err != nil {
		return fmt.Errorf("replacing who acts for whom: %w", err)
	}
	s.q.InsertActsFor(ctx, tx, acts).Exec(failed("storing who acts for whom", &err))
	if err != nil {
		return err
	}
	facts := make(map[uuid.UUID][]byte, len(rows))
	for _, r := range rows {
		facts[r.PatientID] = r.Facts
	}
	return s.watchCoverage(ctx, tx, facts)
}

func patientRow(c *feedv1.Change) (db.UpsertPatientsParams, []db.InsertActsForParams, error) {
	m := new(enrollmentv1.PatientFacts)
	if err := proto.Unmarshal(c.GetPayload(), m); err != nil {
		return db.UpsertPatientsParams{}, nil, fmt.Errorf("decoding: %w", err)
	}
	id, err := uuid.Parse(m.GetPatientId())
	if err != nil {
		return db.UpsertPatientsParams{}, nil, fmt.Errorf("reading patient_id: %w", err)
	}
	var acts []db.InsertActsForParams
	for _, a := range m.GetActsFor() {
		act, err := actsForRow(id, a)
		if err != nil {
			return db.UpsertPatientsParams{}, nil, err
		}
		acts = append(acts, act)
	}
	return db.UpsertPatientsParams{
		PatientID: id, GivenName: m.GetGivenName(), FamilyName: m.GetFamilyName(), BirthDate: m.GetBirthDate(),
		Language: m.GetLanguage(), Email: m.GetEmail(), TimeZone: m.GetTimeZone(),
		Facts: c.GetPayload(), Version: c.GetVersion(),
	}, acts, nil
}

func actsForRow(patient uuid.UUID, a *enrollmentv1.ActsFor) (db.InsertActsForParams, error) {
	account, err := uuid.Parse(a.GetAccountId())
	if err != nil {
		return db.InsertActsForParams{}, fmt.Errorf("reading acts_for.account_id: %w", err)
	}
	from, err := time.Parse(time.DateOnly, a.GetFrom())
	if err != nil {
		return db.InsertActsForParams{}, fmt.Errorf("reading acts_for.from: %w", err)
	}
	row := db.InsertActsForParams{AccountID: account, PatientID: patient, Relation: a.GetRelation(), FromDay: from, Limited: a.GetLimited()}
	if a.GetUntil() != "" {
		until, err := time.Parse(time.DateOnly, a.GetUntil())
		if err != nil {
			return db.InsertActsForParams{}, fmt.Errorf("reading acts_for.until: %w", err)
		}
		row.UntilDay = &until
	}
	return row, nil
}
