package audit

import (
	"context"
	"errors"
	"fmt"

	"github.com/bedside-health/bedside/internal/errs"
	"github.com/bedside-health/bedside/internal/pg"
	"github.com/google/uuid"
)

// batchMax bounds the entries of one commit.
const batchMax = 500

// Reads records reads of health data. Record returns once its entries are
// committed at the primary. Entries that come while a commit is under way
// share the next one: nobody waits for company, and a busy service needs no
// more commits than a quiet one. It is a lifecycle.Runner.
type Reads struct {
	db      *pg.DB
	pending chan pending
	stop    chan struct{}
	done    chan struct{}
}

type pending struct {
	entries []Entry
	done    chan error
}

// NewReads makes the recorder of a service.
func NewReads(db *pg.DB) *Reads {
	return &Reads{db: db, pending: make(chan pending, batchMax), stop: make(chan struct{}), done: make(chan struct{})}
}

// Name implements lifecycle.Runner.
func (r *Reads) Name() string { return "audit of reads" }

// Start implements lifecycle.Runner.
func (r *Reads) Start(context.Context) error {
	go r.run()
	return nil
}

// Stop implements lifecycle.Runner: what is waiting is written first.
func (r *Reads) Stop(ctx context.Context) error {
	select {
	case <-r.stop:
	default:
		close(r.stop)
	}
	select {
	case <-r.done:
		return nil
	case <-ctx.Done():
		return fmt.Errorf("writing the last audit entries: %w", ctx.Err())
	}
}

// Record writes entries, in one commit, before the answer leaves. If they
// cannot be written, the answer must not leave: it returns errs.Unavailable.
func (r *Reads) Record(ctx context.Context, entries ...Entry) error {
	if len(entries) == 0 {
		return nil
	}
	for _, e := range entries {
		if e.Actor.Empty() {
			return ErrNoActor
		}
	}
	p := pending{entries: entries, done: make(chan error, 1)}
	away := errs.New(errs.Unavailable, "audit_away", "We cannot show this right now. Nothing was lost; please try again.")
	select {
	case r.pending <- p:
	case <-r.stop:
		return away
	case <-ctx.Done():
		return away.With(ctx.Err())
	}
	select {
	case err := <-p.done:
		if err != nil {
			return away.With(err)
		}
		return nil
	case <-r.done:
		return away
	case <-ctx.Done():
		return away.With(ctx.Err())
	}
}

func (r *Reads) run() {
	defer close(r.done)
	for {
		select {
		case first := <-r.pending:
			r.write(r.waiting(first))
		case <-r.stop:
			r.drain()
			return
		}
	}
}

// waiting takes whatever came since the last commit.
func (r *Reads) waiting(first pending) []pending {
	batch, n := []pending{first}, len(first.entries)
	for n < batchMax {
		select {
		case p := <-r.pending:
			batch, n = append(batch, p), n+len(p.entries)
		default:
			return batch
		}
	}
	return batch
}

func (r *Reads) drain() {
	for {
		select {
		case p := <-r.pending:
			r.write(r.waiting(p))
		default:
			return
		}
	}
}

func (r *Reads) write(batch []pending) {
	ctx, cancel := context.WithTimeout(context.Background(), pg.TxLimit)
	defer cancel()
	var all columns
	var err error
	for _, p := range batch {
		for _, e := range p.entries {
			err = errors.Join(err, all.add(e))
		}
	}
	if err == nil {
		err = all.append(ctx, r.db.W.DB())
	}
	for _, p := range batch {
		p.done <- err
	}
}

// appendAllSQL is one statement, and so one transaction and one way to the
// server and back.
const appendAllSQL = `SELECT audit.append(e.account, e.session, e.service, e.os_user, e.patient, e.action, e.subject, e.detail::jsonb)
FROM unnest($1::uuid[], $2::uuid[], $3::text[], $4::text[], $5::uuid[], $6::text[], $7::text[], $8::text[])
  AS e (account, session, service, os_user, patient, action, subject, detail)`

// columns are entries, turned on their side.
type columns struct {
	account, session, patient                []*uuid.UUID
	service, osUser, action, subject, detail []string
}

func (c *columns) add(e Entry) error {
	detail, err := e.detailJSON()
	if err != nil {
		return err
	}
	c.account, c.session, c.patient = append(c.account, orNull(e.Actor.Account.UUID)), append(c.session, orNull(e.Actor.Session.UUID)), append(c.patient, orNull(e.Patient.UUID))
	c.service, c.osUser = append(c.service, e.Actor.Service), append(c.osUser, e.Actor.OSUser)
	c.action, c.subject, c.detail = append(c.action, e.Action), append(c.subject, e.Subject), append(c.detail, detail)
	return nil
}

func (c *columns) append(ctx context.Context, dbtx pg.DBTX) error {
	if _, err := dbtx.Exec(ctx, appendAllSQL, c.account, c.session, c.service, c.osUser, c.patient, c.action, c.subject, c.detail); err != nil {
		return fmt.Errorf("writing %d audit entries: %w", len(c.action), err)
	}
	return nil
}
