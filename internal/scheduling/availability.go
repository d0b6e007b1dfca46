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
	"github.com/bedside-health/bedside/internal/principal"
	"github.com/bedside-health/bedside/internal/scheduling/db"
	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
)

// SetAvailability replaces a physician's weekly pattern and exceptions. What
// is booked stays booked. A physician may only set their own; it returns
// errs.NotFound for anybody else's, errs.Invalid with the fields at fault, and
// errs.Conflict "hours_changed" if what was read has been replaced since.
func (s *Service) SetAvailability(ctx context.Context, req *schedulingv1.SetAvailabilityRequest) (*schedulingv1.SetAvailabilityResponse, error) {
	physician, err := ids.Parse[ids.PhysicianID](req.GetPhysicianId())
	if err != nil {
		return nil, errs.InvalidFields(errs.Field{Name: "physician_id", Reason: "malformed"})
	}
	w, err := readWindows(req)
	if err != nil {
		return nil, err
	}
	if err := s.learnPhysician(ctx, physician); err != nil {
		return nil, err
	}
	err = s.d.DB.W.Tx(ctx, func(ctx context.Context, tx pgx.Tx) error {
		return s.setAvailability(ctx, tx, physician, w, req.GetVersion())
	})
	if err != nil {
		return nil, err
	}
	s.ring()
	return &schedulingv1.SetAvailabilityResponse{}, nil
}

func (s *Service) setAvailability(ctx context.Context, tx pgx.Tx, physician ids.PhysicianID, w windows, version string) error {
	who := principal.From(ctx)
	lock := db.LockOwnPhysicianParams{PhysicianID: physician.UUID, AsService: who.Service != "", AccountID: &who.Account.UUID}
	if _, err := s.q.LockOwnPhysician(ctx, tx, lock); errors.Is(err, pgx.ErrNoRows) {
		return errs.New(errs.NotFound, "physician_missing", "We could not find that physician's calendar among yours.")
	} else if err != nil {
		return fmt.Errorf("locking a calendar: %w", err)
	}
	if err := s.sameHours(ctx, tx, physician, version); err != nil {
		return err
	}
	if err := s.replaceWindows(ctx, tx, physician.UUID, w); err != nil {
		return err
	}
	if err := s.findOutside(ctx, tx, physician); err != nil {
		return err
	}
	if err := audit.Append(ctx, tx, audit.Entry{Actor: audit.ActorFrom(ctx), Action: "availability.set", Subject: physician.String()}); err != nil {
		return err
	}
	return changes{{key: physician.String(), kind: kindAvailability}}.tell(ctx, tx)
}

func (s *Service) replaceWindows(ctx context.Context, tx pgx.Tx, physician uuid.UUID, w windows) error {
	w.weekly.PhysicianID, w.days.PhysicianID, w.exceptions.PhysicianID = physician, physician, physician
	if err := s.q.ForgetWindows(ctx, tx, physician); err != nil {
		return fmt.Errorf("forgetting weekly windows: %w", err)
	}
	if err := s.q.ForgetExceptions(ctx, tx, physician); err != nil {
		return fmt.Errorf("forgetting exceptions: %w", err)
	}
	if err := s.q.InsertWindows(ctx, tx, w.weekly); err != nil {
		return fmt.Errorf("storing weekly windows: %w", err)
	}
	if err := s.q.InsertExceptions(ctx, tx, w.days); err != nil {
		return fmt.Errorf("storing exceptions: %w", err)
	}
	if err := s.q.InsertExceptionWindows(ctx, tx, w.exceptions); err != nil {
		return fmt.Errorf("storing the windows of exceptions: %w", err)
	}
	return nil
}

// The bounds of what a calendar may hold.
const (
	maxWeekly     = 100
	maxExceptions = 400
	indexStep     = 5 // minutes: what the index can tell apart
	minutesOfDay  = 24 * 60
)

// windows are an accepted request, as the statements want it.
type windows struct {
	weekly     db.InsertWindowsParams
	days       db.InsertExceptionsParams
	exceptions db.InsertExceptionWindowsParams
}

// readWindows checks what was typed, so that each fault has its field; the
// constraints of the tables say the same.
func readWindows(req *schedulingv1.SetAvailabilityRequest) (windows, error) {
	var out windows
	var bad []errs.Field
	if len(req.GetWeekly()) > maxWeekly {
		bad = append(bad, errs.Field{Name: "weekly", Reason: "too_many"})
	}
	if len(req.GetExceptions()) > maxExceptions {
		bad = append(bad, errs.Field{Name: "exceptions", Reason: "too_many"})
	}
	bad = append(bad, checkWindows("weekly", req.GetWeekly(), true)...)
	seen := map[string]bool{}
	for i, e := range req.GetExceptions() {
		name := fmt.Sprintf("exceptions[%d]", i)
		day, err := time.Parse(time.DateOnly, e.GetDate())
		if err != nil {
			bad = append(bad, errs.Field{Name: name + ".date", Reason: "malformed"})
		}
		if seen[e.GetDate()] {
			bad = append(bad, errs.Field{Name: name + ".date", Reason: "duplicate"})
		}
		seen[e.GetDate()] = true
		bad = append(bad, checkWindows(name+".windows", e.GetWindows(), false)...)
		out.days.Days = append(out.days.Days, day)
		for _, w := range e.GetWindows() {
			out.exceptions.Days = append(out.exceptions.Days, day)
			out.exceptions.FromMinutes = append(out.exceptions.FromMinutes, w.GetFromMinute())
			out.exceptions.ToMinutes = append(out.exceptions.ToMinutes, w.GetToMinute())
		}
	}
	if len(bad) > 0 {
		return windows{}, errs.InvalidFields(bad...)
	}
	for _, w := range req.GetWeekly() {
		out.weekly.Weekdays = append(out.weekly.Weekdays, int16(w.GetWeekday())) //nolint:gosec // 0 to 6
		out.weekly.FromMinutes = append(out.weekly.FromMinutes, w.GetFromMinute())
		out.weekly.ToMinutes = append(out.weekly.ToMinutes, w.GetToMinute())
	}
	return out, nil
}

// checkWindows refuses windows outside the day, off the index's steps, empty,
// or over each other.
func checkWindows(name string, list []*schedulingv1.WeeklyWindow, weekly bool) []errs.Field {
	var bad []errs.Field
	for i, w := range list {
		at := fmt.Sprintf("%s[%d]", name, i)
		from, to := w.GetFromMinute(), w.GetToMinute()
		switch {
		case weekly && (w.GetWeekday() < 0 || w.GetWeekday() > 6):
			bad = append(bad, errs.Field{Name: at + ".weekday", Reason: "out_of_range"})
		case from < 0 || from%indexStep != 0:
			bad = append(bad, errs.Field{Name: at + ".from_minute", Reason: "out_of_range"})
		case to <= from || to > minutesOfDay || to%indexStep != 0:
			bad = append(bad, errs.Field{Name: at + ".to_minute", Reason: "out_of_range"})
		}
		for _, v := range list[:i] {
			if (!weekly || v.GetWeekday() == w.GetWeekday()) && v.GetFromMinute() < to && from < v.GetToMinute() {
				bad = append(bad, errs.Field{Name: at, Reason: "overlap"})
				break
			}
		}
	}
	return bad
}
