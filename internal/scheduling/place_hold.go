package scheduling

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"time"

	"github.com/bedside-health/bedside/internal/cache"
	"github.com/bedside-health/bedside/internal/errs"
	schedulingv1 "github.com/bedside-health/bedside/internal/gen/bedside/scheduling/v1"
	"github.com/bedside-health/bedside/internal/ids"
	"github.com/bedside-health/bedside/internal/once"
	"github.com/bedside-health/bedside/internal/scheduling/calendar"
	"github.com/bedside-health/bedside/internal/scheduling/db"
	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"google.golang.org/protobuf/proto"
)

// throttleWindow is over which attempts of one address are counted; a hold
// that is refused counts too.
const throttleWindow = 10 * time.Minute

// wish is a hold that somebody asks for.
type wish struct {
	terms     Terms
	physician ids.PhysicianID
	start     time.Time
	state     string
	zone      string
	browser   []byte
	address   []byte
}

// PlaceHold keeps a time for ten minutes. A hold that the browser already has
// is exchanged for it, answers included, or stays if the new time was lost.
// It returns errs.Invalid, errs.Throttled, and errs.Conflict "key_reused".
func (s *Service) PlaceHold(ctx context.Context, req *schedulingv1.PlaceHoldRequest) (*schedulingv1.PlaceHoldResponse, error) {
	w, err := s.readWish(ctx, req)
	if err != nil {
		return nil, err
	}
	if ok, retry := s.d.Throttle.Allow(ctx, "hold:"+hex.EncodeToString(w.address), 10*s.d.HoldsPerAddress, throttleWindow); !ok {
		return nil, tooManyHolds(retry)
	}
	// The same wish from another address, as of a phone on the move, is still
	// the same wish.
	keyed := proto.CloneOf(req)
	keyed.Address = ""
	var res *schedulingv1.PlaceHoldResponse
	err = s.d.DB.W.Tx(ctx, func(ctx context.Context, tx pgx.Tx) error {
		res, err = once.Do(ctx, tx, "PlaceHold", req.GetIdempotencyKey(), keyed, "browser:"+hex.EncodeToString(w.browser),
			func() (*schedulingv1.PlaceHoldResponse, error) { return s.placeHold(ctx, tx, w) })
		return err
	})
	if err != nil {
		return nil, err
	}
	s.ring()
	if res.GetLost() != "" {
		if res.Nearest, err = s.nearest(ctx, w.terms, w.state, w.zone, missed{w.physician, w.start, res.GetLost()}); err != nil {
			return nil, err
		}
	}
	return res, nil
}

func (s *Service) placeHold(ctx context.Context, tx pgx.Tx, w wish) (*schedulingv1.PlaceHoldResponse, error) {
	lost, err := s.judge(ctx, tx, w)
	if err != nil {
		return nil, err
	}
	if lost != "" {
		return &schedulingv1.PlaceHoldResponse{Lost: lost}, nil
	}
	// Once more if the same browser placed another hold at the same moment.
	for range 2 {
		before, err := s.before(ctx, tx, w)
		if err != nil {
			return nil, err
		}
		if before != nil && before.keeps(w, s.d.Clock.Now()) {
			hold, err := s.holdMessage(ctx, tx, before.row)
			return &schedulingv1.PlaceHoldResponse{Hold: hold}, err
		}
		row, err := s.takeHold(ctx, tx, w, before)
		if err == nil {
			hold, err := s.holdMessage(ctx, tx, row)
			return &schedulingv1.PlaceHoldResponse{Hold: hold}, err
		}
		if !errors.Is(err, pgx.ErrNoRows) {
			return nil, err
		}
		if again, err := s.rival(ctx, tx, w, before); err != nil || !again {
			return &schedulingv1.PlaceHoldResponse{Lost: LostTaken}, err
		}
	}
	return &schedulingv1.PlaceHoldResponse{Lost: LostTaken}, nil
}

// takeHold takes the time, in exchange for the one held before. It returns
// pgx.ErrNoRows, with everything as it was, if somebody else has it.
func (s *Service) takeHold(ctx context.Context, tx pgx.Tx, w wish, before *earlier) (db.SchedulingReservation, error) {
	var none db.SchedulingReservation
	var told changes
	if before != nil && before.held() {
		// Both calendars, in id order: see LockPhysicians.
		both := []uuid.UUID{before.row.PhysicianID, w.physician.UUID}
		if _, err := s.q.LockPhysicians(ctx, tx, both); err != nil {
			return none, fmt.Errorf("locking calendars: %w", err)
		}
		if _, err := s.q.ReleaseHold(ctx, tx, before.row.ReservationID); err != nil {
			return none, fmt.Errorf("releasing the hold before: %w", err)
		}
		told.freed(before.row.PhysicianID, rangeOf(before.row.Occupied))
	}
	occupied := w.terms.Occupied(w.start)
	if err := s.expireInTheWay(ctx, tx, w.physician.UUID, occupied, &told); err != nil {
		return none, err
	}
	visit := w.terms.Visit(w.start)
	insert := db.InsertHoldParams{
		ReservationID: ids.NewUUID(), PhysicianID: w.physician.UUID, ServiceID: w.terms.ServiceID,
		StartsAt: visit.From, EndsAt: visit.To, OccupiedFrom: occupied.From, OccupiedTo: occupied.To,
		State: w.state, TimeZone: w.zone, Browser: w.browser, Address: w.address, Keep: interval(HoldFor),
	}
	if before != nil {
		insert.AccountID, insert.AnswersAbout, insert.Answers = before.row.AccountID, before.row.AnswersAbout, before.row.Answers
		insert.ByDesk = before.row.ByDesk
	}
	row, err := s.q.InsertHold(ctx, tx, insert)
	if errors.Is(err, pgx.ErrNoRows) {
		if before != nil && before.held() {
			if err := s.q.RestoreHold(ctx, tx, db.RestoreHoldParams{Status: string(Held), ReservationID: before.row.ReservationID}); err != nil {
				return none, fmt.Errorf("restoring the hold before: %w", err)
			}
		}
		return none, err
	}
	if err != nil {
		return none, fmt.Errorf("inserting a hold: %w", err)
	}
	told.taken(w.physician.UUID, occupied)
	return row, told.tell(ctx, tx)
}

// expireInTheWay expires stale holds that overlap.
func (s *Service) expireInTheWay(ctx context.Context, tx pgx.Tx, physician uuid.UUID, occupied calendar.Range, told *changes) error {
	rows, err := s.q.ExpireOverlapping(ctx, tx, db.ExpireOverlappingParams{PhysicianID: physician, OccupiedFrom: occupied.From, OccupiedTo: occupied.To})
	if err != nil {
		return fmt.Errorf("expiring holds in the way: %w", err)
	}
	for _, r := range rows {
		told.freed(r.PhysicianID, calendar.Range{From: r.OccupiedFrom, To: r.OccupiedTo})
	}
	return nil
}

// judge says why the time cannot be held, whoever else wants it: from the
// pattern and the projected license, never from the index.
func (s *Service) judge(ctx context.Context, tx pgx.Tx, w wish) (string, error) {
	live, err := s.q.LiveHoldsOfAddress(ctx, tx, db.LiveHoldsOfAddressParams{Address: w.address, Browser: w.browser})
	if err != nil {
		return "", fmt.Errorf("counting the holds of an address: %w", err)
	}
	if live >= int64(s.d.HoldsPerAddress) {
		return "", tooManyHolds(HoldFor) // by then all of them have lapsed
	}
	if why, err := s.offered(ctx, tx, w.terms, w.physician, w.start); err != nil || why != "" {
		return why, err
	}
	// Consent is given later; booking asks for it.
	d, err := s.decide(ctx, tx, w.physician.UUID, askFor(w.state, w.terms.ServiceID, w.terms.Visit(w.start), true))
	if err != nil {
		return "", err
	}
	if !d.Allowed {
		return LostLicense, nil
	}
	return "", nil
}

// offered says why a time is not among those that a physician offers: "" if
// only another reservation or the license can be in the way.
func (s *Service) offered(ctx context.Context, tx pgx.Tx, t Terms, physician ids.PhysicianID, start time.Time) (string, error) {
	row, err := s.q.PhysicianByID(ctx, tx, physician.UUID)
	if errors.Is(err, pgx.ErrNoRows) || (err == nil && !t.OfferedBy(row.Specialties)) {
		return LostNotOffered, nil
	}
	if err != nil {
		return "", fmt.Errorf("reading a physician: %w", err)
	}
	open, err := s.openAround(ctx, tx, row, start)
	if err != nil {
		return "", err
	}
	return t.Judge(start, s.d.Clock.Now(), open), nil
}

func tooManyHolds(retry time.Duration) error {
	return errs.New(errs.Throttled, "too_many_holds", "Too many times are being held from your network. Please try again later.").After(retry)
}

func (s *Service) readWish(ctx context.Context, req *schedulingv1.PlaceHoldRequest) (wish, error) {
	var bad []errs.Field
	refuse := func(field, reason string) { bad = append(bad, errs.Field{Name: field, Reason: reason}) }
	w := wish{state: req.GetState(), zone: req.GetTimeZone(), address: s.d.Seal.Hash("scheduling address", cache.Network(req.GetAddress()))}
	var err error
	if w.physician, err = ids.Parse[ids.PhysicianID](req.GetPhysicianId()); err != nil {
		refuse("physician_id", "malformed")
	}
	if req.GetStart() == nil || !req.GetStart().IsValid() {
		refuse("start", "required")
	} else {
		w.start = req.GetStart().AsTime()
	}
	if !isState(w.state) {
		refuse("state", "unknown")
	}
	if _, err := calendar.LoadZone(w.zone); err != nil {
		refuse("time_zone", "unknown")
	}
	if len(bad) > 0 {
		return wish{}, errs.InvalidFields(bad...)
	}
	if w.browser, err = s.browserHash(req.GetBrowserId()); err != nil {
		return wish{}, err
	}
	w.terms, err = s.terms(ctx, s.d.DB.W.DB(), req.GetServiceId())
	return w, err
}
