package scheduling

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/bedside-health/bedside/internal/audit"
	"github.com/bedside-health/bedside/internal/errs"
	"github.com/bedside-health/bedside/internal/ids"
	"github.com/bedside-health/bedside/internal/scheduling/calendar"
	"github.com/bedside-health/bedside/internal/scheduling/db"
	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
)

// reasonOutside is why a booked visit needs somebody to look at it after its
// physician changed their hours. The patient is not told: the physician has
// seen the visit before saving and may well keep it; staff ask.
const reasonOutside = "outside_hours"

// hoursVersion names a calendar by what it holds, so that it needs no counter
// that every program of before would have to keep.
func hoursVersion(p calendar.Pattern) string {
	var b strings.Builder
	write := func(list []calendar.Window) {
		lines := make([]string, len(list))
		for i, w := range list {
			lines[i] = fmt.Sprintf("%d %04d %04d\n", w.Weekday, w.From, w.To)
		}
		slices.Sort(lines)
		b.WriteString(strings.Join(lines, ""))
	}
	write(p.Weekly)
	for _, e := range p.Exceptions { // by date, as they are read
		fmt.Fprintf(&b, "%s\n", e.Date)
		write(e.Windows)
	}
	sum := sha256.Sum256([]byte(b.String()))
	return hex.EncodeToString(sum[:12])
}

// lockedPattern reads the calendar of a physician whom the caller has locked.
func (s *Service) lockedPattern(ctx context.Context, tx pgx.Tx, physician ids.PhysicianID) (calendar.Pattern, error) {
	row, err := s.q.PhysicianByID(ctx, tx, physician.UUID)
	if err != nil {
		return calendar.Pattern{}, fmt.Errorf("reading a physician: %w", err)
	}
	patterns, err := s.patternsOf(ctx, tx, []db.SchedulingPhysician{row})
	return patterns[physician.UUID], err
}

// sameHours refuses to save upon hours that were replaced after they were read:
// two windows of a browser must not undo each other silently.
func (s *Service) sameHours(ctx context.Context, tx pgx.Tx, physician ids.PhysicianID, version string) error {
	if version == "" {
		return nil
	}
	p, err := s.lockedPattern(ctx, tx, physician)
	if err != nil {
		return err
	}
	if hoursVersion(p) != version {
		return errs.New(errs.Conflict, "hours_changed", "These hours were changed meanwhile. Please look at both.")
	}
	return nil
}

// findOutside notes, for staff, the booked visits to come that the stored hours
// do not cover, and takes those off the list that they cover again.
func (s *Service) findOutside(ctx context.Context, tx pgx.Tx, physician ids.PhysicianID) error {
	future, err := s.q.FutureOfPhysician(ctx, tx, physician.UUID)
	if err != nil {
		return fmt.Errorf("reading future appointments: %w", err)
	}
	if len(future) == 0 {
		return nil
	}
	p, err := s.lockedPattern(ctx, tx, physician)
	if err != nil {
		return err
	}
	first, last := rangeOf(future[0].During), rangeOf(future[len(future)-1].During)
	open := p.Expand(first.From.Add(-24*time.Hour), last.To.Add(24*time.Hour))
	var inside []uuid.UUID
	byID := make(map[uuid.UUID]db.SchedulingReservation, len(future))
	for _, r := range future {
		byID[r.ReservationID] = r
		if covered(open, rangeOf(r.During)) {
			inside = append(inside, r.ReservationID)
			continue
		}
		if err := s.noteOutside(ctx, tx, r); err != nil {
			return err
		}
	}
	back, err := s.q.ResolveOutside(ctx, tx, inside)
	if err != nil {
		return fmt.Errorf("resolving visits outside of the hours: %w", err)
	}
	for _, id := range back {
		if err := auditOutside(ctx, tx, byID[id], "appointment.inside_hours"); err != nil {
			return err
		}
	}
	return nil
}

func (s *Service) noteOutside(ctx context.Context, tx pgx.Tx, r db.SchedulingReservation) error {
	n, err := s.q.InsertAffected(ctx, tx, db.InsertAffectedParams{
		AffectedID: ids.NewUUID(), ReservationID: r.ReservationID, PhysicianID: r.PhysicianID,
		State: r.State, Reason: reasonOutside, Decision: []byte(`{}`),
	})
	if err != nil {
		return fmt.Errorf("noting a visit outside of the hours: %w", err)
	}
	if n == 0 { // noted before
		return nil
	}
	return auditOutside(ctx, tx, r, "appointment.outside_hours")
}

func auditOutside(ctx context.Context, tx pgx.Tx, r db.SchedulingReservation, action string) error {
	return audit.Append(ctx, tx, audit.Entry{
		Actor: audit.ActorFrom(ctx), Patient: patientOf(r), Action: action, Subject: r.ReservationID.String(),
	})
}
