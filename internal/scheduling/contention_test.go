package scheduling

import (
	"context"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/anishathalye/porcupine"
	schedulingv1 "github.com/bedside-health/bedside/internal/gen/bedside/scheduling/v1"
	"github.com/bedside-health/bedside/internal/ids"
)

// The size of the contention: every client wants every slot.
const (
	rivals = 64
	slots  = 200
)

// An attempt on one slot, for the history: a slot is a register that is taken
// once.
type attempt struct{ slot, client int }

// slotModel says what a slot may do: whoever finds it free wins it, and nobody
// is told "taken" while it is free.
func slotModel() porcupine.Model {
	return porcupine.Model{
		Partition: func(history []porcupine.Operation) [][]porcupine.Operation {
			out := make([][]porcupine.Operation, slots)
			for _, op := range history {
				slot := op.Input.(attempt).slot
				out[slot] = append(out[slot], op)
			}
			return out
		},
		Init: func() any { return 0 },
		Step: func(state, input, output any) (bool, any) {
			owner, client, won := state.(int), input.(attempt).client+1, output.(bool)
			if won {
				return owner == 0, client
			}
			return owner != 0, owner
		},
		DescribeOperation: func(input, output any) string { return fmt.Sprintf("%v: %v", input, output) },
	}
}

// history collects operations of all clients.
type history struct {
	began time.Time
	mu    sync.Mutex
	ops   []porcupine.Operation
	wins  [slots]int
}

func (h *history) run(a attempt, do func() (bool, error)) error {
	call := time.Since(h.began).Nanoseconds()
	won, err := do()
	back := time.Since(h.began).Nanoseconds()
	if err != nil {
		return fmt.Errorf("client %d on slot %d: %w", a.client, a.slot, err)
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	h.ops = append(h.ops, porcupine.Operation{ClientId: a.client, Input: a, Call: call, Output: won, Return: back})
	if won {
		h.wins[a.slot]++
	}
	return nil
}

// check wants one winner a slot, a linearizable history, and no deadlock.
func (h *history) check(b *bundle) {
	b.t.Helper()
	for slot, n := range h.wins {
		if n != 1 {
			b.t.Errorf("slot %d has %d winners", slot, n)
		}
	}
	if res := porcupine.CheckOperationsTimeout(slotModel(), h.ops, time.Minute); res != porcupine.Ok {
		b.t.Errorf("the history is not linearizable: %s", res)
	}
	if n := b.count(`SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()`); n != 0 {
		b.t.Errorf("%d deadlocks", n)
	}
}

// storm lets every client try every slot, each in an order of its own that
// keeps neighbors close, so that most attempts meet rivals.
func storm(b *bundle, h *history, try func(client, slot int) (bool, error)) {
	b.t.Helper()
	failed := make(chan error, rivals)
	var wg sync.WaitGroup
	for client := range rivals {
		wg.Go(func() {
			for i := range slots {
				slot := (i + client%3) % slots
				if err := h.run(attempt{slot, client}, func() (bool, error) { return try(client, slot) }); err != nil {
					failed <- err
					return
				}
			}
		})
	}
	wg.Wait()
	close(failed)
	for err := range failed {
		b.t.Error(err)
	}
}

// 64 clients want the same 200 slots: exactly one gets each, and everybody else
// is told so, without a deadlock or an error of a constraint.
func TestContentionForHolds(t *testing.T) {
	t.Parallel()
	b := newBundle(t, monday)
	b.addRules("NY", "America/New_York")
	d := b.addDoctor("America/New_York", "NY")
	b.s.d.HoldsPerAddress = rivals * slots
	b.withIndex()
	h := &history{began: time.Now()}
	storm(b, h, func(client, slot int) (bool, error) {
		// A browser of its own for each attempt: this is about the slot.
		p := &someone{b: b, browser: fmt.Sprintf("browser of client %d for slot %d", client, slot)}
		res, err := b.s.PlaceHold(context.Background(), p.wish(d, slotStart(slot)))
		return res.GetHold() != nil, err
	})
	h.check(b)
}

// slotStart spaces slots so that the buffers of general visits do not meet.
func slotStart(slot int) time.Time { return tomorrow.Add(time.Duration(slot) * 30 * time.Minute) }

// The same at booking: 64 patients whose holds on the same slots have expired
// book all at once.
func TestContentionForAppointments(t *testing.T) {
	t.Parallel()
	b := newBundle(t, monday)
	b.addRules("NY", "America/New_York")
	d := b.addDoctor("America/New_York", "NY")
	people := make([]*someone, rivals)
	for i := range people {
		people[i] = b.newPatient("en")
	}
	b.follow()
	holds := b.expiredHolds(d, people)
	b.withIndex()
	h := &history{began: time.Now()}
	storm(b, h, func(client, slot int) (bool, error) {
		p := people[client]
		res, err := b.s.Book(p.ctx(), p.bookRequest(&schedulingv1.Hold{HoldId: holds[client][slot]}))
		if err == nil && res.GetLost() != "" && res.GetLost() != LostTaken {
			return false, fmt.Errorf("lost for %q", res.GetLost())
		}
		return res.GetAppointment() != nil, err
	})
	h.check(b)
	if n := b.count(`SELECT count(*) FROM scheduling.reservations WHERE status = 'booked'`); n != slots {
		t.Errorf("%d appointments", n)
	}
	if n := b.count(`SELECT count(*) FROM scheduling.river_job`); n != slots {
		t.Errorf("%d mails", n)
	}
}

// expiredHolds puts an expired hold with answers on every slot for everybody.
func (b *bundle) expiredHolds(d *doctor, people []*someone) [][]string {
	b.t.Helper()
	out := make([][]string, len(people))
	for i, p := range people {
		p.hold(d, tomorrow.Add(-4*time.Hour))
		p.answer()
		_, err := b.s.ReleaseHold(b.t.Context(), &schedulingv1.ReleaseHoldRequest{BrowserId: p.browser})
		must(b.t, err)
		var starts []time.Time
		var who []string
		for slot := range slots {
			starts, who = append(starts, slotStart(slot)), append(who, ids.NewUUID().String())
		}
		b.database.Exec(b.t, `
			INSERT INTO scheduling.reservations (reservation_id, status, physician_id, service_id, during, occupied, state,
				time_zone, browser, address, expires_at, account_id, answers_about, answers)
			SELECT s.id, 'expired', h.physician_id, h.service_id, tstzrange(s.at, s.at + interval '20 min'), tstzrange(s.at, s.at + interval '25 min'),
				h.state, h.time_zone, h.browser, h.address, h.expires_at, h.account_id, h.answers_about, h.answers
			FROM scheduling.reservations h, unnest($2::uuid[], $3::timestamptz[]) s (id, at)
			WHERE h.account_id = $1 AND h.status = 'released'`, p.account.UUID, who, starts)
		out[i] = who
	}
	return out
}
