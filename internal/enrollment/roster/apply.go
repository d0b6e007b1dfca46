package roster

import (
	"context"
	"encoding/json"
	"fmt"
	"strconv"

	"github.com/bedside-health/bedside/internal/audit"
	"github.com/bedside-health/bedside/internal/enrollment/roster/db"
	"github.com/bedside-health/bedside/internal/enrollment/x12"
	"github.com/bedside-health/bedside/internal/ids"
	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
)

// stretches is how many times longer than a chunk the stretch of the file is
// that it is looked for in.
const stretches = 4

// chunk is the work of one applying transaction, all in memory: bounded by the
// number of records.
type chunk struct {
	w        *worker
	records  []db.EnrollmentStagedMember
	hds      map[int64][]db.EnrollmentStagedCoverage
	families map[string]*family
	versions []db.InsertVersionsParams
	findings []finding
	sum      db.SaveAppliedParams
}

// apply does what the records say, a chunk a transaction.
func (w *worker) apply(ctx context.Context, i db.EnrollmentImport) error {
	for pass := i.CursorPass; pass <= passDependents; pass++ {
		for more := true; more; {
			left, linked, err := w.applyChunk(ctx, pass)
			if w.tooLong(ctx, err) {
				w.shrunk++
				continue
			}
			if err != nil {
				return err
			}
			if linked > 0 {
				w.s.ring()
			}
			more = left
		}
	}
	row, err := w.s.q.ImportByID(ctx, w.s.db.W.DB(), w.id)
	if err != nil {
		return fmt.Errorf("reading an import: %w", err)
	}
	return w.finish(ctx, row.EnrollmentImport.MembersEnded)
}

// applyChunk applies the next records of a pass and moves the cursor behind
// them, in one transaction.
func (w *worker) applyChunk(ctx context.Context, pass int16) (more bool, linked int, err error) {
	var told Progress
	err = w.step(ctx, "applying", func(ctx context.Context, tx pgx.Tx, i db.EnrollmentImport) error {
		after := i.CursorSeq
		if i.CursorPass != pass {
			after = 0
		}
		c := &chunk{w: w, sum: db.SaveAppliedParams{CursorPass: pass, CursorSeq: after, ImportID: w.id}}
		if err := c.load(ctx, tx, pass, after, i.MembersRead); err != nil {
			return err
		}
		if err := c.transform(); err != nil {
			return err
		}
		if linked, err = c.save(ctx, tx, i); err != nil {
			return err
		}
		more = c.sum.CursorSeq < i.MembersRead
		told = Progress{Phase: "applying", Bytes: w.size, Members: i.MembersRead, Checked: i.MembersRead, Applied: i.MembersApplied + c.sum.Applied}
		return nil
	})
	if err != nil {
		return false, 0, err
	}
	w.tell(told)
	return more, linked, nil
}

// load reads the next records and locks the families that they concern. The
// other pass' records stand between them, so it looks at a longer stretch of
// the file than it takes.
func (c *chunk) load(ctx context.Context, tx pgx.Tx, pass int16, after, last int64) error {
	q := c.w.s.q
	most := c.w.sized(c.w.s.chunk)
	upto := min(after+stretches*int64(most), last)
	var err error
	c.records, err = q.NextReady(ctx, tx, db.NextReadyParams{ImportID: c.w.id, Pass: pass, After: after, Upto: upto, Most: most})
	if err != nil {
		return fmt.Errorf("reading staged records: %w", err)
	}
	if c.sum.CursorSeq = upto; len(c.records) == int(most) {
		c.sum.CursorSeq = c.records[most-1].Seq
	}
	c.families, c.hds = map[string]*family{}, map[int64][]db.EnrollmentStagedCoverage{}
	if len(c.records) == 0 {
		return nil
	}
	var numbers []string
	for _, r := range c.records {
		c.hds[r.Seq] = nil
		if c.families[r.SubscriberNo] == nil {
			c.families[r.SubscriberNo] = &family{}
			numbers = append(numbers, r.SubscriberNo)
		}
	}
	hds, err := q.StagedCoveragesBetween(ctx, tx, db.StagedCoveragesBetweenParams{ImportID: c.w.id, First: c.records[0].Seq, Last: c.sum.CursorSeq})
	if err != nil {
		return fmt.Errorf("reading staged coverages: %w", err)
	}
	for _, h := range hds {
		if of, ours := c.hds[h.Seq]; ours {
			c.hds[h.Seq] = append(of, h)
		}
	}
	return c.lock(ctx, tx, numbers)
}

// lock locks the members of families and reads their coverages.
func (c *chunk) lock(ctx context.Context, tx pgx.Tx, numbers []string) error {
	q := c.w.s.q
	found, err := q.LockFamilies(ctx, tx, db.LockFamiliesParams{PayerID: c.w.payer.PayerID, Numbers: numbers})
	if err != nil {
		return fmt.Errorf("locking members: %w", err)
	}
	byID, bare := make(map[uuid.UUID]*member, len(found)), make([]uuid.UUID, 0, len(found))
	for _, row := range found {
		m := &member{EnrollmentMember: row}
		byID[row.MemberID] = m
		bare = append(bare, row.MemberID)
		f := c.families[row.SubscriberNo]
		f.members = append(f.members, m)
	}
	coverages, err := q.CoveragesOf(ctx, tx, bare)
	if err != nil {
		return fmt.Errorf("reading coverages: %w", err)
	}
	for _, row := range coverages {
		byID[row.MemberID].coverages = append(byID[row.MemberID].coverages, &coverage{EnrollmentCoverage: row})
	}
	return nil
}

// transform applies the records in the order of the file.
func (c *chunk) transform() error {
	for i := range c.records {
		r := &c.records[i]
		c.sum.Applied++
		out := applyRecord(c.families[r.SubscriberNo], r, c.hds[r.Seq])
		if out.refused != "" {
			if out.refused == "no_subscriber" {
				// It was known when this was checked, and turned away since.
				out.refused = "subscriber_rejected"
			}
			c.findings = append(c.findings, about(r, kindReject, out.refused, nil))
			continue
		}
		for _, s := range out.said {
			c.findings = append(c.findings, about(r, s.kind, s.reason, s.coverage))
		}
		c.count(out)
		if out.action == "" {
			continue
		}
		before, err := json.Marshal(out.before)
		if err != nil {
			return fmt.Errorf("encoding what was before: %w", err)
		}
		c.versions = append(c.versions, db.InsertVersionsParams{
			MemberID: out.member.MemberID, Version: out.member.Version, ImportID: c.w.id, Action: out.action, Changed: out.notes, Before: before,
		})
	}
	return nil
}

func (c *chunk) count(out outcome) {
	switch out.action {
	case "added":
		c.sum.Added++
	case "changed":
		c.sum.Changed++
	case "ended":
		c.sum.Ended++
	default:
		c.sum.Unchanged++
	}
	c.sum.CoveragesAdded += out.added
	c.sum.CoveragesChanged += out.changed
	c.sum.CoveragesEnded += out.ended
}

// about makes a finding about a record, or about one of its coverages.
func about(r *db.EnrollmentStagedMember, kind, reason string, c *db.EnrollmentStagedCoverage) finding {
	f := finding{kind: kind, subscriberNo: r.SubscriberNo, name: r.GivenName + " " + r.FamilyName, Finding: x12.Finding{
		Pos: x12.Position{Segment: r.Segment, ID: "INS", Offset: r.ByteOffset}, Reason: reason, Message: because(reason),
	}}
	if c != nil && c.Segment > 0 {
		f.Pos = x12.Position{Segment: c.Segment, ID: "HD", Offset: c.ByteOffset}
	}
	return f
}

// save writes what the chunk did, and says how many patients it concerns.
func (c *chunk) save(ctx context.Context, tx pgx.Tx, i db.EnrollmentImport) (linked int, err error) {
	if err := c.saveMembers(ctx, tx); err != nil {
		return 0, err
	}
	if err := c.saveCoverages(ctx, tx); err != nil {
		return 0, err
	}
	q := c.w.s.q
	if _, err := q.InsertVersions(ctx, tx, c.versions); err != nil {
		return 0, fmt.Errorf("writing versions: %w", err)
	}
	found, sum := rows(c.w.id, i.Findings, c.findings)
	if _, err := q.InsertFindings(ctx, tx, found); err != nil {
		return 0, fmt.Errorf("writing findings: %w", err)
	}
	c.sum.Rejected, c.sum.Held, c.sum.Warnings, c.sum.Findings = sum.rejected, sum.held, sum.warnings, int64(len(found))
	if err := q.SaveApplied(ctx, tx, c.sum); err != nil {
		return 0, fmt.Errorf("moving the cursor: %w", err)
	}
	if len(c.versions) == 0 {
		return 0, nil
	}
	err = audit.Append(ctx, tx, audit.Entry{
		Actor: c.w.actor, Action: "roster.apply", Subject: "import/" + c.w.id.String(), Detail: map[string]string{
			"added": strconv.FormatInt(c.sum.Added, 10), "changed": strconv.FormatInt(c.sum.Changed, 10), "ended": strconv.FormatInt(c.sum.Ended, 10),
		},
	})
	if err != nil {
		return 0, err
	}
	patients := c.linked()
	if err := c.w.s.after(ctx, tx, patients); err != nil {
		return 0, fmt.Errorf("telling patients' facts: %w", err)
	}
	return len(patients), nil
}

// linked returns the changed members who are patients.
func (c *chunk) linked() []ids.MemberID {
	var out []ids.MemberID
	for _, f := range c.families {
		for _, m := range f.members {
			if m.dirty && m.PatientID != nil {
				out = append(out, ids.MemberID{UUID: m.MemberID})
			}
		}
	}
	return out
}
