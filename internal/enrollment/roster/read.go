package roster

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"strconv"

	"github.com/bedside-health/bedside/internal/enrollment/roster/db"
	"github.com/bedside-health/bedside/internal/enrollment/x12"
	"github.com/jackc/pgx/v5"
)

// batchSize is how many members one staging transaction takes.
const batchSize = 2000

// reading is the state of reading one file: what stands around the next
// member, and what waits for the next batch.
type reading struct {
	w     *worker
	src   *source
	trans translator

	interchange *x12.Interchange
	group       *x12.Group
	transaction *x12.Transaction
	// subscriber is the number of the last subscriber of this transaction.
	subscriber int64
	ssnTold    bool
	// unusable counts records that were rejected; usable says that one was not.
	unusable int64
	usable   bool

	members      []db.StageMembersParams
	coverages    []db.StageCoveragesParams
	transactions []db.StageTransactionsParams
	findings     []finding
	seen, total  int64
}

// read stages the file and decides whether there is anything new in it.
func (w *worker) read(ctx context.Context, i db.EnrollmentImport) error {
	if w.content == nil {
		return &x12.Refusal{Finding: x12.Finding{Reason: "interrupted",
			Message: "The import was stopped before its file had been read. Nothing was changed; import the file again."}}
	}
	if err := w.clear(ctx, true); err != nil {
		return err
	}
	if err := w.clearFindings(ctx); err != nil {
		return err
	}
	err := w.step(ctx, "reading", func(ctx context.Context, tx pgx.Tx, _ db.EnrollmentImport) error {
		return w.s.q.ResetReading(ctx, tx, w.id)
	})
	if err != nil {
		return err
	}
	src, err := openSource(w.content, w.size, sha256.New())
	if err != nil {
		return err
	}
	r := &reading{w: w, src: src, trans: translator{
		memberIDQualifier: w.payer.MemberIDQualifier, ownIDQualifier: w.payer.OwnIDQualifier, idSeparator: w.payer.IDSeparator,
		namesSwapped: w.payer.NamesSwapped, endsExclusive: w.payer.EndsExclusive, today: w.s.clock.Now(),
		hashSSN: func(digits string) []byte { return w.s.seal.Hash("ssn", digits) },
	}}
	if err := r.all(ctx, x12.Options{AcceptTest: i.AcceptTest || w.s.demo, AcceptWrongCounts: w.payer.AcceptWrongCounts}); err != nil {
		return w.asSource(err)
	}
	hash, err := src.finish()
	if err != nil {
		return w.asSource(err)
	}
	return w.believe(ctx, hash)
}

// asSource tells a file that cannot be read from a database that is away while
// an upload is read from it: the first is refused, the second tried again.
func (w *worker) asSource(err error) error {
	var refusal, inner *x12.Refusal
	if !errors.As(err, &refusal) || refusal.Cause == nil {
		return err
	}
	if errors.As(refusal.Cause, &inner) {
		return inner
	}
	if _, uploaded := w.content.(*upload); uploaded && refusal.Reason == "unreadable" {
		return fmt.Errorf("reading an upload: %w", refusal.Cause)
	}
	return err
}

// all reads the file to its end.
func (r *reading) all(ctx context.Context, opt x12.Options) error {
	file := x12.NewReader(r.src, opt)
	for {
		ev, err := file.Next()
		if errors.Is(err, io.EOF) {
			return r.flush(ctx)
		}
		if err != nil {
			return err
		}
		if err := r.take(ev); err != nil {
			return err
		}
		if len(r.members) >= batchSize || len(r.coverages) >= 5*batchSize || len(r.findings) >= batchSize || r.seen >= 5*batchSize {
			if err := r.flush(ctx); err != nil {
				return err
			}
		}
	}
}

func (r *reading) take(ev x12.Event) error {
	switch e := ev.(type) {
	case *x12.Interchange:
		r.interchange = e
	case *x12.Group:
		r.group = e
	case *x12.Transaction:
		r.transaction, r.subscriber = e, 0
		return r.begin(e)
	case *x12.Member:
		return r.member(e)
	case *x12.TransactionEnd:
		r.transactions = append(r.transactions, db.StageTransactionsParams{
			ImportID: r.w.id, Number: int32(r.transaction.Number), //nolint:gosec // bounded by the size of the file
			Sender:      clip(r.interchange.SenderQualifier+":"+r.interchange.Sender, 50),
			Interchange: clip(r.interchange.Control, 20), Grp: clip(r.group.Control, 20), Transaction: clip(r.transaction.Control, 20),
			ContentHash: e.Hash[:],
		})
	case *x12.Finding:
		r.findings = append(r.findings, finding{Finding: *e, kind: kindWarning})
	}
	return nil
}

// begin checks that a transaction is this payer's.
func (r *reading) begin(t *x12.Transaction) error {
	if !isFrom(r.w.payer, t) {
		return &x12.Refusal{Finding: x12.Finding{Pos: t.Pos, Element: "N104", Reason: "wrong_payer",
			Message: "This file does not name " + r.w.payer.Name + " as the insurer (N1*IN), by none of the identifiers set for it" + insteadOf(t) +
				". The file was refused whole. Choose the payer that it is from, or add the identifier to this payer (bedside roster payer --id)."}}
	}
	if t.Full() {
		r.findings = append(r.findings, finding{kind: kindWarning, Finding: x12.Finding{Pos: t.Pos, Element: "BGN08", Reason: "full_file",
			Message: "This transaction claims to hold everybody. Those whom it names were taken in; nobody was ended because of being absent."}})
	}
	return nil
}

// insteadOf says whom a transaction of another payer names.
func insteadOf(t *x12.Transaction) string {
	if len(t.Payers) == 0 {
		return ": it names no insurer"
	}
	p := t.Payers[0]
	return ": it names " + strconv.Quote(clip(p.Name, 60)) + " with " + strconv.Quote(clip(p.ID, 80))
}

// unusableMost is how many records may be rejected while they are read, before
// any other: with more the file is something else than it seems.
const unusableMost = 1000

func (r *reading) member(m *x12.Member) error {
	r.seen++
	rec := r.trans.translate(m)
	if m.Subscriber {
		r.subscriber = m.Number
	} else {
		rec.member.PriorSubscriberSeq = r.subscriber
	}
	if d := m.SSN.Digits(); d != "" && d == rec.member.SubscriberNo && !r.ssnTold {
		r.ssnTold = true
		r.findings = append(r.findings, finding{kind: kindWarning, Finding: x12.Finding{Pos: m.Pos, Element: "REF02", Reason: "ssn_as_member_id",
			Message: "This payer uses social security numbers as member numbers. They are kept as member numbers; ask the payer for others."}})
	}
	r.findings = append(r.findings, rec.findings...)
	if rec.rejected {
		if r.unusable++; r.unusable >= unusableMost && !r.usable {
			return &x12.Refusal{Finding: x12.Finding{Pos: m.Pos, Reason: "nothing_usable", Message: fmt.Sprintf(
				"None of the first %d records can be used; the last because: %s The file was refused whole. Ask the payer what it is, or check this payer's settings.",
				r.unusable, rec.findings[len(rec.findings)-1].Message)}}
		}
		return nil
	}
	r.usable = true
	rec.member.ImportID, rec.member.TransactionNumber = r.w.id, int32(r.transaction.Number) //nolint:gosec // bounded by the size of the file
	r.members = append(r.members, rec.member)
	for _, c := range rec.coverages {
		c.ImportID = r.w.id
		r.coverages = append(r.coverages, c)
	}
	return nil
}

// flush writes what was gathered.
func (r *reading) flush(ctx context.Context) error {
	q := r.w.s.q
	err := r.w.step(ctx, "reading", func(ctx context.Context, tx pgx.Tx, i db.EnrollmentImport) error {
		if _, err := q.StageTransactions(ctx, tx, r.transactions); err != nil {
			return fmt.Errorf("staging transactions: %w", err)
		}
		if _, err := q.StageMembers(ctx, tx, r.members); err != nil {
			return fmt.Errorf("staging members: %w", err)
		}
		if _, err := q.StageCoverages(ctx, tx, r.coverages); err != nil {
			return fmt.Errorf("staging coverages: %w", err)
		}
		found, sum := rows(r.w.id, i.Findings, r.findings)
		if _, err := q.InsertFindings(ctx, tx, found); err != nil {
			return fmt.Errorf("writing findings: %w", err)
		}
		return q.SaveReading(ctx, tx, db.SaveReadingParams{
			BytesRead: r.src.read.n, Members: r.seen, Rejected: sum.rejected, Warnings: sum.warnings, Findings: int64(len(found)), ImportID: r.w.id,
		})
	})
	if err != nil {
		return err
	}
	r.total += r.seen
	r.w.tell(Progress{Phase: "reading", Bytes: r.src.read.n, Members: r.total})
	r.members, r.coverages, r.transactions, r.findings, r.seen = r.members[:0], r.coverages[:0], r.transactions[:0], r.findings[:0], 0
	return nil
}
