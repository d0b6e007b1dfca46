package roster

import (
	"context"
	"errors"
	"time"

	"github.com/bedside-health/bedside/internal/audit"
	"github.com/google/uuid"
	"github.com/riverqueue/river"
)

// chunkTimeout bounds the reading of one piece of an upload.
const chunkTimeout = 5 * time.Second

// importJob carries out the import of an upload.
type importJob struct {
	Import uuid.UUID   `json:"import"`
	Actor  audit.Actor `json:"actor"`
}

// Kind implements river.JobArgs.
func (importJob) Kind() string { return "roster_import" }

// importWorker runs importJob. The import itself says how far it is, so the
// job only has to get it going: what it leaves undone, the sweep takes up.
type importWorker struct {
	river.WorkerDefaults[importJob]
	s *Service
}

// Workers registers what the service does in the background.
func (s *Service) Workers(w *river.Workers) { river.AddWorker(w, &importWorker{s: s}) }

// Work implements river.Worker.
func (w *importWorker) Work(ctx context.Context, job *river.Job[importJob]) error {
	took, err := w.s.takeUp(ctx, job.Args.Import, nil)
	if err != nil {
		return err
	}
	if took {
		return nil
	}
	i, err := w.s.q.ImportByID(ctx, w.s.db.W.DB(), job.Args.Import)
	if err != nil {
		return errors.Join(errors.New("reading the import of a job"), err)
	}
	if i.EnrollmentImport.Status == "waiting" {
		// Another file of this payer is first.
		return river.JobSnooze(2 * time.Second)
	}
	return nil
}

// Timeout implements river.Worker: a file of half a million members takes
// minutes, and a lease that is not renewed ends it anyway.
func (w *importWorker) Timeout(*river.Job[importJob]) time.Duration { return time.Hour }
