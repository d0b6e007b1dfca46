package scheduling

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/bedside-health/bedside/internal/audit"
	"github.com/bedside-health/bedside/internal/errs"
	schedulingv1 "github.com/bedside-health/bedside/internal/gen/bedside/scheduling/v1"
	"github.com/bedside-health/bedside/internal/ids"
	"github.com/bedside-health/bedside/internal/once"
	"github.com/bedside-health/bedside/internal/principal"
	"github.com/bedside-health/bedside/internal/scheduling/db"
	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgtype"
	"google.golang.org/protobuf/proto"
)

// move is one attempt to move an appointment.
type move struct {
	who       principal.Principal
	reach     reach
	id        uuid.UUID
	physician ids.PhysicianID
	start     time.Time
	terms     Terms
	// old as it was before the transaction: there, only what never changes of
	// it is used until it is locked.
	old db.SchedulingReservation
}

// Reschedule moves an appointment: the new time is taken, decided upon for its
// day, audited, told and mailed, and the old one given up, together or not at
// all. Whoever loses the new time keeps the old.
//
// A lost time is an answer, not an error. Errors: errs.NotFound for anybody
// else's appointment, errs.Precondition "not_movable" once it has begun or is
// canceled, errs.Conflict "key_reused".
func (s *Service) Reschedule(ctx context.Context, req *schedulingv1.RescheduleRequest) (*schedulingv1.RescheduleResponse, error) {
	m, err := s.readMove(ctx, req, s.own(ctx))
	if err != nil {
		return nil, err
	}
	return s.rescheduleOnce(ctx, "Reschedule", req.GetIdempotencyKey(), req, m)
}

// rescheduleOnce moves, whoever asks: a repeated request has one effect.
func (s *Service) rescheduleOnce(ctx context.Context, method, key string, req proto.Message, m *move) (*schedulingv1.RescheduleResponse, error) {
	var res *schedulingv1.RescheduleResponse
	err := s.d.DB.W.Tx(ctx, func(ctx context.Context, tx pgx.Tx) (err error) {
		res, err = once.Do(ctx, tx, method, key, req, m.who.Key(),
			func() (*schedulingv1.RescheduleResponse, error) { return s.reschedule(ctx, tx, m) })
		return err
	})
	if err != nil {
		return nil, err
	}
	s.ring()
	if res.GetLost() != "" {
		if res.Nearest, err = s.nearest(ctx, m.terms, m.old.State, m.old.TimeZone, missed{m.physician, m.start, res.GetLost()}); err != nil {
			return nil, err
		}
	}
	return res, nil
}

// readMove finds the caller's appointment, and fetches the physician that the
// feed has not brought yet.
func (s *Service) readMove(ctx context.Context, req *schedulingv1.RescheduleRequest, to reach) (*move, error) {
	m := &move{who: principal.From(ctx), reach: to}
	var err error
	if m.id, err = appointmentID(req.GetAppointmentId()); err != nil {
		return nil, err
	}
	var bad []errs.Field
	if m.physician, err = ids.Parse[ids.PhysicianID](req.GetPhysicianId()); err != nil {
		bad = append(bad, errs.Field{Name: "physician_id", Reason: "malformed"})
	}
	if req.GetStart() == nil || !req.GetStart().IsValid() {
		bad = append(bad, errs.Field{Name: "start", Reason: "required"})
	}
	if len(bad) > 0 {
		return nil, errs.InvalidFields(bad...)
	}
	m.start = req.GetStart().AsTime()
	src := s.d.DB.W.DB()
	row, err := to.row(ctx, src, m.id)
	if err != nil {
		return nil, err
	}
	m.old = row.SchedulingReservation
	if m.terms, err = s.terms(ctx, src, m.old.ServiceID); err != nil {
		return nil, err
	}
	return m, s.learnPhysician(ctx, m.physician)
}

// reschedule is the transaction; the package comment has the order of its
// locks.
func (s *Service) reschedule(ctx context.Context, tx pgx.Tx, m *move) (*schedulingv1.RescheduleResponse, error) {
	both := []uuid.UUID{m.old.PhysicianID, m.physician.UUID}
	if _, err := s.q.SharePhysiciansState(ctx, tx, db.SharePhysiciansStateParams{PhysicianIds: both, State: m.old.State}); err != nil {
		return nil, fmt.Errorf("locking the licenses: %w", err)
	}
	old, err := m.reach.lock(ctx, tx, m.id)
	if errors.Is(err, pgx.ErrNoRows) {
		return nil, noAppointment()
	}
	if err != nil {
		return nil, fmt.Errorf("locking an appointment: %w", err)
	}
	m.old = old
	if Status(old.Status) != Booked || !rangeOf(old.During).From.After(s.d.Clock.Now()) {
		return s.movedBefore(ctx, tx, m)
	}
	if m.isAt(old) { // it is there already
		a, err := s.keptAppointment(ctx, tx, m.reach, m.id)
		return &schedulingv1.RescheduleResponse{Appointment: a}, err
	}
	if lost, err := s.offered(ctx, tx, m.terms, m.physician, m.start); err != nil || lost != "" {
		return &schedulingv1.RescheduleResponse{Lost: lost}, err
	}
	decided, lost, err := s.authorize(ctx, tx, m.asBooking())
	if err != nil || lost != "" {
		return &schedulingv1.RescheduleResponse{Lost: lost}, err
	}
	if _, err := s.q.LockPatient(ctx, tx, *old.PatientID); err != nil {
		return nil, fmt.Errorf("locking a patient: %w", err)
	}
	if _, err := s.q.LockPhysicians(ctx, tx, both); err != nil {
		return nil, fmt.Errorf("locking calendars: %w", err)
	}
	return s.exchange(ctx, tx, m, decided)
}

// isAt says whether an appointment is where it is to be moved.
func (m *move) isAt(r db.SchedulingReservation) bool {
	return r.PhysicianID == m.physician.UUID && rangeOf(r.During).From.Equal(m.start)
}

// asBooking is the move as booking would see it: the old answers, consent and
// payment, at the new time with the new physician.
func (m *move) asBooking() *booking {
	at, visit := m.old, m.terms.Visit(m.start)
	at.PhysicianID = m.physician.UUID
	at.During.Lower = pgtype.Timestamptz{Time: visit.From, Valid: true}
	at.During.Upper = pgtype.Timestamptz{Time: visit.To, Valid: true}
	return &booking{
		who: m.who, reach: m.reach, consent: text(m.old.ConsentID), agreed: true, terms: m.terms, patient: patientOf(m.old), hold: at,
	}
}

// movedBefore answers where nothing can be moved any more: the same form sent
// twice with different keys, or too late.
func (s *Service) movedBefore(ctx context.Context, tx pgx.Tx, m *move) (*schedulingv1.RescheduleResponse, error) {
	if m.old.MovedTo != nil {
		row, err := m.reach.row(ctx, tx, *m.old.MovedTo)
		if err != nil {
			return nil, err
		}
		if m.isAt(row.SchedulingReservation) {
			a, err := s.appointmentMessage(ctx, tx, row)
			return &schedulingv1.RescheduleResponse{Appointment: a}, err
		}
	}
	return nil, errs.New(errs.Precondition, "not_movable", "This appointment has begun, is over, or was changed already, so it cannot be moved.")
}

// exchange takes the new time for the old one. It does so behind a savepoint:
// whoever loses has the old row back as it was, version and all.
func (s *Service) exchange(ctx context.Context, tx pgx.Tx, m *move, decided db.InsertAppointmentParams) (*schedulingv1.RescheduleResponse, error) {
	for range attempts {
		point, err := tx.Begin(ctx)
		if err != nil {
			return nil, fmt.Errorf("setting a savepoint: %w", err)
		}
		row, lost, told, err := s.tryMove(ctx, point, m, decided)
		if err != nil {
			return nil, err
		}
		if row != nil {
			if err := point.Commit(ctx); err != nil {
				return nil, fmt.Errorf("releasing a savepoint: %w", err)
			}
			return s.confirmMove(ctx, tx, m, *row, told)
		}
		if err := point.Rollback(ctx); err != nil {
			return nil, fmt.Errorf("going back to a savepoint: %w", err)
		}
		if lost != "" {
			return &schedulingv1.RescheduleResponse{Lost: lost}, nil
		}
		// Neither: the rival was rolled back before it could be named.
	}
	return &schedulingv1.RescheduleResponse{Lost: LostTaken}, nil
}

// tryMove inserts the new row in place of the old; nil, with what was in the
// way, if somebody else has the time.
func (s *Service) tryMove(ctx context.Context, tx pgx.Tx, m *move, decided db.InsertAppointmentParams) (*db.SchedulingReservation, string, changes, error) {
	var told changes
	id, visit, occupied := ids.NewUUID(), m.terms.Visit(m.start), m.terms.Occupied(m.start)
	n, err := s.q.MoveAway(ctx, tx, db.MoveAwayParams{MovedTo: &id, AccountID: &m.who.Account.UUID, ReservationID: m.id})
	if err != nil {
		return nil, "", nil, fmt.Errorf("giving up the old time: %w", err)
	}
	if n == 0 { // it began while the locks were awaited
		return nil, LostTooLate, nil, nil
	}
	told.freed(m.old.PhysicianID, rangeOf(m.old.Occupied))
	if err := s.expireInTheWay(ctx, tx, m.physician.UUID, occupied, &told); err != nil {
		return nil, "", nil, err
	}
	row, err := s.q.InsertMoved(ctx, tx, db.InsertMovedParams{
		ReservationID: id, PhysicianID: m.physician.UUID, StartsAt: visit.From, EndsAt: visit.To,
		OccupiedFrom: occupied.From, OccupiedTo: occupied.To, Decision: decided.Decision,
		RuleVersion: decided.RuleVersion, FactsVersion: decided.FactsVersion, OldID: m.id,
	})
	if err == nil {
		told.taken(m.physician.UUID, occupied)
		return &row, "", told, nil
	}
	if !errors.Is(err, pgx.ErrNoRows) {
		return nil, "", nil, fmt.Errorf("inserting a moved appointment: %w", err)
	}
	way, err := s.q.InTheWayOfMove(ctx, tx, db.InTheWayOfMoveParams{
		PhysicianID: m.physician.UUID, OccupiedFrom: occupied.From, OccupiedTo: occupied.To,
		PatientID: m.old.PatientID, StartsAt: visit.From, EndsAt: visit.To,
	})
	switch {
	case err != nil:
		return nil, "", nil, fmt.Errorf("looking what was in the way: %w", err)
	case way.PatientBusy:
		return nil, LostPatientBusy, nil, nil
	case way.Taken:
		return nil, LostTaken, nil, nil
	}
	return nil, "", nil, nil
}

// confirmMove writes what goes with a move into its transaction.
func (s *Service) confirmMove(ctx context.Context, tx pgx.Tx, m *move, row db.SchedulingReservation, told changes) (*schedulingv1.RescheduleResponse, error) {
	actor := audit.ActorFrom(ctx)
	// Nobody has to find another time for the old row any more.
	if err := s.settle(ctx, tx, m.old, settledMoved); err != nil {
		return nil, err
	}
	if err := audit.Append(ctx, tx, audit.Entry{
		Actor: actor, Patient: patientOf(row), Action: "appointment.move", Subject: m.id.String(),
		Detail: byDesk(m.reach, map[string]string{
			"to": row.ReservationID.String(), "physician": row.PhysicianID.String(), "state": row.State, "rule_version": text(row.RuleVersion),
		}),
	}); err != nil {
		return nil, err
	}
	job := ConfirmationMail{AppointmentID: row.ReservationID, Version: row.Version, Desk: m.reach.desk(), Actor: actor}
	if err := s.d.Jobs.Insert(ctx, tx, job, nil); err != nil {
		return nil, err
	}
	a, err := s.keptAppointment(ctx, tx, m.reach, row.ReservationID)
	if err != nil {
		return nil, err
	}
	return &schedulingv1.RescheduleResponse{Appointment: a}, told.tell(ctx, tx)
}
