package roster

import (
	"context"
	"fmt"
	"slices"

	"github.com/bedside-health/bedside/internal/enrollment/roster/db"
	"github.com/bedside-health/bedside/internal/enrollment/x12"
	"github.com/jackc/pgx/v5"
)

// checkSize is how many records one checking transaction takes at first.
const checkSize = 1000

// checked is one record that a checking statement has judged.
type checked struct {
	seq, segment, offset     int64
	reason, number, who, fam string
}

// check finds out who is meant by each record: subscribers first, because
// dependents are found through them.
func (w *worker) check(ctx context.Context, i db.EnrollmentImport) error {
	done := int64(0)
	for pass := i.CursorPass; pass <= passDependents; pass++ {
		for more := true; more; {
			n := 0
			err := w.step(ctx, "checking", func(ctx context.Context, tx pgx.Tx, i db.EnrollmentImport) error {
				var err error
				n, err = w.checkBatch(ctx, tx, i, pass)
				return err
			})
			if w.tooLong(ctx, err) {
				w.shrunk++
				continue
			}
			if err != nil {
				return err
			}
			done += int64(n)
			more = n > 0
			w.tell(Progress{Phase: "checking", Bytes: w.size, Members: i.MembersRead, Checked: done})
		}
	}
	return w.step(ctx, "checking", func(ctx context.Context, tx pgx.Tx, _ db.EnrollmentImport) error {
		err := w.s.q.GiveReceipts(ctx, tx, db.GiveReceiptsParams{PayerID: w.payer.PayerID, ImportID: w.id})
		if err != nil {
			return fmt.Errorf("keeping receipts: %w", err)
		}
		return w.s.q.SetPhase(ctx, tx, db.SetPhaseParams{Status: "applying", ImportID: w.id})
	})
}

// checkBatch judges the next records, and moves the cursor behind them.
func (w *worker) checkBatch(ctx context.Context, tx pgx.Tx, i db.EnrollmentImport, pass int16) (int, error) {
	after := i.CursorSeq
	if i.CursorPass != pass {
		after = 0
	}
	batch, err := w.judge(ctx, tx, pass, after, i.LinkedByOrder)
	if err != nil {
		return 0, err
	}
	slices.SortFunc(batch, func(a, b checked) int { return int(a.seq - b.seq) })
	var said []finding
	for _, c := range batch {
		after = c.seq
		if c.reason == "" {
			continue
		}
		kind := kindReject
		if c.reason == "no_subscriber" {
			kind = kindHeld
		}
		said = append(said, finding{kind: kind, subscriberNo: c.number, name: c.who + " " + c.fam, Finding: x12.Finding{
			Pos: x12.Position{Segment: c.segment, ID: "INS", Offset: c.offset}, Reason: c.reason, Message: because(c.reason),
		}})
	}
	found, sum := rows(w.id, i.Findings, said)
	if _, err := w.s.q.InsertFindings(ctx, tx, found); err != nil {
		return 0, fmt.Errorf("writing findings: %w", err)
	}
	err = w.s.q.SaveCursor(ctx, tx, db.SaveCursorParams{
		CursorPass: pass, CursorSeq: after, Rejected: sum.rejected, Held: sum.held, Warnings: sum.warnings, Findings: int64(len(found)), ImportID: w.id,
	})
	if err != nil {
		return 0, fmt.Errorf("moving the cursor: %w", err)
	}
	return len(batch), nil
}

// judge runs the checking statements on the next records of a pass.
func (w *worker) judge(ctx context.Context, tx pgx.Tx, pass int16, after int64, byOrder bool) ([]checked, error) {
	var out []checked
	if pass == passSubscribers {
		all, err := w.s.q.CheckSubscribers(ctx, tx, db.CheckSubscribersParams{ImportID: w.id, After: after, Most: w.sized(checkSize), PayerID: w.payer.PayerID})
		if err != nil {
			return nil, fmt.Errorf("checking subscribers: %w", err)
		}
		for _, r := range all {
			out = append(out, checked{r.Seq, r.Segment, r.ByteOffset, r.Reason, r.SubscriberNo, r.GivenName, r.FamilyName})
		}
		return out, nil
	}
	err := w.s.q.LinkDependents(ctx, tx, db.LinkDependentsParams{ImportID: w.id, After: after, Most: w.sized(checkSize), PayerID: w.payer.PayerID, ByOrder: byOrder})
	if err != nil {
		return nil, fmt.Errorf("linking dependents: %w", err)
	}
	all, err := w.s.q.CheckDependents(ctx, tx, db.CheckDependentsParams{ImportID: w.id, After: after, Most: w.sized(checkSize), PayerID: w.payer.PayerID})
	if err != nil {
		return nil, fmt.Errorf("checking dependents: %w", err)
	}
	for _, r := range all {
		out = append(out, checked{r.Seq, r.Segment, r.ByteOffset, r.Reason, r.SubscriberNo, r.GivenName, r.FamilyName})
	}
	return out, nil
}
