package main

import (
	"context"
	"errors"
	"fmt"
	"sync/atomic"
	"time"

	authv1 "github.com/bedside-health/bedside/internal/gen/bedside/auth/v1"
	"github.com/bedside-health/bedside/internal/gen/bedside/auth/v1/authv1connect"
	enrollmentv1 "github.com/bedside-health/bedside/internal/gen/bedside/enrollment/v1"
	"github.com/bedside-health/bedside/internal/gen/bedside/enrollment/v1/enrollmentv1connect"
	rpcv1 "github.com/bedside-health/bedside/internal/gen/bedside/rpc/v1"
	schedulingv1 "github.com/bedside-health/bedside/internal/gen/bedside/scheduling/v1"
	"github.com/bedside-health/bedside/internal/gen/bedside/scheduling/v1/schedulingv1connect"
	"github.com/bedside-health/bedside/internal/ids"
	"github.com/bedside-health/bedside/internal/rpc"
)

// desk is where bookings are made: as the demo patient, by calls.
type desk struct {
	scheduling                       schedulingv1connect.SchedulingServiceClient
	token, account, patient, consent string
	addresses                        atomic.Int32
}

// visit is one booking to make.
type visit struct {
	slot    *schedulingv1.Slot
	patient string
}

// bookings compares whole bookings, of three calls each, with pgbench running
// their statements.
func bookings(ctx context.Context, st *stage, o options) ([]row, error) {
	d, err := newDesk(ctx, st)
	if err != nil {
		return nil, err
	}
	free, err := d.free(ctx)
	if err != nil {
		return nil, err
	}
	if len(free) < 10*o.clients {
		return nil, fmt.Errorf("only %d times are free", len(free))
	}
	// The first booking fetches what the feeds have not brought yet. It takes the
	// last time, far from what the patient has already.
	last := len(free) - 1
	if ok, err := d.book(ctx, visit{free[last], d.patient}); err != nil || !ok {
		return nil, errors.Join(errors.New("the first booking failed"), err)
	}
	patients, err := st.family(ctx, d, 4*o.clients)
	if err != nil {
		return nil, err
	}
	visits := plan(free[:last], patients)
	warm := min(len(visits)/10, 20*o.clients)
	if _, _, err := d.rush(ctx, visits[:warm], o); err != nil {
		return nil, err
	}
	times, lost, err := d.rush(ctx, visits[warm:], o)
	if err != nil {
		return nil, err
	}
	doctors, err := st.count(ctx, st.stack.PrimaryURL(), "SELECT count(*) FROM scheduling.physician_states WHERE state = 'PA'")
	if err != nil {
		return nil, err
	}
	tps, err := st.pgbench(ctx, o, map[string]string{"physicians": fmt.Sprint(doctors), "patient": d.patient, "account": d.account})
	if err != nil {
		return nil, err
	}
	rate := times.rate()
	return []row{{
		what: fmt.Sprintf("bookings, %d clients", o.clients), measured: fmt.Sprintf("%.0f bookings/s", rate),
		limit: fmt.Sprintf("%.0f/s by pgbench", tps), ratio: over(rate, tps), aim: "≥ 0.40",
		note: fmt.Sprintf("%d booked, %d times lost; p99 %s", len(times.times), lost, ms(percentile(times.times, 99))),
	}}, nil
}

// listed is how many appointments are in the list that is measured.
const listed = 3

// someAppointments books a few visits for the demo patient, as many as an
// ordinary list has.
func (st *stage) someAppointments(ctx context.Context) error {
	d, err := newDesk(ctx, st)
	if err != nil {
		return err
	}
	// Scheduling hears of the demo's physicians a moment after they are there.
	var visits []visit
	err = until(ctx, "there are times to book", func(ctx context.Context) (bool, error) {
		free, err := d.free(ctx)
		visits = plan(free, []string{d.patient})
		return len(visits) >= listed, err
	})
	if err != nil {
		return err
	}
	booked := 0
	for _, v := range visits {
		ok, err := d.book(ctx, v)
		if err != nil {
			return err
		}
		if ok {
			booked++
		}
		if booked == listed {
			return nil
		}
	}
	return fmt.Errorf("only %d of %d visits could be booked beforehand", booked, listed)
}

func newDesk(ctx context.Context, st *stage) (*desk, error) {
	net := st.app.Network()
	auth, err1 := net.Client("auth")
	enrollment, err2 := net.Client("enrollment")
	scheduling, err3 := net.Client("scheduling")
	if err := errors.Join(err1, err2, err3); err != nil {
		return nil, fmt.Errorf("reaching the services: %w", err)
	}
	in, err := authv1connect.NewAuthServiceClient(auth).SignInDemo(ctx, &authv1.SignInDemoRequest{
		Role: rpcv1.Role_ROLE_PATIENT, Client: &authv1.Client{Address: "127.0.0.1", UserAgent: "bedside-bench"},
	})
	if err != nil {
		return nil, fmt.Errorf("signing in: %w", err)
	}
	d := &desk{
		scheduling: schedulingv1connect.NewSchedulingServiceClient(scheduling),
		token:      in.GetSession().GetToken(), account: in.GetSession().GetAccountId(),
	}
	ctx = rpc.WithToken(ctx, d.token)
	people := enrollmentv1connect.NewPeopleServiceClient(enrollment)
	me, err := people.Me(ctx, &enrollmentv1.MeRequest{})
	if err != nil || len(me.GetPatients()) == 0 {
		return nil, errors.Join(errors.New("the demo patient is not there"), err)
	}
	d.patient = me.GetPatients()[0].GetPatientId()
	text, err := people.ReadConsent(ctx, &enrollmentv1.ReadConsentRequest{Kind: "telehealth", Language: "en"})
	if err != nil {
		return nil, fmt.Errorf("reading the consent: %w", err)
	}
	given, err := people.RecordConsent(ctx, &enrollmentv1.RecordConsentRequest{
		PatientId: d.patient, Kind: "telehealth", Version: text.GetVersion(), Language: "en", IdempotencyKey: ids.NewUUID().String(),
	})
	if err != nil {
		return nil, fmt.Errorf("agreeing: %w", err)
	}
	d.consent = given.GetConsentId()
	return d, nil
}

// daysAhead is how far bookings are spread.
const daysAhead = 28

// free lists times of the coming weeks, each physician's one after the other.
func (d *desk) free(ctx context.Context) ([]*schedulingv1.Slot, error) {
	var out []*schedulingv1.Slot
	busy := map[string]time.Time{}
	today := time.Now().UTC()
	for n := 2; n < daysAhead; n++ {
		day := today.AddDate(0, 0, n).Format(time.DateOnly)
		res, err := d.scheduling.Search(ctx, &schedulingv1.SearchRequest{
			ServiceId: "general", State: "PA", TimeZone: "America/New_York", FirstDay: day, Day: day,
		})
		if err != nil {
			return nil, fmt.Errorf("searching %s: %w", day, err)
		}
		for _, s := range res.GetSlots() {
			if at := s.GetStart().AsTime(); !at.Before(busy[s.GetPhysicianId()]) {
				busy[s.GetPhysicianId()] = at.Add(25 * time.Minute) // the visit and its buffer
				out = append(out, s)
			}
		}
	}
	return out, nil
}

// plan gives each time to a patient who has nothing else then.
func plan(free []*schedulingv1.Slot, patients []string) []visit {
	var out []visit
	busy := map[string]time.Time{}
	for i, s := range free {
		at := s.GetStart().AsTime()
		for k := range patients {
			who := patients[(i+k)%len(patients)]
			if !at.Before(busy[who]) {
				busy[who] = at.Add(20 * time.Minute)
				out = append(out, visit{s, who})
				break
			}
		}
	}
	return out
}

// rush books until the visits or the time run out.
func (d *desk) rush(ctx context.Context, visits []visit, o options) (load, int64, error) {
	var next, lost atomic.Int64
	times := make([]time.Duration, len(visits))
	began := time.Now()
	err := together(ctx, o.clients, func(ctx context.Context, _ int) error {
		for n := next.Add(1) - 1; int(n) < len(visits) && time.Since(began) < o.during && ctx.Err() == nil; n = next.Add(1) - 1 {
			at := time.Now()
			booked, err := d.book(ctx, visits[n])
			if err != nil {
				return err
			}
			if booked {
				times[n] = time.Since(at)
			} else {
				lost.Add(1)
			}
		}
		return nil
	})
	all := load{took: time.Since(began)}
	for _, t := range times {
		if t > 0 {
			all.times = append(all.times, t)
		}
	}
	return all, lost.Load(), err
}

// book goes the whole way of one visit; false if the time was lost on it.
func (d *desk) book(ctx context.Context, v visit) (bool, error) {
	browser := "bench browser " + ids.NewUUID().String()
	n := d.addresses.Add(1)
	held, err := d.scheduling.PlaceHold(ctx, &schedulingv1.PlaceHoldRequest{
		BrowserId: browser, ServiceId: "general", PhysicianId: v.slot.GetPhysicianId(), Start: v.slot.GetStart(), State: "PA",
		TimeZone: "America/New_York", Address: fmt.Sprintf("198.18.%d.%d", n/250%250, n%250+1), IdempotencyKey: ids.NewUUID().String(),
	})
	if err != nil {
		return false, fmt.Errorf("holding a time: %w", err)
	}
	if held.GetLost() != "" {
		return false, nil
	}
	ctx = rpc.WithToken(ctx, d.token)
	if _, err := d.scheduling.SaveAnswers(ctx, &schedulingv1.SaveAnswersRequest{BrowserId: browser, Answers: &schedulingv1.Answers{
		PatientId: v.patient, Reason: "a cough that comes back every evening", Phone: "215 555 0142", Payment: "self_pay",
	}}); err != nil {
		return false, fmt.Errorf("saying why: %w", err)
	}
	res, err := d.scheduling.Book(ctx, &schedulingv1.BookRequest{
		BrowserId: browser, HoldId: held.GetHold().GetHoldId(), ConsentId: d.consent, IdempotencyKey: ids.NewUUID().String(),
	})
	if err != nil {
		return false, fmt.Errorf("booking: %w", err)
	}
	return res.GetLost() == "", nil
}
