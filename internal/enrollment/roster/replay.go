package roster

import (
	"context"
	"fmt"
	"strconv"

	"github.com/bedside-health/bedside/internal/audit"
	"github.com/bedside-health/bedside/internal/enrollment/roster/db"
	"github.com/bedside-health/bedside/internal/enrollment/x12"
	"github.com/jackc/pgx/v5"
)

// believe decides, once every trailer was there, whether the file is new.
func (w *worker) believe(ctx context.Context, hash []byte) error {
	replayed, total, err := w.known(ctx)
	if err != nil {
		return err
	}
	if err := w.s.q.MarkReplayed(ctx, w.s.db.W.DB(), db.MarkReplayedParams{ImportID: w.id, Numbers: replayed}); err != nil {
		return fmt.Errorf("marking replays: %w", err)
	}
	if len(replayed) == total {
		return w.finishReplayed(ctx, hash)
	}
	if len(replayed) > 0 {
		if err := w.skipReplayed(ctx); err != nil {
			return err
		}
	}
	unnamed, err := w.s.q.NamesNoSubscriber(ctx, w.s.db.W.DB(), db.NamesNoSubscriberParams{PayerID: w.payer.PayerID, ImportID: w.id})
	if err != nil {
		return fmt.Errorf("looking how families are linked: %w", err)
	}
	return w.step(ctx, "reading", func(ctx context.Context, tx pgx.Tx, i db.EnrollmentImport) error {
		if err := w.s.q.SetContent(ctx, tx, db.SetContentParams{ContentHash: hash, LinkedByOrder: unnamed && w.payer.DependentNumbers, ImportID: w.id}); err != nil {
			return fmt.Errorf("keeping the hash of the file: %w", err)
		}
		if err := w.note(ctx, tx, i, len(replayed), unnamed); err != nil {
			return err
		}
		return w.s.q.SetPhase(ctx, tx, db.SetPhaseParams{Status: "checking", ImportID: w.id})
	})
}

// skipReplayed takes records out of staging that were taken in before.
func (w *worker) skipReplayed(ctx context.Context) error {
	last, err := w.s.q.LastStaged(ctx, w.s.db.W.DB(), w.id)
	if err != nil {
		return fmt.Errorf("looking into staging: %w", err)
	}
	return w.stretch(ctx, last, func(ctx context.Context, tx pgx.Tx, after, upto int64) error {
		return w.s.q.SkipReplayed(ctx, tx, db.SkipReplayedParams{ImportID: w.id, After: after, Upto: upto})
	})
}

// known compares the transactions of the file with what was taken in before,
// and with each other.
func (w *worker) known(ctx context.Context) (replayed []int32, total int, err error) {
	met, err := w.s.q.MeetReceipts(ctx, w.s.db.W.DB(), db.MeetReceiptsParams{PayerID: w.payer.PayerID, ImportID: w.id})
	if err != nil {
		return nil, 0, fmt.Errorf("comparing with earlier files: %w", err)
	}
	replayed = []int32{}
	for _, m := range met {
		switch {
		case m.Known && !m.Same:
			return nil, 0, reused(m.Transaction, "with other content in an earlier file")
		case m.Known:
			replayed = append(replayed, m.Number)
		}
	}
	twice, err := w.s.q.RepeatedTransactions(ctx, w.s.db.W.DB(), w.id)
	if err != nil {
		return nil, 0, fmt.Errorf("comparing transactions with each other: %w", err)
	}
	for _, m := range twice {
		if !m.Same {
			return nil, 0, reused(m.Transaction, "with other content earlier in this file")
		}
		replayed = append(replayed, m.Number)
	}
	return unique(replayed), len(met), nil
}

func unique(in []int32) []int32 {
	seen, out := map[int32]bool{}, []int32{}
	for _, n := range in {
		if !seen[n] {
			seen[n] = true
			out = append(out, n)
		}
	}
	return out
}

func reused(control, where string) error {
	return &x12.Refusal{Finding: x12.Finding{Element: "ST02", Reason: controlReused,
		Message: "The control numbers of transaction " + control + " came " + where + ". This is no repeat: one of the two is not what it seems. " +
			"The file was refused whole. Ask the payer which of them holds, and have it sent again under numbers of its own."}}
}

// note says what happened to the file as a whole.
func (w *worker) note(ctx context.Context, tx pgx.Tx, i db.EnrollmentImport, replayed int, unnamed bool) error {
	var said []finding
	switch {
	case unnamed && w.payer.DependentNumbers:
		said = append(said, finding{kind: kindWarning, Finding: x12.Finding{Element: "REF02", Reason: "linked_by_order",
			Message: "Dependents in this file carry numbers that no subscriber has. They were linked to the subscriber before them where the family name or the address is the same."}})
	case unnamed:
		said = append(said, finding{kind: kindWarning, Finding: x12.Finding{Element: "REF02", Reason: "subscribers_missing",
			Message: "Dependents in this file carry numbers that no subscriber has. They wait for the subscribers of those numbers. " +
				"If the numbers are the dependents' own, set that for this payer (bedside roster payer --dependent-numbers), and have the file sent again."}})
	}
	if replayed > 0 {
		said = append(said, finding{kind: kindWarning, Finding: x12.Finding{Reason: "transaction_replayed",
			Message: strconv.Itoa(replayed) + " transactions of this file were taken in before. They were skipped."}})
	}
	return w.say(ctx, tx, i, 0, said)
}

// say keeps what was said about the file as a whole, and how many records came
// to it.
func (w *worker) say(ctx context.Context, tx pgx.Tx, i db.EnrollmentImport, came int64, said []finding) error {
	found, sum := rows(w.id, i.Findings, said)
	if _, err := w.s.q.InsertFindings(ctx, tx, found); err != nil {
		return fmt.Errorf("writing findings: %w", err)
	}
	return w.s.q.SaveReading(ctx, tx, db.SaveReadingParams{
		BytesRead: i.BytesTotal, Members: came, Warnings: sum.warnings, Findings: int64(len(found)), ImportID: w.id,
	})
}

func (w *worker) finishReplayed(ctx context.Context, hash []byte) error {
	if err := w.clear(ctx, true); err != nil {
		return err
	}
	return w.end(ctx, func(ctx context.Context, tx pgx.Tx, _ db.EnrollmentImport) error {
		if err := w.s.q.SetContent(ctx, tx, db.SetContentParams{ContentHash: hash, ImportID: w.id}); err != nil {
			return fmt.Errorf("keeping the hash of the file: %w", err)
		}
		if err := w.s.q.FinishImport(ctx, tx, db.FinishImportParams{Status: "replayed", ImportID: w.id}); err != nil {
			return fmt.Errorf("ending an import: %w", err)
		}
		return audit.Append(ctx, tx, audit.Entry{Actor: w.actor, Action: "roster.replay", Subject: "import/" + w.id.String()})
	})
}
