package e2e

import (
	"context"
	"os"
	"testing"
	"time"

	"github.com/bedside-health/bedside/internal/stack"
)

// Redis stops while people are at work: nobody is signed out, times are found
// and booked, mail goes out. It comes back, and nothing has to be started anew.
func TestRedisStops(t *testing.T) {
	t.Parallel()
	own := privateRedis(t)
	p, w := start(t, options{redis: own.RedisAddr()}), english()
	const address = "rosa.delgado@demo.test"

	b, staff, doctor := newTab(t, p.base, phone()), newTab(t, p.base, desktop()), newTab(t, p.base, desktop())
	staff.open("/")
	staff.click("Try as staff")
	doctor.open("/")
	doctor.click("Try as physician")
	b.open("/")
	b.click("Try as patient")
	b.need(w)
	b.time(w, 0)
	b.sees(w.aboutTitle)

	if err := own.Halt("redis"); err != nil {
		t.Fatal(err)
	}
	p.mailTo(address, b.finish(w))
	b.open("/appointments")
	b.sees("coming up")
	staff.open("/staff/rosters")
	staff.sees("Roster file")
	doctor.open("/physician/day")
	doctor.lacks("Sign in")

	// Somebody new can come in, and a second visit is found, held and booked.
	other := newTab(t, p.base, desktop())
	other.open("/")
	other.click("Try as patient")
	other.need(w)
	other.open("/book/time?day=" + time.Now().AddDate(0, 0, 3).Format(time.DateOnly))
	other.time(w, 0)
	p.mailTo(address, other.finish(w))

	if err := own.Resume(t.Context(), "redis"); err != nil {
		t.Fatal(err)
	}
	b.open("/appointments")
	b.follow("/appointments/")
	b.click(w.cancel)
	b.click(w.cancelYes)
	b.sees(w.canceled)
}

// privateRedis is one that may be stopped. Its folder is not t.TempDir, whose
// parents are closed to the user that the servers run as.
func privateRedis(t *testing.T) *stack.Stack {
	t.Helper()
	dir, err := os.MkdirTemp("", "bedside-e2e-redis-")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	own, err := stack.Start(t.Context(), stack.Options{Dir: dir, WithoutPostgres: true, Redis: true, Throwaway: true})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = own.Stop(context.Background()) })
	return own
}
