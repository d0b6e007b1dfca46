package e2e

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/http"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

const (
	// kills is how often at least; mostKills bounds how long the test goes on
	// until each kind of request was hit by one.
	kills     = 4
	mostKills = 24
	// bookers book at the same time, each on days of their own: the demo
	// patient is in one place at a time.
	bookers = 3
)

// The process is killed while visits are being booked and moved, again and again, and
// started anew at the same address. Every visit that somebody was told of is
// there once; one that nobody was told of is there once or not at all; the
// same form sent again, with its key, finds out.
func TestKilledWhileBooking(t *testing.T) {
	t.Parallel()
	p := start(t, options{})
	seed := uint64(time.Now().UnixNano())
	t.Logf("seed %d", seed)
	chance := rand.New(rand.NewPCG(seed, 0))

	ctx, stop := context.WithTimeout(t.Context(), 5*time.Minute)
	defer stop()
	run := &killing{p: p, sent: make(chan string), over: make(chan struct{}), cut: map[string]int{}, told: map[string]int{}}
	var all sync.WaitGroup
	for n := range bookers {
		luck := rand.New(rand.NewPCG(seed, uint64(n+1)))
		all.Go(func() {
			if err := run.work(ctx, n, luck); err != nil {
				t.Errorf("booker %d: %v", n, err)
			}
		})
	}
	for n := 0; n < kills || n < mostKills && run.missed() != ""; n++ {
		for left := 1 + chance.IntN(4); left > 0; {
			select {
			case kind := <-run.sent:
				// Where only one kind was never hit, the kill waits for one of it.
				if want := run.missed(); left > 1 || n < kills || want == "" || want == kind {
					left--
				}
			case <-ctx.Done():
				t.Fatal("nobody books anymore")
			}
		}
		// Somewhere within the request that was just sent.
		<-time.After(time.Duration(chance.IntN(12_000)) * time.Microsecond)
		p.kill("all")
		p.serve("all", p.addr["all"])
		p.ready("all")
	}
	close(run.over)
	all.Wait()
	run.check(t)
}

// killing is what the bookers did.
type killing struct {
	p    *portal
	sent chan string   // a request of a kind is on its way
	over chan struct{} // no more kills

	mu     sync.Mutex
	booked map[string]string // hold → appointment that was acknowledged
	left   []string          // holds whose answer was lost and not asked for again
	again  int               // forms sent again after a lost answer
	cut    map[string]int    // answers lost to a kill, by kind
	told   map[string]int    // answers that came, by kind
	moving map[string]bool   // holds whose visit may have been moved without an answer
	moved  int               // moves that were acknowledged
}

// The kinds of requests that a kill may hit.
const (
	booking = "booking"
	moving  = "move"
)

// missed is a kind of request that no kill has hit yet, or that was never
// answered; empty if there is none.
func (k *killing) missed() string {
	k.mu.Lock()
	defer k.mu.Unlock()
	for _, kind := range []string{moving, booking} {
		if k.cut[kind] == 0 || k.told[kind] == 0 {
			return kind
		}
	}
	return ""
}

// answered notes what became of a request. One that found nobody listening was
// not hit by a kill, but came after one.
func (k *killing) answered(kind string, err error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	switch {
	case err == nil:
		k.told[kind]++
	case !errors.Is(err, syscall.ECONNREFUSED):
		k.cut[kind]++
	}
}

// work books one visit after the other until the last kill is over.
func (k *killing) work(ctx context.Context, n int, luck *rand.Rand) error {
	v := newVisitor(k.p.base, "en")
	if _, err := k.insist(ctx, v, http.MethodPost, "/demo/patient", nil); err != nil {
		return err
	}
	for day := n; ; day += bookers {
		slots, err := k.slots(ctx, v, 1+day%50)
		if err != nil {
			return err
		}
		for _, slot := range slots {
			select {
			case <-k.over:
				return nil
			default:
			}
			hold, err := k.one(ctx, v, slot, luck)
			if err != nil {
				return err
			}
			if id := k.acknowledged(hold); id != "" && luck.IntN(2) == 0 {
				if err := k.move(ctx, v, hold, slot, luck); err != nil {
					return err
				}
			}
		}
	}
}

// one books a time. A form whose answer was lost is sent again, or left alone.
func (k *killing) one(ctx context.Context, v *visitor, slot string, luck *rand.Rand) (string, error) {
	form, err := k.hold(ctx, v, slot)
	if errors.Is(err, errLost) {
		return "", nil
	}
	if err != nil {
		return "", err
	}
	k.underway(booking)
	a, err := v.post(ctx, "/book/check", form)
	k.answered(booking, err)
	if err != nil || a.status >= http.StatusInternalServerError {
		if luck.IntN(3) == 0 {
			k.mu.Lock()
			defer k.mu.Unlock()
			k.left = append(k.left, form.Get("hold_id"))
			return "", nil
		}
		k.mu.Lock()
		k.again++
		k.mu.Unlock()
		if a, err = k.insist(ctx, v, http.MethodPost, "/book/check", form); err != nil {
			return "", err
		}
	}
	parts := strings.Split(a.location(), "/")
	if len(parts) != 4 || parts[3] != "booked" {
		return "", fmt.Errorf("the booking of %s was answered %d, to %q:\n%s", slot, a.status, a.location(), lead.FindString(a.body))
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.booked == nil {
		k.booked = map[string]string{}
	}
	k.booked[form.Get("hold_id")] = parts[2]
	return form.Get("hold_id"), nil
}

// underway says that a request which a kill may hit is on its way.
func (k *killing) underway(kind string) {
	select {
	case k.sent <- kind:
	default:
	}
}

// acknowledged is what a hold became, as somebody was told last; empty if
// nobody was told.
func (k *killing) acknowledged(hold string) string {
	k.mu.Lock()
	defer k.mu.Unlock()
	return k.booked[hold]
}

// lead is what a page says below its heading.
var lead = regexp.MustCompile(`<p class="lead[^<]*<`)

// hold takes a time, however often the process goes away meanwhile.
func (k *killing) hold(ctx context.Context, v *visitor, slot string) (url.Values, error) {
	key := "kill-" + slot
	for {
		form, err := v.hold(ctx, slot, key[:min(len(key), 64)])
		if err == nil || errors.Is(err, errLost) {
			return form, err
		}
		if err := k.wait(ctx, err); err != nil {
			return nil, err
		}
	}
}

// insist sends a request until a living process answers it.
func (k *killing) insist(ctx context.Context, v *visitor, method, path string, form url.Values) (answer, error) {
	for {
		a, err := v.send(ctx, method, path, form)
		if err == nil && a.status < http.StatusInternalServerError {
			return a, nil
		}
		if err == nil {
			err = fmt.Errorf("%s answered %d", path, a.status)
		}
		if err := k.wait(ctx, err); err != nil {
			return a, err
		}
	}
}

// wait gives a process time to start; it gives up with the reason at the end
// of the test's patience.
func (k *killing) wait(ctx context.Context, reason error) error {
	select {
	case <-ctx.Done():
		return reason
	case <-time.After(50 * time.Millisecond):
		return nil
	}
}

// slots lists times of a day ahead, an hour apart.
func (k *killing) slots(ctx context.Context, v *visitor, ahead int) ([]string, error) {
	if _, err := k.insist(ctx, v, http.MethodPost, "/book", url.Values{"service": {"general"}, "state": {"PA"}}); err != nil {
		return nil, err
	}
	day := time.Now().AddDate(0, 0, ahead).Format(time.DateOnly)
	a, err := k.insist(ctx, v, http.MethodGet, "/book/time?day="+day, nil)
	if err != nil {
		return nil, err
	}
	var out []string
	var last int64
	for _, slot := range a.inputs()["slot"] {
		_, unix, _ := strings.Cut(slot, "|")
		at, err := strconv.ParseInt(unix, 10, 64)
		if err != nil {
			return nil, fmt.Errorf("a time reads %q", slot)
		}
		if at >= last+3600 {
			out, last = append(out, slot), at
		}
	}
	if len(out) == 0 && a.status != http.StatusOK {
		return nil, fmt.Errorf("the times of %s answered %d", day, a.status)
	}
	return out, nil
}

// check compares what the bookers were told with what is there.
func (k *killing) check(t *testing.T) {
	t.Helper()
	t.Logf("%d visits acknowledged, %d moves, %d forms sent again, %d bookings and %d moves left alone", len(k.booked), k.moved, k.again, len(k.left), len(k.moving))
	t.Logf("lost to a kill: %v; answered: %v", k.cut, k.told)
	if kind := k.missed(); kind != "" {
		t.Errorf("after %d kills no %s was hit by one, or none was answered", mostKills, kind)
	}
	if len(k.booked) == 0 || k.moved == 0 {
		t.Errorf("%d visits and %d moves were acknowledged", len(k.booked), k.moved)
	}
	there := 0
	for hold, appointment := range k.booked {
		if c := k.chain(t, hold); c.visits != 1 || c.odd != 0 || (c.booked != appointment && !k.moving[hold]) {
			t.Errorf("the acknowledged visit %s is there %d times, as %q, with %d rows that should not be", appointment, c.visits, c.booked, c.odd)
		}
		there++
	}
	for _, hold := range k.left {
		c := k.chain(t, hold)
		if c.visits > 1 || c.odd != 0 {
			t.Errorf("the hold %s became %d visits", hold, c.visits)
		}
		there += c.visits
	}
	var rows, audited, moved, moves int
	k.p.db.Query(t, `SELECT count(*) FROM scheduling.reservations WHERE status = 'booked'`, &rows)
	k.p.db.Query(t, `SELECT count(*) FROM audit.entries WHERE action = 'appointment.book'`, &audited)
	k.p.db.Query(t, `SELECT count(*) FROM scheduling.reservations WHERE status = 'moved'`, &moved)
	k.p.db.Query(t, `SELECT count(*) FROM audit.entries WHERE action = 'appointment.move'`, &moves)
	if rows != there || audited != there {
		t.Errorf("%d visits should be there; %d are, with %d audit entries", there, rows, audited)
	}
	if moved != moves || moved < k.moved {
		t.Errorf("%d moves were acknowledged; %d rows are moved, with %d audit entries", k.moved, moved, moves)
	}
}
