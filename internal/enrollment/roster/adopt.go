package roster

import (
	"context"
	"errors"
	"fmt"
	"strconv"

	"github.com/bedside-health/bedside/internal/enrollment/roster/db"
	"github.com/bedside-health/bedside/internal/enrollment/x12"
	"github.com/jackc/pgx/v5"
)

// adoptSize is how many held records one transaction looks at.
const adoptSize = 5000

// adopt takes up whatever earlier files left waiting for a subscriber who is
// here now, some at a time until none is left. It does so once the file is
// believed: an import that is read again empties staging, and nobody sends those
// records a second time. Doing it again finds what is left.
func (w *worker) adopt(ctx context.Context) error {
	var after db.NextHeldRow
	for more := true; more; {
		upto := after
		err := w.step(ctx, "checking", func(ctx context.Context, tx pgx.Tx, i db.EnrollmentImport) (err error) {
			upto, err = w.s.q.NextHeld(ctx, tx, db.NextHeldParams{AfterImport: after.ImportID, AfterSeq: after.Seq, Most: w.sized(w.s.adoptSize)})
			if more = !errors.Is(err, pgx.ErrNoRows); !more {
				return nil
			}
			if err != nil {
				return fmt.Errorf("looking for held records: %w", err)
			}
			return w.adoptUpto(ctx, tx, i, after, upto)
		})
		if w.tooLong(ctx, err) {
			w.shrunk++
			continue
		}
		if err != nil {
			return err
		}
		after = upto
	}
	return nil
}

func (w *worker) adoptUpto(ctx context.Context, tx pgx.Tx, i db.EnrollmentImport, after, upto db.NextHeldRow) error {
	adopted, err := w.s.q.AdoptHeld(ctx, tx, db.AdoptHeldParams{
		ImportID: w.id, Base: i.MembersRead, PayerID: w.payer.PayerID,
		AfterImport: after.ImportID, AfterSeq: after.Seq, UptoImport: upto.ImportID, UptoSeq: upto.Seq,
	})
	if err != nil {
		return fmt.Errorf("taking up held records: %w", err)
	}
	if adopted == 0 {
		return nil
	}
	return w.say(ctx, tx, i, adopted, []finding{{kind: kindWarning, Finding: x12.Finding{Reason: "held_released",
		Message: strconv.FormatInt(adopted, 10) + " records that earlier files left waiting for a subscriber were taken up."}}})
}
