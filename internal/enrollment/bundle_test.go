package enrollment_test

import (
	"context"
	"fmt"
	"log/slog"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/bedside-health/bedside/internal/audit"
	"github.com/bedside-health/bedside/internal/cache"
	"github.com/bedside-health/bedside/internal/clock"
	"github.com/bedside-health/bedside/internal/enrollment/acting"
	"github.com/bedside-health/bedside/internal/enrollment/contacts"
	"github.com/bedside-health/bedside/internal/enrollment/duplicates"
	"github.com/bedside-health/bedside/internal/enrollment/letters"
	"github.com/bedside-health/bedside/internal/enrollment/names"
	"github.com/bedside-health/bedside/internal/enrollment/people"
	"github.com/bedside-health/bedside/internal/enrollment/waves"
	"github.com/bedside-health/bedside/internal/errs"
	"github.com/bedside-health/bedside/internal/feed"
	authv1 "github.com/bedside-health/bedside/internal/gen/bedside/auth/v1"
	"github.com/bedside-health/bedside/internal/gen/bedside/auth/v1/authv1connect"
	enrollmentv1 "github.com/bedside-health/bedside/internal/gen/bedside/enrollment/v1"
	"github.com/bedside-health/bedside/internal/gen/bedside/enrollment/v1/enrollmentv1connect"
	feedv1 "github.com/bedside-health/bedside/internal/gen/bedside/feed/v1"
	rpcv1 "github.com/bedside-health/bedside/internal/gen/bedside/rpc/v1"
	"github.com/bedside-health/bedside/internal/ids"
	"github.com/bedside-health/bedside/internal/jobs"
	"github.com/bedside-health/bedside/internal/lifecycle"
	"github.com/bedside-health/bedside/internal/mail"
	"github.com/bedside-health/bedside/internal/obs"
	"github.com/bedside-health/bedside/internal/pg"
	"github.com/bedside-health/bedside/internal/pgtest"
	"github.com/bedside-health/bedside/internal/principal"
	"github.com/bedside-health/bedside/internal/rpc"
	"github.com/bedside-health/bedside/internal/seal"
	"github.com/google/uuid"
	"github.com/riverqueue/river"
	"google.golang.org/protobuf/proto"
)

// bundle is what staff do about people, on a real database, reached through the
// same calls as in production. Its neighbor auth is a fake server, and its loops
// turn when a test says so.
type bundle struct {
	t           *testing.T
	database    pgtest.Database
	db          *pg.DB
	clock       clock.Clock
	seal        *seal.Sealer
	people      *people.Service
	duplicates  *duplicates.Service
	acting      *acting.Service
	contacts    *contacts.Service
	waves       *waves.Service
	persons     enrollmentv1connect.PersonsServiceClient
	invitations enrollmentv1connect.InvitationServiceClient
	letters     enrollmentv1connect.LetterServiceClient
	patients    enrollmentv1connect.PeopleServiceClient
	guardians   enrollmentv1connect.ActingServiceClient
	auth        *fakeAuth
	outbox      *outbox
	payer       uuid.UUID
	other       uuid.UUID
}

func setup(t *testing.T) *bundle {
	t.Helper()
	text, err := seal.NewKeysetText()
	must(t, err)
	keyset, err := seal.ParseKeyset(text)
	must(t, err)
	b := &bundle{
		t: t, database: pgtest.New(t), clock: clock.Offset(0), seal: seal.New(keyset), outbox: &outbox{},
		auth: &fakeAuth{accounts: map[string]ids.AccountID{}}, payer: ids.NewUUID(), other: ids.NewUUID(),
	}
	b.db = b.database.As(t, "enrollment")
	reads := audit.NewReads(b.db)
	queue := b.build(reads)
	group := lifecycle.NewGroup(slog.New(slog.DiscardHandler))
	group.Add(reads, queue)
	must(t, group.Start(t.Context()))
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
		defer cancel()
		if err := group.Stop(ctx); err != nil {
			t.Errorf("stopping: %v", err)
		}
	})
	b.exec(`INSERT INTO enrollment.payers (payer_id, name, identifiers) VALUES ($1, 'Prairie Mutual', '{PRAIRIE}'), ($2, 'Juniper Plan', '{JUNIPER}')`, b.payer, b.other)
	return b
}

func (b *bundle) build(reads *audit.Reads) *jobs.Queue {
	b.t.Helper()
	log, redis := slog.New(slog.DiscardHandler), cache.New("", slog.New(slog.DiscardHandler))
	net, err := rpc.New(rpc.Config{
		Local: []string{"enrollment", "auth"}, Self: "enrollment", ServiceKey: []byte(strings.Repeat("k", 32)),
		Log: log, Metrics: obs.NewMetrics(), Tracing: obs.NoTracing(),
	})
	must(b.t, err)
	net.SetVerifier(fakeVerifier{})
	authv1connect.RegisterAuthServiceHandler(net.Server(), b.auth)
	authConn, err := net.Client("auth")
	must(b.t, err)
	b.people, err = people.New(people.Deps{
		DB: b.db, Clock: b.clock, Log: log, Audit: reads, Seal: b.seal, Bell: cache.NewBell(redis), Throttle: cache.NewThrottle(redis),
		Mail: b.outbox, Accounts: authv1connect.NewAuthServiceClient(authConn), BaseURL: "https://bedside.test/", MailsPerSecond: 100, Pace: time.Millisecond,
	})
	must(b.t, err)
	b.acting, err = acting.New(acting.Deps{
		DB: b.db, Clock: b.clock, Log: log, Audit: reads, Seal: b.seal, Throttle: cache.NewThrottle(redis), Mail: b.outbox, BaseURL: "https://bedside.test/",
		Hold: b.people.Hold, Publish: b.people.Publish, Ring: b.people.Ring, PatientOf: b.people.PatientOfMember, Document: b.people.Document,
	})
	must(b.t, err)
	b.contacts, err = contacts.New(contacts.Deps{
		DB: b.db, Clock: b.clock, Log: log, Audit: reads, Accounts: &owners{email: "iq@example.test"},
		Addresses: struct{ feed.Client }{}, // nobody follows auth here
		Hold:      b.people.Hold, Publish: b.people.Publish, Ring: b.people.Ring,
	})
	must(b.t, err)
	b.duplicates, err = duplicates.New(duplicates.Deps{
		DB: b.db, Clock: b.clock, Log: log, Audit: reads, Seal: b.seal, Hold: b.people.Hold, Publish: b.people.Publish, Ring: b.people.Ring,
		TellHeld: b.acting.TellHeld, TellBack: b.acting.TellBack,
	})
	must(b.t, err)
	b.waves, err = waves.New(waves.Deps{DB: b.db, Clock: b.clock, Log: log, Audit: reads, Invite: b.people.Invite})
	must(b.t, err)
	mails, err := letters.New(letters.Deps{
		DB: b.db, Clock: b.clock, Log: log, Audit: reads, Seal: b.seal, Throttle: cache.NewThrottle(redis), Mail: b.outbox,
		Activate: b.people.ActivateMember, Hold: b.people.Hold, Publish: b.people.Publish, Ring: b.people.Ring, Pace: time.Millisecond,
	})
	must(b.t, err)
	workers := river.NewWorkers()
	b.people.Workers(workers)
	mails.Workers(workers)
	b.acting.Workers(workers)
	queue, err := jobs.New("enrollment", b.db, workers, log)
	must(b.t, err)
	b.people.SetJobs(queue)
	mails.SetJobs(queue)
	b.acting.SetJobs(queue)
	enrollmentv1connect.RegisterPeopleServiceHandler(net.Server(), b.people)
	enrollmentv1connect.RegisterActingServiceHandler(net.Server(), b.acting)
	enrollmentv1connect.RegisterPersonsServiceHandler(net.Server(), b.duplicates)
	enrollmentv1connect.RegisterInvitationServiceHandler(net.Server(), b.waves)
	enrollmentv1connect.RegisterLetterServiceHandler(net.Server(), mails)
	conn, err := net.Client("enrollment")
	must(b.t, err)
	b.patients, b.persons = enrollmentv1connect.NewPeopleServiceClient(conn), enrollmentv1connect.NewPersonsServiceClient(conn)
	b.guardians = enrollmentv1connect.NewActingServiceClient(conn)
	b.invitations, b.letters = enrollmentv1connect.NewInvitationServiceClient(conn), enrollmentv1connect.NewLetterServiceClient(conn)
	return queue
}

// fakeAuth makes accounts by their addresses.
type fakeAuth struct {
	authv1connect.UnimplementedAuthServiceHandler
	mu       sync.Mutex
	accounts map[string]ids.AccountID
}

// EnsureAccount finds or makes an account.
func (f *fakeAuth) EnsureAccount(_ context.Context, req *authv1.EnsureAccountRequest) (*authv1.EnsureAccountResponse, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	key := strings.ToLower(req.GetEmail())
	if _, ok := f.accounts[key]; !ok {
		f.accounts[key] = ids.New[ids.AccountID]()
	}
	return &authv1.EnsureAccountResponse{AccountId: f.accounts[key].String(), Ticket: "ticket for " + req.GetProof()}, nil
}

// fakeVerifier reads tokens of the form "role:account".
type fakeVerifier struct{}

func (fakeVerifier) Verify(_ context.Context, token string, _ bool) (principal.Principal, error) {
	role, id, _ := strings.Cut(token, ":")
	account, err := ids.Parse[ids.AccountID](id)
	return principal.Principal{Account: account, Roles: []rpcv1.Role{rpcv1.Role(rpcv1.Role_value[role])}}, err
}

// outbox keeps mails; addresses that begin with "bounce" are refused for good,
// and those that begin with "later" once.
type outbox struct {
	mu    sync.Mutex
	mails []mail.Message
	tried map[string]int
}

// Send implements mail.Sender.
func (o *outbox) Send(_ context.Context, m mail.Message) error {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.tried == nil {
		o.tried = map[string]int{}
	}
	o.tried[m.To]++
	switch {
	case strings.HasPrefix(m.To, "bounce"):
		return fmt.Errorf("sending: %w", &mail.Refused{Class: mail.ClassAddress})
	case strings.HasPrefix(m.To, "policy"):
		return fmt.Errorf("sending: %w", &mail.Refused{Class: mail.ClassPolicy})
	case strings.HasPrefix(m.To, "later") && o.tried[m.To] == 1:
		return fmt.Errorf("sending: 451 try again")
	}
	o.mails = append(o.mails, m)
	return nil
}

func (o *outbox) to(address string) []mail.Message {
	o.mu.Lock()
	defer o.mu.Unlock()
	var out []mail.Message
	for _, m := range o.mails {
		if m.To == address {
			out = append(out, m)
		}
	}
	return out
}

func (o *outbox) tries(address string) int {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.tried[address]
}

// person is a row of a roster.
type person struct {
	number, given, family, born, email, phone, street, language string
	ssn                                                         []byte
}

func ines() person {
	return person{number: "PM-1", given: "Inés", family: "Quiroga", born: "1980-05-06", email: "ines@example.test", phone: "+14025550100", street: "7 GABLE ROW", language: "es"}
}

// on puts a person on a payer's roster, with health coverage.
func (b *bundle) on(payer uuid.UUID, p person) ids.MemberID {
	b.t.Helper()
	id := ids.New[ids.MemberID]()
	city, state, zip := "LINCOLN", "NE", "68502"
	if p.street == "" {
		city, state, zip = "", "", ""
	}
	b.exec(`INSERT INTO enrollment.members (member_id, payer_id, subscriber_no, person_key, is_subscriber, relationship, given_name, family_name,
		given_search, family_search, name_search, birth_date, email, phone, language, address1, city, state, zip, ssn_hash, version)
		VALUES ($1, $2, $3, $4, true, '18', $5, $6, $7, $8, $9, $10::text::date, $11, $12, $13, $14, $15, $16, $17, $18, 1)`,
		id.UUID, payer, p.number, p.given+p.born, p.given, p.family, names.Fold(p.given), names.Fold(p.family), names.Search(p.family, p.given),
		p.born, p.email, p.phone, p.language, p.street, city, state, zip, p.ssn)
	b.exec(`INSERT INTO enrollment.coverages (coverage_id, member_id, line, plan, starts, version) VALUES ($1, $2, 'HLT', 'Gold', '2026-01-01', 1)`, ids.NewUUID(), id.UUID)
	return id
}

// activate makes a member a patient, with the account of an address.
func (b *bundle) activate(m ids.MemberID, email string) (string, ids.AccountID) {
	b.t.Helper()
	a, err := b.people.ActivateMember(b.t.Context(), people.Proof{ID: "test-" + m.String(), Member: m, Email: email, Language: "en"})
	must(b.t, err)
	if a.Reference != "" {
		b.t.Fatalf("the activation of %s went to staff", email)
	}
	b.auth.mu.Lock()
	defer b.auth.mu.Unlock()
	return a.Patient.String(), b.auth.accounts[email]
}

func (b *bundle) exec(sql string, args ...any) {
	b.t.Helper()
	if _, err := b.db.W.DB().Exec(b.t.Context(), sql, args...); err != nil {
		b.t.Fatalf("%s: %v", sql, err)
	}
}

func (b *bundle) count(sql string) int {
	b.t.Helper()
	n := 0
	b.database.Query(b.t, sql, &n)
	return n
}

func (b *bundle) wantCount(want int, sql string) {
	b.t.Helper()
	if n := b.count(sql); n != want {
		b.t.Errorf("%s: %d, want %d", sql, n, want)
	}
}

// move sets the clocks of Go and of the database.
func (b *bundle) move(by time.Duration) {
	b.t.Helper()
	b.clock.Move(by)
	b.database.MoveClock(b.t, by)
}

func (b *bundle) as(role rpcv1.Role, account ids.AccountID) context.Context {
	return rpc.WithToken(b.t.Context(), role.String()+":"+account.String())
}

// staff is the context of one of two who work here.
func (b *bundle) staff(nth byte) context.Context {
	id := uuid.MustParse("0190a000-0000-7000-8000-000000000000")
	id[15] = nth
	return b.as(rpcv1.Role_ROLE_STAFF, ids.AccountID{UUID: id})
}

// published reads the newest facts of a patient from the feed.
func (b *bundle) published(patient string) *enrollmentv1.PatientFacts {
	b.t.Helper()
	res, err := b.patients.ReadKeys(rpc.AsService(b.t.Context()), &feedv1.ReadKeysRequest{Topic: "patients", Keys: []string{patient}})
	must(b.t, err)
	facts := new(enrollmentv1.PatientFacts)
	must(b.t, proto.Unmarshal(res.GetChanges()[0].GetPayload(), facts))
	return facts
}

// me lists the patients of an account.
func (b *bundle) me(account ids.AccountID) []string {
	b.t.Helper()
	res, err := b.patients.Me(b.as(rpcv1.Role_ROLE_PATIENT, account), &enrollmentv1.MeRequest{})
	must(b.t, err)
	var out []string
	for _, p := range res.GetPatients() {
		out = append(out, p.GetPatientId())
	}
	return out
}

// mailed waits for something in the newest mail to an address.
func (b *bundle) mailed(address string, what *regexp.Regexp) string {
	b.t.Helper()
	found := ""
	eventually(b.t, "a mail to "+address, func() bool {
		for _, m := range b.outbox.to(address) {
			if got := what.FindStringSubmatch(m.Text); got != nil {
				found = got[1]
			}
		}
		return found != ""
	})
	return found
}

func key() string { return ids.NewUUID().String() }

func refused(t *testing.T, err error, code errs.Code, reason string) {
	t.Helper()
	if err == nil || errs.CodeOf(err) != code || errs.ReasonOf(err) != reason {
		t.Fatalf("got %v; want %s %q", err, code, reason)
	}
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func eventually(t *testing.T, what string, ok func() bool) {
	t.Helper()
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	for !ok() {
		select {
		case <-ctx.Done():
			t.Fatalf("waited in vain for %s", what)
		case <-tick.C:
		}
	}
}
