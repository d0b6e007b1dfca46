package scheduling

import (
	"context"
	"errors"
	"fmt"
	"maps"

	enrollmentv1 "github.com/bedside-health/bedside/internal/gen/bedside/enrollment/v1"
	schedulingv1 "github.com/bedside-health/bedside/internal/gen/bedside/scheduling/v1"
	"github.com/bedside-health/bedside/internal/ids"
	"github.com/bedside-health/bedside/internal/ofage"
	"github.com/bedside-health/bedside/internal/pg"
	"github.com/bedside-health/bedside/internal/principal"
	"github.com/bedside-health/bedside/internal/scheduling/db"
	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
)

// reach is whose patients and appointments a call may touch. Ownership stands
// in the statements behind it, and there are two kinds: own is of an account
// that acts for patients, desk is of staff with one patient on the phone. A
// method says which it has when it begins; nothing turns one into the other.
type reach interface {
	// facts reads a patient; errs.NotFound beyond the reach.
	facts(ctx context.Context, dbtx pg.DBTX, patient ids.PatientID) (*enrollmentv1.PatientFacts, error)
	// row reads an appointment; errs.NotFound beyond the reach.
	row(ctx context.Context, dbtx pg.DBTX, id uuid.UUID) (person, error)
	// lock locks an appointment; pgx.ErrNoRows beyond the reach.
	lock(ctx context.Context, tx pgx.Tx, id uuid.UUID) (db.SchedulingReservation, error)
	// cancel cancels a booked appointment; pgx.ErrNoRows if there is nothing to
	// cancel within the reach.
	cancel(ctx context.Context, tx pgx.Tx, id uuid.UUID) (db.SchedulingReservation, error)
	// desk says that staff act, on the patient's word.
	desk() bool
}

// own is the reach of the caller's account.
func (s *Service) own(ctx context.Context) reach { return ownReach{s, principal.From(ctx).Account} }

type ownReach struct {
	s       *Service
	account ids.AccountID
}

func (o ownReach) facts(ctx context.Context, dbtx pg.DBTX, patient ids.PatientID) (*enrollmentv1.PatientFacts, error) {
	return o.s.actedFor(ctx, dbtx, o.account, patient)
}

func (o ownReach) row(ctx context.Context, dbtx pg.DBTX, id uuid.UUID) (person, error) {
	return o.s.ownRow(ctx, dbtx, o.account, id)
}

func (o ownReach) lock(ctx context.Context, tx pgx.Tx, id uuid.UUID) (db.SchedulingReservation, error) {
	return o.s.q.LockOwnAppointment(ctx, tx, db.LockOwnAppointmentParams{ReservationID: id, AccountID: o.account.UUID})
}

func (o ownReach) cancel(ctx context.Context, tx pgx.Tx, id uuid.UUID) (db.SchedulingReservation, error) {
	return o.s.q.CancelAppointment(ctx, tx, db.CancelAppointmentParams{AccountID: &o.account.UUID, ReservationID: id})
}

func (ownReach) desk() bool { return false }

// deskReach is the reach of staff: one patient, and nobody else.
type deskReach struct {
	s       *Service
	account ids.AccountID
	patient ids.PatientID
}

// atDesk is the reach of the staff account that calls, for one patient. It
// returns errs.NotFound for an id that is none.
func (s *Service) atDesk(ctx context.Context, patient string) (deskReach, error) {
	id, err := ids.Parse[ids.PatientID](patient)
	if err != nil {
		return deskReach{}, noPatient()
	}
	return deskReach{s, principal.From(ctx).Account, id}, nil
}

func (r deskReach) facts(ctx context.Context, dbtx pg.DBTX, patient ids.PatientID) (*enrollmentv1.PatientFacts, error) {
	if patient != r.patient {
		return nil, noPatient()
	}
	row, err := r.s.q.DeskPatient(ctx, dbtx, r.patient.UUID)
	if errors.Is(err, pgx.ErrNoRows) {
		return nil, noPatient()
	}
	if err != nil {
		return nil, fmt.Errorf("reading a patient: %w", err)
	}
	return factsOfPatient(row.Facts)
}

func (r deskReach) row(ctx context.Context, dbtx pg.DBTX, id uuid.UUID) (person, error) {
	row, err := r.s.q.DeskAppointment(ctx, dbtx, db.DeskAppointmentParams{ReservationID: id, PatientID: &r.patient.UUID})
	if errors.Is(err, pgx.ErrNoRows) {
		return person(row), noAppointment()
	}
	if err != nil {
		return person(row), fmt.Errorf("reading an appointment: %w", err)
	}
	return person(row), nil
}

func (r deskReach) lock(ctx context.Context, tx pgx.Tx, id uuid.UUID) (db.SchedulingReservation, error) {
	return r.s.q.LockDeskAppointment(ctx, tx, db.LockDeskAppointmentParams{ReservationID: id, PatientID: &r.patient.UUID})
}

func (r deskReach) cancel(ctx context.Context, tx pgx.Tx, id uuid.UUID) (db.SchedulingReservation, error) {
	return r.s.q.CancelDeskAppointment(ctx, tx, db.CancelDeskAppointmentParams{
		AccountID: &r.account.UUID, ReservationID: id, PatientID: &r.patient.UUID,
	})
}

func (deskReach) desk() bool { return true }

// told says of an appointment whether its mail has somebody to go to; there may
// be none.
func (r deskReach) told(ctx context.Context, m *schedulingv1.Appointment) (err error) {
	if m != nil {
		m.ToldByMail, err = r.s.toldByMail(ctx, r.patient.UUID)
	}
	return err
}

// byDesk marks the detail of an audit entry about what staff did.
func byDesk(to reach, detail map[string]string) map[string]string {
	if !to.desk() {
		return detail
	}
	marked := map[string]string{"by": "staff"}
	maps.Copy(marked, detail)
	return marked
}

// consentDue says that an appointment waits for a consent in writing: it was only
// said, or a guardian gave it and the patient has come of age since.
func (s *Service) consentDue(r db.SchedulingReservation, birthDate string) bool {
	by := r.ConsentBy
	if by == "" && r.BookedAt != nil && ofAge(birthDate, ofage.Day(*r.BookedAt)) {
		by = byPatient // booked by a program that did not ask
	}
	return Status(r.Status) == Booked && (r.ConsentMethod == consentVerbal || !agreement{by: by}.counts(birthDate, s.today()))
}
