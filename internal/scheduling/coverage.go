package scheduling

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/bedside-health/bedside/internal/audit"
	enrollmentv1 "github.com/bedside-health/bedside/internal/gen/bedside/enrollment/v1"
	"github.com/bedside-health/bedside/internal/ids"
	"github.com/bedside-health/bedside/internal/scheduling/calendar"
	"github.com/bedside-health/bedside/internal/scheduling/db"
	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"google.golang.org/protobuf/proto"
)

// Why a coverage does not cover the day of a visit.
const (
	lapsedEnded    = "ended"
	lapsedNotBegun = "not_begun"
	lapsedGone     = "gone"
)

// lapse is what is wrong with a visit's coverage; the zero value is nothing.
type lapse struct {
	reason string
	// ended is the last covered day, where that is the reason.
	ended *time.Time
}

// lapseOf looks whether the coverage that was to pay a visit covers its day.
func lapseOf(facts *enrollmentv1.PatientFacts, r db.SchedulingReservation) lapse {
	if coverageOn(facts, text(r.CoverageID), r) != nil {
		return lapse{}
	}
	for _, c := range facts.GetCoverages() {
		if c.GetCoverageId() != text(r.CoverageID) || !covers(c.GetLine()) {
			continue
		}
		if c.GetTo() != "" && c.GetTo() < c.GetFrom() { // voided
			continue
		}
		if dayOfVisit(r) < c.GetFrom() {
			return lapse{reason: lapsedNotBegun}
		}
		if ended, err := time.Parse(time.DateOnly, c.GetTo()); err == nil {
			return lapse{reason: lapsedEnded, ended: &ended}
		}
	}
	return lapse{reason: lapsedGone}
}

// dayOfVisit is the date of a visit where the patient will be, YYYY-MM-DD.
func dayOfVisit(r db.SchedulingReservation) string {
	zone, err := calendar.LoadZone(r.TimeZone)
	if err != nil {
		zone = time.UTC
	}
	return calendar.DateOf(rangeOf(r.During).From, zone).String()
}

// watchCoverage compares patients' facts with the visits to come that a
// coverage pays. One that is no longer covered is noted and its patient told;
// one that is covered again is not noted any longer. The visit stays booked.
func (s *Service) watchCoverage(ctx context.Context, tx pgx.Tx, facts map[uuid.UUID][]byte) error {
	visits, err := s.q.CoveredVisits(ctx, tx, slices.Collect(maps.Keys(facts)))
	if err != nil {
		return fmt.Errorf("reading covered visits: %w", err)
	}
	if len(visits) == 0 {
		return nil
	}
	noted, err := s.openNotices(ctx, tx, visits)
	if err != nil {
		return err
	}
	for _, r := range visits {
		m := new(enrollmentv1.PatientFacts)
		if err := proto.Unmarshal(facts[*r.PatientID], m); err != nil {
			return fmt.Errorf("decoding the facts of a patient: %w", err)
		}
		switch l := lapseOf(m, r); {
		case l.reason != "":
			err = s.noteLapse(ctx, tx, r, l)
		case noted[r.ReservationID]:
			err = s.endNotices(ctx, tx, r, settledRestored, "")
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// openNotices says which visits have an open notice.
func (s *Service) openNotices(ctx context.Context, tx pgx.Tx, visits []db.SchedulingReservation) (map[uuid.UUID]bool, error) {
	which := make([]uuid.UUID, len(visits))
	for i, r := range visits {
		which[i] = r.ReservationID
	}
	rows, err := s.q.OpenCoverageNotices(ctx, tx, which)
	if err != nil {
		return nil, fmt.Errorf("reading coverage notices: %w", err)
	}
	out := make(map[uuid.UUID]bool, len(rows))
	for _, n := range rows {
		out[n.ReservationID] = true
	}
	return out, nil
}

func (s *Service) noteLapse(ctx context.Context, tx pgx.Tx, r db.SchedulingReservation, l lapse) error {
	id := ids.NewUUID()
	noted, err := s.q.NoteCoverage(ctx, tx, db.NoteCoverageParams{NoticeID: id, ReservationID: r.ReservationID, Reason: l.reason, EndedOn: l.ended})
	if err != nil {
		return fmt.Errorf("noting a lapsed coverage: %w", err)
	}
	if noted != id { // before
		return nil
	}
	if err := s.endNotices(ctx, tx, r, settledOvertaken, l.reason); err != nil {
		return err
	}
	if err := s.d.Jobs.Insert(ctx, tx, CoverageMail{NoticeID: id, Actor: audit.Actor{Service: "scheduling"}}, nil); err != nil {
		return err
	}
	return auditAffected(ctx, tx, r, "appointment.uncovered", l.reason)
}

// endNotices resolves the notices of a visit, all but those for one reason.
func (s *Service) endNotices(ctx context.Context, tx pgx.Tx, r db.SchedulingReservation, how, but string) error {
	n, err := s.q.ResolveCoverageNotices(ctx, tx, db.ResolveCoverageNoticesParams{ReservationID: r.ReservationID, Resolution: &how, But: but})
	if err != nil {
		return fmt.Errorf("resolving coverage notices: %w", err)
	}
	if n == 0 || how != settledRestored { // else whoever did it has an entry of their own
		return nil
	}
	return auditAffected(ctx, tx, r, "appointment.covered", how)
}

// sweepCoverage looks at all visits to come. The feed finds nearly all; a visit
// that was booked at the moment at which its patient's facts changed may have
// been decided by the old ones.
func (s *Service) sweepCoverage(ctx context.Context) error {
	after := uuid.Nil
	for {
		who, err := s.q.PatientsWithCoveredVisits(ctx, s.d.DB.W.DB(), db.PatientsWithCoveredVisitsParams{After: after, Page: patientsAtOnce})
		if err != nil {
			return fmt.Errorf("listing patients with covered visits: %w", err)
		}
		if len(who) == 0 {
			return nil
		}
		if err := s.sweepCoverageOf(ctx, who); err != nil {
			return err
		}
		after = who[len(who)-1]
	}
}

func (s *Service) sweepCoverageOf(ctx context.Context, who []uuid.UUID) error {
	return s.d.DB.W.Tx(ctx, func(ctx context.Context, tx pgx.Tx) error {
		rows, err := s.q.SharePatients(ctx, tx, who)
		if err != nil {
			return fmt.Errorf("reading patients: %w", err)
		}
		facts := make(map[uuid.UUID][]byte, len(rows))
		for _, r := range rows {
			facts[r.PatientID] = r.Facts
		}
		return s.watchCoverage(ctx, tx, facts)
	})
}
