package scheduling

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/bedside-health/bedside/internal/audit"
	schedulingv1 "github.com/bedside-health/bedside/internal/gen/bedside/scheduling/v1"
	"github.com/bedside-health/bedside/internal/ids"
	"github.com/bedside-health/bedside/internal/jurisdiction"
	"github.com/bedside-health/bedside/internal/once"
	"github.com/bedside-health/bedside/internal/scheduling/db"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgtype"
	"google.golang.org/protobuf/proto"
)

// Book turns a hold into an appointment: decision, appointment, audit row,
// calendar change and confirmation mail commit together, or not at all. A hold
// that expired books too if its time is still free.
//
// A lost time is an answer, not an error. Errors: errs.NotFound if the hold is
// not the caller's, errs.Precondition "answers_missing", errs.Conflict
// "key_reused".
func (s *Service) Book(ctx context.Context, req *schedulingv1.BookRequest) (*schedulingv1.BookResponse, error) {
	b, err := s.readBooking(ctx, req, s.own(ctx))
	if err != nil {
		return nil, err
	}
	return s.bookOnce(ctx, "Book", req.GetIdempotencyKey(), req, b)
}

// bookOnce books, whoever asks: a repeated request has one effect.
func (s *Service) bookOnce(ctx context.Context, method, key string, req proto.Message, b *booking) (*schedulingv1.BookResponse, error) {
	var res *schedulingv1.BookResponse
	err := s.d.DB.W.Tx(ctx, func(ctx context.Context, tx pgx.Tx) (err error) {
		res, err = once.Do(ctx, tx, method, key, req, b.who.Key(),
			func() (*schedulingv1.BookResponse, error) { return s.book(ctx, tx, b) })
		return err
	})
	if err != nil {
		return nil, err
	}
	s.ring()
	if res.GetLost() != "" {
		h := b.hold
		if res.Nearest, err = s.nearest(ctx, b.terms, h.State, h.TimeZone, missed{ids.PhysicianID{UUID: h.PhysicianID}, rangeOf(h.During).From, res.GetLost()}); err != nil {
			return nil, err
		}
	}
	return res, nil
}

// book is the transaction; the package comment has the order of its locks.
func (s *Service) book(ctx context.Context, tx pgx.Tx, b *booking) (*schedulingv1.BookResponse, error) {
	// Whoever changes this physician's facts or this state's rules now waits
	// for us, and finds this appointment afterwards.
	_, err := s.q.SharePhysicianState(ctx, tx, db.SharePhysicianStateParams{PhysicianID: b.hold.PhysicianID, State: b.hold.State})
	if err != nil && !errors.Is(err, pgx.ErrNoRows) {
		return nil, fmt.Errorf("locking the license: %w", err)
	}
	hold, err := s.q.LockHold(ctx, tx, db.LockHoldParams{ReservationID: b.hold.ReservationID, Browser: b.browser, AccountID: &b.who.Account.UUID})
	if errors.Is(err, pgx.ErrNoRows) {
		return nil, noHold()
	}
	if err != nil {
		return nil, fmt.Errorf("locking the hold: %w", err)
	}
	b.hold = hold
	if hold.AnswersAbout == nil || *hold.AnswersAbout != b.patient.UUID {
		return nil, noHold() // in another window it became about somebody else
	}
	switch Status(hold.Status) {
	case Held, Expired:
	case Converted: // the same form, sent twice with different keys
		m, err := s.keptAppointment(ctx, tx, b.reach, *hold.Became)
		return &schedulingv1.BookResponse{Appointment: m}, err
	default:
		return nil, noHold()
	}
	if !rangeOf(hold.During).From.After(s.d.Clock.Now()) {
		return &schedulingv1.BookResponse{Lost: LostTooLate}, nil
	}
	a, lost, err := s.authorize(ctx, tx, b)
	if err != nil || lost != "" {
		return &schedulingv1.BookResponse{Lost: lost}, err
	}
	return s.takeAppointment(ctx, tx, b, a)
}

// authorize decides by what is committed now: patient, consent, payment,
// license. It fills in what of it is stored beside the appointment.
func (s *Service) authorize(ctx context.Context, tx pgx.Tx, b *booking) (db.InsertAppointmentParams, string, error) {
	var a db.InsertAppointmentParams
	facts, err := b.reach.facts(ctx, tx, b.patient)
	if err != nil {
		return a, "", err
	}
	if facts.GetMergedInto() != "" && !b.agreed { // only what was booked before goes on
		return a, "", noPatient()
	}
	agreed, ok := b.consents(facts, s.today())
	if !ok {
		return a, LostConsent, nil
	}
	if busy, err := s.busyAsAnother(ctx, tx, facts, rangeOf(b.hold.During)); err != nil || busy {
		return a, LostPatientBusy, err
	}
	answers, err := s.openAnswers(ctx, tx, b.hold)
	if err != nil {
		return a, "", err
	}
	a.ConsentID, a.ConsentMethod, a.ConsentBy, a.PriceCents = &b.consent, agreed.method, agreed.by, b.terms.PriceCents
	if answers.GetPayment() == PayCoverage {
		c := coverageOn(facts, answers.GetCoverageId(), b.hold)
		if c == nil {
			return a, LostCoverage, nil
		}
		id := c.GetCoverageId()
		a.CoverageID, a.PayerName, a.PriceCents = &id, c.GetPayerName(), 0
	}
	d, err := s.decide(ctx, tx, b.hold.PhysicianID, askFor(b.hold.State, b.hold.ServiceID, rangeOf(b.hold.During), true))
	if err != nil {
		return a, "", err
	}
	if !d.Allowed {
		return a, LostLicense, nil
	}
	return a, "", storeDecision(&a, d)
}

func storeDecision(a *db.InsertAppointmentParams, d jurisdiction.Decision) error {
	body, err := json.Marshal(d)
	if err != nil {
		return fmt.Errorf("encoding a decision: %w", err)
	}
	a.Decision, a.RuleVersion = body, &d.RuleVersion
	a.FactsVersion = pgtype.Int8{Int64: d.FactsVersion, Valid: true}
	return nil
}

// attempts at an insert whose rival vanished before it could be named.
const attempts = 3

// takeAppointment converts the hold and inserts the appointment, or gives the
// hold back and says what was in the way.
func (s *Service) takeAppointment(ctx context.Context, tx pgx.Tx, b *booking, a db.InsertAppointmentParams) (*schedulingv1.BookResponse, error) {
	occupied := rangeOf(b.hold.Occupied)
	wasHeld := Status(b.hold.Status) == Held
	a.HoldID, a.ReservationID = b.hold.ReservationID, ids.NewUUID()
	if _, err := s.q.ConvertHold(ctx, tx, db.ConvertHoldParams{Became: &a.ReservationID, ReservationID: b.hold.ReservationID}); err != nil {
		return nil, fmt.Errorf("converting the hold: %w", err)
	}
	var told changes
	if err := s.expireInTheWay(ctx, tx, b.hold.PhysicianID, occupied, &told); err != nil {
		return nil, err
	}
	for range attempts {
		reference := ids.Reference()
		a.Reference = &reference
		row, err := s.q.InsertAppointment(ctx, tx, a)
		if err == nil {
			told.taken(b.hold.PhysicianID, occupied)
			return s.confirm(ctx, tx, b, row, told)
		}
		if !errors.Is(err, pgx.ErrNoRows) {
			return nil, fmt.Errorf("inserting an appointment: %w", err)
		}
		way, err := s.q.InTheWay(ctx, tx, b.hold.ReservationID)
		if err != nil {
			return nil, fmt.Errorf("looking what was in the way: %w", err)
		}
		if way.PatientBusy || way.Taken {
			lost := LostTaken
			if way.PatientBusy {
				lost = LostPatientBusy
			}
			return s.giveBack(ctx, tx, b, wasHeld, lost, told)
		}
		// Neither: the rival was rolled back, or the reference was in use.
	}
	return s.giveBack(ctx, tx, b, wasHeld, LostTaken, told)
}

// giveBack leaves the hold as it was, for the answers in it and, unless it had
// expired, the time.
func (s *Service) giveBack(ctx context.Context, tx pgx.Tx, b *booking, wasHeld bool, lost string, told changes) (*schedulingv1.BookResponse, error) {
	status := Expired
	if wasHeld {
		status = Held
	}
	if err := s.q.RestoreHold(ctx, tx, db.RestoreHoldParams{Status: string(status), ReservationID: b.hold.ReservationID}); err != nil {
		return nil, fmt.Errorf("restoring the hold: %w", err)
	}
	return &schedulingv1.BookResponse{Lost: lost}, told.tell(ctx, tx)
}

// confirm writes what goes with an appointment into its transaction.
func (s *Service) confirm(ctx context.Context, tx pgx.Tx, b *booking, row db.SchedulingReservation, told changes) (*schedulingv1.BookResponse, error) {
	actor := audit.ActorFrom(ctx)
	if err := audit.Append(ctx, tx, audit.Entry{
		Actor: actor, Patient: b.patient, Action: "appointment.book", Subject: row.ReservationID.String(),
		Detail: byDesk(b.reach, map[string]string{
			"physician": row.PhysicianID.String(), "state": row.State, "rule_version": text(row.RuleVersion), "consent": row.ConsentMethod,
		}),
	}); err != nil {
		return nil, err
	}
	job := ConfirmationMail{AppointmentID: row.ReservationID, Version: row.Version, Desk: b.reach.desk(), Actor: actor}
	if err := s.d.Jobs.Insert(ctx, tx, job, nil); err != nil {
		return nil, err
	}
	m, err := s.keptAppointment(ctx, tx, b.reach, row.ReservationID)
	if err != nil {
		return nil, err
	}
	return &schedulingv1.BookResponse{Appointment: m}, told.tell(ctx, tx)
}
