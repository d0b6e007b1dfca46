package roster

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/bedside-health/bedside/internal/audit"
	"github.com/bedside-health/bedside/internal/clock"
	enrollmentv1 "github.com/bedside-health/bedside/internal/gen/bedside/enrollment/v1"
	"github.com/bedside-health/bedside/internal/ids"
	"github.com/bedside-health/bedside/internal/jobs"
	"github.com/bedside-health/bedside/internal/pg"
	"github.com/bedside-health/bedside/internal/pgtest"
	"github.com/bedside-health/bedside/internal/principal"
	"github.com/bedside-health/bedside/internal/seal"
	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
)

// bundle is a service on a database of its own, and what it told others.
type bundle struct {
	*Service
	t     testing.TB
	at    pgtest.Database
	pg    *pg.DB
	clock clock.Clock

	mu      sync.Mutex
	changed []ids.MemberID
	rung    int
	invited []ids.MemberID
}

// today is when tests run.
func today() time.Time { return time.Date(2027, 1, 15, 12, 0, 0, 0, time.UTC) }

// operator is who imports in tests.
func operator() audit.Actor { return audit.Actor{OSUser: "ines"} }

func newBundle(t testing.TB) *bundle {
	t.Helper()
	at := pgtest.New(t)
	d := at.As(t, "enrollment")
	offset := time.Until(today())
	at.MoveClock(t, offset)
	text, err := seal.NewKeysetText()
	if err != nil {
		t.Fatal(err)
	}
	keys, err := seal.ParseKeyset(text)
	if err != nil {
		t.Fatal(err)
	}
	queue, err := jobs.NewInsertOnly("enrollment", d)
	if err != nil {
		t.Fatal(err)
	}
	reads := audit.NewReads(d)
	if err := reads.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := reads.Stop(context.Background()); err != nil {
			t.Error(err)
		}
	})
	b := &bundle{t: t, at: at, pg: d, clock: clock.Offset(offset)}
	b.Service, err = New(Deps{
		DB: d, Clock: b.clock, Log: slog.New(slog.DiscardHandler), Audit: reads, Seal: seal.New(keys), Jobs: queue,
		OnMembersChanged: func(_ context.Context, _ pgx.Tx, members []ids.MemberID) error {
			b.mu.Lock()
			defer b.mu.Unlock()
			b.changed = append(b.changed, members...)
			return nil
		},
		Ring: func() {
			b.mu.Lock()
			defer b.mu.Unlock()
			b.rung++
		},
		Invite: func(ctx context.Context, tx pgx.Tx, _ audit.Actor, members []ids.MemberID) (int, error) {
			b.mu.Lock()
			defer b.mu.Unlock()
			b.invited = append(b.invited, members...)
			for _, m := range members {
				if _, err := tx.Exec(ctx, `UPDATE enrollment.members SET invited_at = clock.now() WHERE member_id = $1`, m.UUID); err != nil {
					return 0, err
				}
			}
			return len(members), nil
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// on is the same service for a test within the test.
func (b *bundle) on(t testing.TB) *bundle {
	return &bundle{Service: b.Service, t: t, at: b.at, pg: b.pg, clock: b.clock}
}

// payer makes a payer that is named by the identifier of our own fixtures.
func (b *bundle) payer(name string, change ...func(*Payer)) uuid.UUID {
	b.t.Helper()
	p := Payer{Name: name, Identifiers: []string{"990000002"}}
	for _, c := range change {
		c(&p)
	}
	id, err := b.PutPayer(b.t.Context(), operator(), p)
	if err != nil {
		b.t.Fatal(err)
	}
	return id
}

// load imports a text and returns what became of it.
func (b *bundle) load(payer, text string, change ...func(*File)) *enrollmentv1.Import {
	b.t.Helper()
	i, err := b.try(payer, text, change...)
	if err != nil {
		b.t.Fatalf("importing: %v", err)
	}
	return i
}

func (b *bundle) try(payer, text string, change ...func(*File)) (*enrollmentv1.Import, error) {
	f := File{Payer: payer, Name: "test.834", Content: strings.NewReader(text), Size: int64(len(text)), Actor: operator()}
	for _, c := range change {
		c(&f)
	}
	return b.Import(b.t.Context(), f)
}

// done imports a text that must not be refused.
func (b *bundle) done(payer, text string) *enrollmentv1.Import {
	b.t.Helper()
	i := b.load(payer, text)
	if i.GetStatus() != "done" {
		b.t.Fatalf("import is %s: %v", i.GetStatus(), i.GetRefusal())
	}
	return i
}

func (b *bundle) findings(i *enrollmentv1.Import) []*enrollmentv1.Finding {
	b.t.Helper()
	ctx := as(b.t.Context(), ids.New[ids.AccountID]())
	var all []*enrollmentv1.Finding
	for after := int64(0); ; {
		res, err := b.ListRejects(ctx, &enrollmentv1.ListRejectsRequest{ImportId: i.GetImportId(), After: after})
		if err != nil {
			b.t.Fatal(err)
		}
		all = append(all, res.GetFindings()...)
		if after = res.GetNext(); after == 0 {
			return all
		}
	}
}

// reasons lists the reasons of an import's findings.
func (b *bundle) reasons(i *enrollmentv1.Import) string {
	var out []string
	for _, f := range b.findings(i) {
		out = append(out, f.GetKind()+":"+f.GetReason())
	}
	return strings.Join(out, " ")
}

// as is a context in which an account is signed in.
func as(ctx context.Context, account ids.AccountID) context.Context {
	return principal.With(ctx, principal.Principal{Account: account})
}

// table shows everybody on a payer's roster, and what they are covered by.
func (b *bundle) table(payer string) string {
	b.t.Helper()
	rows, err := b.pg.W.DB().Query(b.t.Context(), `
		SELECT m.subscriber_no, CASE WHEN m.is_subscriber THEN 'subscriber' ELSE 'dependent' END, m.relationship, coalesce(m.own_no, ''),
		       m.given_name, m.middle_name, m.family_name, m.birth_date::text, m.gender, m.email, m.phone, m.language,
		       concat_ws(', ', nullif(m.address1, ''), nullif(m.address2, ''), nullif(m.city, ''), nullif(m.state, ''), nullif(m.zip, '')),
		       CASE WHEN m.ssn_hash IS NULL THEN '' ELSE 'hashed' END, m.version,
		       coalesce((SELECT string_agg(c.line || '|' || c.plan || '|' || c.level || '|' || c.starts || '|' || coalesce(c.ends::text, '')
		                                   || '|' || CASE WHEN c.voided THEN 'voided' ELSE '' END, E'\n' ORDER BY c.line, c.plan, c.starts, c.voided)
		                 FROM enrollment.coverages c WHERE c.member_id = m.member_id), '')
		FROM enrollment.members m JOIN enrollment.payers p USING (payer_id)
		WHERE lower(p.name) = lower($1)
		ORDER BY m.subscriber_no, m.is_subscriber DESC, m.birth_date, m.given_name`, payer)
	if err != nil {
		b.t.Fatal(err)
	}
	defer rows.Close()
	var out strings.Builder
	for rows.Next() {
		v, err := rows.Values()
		if err != nil {
			b.t.Fatal(err)
		}
		fmt.Fprintf(&out, "%v %v %v", v[0], v[1], v[2])
		for i, label := range []string{"own", "", "", "", "born", "gender", "mail", "phone", "language", "at", "ssn"} {
			if s := fmt.Sprint(v[i+3]); s != "" {
				out.WriteString(strings.TrimRight(" "+label, " ") + " " + s)
			}
		}
		fmt.Fprintf(&out, " (version %v)\n", v[14])
		for line := range strings.Lines(v[15].(string)) {
			c := strings.Split(strings.TrimRight(line, "\n"), "|")
			fmt.Fprintf(&out, "    %s plan %q level %q %s to %s%s\n", c[0], c[1], c[2], c[3], orOpen(c[4]), strings.TrimRight(" "+c[5], " "))
		}
	}
	if err := rows.Err(); err != nil {
		b.t.Fatal(err)
	}
	if out.Len() == 0 {
		return "nobody\n"
	}
	return out.String()
}

func orOpen(v string) string {
	if v == "" {
		return "open"
	}
	return v
}

// count runs a statement that counts.
func (b *bundle) count(sql string, args ...any) int {
	b.t.Helper()
	var n int
	if err := b.pg.W.DB().QueryRow(b.t.Context(), sql, args...).Scan(&n); err != nil {
		b.t.Fatal(err)
	}
	return n
}

var errStopped = errors.New("stopped by the test")
