package people

import (
	"context"
	"errors"
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
	"github.com/bedside-health/bedside/internal/enrollment/names"
	"github.com/bedside-health/bedside/internal/errs"
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
	"github.com/jackc/pgx/v5"
	"github.com/riverqueue/river"
	"google.golang.org/protobuf/proto"
)

// bundle is the real service on a real database, reached through the same
// calls as in production; its neighbor auth is a fake server.
type bundle struct {
	t        *testing.T
	database pgtest.Database
	db       *pg.DB
	clock    clock.Clock
	service  *Service
	client   enrollmentv1connect.PeopleServiceClient
	auth     *fakeAuth
	outbox   *outbox
	payer    uuid.UUID
}

func setup(t *testing.T) *bundle {
	t.Helper()
	text, err := seal.NewKeysetText()
	must(t, err)
	keyset, err := seal.ParseKeyset(text)
	must(t, err)
	b := &bundle{t: t, database: pgtest.New(t), clock: clock.Offset(0), auth: newFakeAuth(), outbox: &outbox{}}
	b.db = b.database.As(t, serviceName)
	log, redis := slog.New(slog.DiscardHandler), cache.New("", slog.New(slog.DiscardHandler))
	reads := audit.NewReads(b.db)
	net, err := rpc.New(rpc.Config{
		Local: []string{serviceName, "auth"}, Self: serviceName, ServiceKey: []byte(strings.Repeat("k", 32)),
		Log: log, Metrics: obs.NewMetrics(), Tracing: obs.NoTracing(),
	})
	must(t, err)
	net.SetVerifier(fakeVerifier{})
	authv1connect.RegisterAuthServiceHandler(net.Server(), b.auth)
	authConn, err := net.Client("auth")
	must(t, err)
	b.service, err = New(Deps{
		DB: b.db, Clock: b.clock, Log: log, Audit: reads, Seal: seal.New(keyset), Bell: cache.NewBell(redis),
		Throttle: cache.NewThrottle(redis), Mail: b.outbox, Accounts: authv1connect.NewAuthServiceClient(authConn),
		BaseURL: "https://bedside.test/", HelpPhone: "1-800-555-0199", Demo: true, MailsPerSecond: 100, Pace: time.Millisecond,
	})
	must(t, err)
	workers := river.NewWorkers()
	b.service.Workers(workers)
	queue, err := jobs.New(serviceName, b.db, workers, log)
	must(t, err)
	b.service.SetJobs(queue)
	enrollmentv1connect.RegisterPeopleServiceHandler(net.Server(), b.service)
	conn, err := net.Client(serviceName)
	must(t, err)
	b.client = enrollmentv1connect.NewPeopleServiceClient(conn)
	group := lifecycle.NewGroup(log)
	group.Add(reads, queue)
	must(t, group.Start(t.Context()))
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
		defer cancel()
		if err := group.Stop(ctx); err != nil {
			t.Errorf("stopping: %v", err)
		}
	})
	b.payer = ids.NewUUID()
	b.exec(`INSERT INTO enrollment.payers (payer_id, name, identifiers) VALUES ($1, 'Prairie Mutual', '{PRAIRIE}')`, b.payer)
	return b
}

// fakeAuth is auth as activation sees it.
type fakeAuth struct {
	authv1connect.UnimplementedAuthServiceHandler
	mu       sync.Mutex
	accounts map[string]ids.AccountID
	asked    []*authv1.EnsureAccountRequest
	away     bool
}

func newFakeAuth() *fakeAuth { return &fakeAuth{accounts: map[string]ids.AccountID{}} }

// EnsureAccount finds or makes an account by its address.
func (f *fakeAuth) EnsureAccount(ctx context.Context, req *authv1.EnsureAccountRequest) (*authv1.EnsureAccountResponse, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if principal.From(ctx).Service != serviceName {
		return nil, errors.New("not called as the service")
	}
	if f.away {
		return nil, errs.New(errs.Unavailable, "away", "Away.")
	}
	f.asked = append(f.asked, req)
	id, ok := f.accounts[strings.ToLower(req.GetEmail())]
	if !ok {
		id = ids.New[ids.AccountID]()
		f.accounts[strings.ToLower(req.GetEmail())] = id
	}
	return &authv1.EnsureAccountResponse{AccountId: id.String(), Ticket: "ticket for " + req.GetProof(), Created: !ok}, nil
}

func (f *fakeAuth) account(email string) ids.AccountID {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.accounts[email]
}

func (f *fakeAuth) leave(away bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.away = away
}

// fakeVerifier reads tokens of the form "role:account".
type fakeVerifier struct{}

func (fakeVerifier) Verify(_ context.Context, token string, _ bool) (principal.Principal, error) {
	role, id, _ := strings.Cut(token, ":")
	account, err := ids.Parse[ids.AccountID](id)
	if err != nil {
		return principal.Principal{}, err
	}
	return principal.Principal{
		Account: account, Session: ids.New[ids.SessionID](), Roles: []rpcv1.Role{rpcv1.Role(rpcv1.Role_value[role])},
	}, nil
}

// outbox is a mail server that keeps what it is given.
type outbox struct {
	mu    sync.Mutex
	mails []mail.Message
	fails int
}

// Send keeps a mail, or fails as often as it was told to.
func (o *outbox) Send(_ context.Context, m mail.Message) error {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.fails > 0 {
		o.fails--
		return errors.New("the relay is away")
	}
	o.mails = append(o.mails, m)
	return nil
}

// fail makes the next sends fail.
func (o *outbox) fail(times int) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.fails = times
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

// person is a row of the roster.
type person struct {
	number, own, given, family, born string
	email, phone, language, state    string
	// of is the subscriber; the zero value makes a subscriber.
	of ids.MemberID
}

func anna() person {
	return person{
		number: "PM-100 200", given: "Anna", family: "García López", born: "1980-05-06", email: "anna@example.test",
		phone: "+14025550100", language: "es", state: "NE",
	}
}

func (b *bundle) with(p person) ids.MemberID { return b.on(b.payer, p) }

// on puts a person on a payer's roster, with health coverage.
func (b *bundle) on(payer uuid.UUID, p person) ids.MemberID {
	b.t.Helper()
	id := ids.New[ids.MemberID]()
	var own *string
	var of *uuid.UUID
	relationship := "18"
	if p.own != "" {
		own = &p.own
	}
	if p.of != (ids.MemberID{}) {
		of, relationship = &p.of.UUID, "19"
	}
	b.exec(`INSERT INTO enrollment.members (member_id, payer_id, subscriber_no, own_no, person_key, is_subscriber, subscriber_member_id,
		relationship, given_name, family_name, given_search, family_search, name_search, birth_date, email, phone, language, city, state, version)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14::text::date, $15, $16, $17, 'Lincoln', $18, 1)`,
		id.UUID, payer, p.number, own, p.given+p.born+p.own, of == nil, of, relationship, p.given, p.family,
		names.Fold(p.given), names.Fold(p.family), names.Search(p.family, p.given), p.born, p.email, p.phone, p.language, p.state)
	b.cover(id, "HLT", "2026-01-01", "")
	return id
}

func (b *bundle) cover(m ids.MemberID, line, starts, ends string) {
	b.t.Helper()
	b.exec(`INSERT INTO enrollment.coverages (coverage_id, member_id, line, plan, starts, ends, version)
		VALUES ($1, $2, $3, 'Gold', $4::text::date, nullif($5, '')::text::date, 1)`, ids.NewUUID(), m.UUID, line, starts, ends)
}

func (b *bundle) exec(sql string, args ...any) {
	b.t.Helper()
	if _, err := b.db.W.DB().Exec(b.t.Context(), sql, args...); err != nil {
		b.t.Fatalf("%s: %v", sql, err)
	}
}

// move sets the clocks of Go and of the database.
func (b *bundle) move(by time.Duration) {
	b.t.Helper()
	b.clock.Move(by)
	b.database.MoveClock(b.t, by)
}

func (b *bundle) tx(fn func(ctx context.Context, tx pgx.Tx) error) {
	b.t.Helper()
	must(b.t, b.db.W.Tx(b.t.Context(), fn))
}

func (b *bundle) invite(members ...ids.MemberID) int {
	b.t.Helper()
	n := 0
	b.tx(func(ctx context.Context, tx pgx.Tx) (err error) {
		n, err = b.service.Invite(ctx, tx, staff(), members)
		return err
	})
	return n
}

func staff() audit.Actor {
	return audit.Actor{Account: ids.AccountID{UUID: uuid.MustParse("0190a000-0000-7000-8000-000000000001")}}
}

// link reads the token from the newest mail to an address.
func (b *bundle) link(address string) string {
	b.t.Helper()
	return b.find(address, regexp.MustCompile(`https://bedside\.test/activate/(\S+)`))
}

// code reads the code from the newest mail to an address.
func (b *bundle) code(address string) string {
	b.t.Helper()
	return b.find(address, regexp.MustCompile(`(?m)^(\d{4} \d{4})$`))
}

func (b *bundle) find(address string, what *regexp.Regexp) string {
	b.t.Helper()
	found := ""
	eventually(b.t, "a mail to "+address, func() bool {
		mails := b.outbox.to(address)
		for i := len(mails) - 1; i >= 0 && found == ""; i-- {
			if m := what.FindStringSubmatch(mails[i].Text); m != nil {
				found = m[1]
			}
		}
		return found != ""
	})
	return found
}

func (b *bundle) accept(token, born string) (*enrollmentv1.AcceptInvitationResponse, error) {
	return b.client.AcceptInvitation(b.t.Context(), &enrollmentv1.AcceptInvitationRequest{
		Token: token, BirthDate: born, Language: "es", Address: "192.0.2.1",
	})
}

func (b *bundle) start(number, family, born string) *enrollmentv1.StartActivationResponse {
	b.t.Helper()
	res, err := b.client.StartActivation(b.t.Context(), &enrollmentv1.StartActivationRequest{
		MemberId: number, FamilyName: family, BirthDate: born, Language: "en", Address: "192.0.2.1",
	})
	must(b.t, err)
	return res
}

func (b *bundle) confirm(activation, code string) (*enrollmentv1.ConfirmActivationResponse, error) {
	return b.client.ConfirmActivation(b.t.Context(), &enrollmentv1.ConfirmActivationRequest{
		ActivationId: activation, Code: code, Address: "192.0.2.1",
	})
}

// activate makes a member a patient by typed details.
func (b *bundle) activate(p person) (ids.PatientID, ids.AccountID) {
	b.t.Helper()
	a := b.start(p.number, p.family, p.born)
	res, err := b.confirm(a.GetActivationId(), b.code(p.email))
	must(b.t, err)
	patient, err := ids.Parse[ids.PatientID](res.GetPatientId())
	must(b.t, err)
	return patient, b.auth.account(p.email)
}

func (b *bundle) as(role rpcv1.Role, account ids.AccountID) context.Context {
	return rpc.WithToken(b.t.Context(), role.String()+":"+account.String())
}

func (b *bundle) asPatient(account ids.AccountID) context.Context {
	return b.as(rpcv1.Role_ROLE_PATIENT, account)
}

// published reads the newest facts of a patient from the feed.
func (b *bundle) published(patient ids.PatientID) (int64, *enrollmentv1.PatientFacts) {
	b.t.Helper()
	res, err := b.client.ReadKeys(rpc.AsService(b.t.Context()), &feedv1.ReadKeysRequest{Topic: topicPatients, Keys: []string{patient.String()}})
	must(b.t, err)
	if len(res.GetChanges()) != 1 {
		b.t.Fatalf("the feed has %d entries for the patient", len(res.GetChanges()))
	}
	facts := new(enrollmentv1.PatientFacts)
	must(b.t, proto.Unmarshal(res.GetChanges()[0].GetPayload(), facts))
	return res.GetChanges()[0].GetVersion(), facts
}

// reasons lists the open cases by reference.
func (b *bundle) reasons() map[string]string {
	b.t.Helper()
	res, err := b.client.ListActivationCases(b.as(rpcv1.Role_ROLE_STAFF, staff().Account), &enrollmentv1.ListActivationCasesRequest{})
	must(b.t, err)
	out := map[string]string{}
	for _, c := range res.GetCases() {
		out[c.GetReference()] = c.GetReason()
	}
	return out
}

// count reads one number as the owner of the database.
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

func (b *bundle) audited(action string) int {
	b.t.Helper()
	return b.count(fmt.Sprintf(`SELECT count(*) FROM audit.entries WHERE action = '%s'`, action))
}

// refused checks an error's code and reason.
func refused(t *testing.T, err error, code errs.Code, reason string) {
	t.Helper()
	if err == nil {
		t.Fatalf("it was not refused; want %s %q", code, reason)
	}
	if errs.CodeOf(err) != code || errs.ReasonOf(err) != reason {
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
	tick := time.NewTicker(10 * time.Millisecond)
	defer tick.Stop()
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	for !ok() {
		select {
		case <-ctx.Done():
			t.Fatalf("waited in vain for %s", what)
		case <-tick.C:
		}
	}
}
