package roster

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	"github.com/bedside-health/bedside/internal/enrollment/roster/db"
	"github.com/bedside-health/bedside/internal/enrollment/x12"
	"github.com/jackc/pgx/v5"
)

const (
	// checkSize is how many records one checking transaction takes at first.
	checkSize = 1000
	// correctSize is how many corrections one transaction follows.
	correctSize = 200
)

// checked is one record that a checking statement has judged.
type checked struct {
	seq, segment, offset     int64
	reason, number, who, fam string
}

// check finds out who is meant by each record: subscribers first, because
// dependents are found through them.
func (w *worker) check(ctx context.Context, i db.EnrollmentImport) error {
	if i.CursorPass == passSubscribers && i.CursorSeq == 0 {
		if err := w.adopt(ctx); err != nil {
			return err
		}
		if err := w.correct(ctx); err != nil {
			return err
		}
	}
	for pass := i.CursorPass; pass <= passDependents; pass++ {
		for more := true; more; {
			err := w.step(ctx, "checking", func(ctx context.Context, tx pgx.Tx, i db.EnrollmentImport) error {
				upto, err := w.checkBatch(ctx, tx, i, pass)
				more = upto < i.MembersRead
				w.tell(Progress{Phase: "checking", Bytes: w.size, Members: i.MembersRead, Checked: (int64(pass)*i.MembersRead + upto) / (int64(passDependents) + 1)})
				return err
			})
			if w.tooLong(ctx, err) {
				w.shrunk++
				more = true
				continue
			}
			if err != nil {
				return err
			}
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

// correct lets records that use a corrected name mean whom the correction
// meant, in the order of the file: a correction may be corrected. Doing it
// again changes nothing.
func (w *worker) correct(ctx context.Context) error {
	for after, more := int64(0), true; more; {
		var last int64
		var found int
		err := w.step(ctx, "checking", func(ctx context.Context, tx pgx.Tx, _ db.EnrollmentImport) error {
			var err error
			last, found, err = w.follow(ctx, tx, after)
			return err
		})
		if w.tooLong(ctx, err) {
			w.shrunk++
			continue
		}
		if err != nil {
			return err
		}
		after, more = last, found > 0
	}
	return nil
}

// follow follows the next corrections, and says which was the last of how many.
func (w *worker) follow(ctx context.Context, tx pgx.Tx, after int64) (last int64, n int, err error) {
	found, err := w.s.q.NextCorrections(ctx, tx, db.NextCorrectionsParams{ImportID: w.id, After: after, Most: w.sized(correctSize)})
	if err != nil {
		return 0, 0, fmt.Errorf("looking for corrections: %w", err)
	}
	var params []db.FollowCorrectionParams
	for _, c := range found {
		last = c.Seq
		if c.SubscriberNo != "" {
			params = append(params, db.FollowCorrectionParams{ImportID: w.id, Seq: c.Seq, SubscriberNo: c.SubscriberNo, PayerID: w.payer.PayerID})
		}
	}
	if len(params) == 0 {
		return last, len(found), nil
	}
	var failed error
	w.s.q.FollowCorrection(ctx, tx, params).Exec(func(_ int, err error) { failed = first(failed, err) })
	if failed != nil {
		return 0, 0, fmt.Errorf("following corrections: %w", failed)
	}
	return last, len(found), nil
}

// checkBatch judges the next records, moves the cursor behind them, and says
// where it stands.
func (w *worker) checkBatch(ctx context.Context, tx pgx.Tx, i db.EnrollmentImport, pass int16) (int64, error) {
	after := i.CursorSeq
	if i.CursorPass != pass {
		after = 0
	}
	upto := min(after+int64(w.sized(checkSize)), i.MembersRead)
	batch, err := w.judge(ctx, tx, pass, after, upto, i.LinkedByOrder)
	if err != nil {
		return 0, err
	}
	slices.SortFunc(batch, func(a, b checked) int { return cmp.Compare(a.seq, b.seq) })
	var said []finding
	for _, c := range batch {
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
		CursorPass: pass, CursorSeq: upto, Rejected: sum.rejected, Held: sum.held, Warnings: sum.warnings, Findings: int64(len(found)), ImportID: w.id,
	})
	if err != nil {
		return 0, fmt.Errorf("moving the cursor: %w", err)
	}
	return upto, nil
}

// judge runs the checking statements on the next records of a pass.
func (w *worker) judge(ctx context.Context, tx pgx.Tx, pass int16, after, upto int64, byOrder bool) ([]checked, error) {
	var out []checked
	if pass == passSubscribers {
		all, err := w.s.q.CheckSubscribers(ctx, tx, db.CheckSubscribersParams{ImportID: w.id, After: after, Upto: upto, PayerID: w.payer.PayerID})
		if err != nil {
			return nil, fmt.Errorf("checking subscribers: %w", err)
		}
		for _, r := range all {
			out = append(out, checked{r.Seq, r.Segment, r.ByteOffset, r.Reason, r.SubscriberNo, r.GivenName, r.FamilyName})
		}
		return out, nil
	}
	err := w.s.q.LinkDependents(ctx, tx, db.LinkDependentsParams{ImportID: w.id, After: after, Upto: upto, PayerID: w.payer.PayerID, OwnNumbers: w.payer.DependentNumbers, ByOrder: byOrder})
	if err != nil {
		return nil, fmt.Errorf("linking dependents: %w", err)
	}
	all, err := w.s.q.CheckDependents(ctx, tx, db.CheckDependentsParams{ImportID: w.id, After: after, Upto: upto, PayerID: w.payer.PayerID})
	if err != nil {
		return nil, fmt.Errorf("checking dependents: %w", err)
	}
	for _, r := range all {
		out = append(out, checked{r.Seq, r.Segment, r.ByteOffset, r.Reason, r.SubscriberNo, r.GivenName, r.FamilyName})
	}
	return out, nil
}
