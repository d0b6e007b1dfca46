package scheduling

import (
	"context"
	"log/slog"
	"testing"

	"github.com/bedside-health/bedside/internal/jobs"
	"github.com/riverqueue/river"
)

// The mail leaves through the real queue, once.
func TestConfirmationLeavesThroughTheQueue(t *testing.T) {
	t.Parallel()
	b := newBundle(t, monday)
	workers := river.NewWorkers()
	b.s.Workers(workers)
	queue, err := jobs.New("scheduling", b.db, workers, slog.New(slog.DiscardHandler))
	must(t, err)
	b.s.SetJobs(queue)
	must(t, b.s.Ready(t.Context()))
	must(t, queue.Start(t.Context()))
	t.Cleanup(func() { must(t, queue.Stop(context.Background())) })
	b.addRules("NY", "America/New_York")
	d, p := b.addDoctor("America/New_York", "NY"), b.addPatient("en")
	p.booked(d, tomorrow)
	sent := func() int {
		b.outbox.mu.Lock()
		defer b.outbox.mu.Unlock()
		return len(b.outbox.mails)
	}
	b.eventually("the mail is sent", func() bool { return sent() == 1 })
	b.eventually("the job is done", func() bool {
		return b.count(`SELECT count(*) FROM scheduling.river_job WHERE state = 'completed'`) == 1
	})
	if b.outbox.mails[0].To != "alma@example.test" {
		t.Fatalf("sent to %s", b.outbox.mails[0].To)
	}
}

func TestNewSaysWhatIsMissing(t *testing.T) {
	t.Parallel()
	if _, err := New(Deps{}); err == nil {
		t.Fatal("a service of nothing was made")
	}
}
