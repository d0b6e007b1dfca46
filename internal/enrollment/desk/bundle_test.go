package desk

import (
	"context"
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/bedside-health/bedside/internal/audit"
	"github.com/bedside-health/bedside/internal/cache"
	"github.com/bedside-health/bedside/internal/clock"
	"github.com/bedside-health/bedside/internal/enrollment/names"
	"github.com/bedside-health/bedside/internal/enrollment/people"
	"github.com/bedside-health/bedside/internal/errs"
	authv1 "github.com/bedside-health/bedside/internal/gen/bedside/auth/v1"
	enrollmentv1 "github.com/bedside-health/bedside/internal/gen/bedside/enrollment/v1"
	rpcv1 "github.com/bedside-health/bedside/internal/gen/bedside/rpc/v1"
	"github.com/bedside-health/bedside/internal/ids"
	"github.com/bedside-health/bedside/internal/jobs"
	"github.com/bedside-health/bedside/internal/mail"
	"github.com/bedside-health/bedside/internal/pg"
	"github.com/bedside-health/bedside/internal/pgtest"
	"github.com/bedside-health/bedside/internal/principal"
	"github.com/bedside-health/bedside/internal/seal"
	"github.com/google/uuid"
)

// bundle is the desk over the real side of people, on a real database.
type bundle struct {
	t        *testing.T
	database pgtest.Database
	db       *pg.DB
	clock    clock.Clock
	people   *people.Service
	s        *Service
	payer    uuid.UUID
	account  ids.AccountID
	seal     *seal.Sealer
	keys     int
}

func setup(t *testing.T) *bundle {
	t.Helper()
	text, err := seal.NewKeysetText()
	must(t, err)
	keyset, err := seal.ParseKeyset(text)
	must(t, err)
	b := &bundle{t: t, database: pgtest.New(t), clock: clock.Offset(0), payer: ids.NewUUID(), account: ids.New[ids.AccountID](), seal: seal.New(keyset)}
	b.db = b.database.As(t, "enrollment")
	log, redis := slog.New(slog.DiscardHandler), cache.New("", slog.New(slog.DiscardHandler))
	reads := audit.NewReads(b.db)
	must(t, reads.Start(t.Context()))
	t.Cleanup(func() { must(t, reads.Stop(context.Background())) })
	queue, err := jobs.NewInsertOnly("enrollment", b.db)
	must(t, err)
	b.people, err = people.New(people.Deps{
		DB: b.db, Clock: b.clock, Log: log, Audit: reads, Seal: b.seal, Jobs: queue, Bell: cache.NewBell(redis),
		Throttle: cache.NewThrottle(redis), Mail: noMail{}, Accounts: noAccounts{}, BaseURL: "https://bedside.test", Pace: time.Millisecond,
	})
	must(t, err)
	b.s, err = New(Deps{
		DB: b.db, Audit: reads, Seal: b.seal, Throttle: cache.NewThrottle(redis), Today: b.people.Today, NumberHash: b.people.NumberHash,
		Invite: b.people.Invite, RecordVerbal: b.people.RecordVerbal, Ring: b.people.Ring,
	})
	must(t, err)
	b.exec(`INSERT INTO enrollment.payers (payer_id, name, identifiers) VALUES ($1, 'Prairie Mutual', '{PRAIRIE}')`, b.payer)
	return b
}

type noMail struct{}

func (noMail) Send(context.Context, mail.Message) error { return nil }

// noAccounts is auth as these tests see it: nobody gets that far.
type noAccounts struct{}

func (noAccounts) EnsureAccount(context.Context, *authv1.EnsureAccountRequest) (*authv1.EnsureAccountResponse, error) {
	return nil, errs.New(errs.Unavailable, "away", "Away.")
}

// person is somebody on the roster.
type person struct {
	number, given, family, born, email, phone, zip string
	// of is the subscriber; the zero value makes a subscriber.
	of ids.MemberID
}

func anna() person {
	return person{
		number: "PM-100 200", given: "Anna", family: "García López", born: "1980-05-06", email: "anna@example.test", phone: "+14025550100", zip: "68501-1234",
	}
}

func (b *bundle) with(p person) ids.MemberID {
	b.t.Helper()
	id := ids.New[ids.MemberID]()
	var of *uuid.UUID
	if p.of != (ids.MemberID{}) {
		of = &p.of.UUID
	}
	b.exec(`INSERT INTO enrollment.members (member_id, payer_id, subscriber_no, person_key, is_subscriber, subscriber_member_id,
		relationship, given_name, family_name, given_search, family_search, name_search, birth_date, email, phone, state, zip, version)
		VALUES ($1, $2, $3, $4, $5, $6, '18', $7, $8, $9, $10, $11, $12::text::date, $13, $14, 'NE', $15, 1)`,
		id.UUID, b.payer, p.number, p.given+p.born, of == nil, of, p.given, p.family,
		names.Fold(p.given), names.Fold(p.family), names.Search(p.family, p.given), p.born, p.email, p.phone, p.zip)
	b.exec(`INSERT INTO enrollment.coverages (coverage_id, member_id, line, plan, starts, ends, version)
		VALUES ($1, $2, 'HLT', 'Gold', '2026-01-01', '2027-05-31', 1)`, ids.NewUUID(), id.UUID)
	return id
}

// patient makes a patient of a member, or of nobody's roster, with an account if
// one is given.
func (b *bundle) patient(p person, member ids.MemberID, account ids.AccountID) ids.PatientID {
	b.t.Helper()
	id := ids.New[ids.PatientID]()
	b.exec(`INSERT INTO enrollment.patients (patient_id, given_name, family_name, birth_date, language, details_source)
		VALUES ($1, $2, $3, $4::text::date, 'es', 'patient')`, id.UUID, p.given, p.family, p.born)
	b.exec(`INSERT INTO enrollment.contact_points (contact_id, patient_id, kind, source, value, verified_at)
		VALUES ($1, $2, 'email', 'patient', $3, clock.now())`, ids.NewUUID(), id.UUID, p.email)
	if member != (ids.MemberID{}) {
		b.exec(`UPDATE enrollment.members SET patient_id = $1 WHERE member_id = $2`, id.UUID, member.UUID)
	}
	if account != (ids.AccountID{}) {
		b.acts(account, id, "self", "")
	}
	return id
}

func (b *bundle) acts(account ids.AccountID, patient ids.PatientID, relation, until string) {
	b.t.Helper()
	b.exec(`INSERT INTO enrollment.acts_for (acts_for_id, account_id, patient_id, relation, from_date, until_date)
		VALUES ($1, $2, $3, $4, '2026-01-01', nullif($5, '')::text::date)`, ids.NewUUID(), account.UUID, patient.UUID, relation, until)
}

func (b *bundle) exec(sql string, args ...any) {
	b.t.Helper()
	if _, err := b.db.W.DB().Exec(b.t.Context(), sql, args...); err != nil {
		b.t.Fatalf("%s: %v", sql, err)
	}
}

// ctx is of somebody of the staff.
func (b *bundle) ctx() context.Context { return b.as(b.account) }

func (b *bundle) as(account ids.AccountID) context.Context {
	return principal.With(b.t.Context(), principal.Principal{
		Account: account, Session: ids.New[ids.SessionID](), Roles: []rpcv1.Role{rpcv1.Role_ROLE_STAFF},
	})
}

func (b *bundle) key() string {
	b.keys++
	return fmt.Sprintf("key-%08d", b.keys)
}

// move sets the clocks of Go and of the database.
func (b *bundle) move(by time.Duration) {
	b.t.Helper()
	b.clock.Move(by)
	b.database.MoveClock(b.t, by)
}

// names finds people and returns their given names.
func (b *bundle) names(req *enrollmentv1.FindPeopleRequest) string {
	b.t.Helper()
	res, err := b.s.FindPeople(b.ctx(), req)
	must(b.t, err)
	var out []string
	for _, p := range res.GetPeople() {
		out = append(out, p.GetGivenName())
	}
	return strings.Join(out, " ")
}

func (b *bundle) count(sql string) int {
	b.t.Helper()
	n := 0
	b.database.Query(b.t, sql, &n)
	return n
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func refused(t *testing.T, err error, code errs.Code, reason string) {
	t.Helper()
	if err == nil || errs.CodeOf(err) != code || errs.ReasonOf(err) != reason {
		t.Fatalf("got %v; want %s %q", err, code, reason)
	}
}
