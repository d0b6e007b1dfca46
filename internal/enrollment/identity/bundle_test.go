package identity

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
	"github.com/bedside-health/bedside/internal/enrollment/people"
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
	"github.com/riverqueue/river"
	"google.golang.org/protobuf/proto"
)

// bundle is the people and identity sides on a real database, reached through
// the same calls as in production; their neighbor auth is a fake server.
type bundle struct {
	t        *testing.T
	database pgtest.Database
	db       *pg.DB
	clock    clock.Clock
	service  *Service
	client   enrollmentv1connect.IdentityServiceClient
	people   enrollmentv1connect.PeopleServiceClient
	auth     *fakeAuth
	owners   *fakeOwners
	outbox   *outbox
	payer    uuid.UUID
}

func setup(t *testing.T) *bundle {
	t.Helper()
	text, err := seal.NewKeysetText()
	must(t, err)
	keyset, err := seal.ParseKeyset(text)
	must(t, err)
	b := &bundle{t: t, database: pgtest.New(t), clock: clock.Offset(0), outbox: &outbox{}, auth: &fakeAuth{accounts: map[string]ids.AccountID{}}}
	b.db = b.database.As(t, serviceName)
	log, redis := slog.New(slog.DiscardHandler), cache.New("", slog.New(slog.DiscardHandler))
	reads, throttle, sealer := audit.NewReads(b.db), cache.NewThrottle(redis), seal.New(keyset)
	net, err := rpc.New(rpc.Config{
		Local: []string{serviceName, "auth"}, Self: serviceName, ServiceKey: []byte(strings.Repeat("k", 32)),
		Log: log, Metrics: obs.NewMetrics(), Tracing: obs.NoTracing(),
	})
	must(t, err)
	net.SetVerifier(fakeVerifier{})
	authv1connect.RegisterAuthServiceHandler(net.Server(), b.auth)
	authConn, err := net.Client("auth")
	must(t, err)
	accounts := authv1connect.NewAuthServiceClient(authConn)
	b.owners = new(fakeOwners)
	folk, err := people.New(people.Deps{
		DB: b.db, Clock: b.clock, Log: log, Audit: reads, Seal: sealer, Bell: cache.NewBell(redis), Throttle: throttle,
		Mail: b.outbox, Accounts: accounts, BaseURL: "https://bedside.test/", HelpPhone: "1-800-555-0199", Pace: time.Millisecond,
	})
	must(t, err)
	b.service, err = New(Deps{
		DB: b.db, Clock: b.clock, Log: log, Audit: reads, Seal: sealer, Throttle: throttle, Mail: b.outbox, Accounts: accounts,
		Owners: b.owners, People: folk, BaseURL: "https://bedside.test/", HelpPhone: "1-800-555-0199", Pace: time.Millisecond,
	})
	must(t, err)
	workers := river.NewWorkers()
	folk.Workers(workers)
	b.service.Workers(workers)
	queue, err := jobs.New(serviceName, b.db, workers, log)
	must(t, err)
	folk.SetJobs(queue)
	b.service.SetJobs(queue)
	enrollmentv1connect.RegisterPeopleServiceHandler(net.Server(), folk)
	enrollmentv1connect.RegisterIdentityServiceHandler(net.Server(), b.service)
	conn, err := net.Client(serviceName)
	must(t, err)
	b.client, b.people = enrollmentv1connect.NewIdentityServiceClient(conn), enrollmentv1connect.NewPeopleServiceClient(conn)
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

// fakeOwners is auth's side of replacing addresses.
type fakeOwners struct {
	mu    sync.Mutex
	asked []*authv1.StartEmailReplacementRequest
	away  bool
	// refuse answers everything; during runs while the caller waits.
	refuse error
	during func()
}

// StartEmailReplacement keeps what it was asked.
func (f *fakeOwners) StartEmailReplacement(_ context.Context, req *authv1.StartEmailReplacementRequest) (*authv1.StartEmailReplacementResponse, error) {
	if f.during != nil {
		f.during()
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.away {
		return nil, errs.New(errs.Unavailable, "away", "Away.")
	}
	if f.refuse != nil {
		return nil, f.refuse
	}
	f.asked = append(f.asked, req)
	return &authv1.StartEmailReplacementResponse{}, nil
}

// fakeAuth is auth as this side sees it.
type fakeAuth struct {
	authv1connect.UnimplementedAuthServiceHandler
	mu       sync.Mutex
	accounts map[string]ids.AccountID
	away     bool
}

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
	id, ok := f.accounts[req.GetEmail()]
	if !ok {
		id = ids.New[ids.AccountID]()
		f.accounts[req.GetEmail()] = id
	}
	return &authv1.EnsureAccountResponse{AccountId: id.String(), Ticket: "ticket for " + req.GetProof(), Created: !ok}, nil
}

func (f *fakeAuth) leave(away bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.away = away
}

func (f *fakeAuth) account(email string) ids.AccountID {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.accounts[email]
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
}

// Send keeps a mail.
func (o *outbox) Send(_ context.Context, m mail.Message) error {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.mails = append(o.mails, m)
	return nil
}

// to lists the mails to an address with words in their subject.
func (o *outbox) to(address, subject string) []mail.Message {
	o.mu.Lock()
	defer o.mu.Unlock()
	var out []mail.Message
	for _, m := range o.mails {
		if m.To == address && strings.Contains(m.Subject, subject) {
			out = append(out, m)
		}
	}
	return out
}

// member is a row of the roster.
type member struct {
	number, own, given, family, born, email, language string
	of                                                ids.MemberID
}

func anna() member {
	return member{number: "PM-100 200", given: "Anna", family: "Garcia", born: "1980-05-06", email: "anna@example.test", language: "es"}
}

// with puts a person on the roster, with health coverage.
func (b *bundle) with(p member) ids.MemberID {
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
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14::text::date, $15, '+14025550100', $16, 'Lincoln', 'NE', 1)`,
		id.UUID, b.payer, p.number, own, p.given+p.born+p.own, of == nil, of, relationship, p.given, p.family,
		names.Fold(p.given), names.Fold(p.family), names.Search(p.family, p.given), p.born, p.email, p.language)
	b.cover(id, "2026-01-01", "")
	return id
}

func (b *bundle) cover(m ids.MemberID, starts, ends string) {
	b.t.Helper()
	b.exec(`INSERT INTO enrollment.coverages (coverage_id, member_id, line, plan, starts, ends, version)
		VALUES ($1, $2, 'HLT', 'Gold', $3::text::date, nullif($4, '')::text::date, 1)`, ids.NewUUID(), m.UUID, starts, ends)
}

func (b *bundle) exec(sql string, args ...any) {
	b.t.Helper()
	if _, err := b.db.W.DB().Exec(b.t.Context(), sql, args...); err != nil {
		b.t.Fatalf("%s: %v", sql, err)
	}
}

// typed starts an activation.
func (b *bundle) typed(number, family, born string) *enrollmentv1.StartActivationResponse {
	b.t.Helper()
	res, err := b.people.StartActivation(b.t.Context(), &enrollmentv1.StartActivationRequest{
		MemberId: number, FamilyName: family, BirthDate: born, Language: "en", Address: "192.0.2.1",
	})
	must(b.t, err)
	return res
}

// bea is somebody who registers.
func bea() *enrollmentv1.StartRegistrationRequest {
	return &enrollmentv1.StartRegistrationRequest{
		GivenName: "Bea", FamilyName: "O’Brien-Núñez", BirthDate: "1979-08-09", Email: "Bea+clinic@Example.test", Language: "en",
		Address: "192.0.2.1", IdempotencyKey: ids.NewUUID().String(),
	}
}

const beasMail = "bea+clinic@example.test"

// own is somebody who opens an account beside an activation.
func own(activation, email string) *enrollmentv1.StartRegistrationRequest {
	r := bea()
	r.GivenName, r.FamilyName, r.BirthDate, r.Email, r.ActivationId = "Anna", "Garcia", "1980-05-06", email, activation
	return r
}

func (b *bundle) start(req *enrollmentv1.StartRegistrationRequest) string {
	b.t.Helper()
	res, err := b.client.StartRegistration(b.t.Context(), req)
	must(b.t, err)
	return res.GetRegistrationId()
}

func (b *bundle) confirm(id, code string) (*enrollmentv1.ConfirmRegistrationResponse, error) {
	return b.client.ConfirmRegistration(b.t.Context(), &enrollmentv1.ConfirmRegistrationRequest{RegistrationId: id, Code: code, Address: "192.0.2.1"})
}

// register opens an account from start to end.
func (b *bundle) register(req *enrollmentv1.StartRegistrationRequest) *enrollmentv1.ConfirmRegistrationResponse {
	b.t.Helper()
	res, err := b.confirm(b.start(req), b.code(req.GetEmail()))
	must(b.t, err)
	return res
}

var codeLine = regexp.MustCompile(`(?m)^(\d{4} \d{4})$`)

// code reads the code from the newest mail to an address.
func (b *bundle) code(address string) string {
	b.t.Helper()
	address = strings.ToLower(address)
	b.eventually("a code for "+address, func() bool { return len(b.outbox.to(address, "code")) > 0 })
	mails := b.outbox.to(address, "code")
	return codeLine.FindStringSubmatch(mails[len(mails)-1].Text)[1]
}

func (b *bundle) asPatient(email string) context.Context {
	return rpc.WithToken(b.t.Context(), rpcv1.Role_ROLE_PATIENT.String()+":"+b.auth.account(email).String())
}

// asStaff is one of two colleagues.
func (b *bundle) asStaff(nth int) context.Context {
	return rpc.WithToken(b.t.Context(), fmt.Sprintf("%s:0190a000-0000-7000-8000-00000000000%d", rpcv1.Role_ROLE_STAFF, nth))
}

func (b *bundle) getCase(reference string) *enrollmentv1.IdentityCase {
	b.t.Helper()
	res, err := b.client.GetCase(b.asStaff(1), &enrollmentv1.GetCaseRequest{Reference: reference})
	must(b.t, err)
	return res.GetCase()
}

func (b *bundle) check(reference, outcome string) error {
	b.t.Helper()
	_, err := b.client.RecordIdentityCheck(b.asStaff(1), &enrollmentv1.RecordIdentityCheckRequest{
		Reference: reference, Version: b.getCase(reference).GetVersion(), Method: "video", Document: "passport", Outcome: outcome,
		IdempotencyKey: ids.NewUUID().String(),
	})
	return err
}

func (b *bundle) link(nth int, reference string, version int64, m ids.MemberID) error {
	_, err := b.client.LinkCase(b.asStaff(nth), &enrollmentv1.LinkCaseRequest{
		Reference: reference, Version: version, MemberId: m.String(), IdempotencyKey: ids.NewUUID().String(),
	})
	return err
}

func (b *bundle) notes(email, on string) []*enrollmentv1.PlanNote {
	b.t.Helper()
	res, err := b.client.MyPlans(b.asPatient(email), &enrollmentv1.MyPlansRequest{On: on})
	must(b.t, err)
	if res.GetPatients() != 1 {
		b.t.Errorf("%s acts for %d people", email, res.GetPatients())
	}
	return res.GetNotes()
}

func (b *bundle) me(email string) *enrollmentv1.PatientFacts {
	b.t.Helper()
	res, err := b.people.Me(b.asPatient(email), &enrollmentv1.MeRequest{})
	must(b.t, err)
	if len(res.GetPatients()) != 1 {
		b.t.Fatalf("%s acts for %d patients", email, len(res.GetPatients()))
	}
	return res.GetPatients()[0]
}

// published reads the newest facts of a patient from the feed.
func (b *bundle) published(patient string) *enrollmentv1.PatientFacts {
	b.t.Helper()
	res, err := b.people.ReadKeys(rpc.AsService(b.t.Context()), &feedv1.ReadKeysRequest{Topic: "patients", Keys: []string{patient}})
	must(b.t, err)
	if len(res.GetChanges()) != 1 {
		b.t.Fatalf("the feed has %d entries for the patient", len(res.GetChanges()))
	}
	facts := new(enrollmentv1.PatientFacts)
	must(b.t, proto.Unmarshal(res.GetChanges()[0].GetPayload(), facts))
	return facts
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

func (b *bundle) eventually(what string, ok func() bool) {
	b.t.Helper()
	tick := time.NewTicker(10 * time.Millisecond)
	defer tick.Stop()
	ctx, cancel := context.WithTimeout(b.t.Context(), 20*time.Second)
	defer cancel()
	for !ok() {
		select {
		case <-ctx.Done():
			b.t.Fatalf("waited in vain for %s", what)
		case <-tick.C:
		}
	}
}
