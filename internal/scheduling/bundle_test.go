package scheduling

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"net/netip"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/bedside-health/bedside/internal/audit"
	"github.com/bedside-health/bedside/internal/cache"
	"github.com/bedside-health/bedside/internal/clock"
	"github.com/bedside-health/bedside/internal/errs"
	enrollmentv1 "github.com/bedside-health/bedside/internal/gen/bedside/enrollment/v1"
	feedv1 "github.com/bedside-health/bedside/internal/gen/bedside/feed/v1"
	licensingv1 "github.com/bedside-health/bedside/internal/gen/bedside/licensing/v1"
	rpcv1 "github.com/bedside-health/bedside/internal/gen/bedside/rpc/v1"
	schedulingv1 "github.com/bedside-health/bedside/internal/gen/bedside/scheduling/v1"
	"github.com/bedside-health/bedside/internal/ids"
	"github.com/bedside-health/bedside/internal/jobs"
	"github.com/bedside-health/bedside/internal/jurisdiction"
	"github.com/bedside-health/bedside/internal/mail"
	"github.com/bedside-health/bedside/internal/pg"
	"github.com/bedside-health/bedside/internal/pgtest"
	"github.com/bedside-health/bedside/internal/principal"
	"github.com/bedside-health/bedside/internal/seal"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/timestamppb"
)

// monday is when the tests' clock starts: a Monday, 14:00 UTC.
var monday = time.Date(2027, 3, 1, 14, 0, 0, 0, time.UTC)

// bundle is the real service on a real database. Only its neighbors are fakes:
// the feeds that licensing and enrollment would serve.
type bundle struct {
	t        testing.TB
	database pgtest.Database
	db       *pg.DB
	clock    clock.Clock
	s        *Service

	physicians, rules, patients *fakeTopic
	outbox                      *outbox
	numbers                     int
	mu                          sync.Mutex
}

func newBundle(t testing.TB, at time.Time) *bundle {
	t.Helper()
	b := &bundle{
		t: t, database: pgtest.New(t), clock: clock.Offset(0), outbox: &outbox{},
		physicians: newTopic(), rules: newTopic(), patients: newTopic(),
	}
	b.db = b.database.As(t, "scheduling")
	b.moveTo(at)
	log := slog.New(slog.DiscardHandler)
	reads := audit.NewReads(b.db)
	must(t, reads.Start(t.Context()))
	t.Cleanup(func() { must(t, reads.Stop(context.Background())) })
	keyset, err := seal.NewKeysetText()
	must(t, err)
	parsed, err := seal.ParseKeyset(keyset)
	must(t, err)
	queue, err := jobs.NewInsertOnly("scheduling", b.db)
	must(t, err)
	redis := cache.New("", log)
	b.s, err = New(Deps{
		DB: b.db, Clock: b.clock, Log: log, Audit: reads, Seal: seal.New(parsed),
		Bell: cache.NewBell(redis), Throttle: cache.NewThrottle(redis), Mail: b.outbox, Jobs: queue,
		Licensing: topics{"physicians": b.physicians, "rules": b.rules}, People: topics{"patients": b.patients},
		BaseURL: "https://bedside.test", HoldsPerAddress: 20, Demo: true,
	})
	must(t, err)
	return b
}

// moveTo sets both clocks.
func (b *bundle) moveTo(at time.Time) {
	by := time.Until(at)
	b.clock.Move(by)
	b.database.MoveClock(b.t, by)
}

// follow applies what the neighbors have published.
func (b *bundle) follow() {
	b.t.Helper()
	must(b.t, b.s.rules.Round(b.t.Context(), 0))
	must(b.t, b.s.physicians.Round(b.t.Context(), 0))
	must(b.t, b.s.patients.Round(b.t.Context(), 0))
}

// withIndex runs the index until the test ends and waits until it is ready.
func (b *bundle) withIndex() {
	b.t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- b.s.keepIndex(ctx) }()
	b.t.Cleanup(func() {
		cancel()
		must(b.t, <-done)
	})
	b.eventually("the index is ready", b.s.ix.Ready)
}

func (b *bundle) eventually(what string, holds func() bool) {
	b.t.Helper()
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	limit := time.After(20 * time.Second)
	for !holds() {
		select {
		case <-tick.C:
		case <-limit:
			b.t.Fatalf("never came true: %s", what)
		}
	}
}

// key is a fresh idempotency key.
func (b *bundle) key() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.numbers++
	return fmt.Sprintf("key-%08d", b.numbers)
}

// addRules publishes a state in which nothing more is known, with its zones.
func (b *bundle) addRules(state string, zones ...string) {
	var y strings.Builder
	fmt.Fprintf(&y, "state: %s\nname: State of %s\ntopics:\n", state, state)
	for _, topic := range jurisdiction.StateTopics() {
		if topic != jurisdiction.TopicTimeZones {
			fmt.Fprintf(&y, "  %s: [{value: unknown, basis: unknown}]\n", topic)
		}
	}
	fmt.Fprintf(&y, "  time_zones: [{value: %q, source: test, basis: secondary}]\n", strings.Join(zones, " "))
	b.rules.publish(state, &licensingv1.StateRules{State: state, Yaml: []byte(y.String())})
}

// doctor is a physician that a test publishes.
type doctor struct {
	id      ids.PhysicianID
	account ids.AccountID
	facts   *licensingv1.PhysicianFacts
}

// addDoctor publishes a family physician with active licenses in some states,
// who works around the clock unless the test says otherwise.
func (b *bundle) addDoctor(zone string, states ...string) *doctor {
	d := b.unseen(zone, states...)
	b.follow()
	b.setWeek(d, everyDay(&schedulingv1.WeeklyWindow{FromMinute: 0, ToMinute: 1440})...)
	return d
}

// unseen publishes a physician of whom the service has not heard yet.
func (b *bundle) unseen(zone string, states ...string) *doctor {
	d := &doctor{id: ids.New[ids.PhysicianID](), account: ids.New[ids.AccountID]()}
	d.facts = &licensingv1.PhysicianFacts{Physician: &licensingv1.Physician{
		PhysicianId: d.id.String(), AccountId: d.account.String(), GivenName: "Ines", FamilyName: "Marlow", Credential: "MD",
		Specialties: []string{"207Q00000X"}, Languages: []string{"en", "es"}, TimeZone: zone, Version: 1,
	}}
	for _, state := range states {
		d.facts.Licenses = append(d.facts.Licenses, activeLicense(d.id, state))
	}
	b.physicians.publish(d.id.String(), d.facts)
	return d
}

func activeLicense(id ids.PhysicianID, state string) *licensingv1.License {
	return &licensingv1.License{
		LicenseId: ids.NewUUID().String(), PhysicianId: id.String(), State: state, Number: "T-" + state, Board: "Test Board",
		Basis: "full", Status: "active", ValidFrom: "2020-01-01", ValidTo: "2030-12-31", Current: true,
		VerifiedAt: timestamppb.New(time.Date(2026, 11, 2, 8, 0, 0, 0, time.UTC)),
	}
}

// license changes a physician's license in a state and publishes it; the
// service hears of it at the next follow.
func (b *bundle) license(d *doctor, state string, change func(l *licensingv1.License)) {
	d.facts.Physician.Version++
	for _, l := range d.facts.GetLicenses() {
		if l.GetState() == state {
			change(l)
		}
	}
	b.physicians.publish(d.id.String(), d.facts)
}

func (b *bundle) setWeek(d *doctor, weekly ...*schedulingv1.WeeklyWindow) {
	b.t.Helper()
	_, err := b.s.SetAvailability(asService(b.t.Context()), &schedulingv1.SetAvailabilityRequest{PhysicianId: d.id.String(), Weekly: weekly})
	must(b.t, err)
}

// someone is a patient with an account and a browser.
type someone struct {
	b       *bundle
	account ids.AccountID
	patient ids.PatientID
	browser string
	consent string
	plan    string
	facts   *enrollmentv1.PatientFacts
}

// addPatient publishes an adult with health coverage and consent, who acts for
// themselves.
func (b *bundle) addPatient(language string) *someone {
	p := b.newPatient(language)
	b.follow()
	return p
}

func (b *bundle) newPatient(language string) *someone {
	p := &someone{
		b: b, account: ids.New[ids.AccountID](), patient: ids.New[ids.PatientID](),
		browser: "browser-" + ids.NewUUID().String(), consent: ids.NewUUID().String(), plan: ids.NewUUID().String(),
	}
	p.facts = &enrollmentv1.PatientFacts{
		PatientId: p.patient.String(), GivenName: "Alma", FamilyName: "Reyes", BirthDate: "1988-05-04",
		Language: language, Email: "alma@example.test", TimeZone: "America/New_York",
		ActsFor:   []*enrollmentv1.ActsFor{{AccountId: p.account.String(), Relation: "self", From: "2020-01-01"}},
		Coverages: []*enrollmentv1.Coverage{{CoverageId: p.plan, PayerName: "Larkspur Health Plan", Line: "HMO", From: "2026-01-01"}},
		Consents:  []*enrollmentv1.Consent{{ConsentId: p.consent, Kind: "telehealth", Version: "1", Language: language, GivenBy: byPatient}},
	}
	b.patients.publish(p.patient.String(), p.facts)
	return p
}

func (p *someone) ctx() context.Context {
	return as(p.b.t.Context(), p.account, rpcv1.Role_ROLE_PATIENT)
}

// address is a network of the browser's own.
func (p *someone) address() string {
	h := sha256.Sum256([]byte(p.browser))
	return netip.AddrFrom16([16]byte(h[:16])).String()
}

// wish is a general visit in New York at a time.
func (p *someone) wish(d *doctor, start time.Time) *schedulingv1.PlaceHoldRequest {
	return &schedulingv1.PlaceHoldRequest{
		BrowserId: p.browser, ServiceId: "general", PhysicianId: d.id.String(), Start: timestamppb.New(start),
		State: "NY", TimeZone: "America/New_York", Address: p.address(), IdempotencyKey: p.b.key(),
	}
}

// hold places a hold that must succeed.
func (p *someone) hold(d *doctor, start time.Time) *schedulingv1.Hold {
	p.b.t.Helper()
	res, err := p.b.s.PlaceHold(p.b.t.Context(), p.wish(d, start))
	must(p.b.t, err)
	if res.GetHold() == nil {
		p.b.t.Fatalf("the hold was lost: %s", res.GetLost())
	}
	return res.GetHold()
}

func (p *someone) answers() *schedulingv1.Answers {
	return &schedulingv1.Answers{PatientId: p.patient.String(), Reason: "a cough that stays", Payment: PayCoverage, CoverageId: p.plan}
}

// answer saves answers on the hold, which must succeed.
func (p *someone) answer() {
	p.b.t.Helper()
	_, err := p.b.s.SaveAnswers(p.ctx(), &schedulingv1.SaveAnswersRequest{BrowserId: p.browser, Answers: p.answers()})
	must(p.b.t, err)
}

func (p *someone) bookRequest(h *schedulingv1.Hold) *schedulingv1.BookRequest {
	return &schedulingv1.BookRequest{BrowserId: p.browser, HoldId: h.GetHoldId(), ConsentId: p.consent, IdempotencyKey: p.b.key()}
}

// book books a hold; whether it is won is for the caller to look at.
func (p *someone) book(h *schedulingv1.Hold) *schedulingv1.BookResponse {
	p.b.t.Helper()
	res, err := p.b.s.Book(p.ctx(), p.bookRequest(h))
	must(p.b.t, err)
	return res
}

// booked is the whole way, which must succeed.
func (p *someone) booked(d *doctor, start time.Time) *schedulingv1.Appointment {
	p.b.t.Helper()
	h := p.hold(d, start)
	p.answer()
	res := p.book(h)
	if res.GetAppointment() == nil {
		p.b.t.Fatalf("the booking was lost: %s", res.GetLost())
	}
	return res.GetAppointment()
}

// count asks the database as its owner.
func (b *bundle) count(sql string) int {
	b.t.Helper()
	var n int
	b.database.Query(b.t, sql, &n)
	return n
}

func as(ctx context.Context, account ids.AccountID, roles ...rpcv1.Role) context.Context {
	return principal.With(ctx, principal.Principal{Account: account, Session: ids.New[ids.SessionID](), Roles: roles})
}

func asService(ctx context.Context) context.Context {
	return principal.With(ctx, principal.Principal{Service: "test"})
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func refused(t testing.TB, err error, code errs.Code, reason string) {
	t.Helper()
	if errs.CodeOf(err) != code || errs.ReasonOf(err) != reason || err == nil {
		t.Fatalf("got %v, want %s %s", err, code, reason)
	}
}

func lost(t testing.TB, got, want string) {
	t.Helper()
	if got != want {
		t.Fatalf("lost %q, want %q", got, want)
	}
}

// fakeTopic is a neighbor's feed in memory.
type fakeTopic struct {
	mu   sync.Mutex
	all  []*feedv1.Change
	away bool
}

func newTopic() *fakeTopic { return &fakeTopic{} }

// publish adds the next version of a key.
func (f *fakeTopic) publish(key string, m proto.Message) {
	f.mu.Lock()
	defer f.mu.Unlock()
	body, err := proto.Marshal(m)
	if err != nil {
		panic(err) // test only: a message that cannot be encoded
	}
	version := int64(1)
	for _, c := range f.all {
		if c.GetKey() == key {
			version = c.GetVersion() + 1
		}
	}
	f.all = append(f.all, &feedv1.Change{Key: key, Version: version, Payload: body, Xid: uint64(len(f.all) + 1)})
}

// topics is a neighbor's client: the part that a follower asks.
type topics map[string]*fakeTopic

func (n topics) Changes(_ context.Context, req *feedv1.ChangesRequest) (*feedv1.ChangesResponse, error) {
	f := n[req.GetTopic()]
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.away {
		return nil, errs.New(errs.Unavailable, "service_away", "away").With(errors.New("test"))
	}
	res := &feedv1.ChangesResponse{Next: &feedv1.Cursor{Xid: uint64(len(f.all) + 1)}}
	for _, c := range f.all {
		if c.GetXid() >= req.GetCursor().GetXid() {
			res.Changes = append(res.Changes, proto.CloneOf(c))
		}
	}
	return res, nil
}

func (n topics) Sweep(_ context.Context, req *feedv1.SweepRequest) (*feedv1.SweepResponse, error) {
	f := n[req.GetTopic()]
	f.mu.Lock()
	defer f.mu.Unlock()
	newest := map[string]int64{}
	for _, c := range f.all {
		newest[c.GetKey()] = max(newest[c.GetKey()], c.GetVersion())
	}
	res := &feedv1.SweepResponse{}
	for _, key := range slices.Sorted(maps.Keys(newest)) {
		if key > req.GetAfterKey() {
			res.Changes = append(res.Changes, &feedv1.Change{Key: key, Version: newest[key]})
		}
	}
	return res, nil
}

func (n topics) ReadKeys(_ context.Context, req *feedv1.ReadKeysRequest) (*feedv1.ReadKeysResponse, error) {
	f := n[req.GetTopic()]
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.away {
		return nil, errs.New(errs.Unavailable, "service_away", "away")
	}
	newest := map[string]*feedv1.Change{}
	for _, c := range f.all {
		if slices.Contains(req.GetKeys(), c.GetKey()) {
			newest[c.GetKey()] = c
		}
	}
	res := &feedv1.ReadKeysResponse{}
	for _, c := range newest {
		res.Changes = append(res.Changes, proto.CloneOf(c))
	}
	return res, nil
}

// outbox is a mail server that keeps what it is given.
type outbox struct {
	mu    sync.Mutex
	mails []mail.Message
}

func (o *outbox) Send(_ context.Context, m mail.Message) error {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.mails = append(o.mails, m)
	return nil
}

func consentOf(id string) *enrollmentv1.Consent {
	return &enrollmentv1.Consent{ConsentId: id, Kind: "telehealth", Version: "1", Language: "en", GivenBy: byPatient}
}
