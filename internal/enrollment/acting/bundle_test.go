package acting

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
	"github.com/bedside-health/bedside/internal/enrollment/names"
	"github.com/bedside-health/bedside/internal/enrollment/people"
	"github.com/bedside-health/bedside/internal/errs"
	authv1 "github.com/bedside-health/bedside/internal/gen/bedside/auth/v1"
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

// noon is when the tests' clock starts; the birth dates below go by it.
func noon() time.Time { return time.Date(2026, 11, 25, 17, 0, 0, 0, time.UTC) }

// bundle is both rooms of enrollment on a real database, reached through the
// same calls as in production.
type bundle struct {
	t        *testing.T
	database pgtest.Database
	db       *pg.DB
	clock    clock.Clock
	people   *people.Service
	service  *Service
	acting   enrollmentv1connect.ActingServiceClient
	client   enrollmentv1connect.PeopleServiceClient
	outbox   *outbox
	payer    uuid.UUID
	keys     int
}

func setup(t *testing.T) *bundle {
	t.Helper()
	text, err := seal.NewKeysetText()
	must(t, err)
	keyset, err := seal.ParseKeyset(text)
	must(t, err)
	b := &bundle{t: t, database: pgtest.New(t), clock: clock.Offset(0), outbox: &outbox{}}
	b.db = b.database.As(t, "enrollment")
	b.moveTo(noon())
	log := slog.New(slog.DiscardHandler)
	redis := cache.New("", log)
	reads, throttle, sealer := audit.NewReads(b.db), cache.NewThrottle(redis), seal.New(keyset)
	b.people, err = people.New(people.Deps{
		DB: b.db, Clock: b.clock, Log: log, Audit: reads, Seal: sealer, Bell: cache.NewBell(redis), Throttle: throttle,
		Mail: b.outbox, Accounts: noAccounts{}, BaseURL: "https://bedside.test", Pace: time.Millisecond,
	})
	must(t, err)
	b.service, err = New(Deps{
		DB: b.db, Clock: b.clock, Log: log, Audit: reads, Seal: sealer, Throttle: throttle, Mail: b.outbox,
		BaseURL: "https://bedside.test/", HelpPhone: "1-800-555-0199",
		Hold: b.people.Hold, Publish: b.people.Publish, Ring: b.people.Ring, PatientOf: b.people.PatientOfMember, Document: b.people.Document,
	})
	must(t, err)
	workers := river.NewWorkers()
	b.people.Workers(workers)
	b.service.Workers(workers)
	queue, err := jobs.New("enrollment", b.db, workers, log)
	must(t, err)
	b.people.SetJobs(queue)
	b.service.SetJobs(queue)
	b.connect(log)
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
	b.payer = b.addPayer("Prairie Mutual")
	return b
}

func (b *bundle) connect(log *slog.Logger) {
	b.t.Helper()
	net, err := rpc.New(rpc.Config{
		Local: []string{"enrollment"}, Self: "enrollment", ServiceKey: []byte(strings.Repeat("k", 32)),
		Log: log, Metrics: obs.NewMetrics(), Tracing: obs.NoTracing(),
	})
	must(b.t, err)
	net.SetVerifier(fakeVerifier{})
	enrollmentv1connect.RegisterPeopleServiceHandler(net.Server(), b.people)
	enrollmentv1connect.RegisterActingServiceHandler(net.Server(), b.service)
	conn, err := net.Client("enrollment")
	must(b.t, err)
	b.client, b.acting = enrollmentv1connect.NewPeopleServiceClient(conn), enrollmentv1connect.NewActingServiceClient(conn)
}

// noAccounts is auth where nobody activates: the tests write who is who.
type noAccounts struct{}

func (noAccounts) EnsureAccount(context.Context, *authv1.EnsureAccountRequest) (*authv1.EnsureAccountResponse, error) {
	return nil, errs.New(errs.Unavailable, "away", "Away.")
}

// fakeVerifier reads tokens of the form "role:account".
type fakeVerifier struct{}

func (fakeVerifier) Verify(_ context.Context, token string, _ bool) (principal.Principal, error) {
	role, id, _ := strings.Cut(token, ":")
	account, err := ids.Parse[ids.AccountID](id)
	if err != nil {
		return principal.Principal{}, err
	}
	return principal.Principal{Account: account, Session: ids.New[ids.SessionID](), Roles: []rpcv1.Role{rpcv1.Role(rpcv1.Role_value[role])}}, nil
}

// outbox is a mail server that keeps what it is given, and may be away.
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

// human is somebody on a roster; with a mailbox of their own they are a patient
// with an account.
type human struct {
	given, family, born, number, mailbox string
	subscriber                           bool
	payer                                uuid.UUID
}

type placed struct {
	member  uuid.UUID
	patient ids.PatientID
	account ids.AccountID
}

func (b *bundle) addPayer(name string) uuid.UUID {
	b.t.Helper()
	id := ids.NewUUID()
	b.exec(`INSERT INTO enrollment.payers (payer_id, name, identifiers) VALUES ($1, $2, ARRAY[$2])`, id, name)
	return id
}

// add puts somebody on a roster.
func (b *bundle) add(h human) placed {
	b.t.Helper()
	if h.payer == uuid.Nil {
		h.payer = b.payer
	}
	p := placed{member: ids.NewUUID()}
	relationship := "19"
	var of *uuid.UUID
	if h.subscriber {
		relationship = "18"
	} else {
		var id uuid.UUID
		must(b.t, b.db.W.DB().QueryRow(b.t.Context(),
			`SELECT member_id FROM enrollment.members WHERE payer_id = $1 AND subscriber_no = $2 AND is_subscriber`, h.payer, h.number).Scan(&id))
		of = &id
	}
	b.exec(`INSERT INTO enrollment.members (member_id, payer_id, subscriber_no, person_key, is_subscriber, subscriber_member_id,
		relationship, given_name, family_name, given_search, family_search, name_search, birth_date, email, version)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13::text::date, $14, 1)`,
		p.member, h.payer, h.number, h.given+h.born, h.subscriber, of, relationship, h.given, h.family,
		names.Fold(h.given), names.Fold(h.family), names.Search(h.family, h.given), h.born, h.mailbox)
	b.exec(`INSERT INTO enrollment.coverages (coverage_id, member_id, line, plan, starts, version)
		VALUES ($1, $2, 'HLT', 'Gold', '2026-01-01', 1)`, ids.NewUUID(), p.member)
	return p
}

// person is on a roster and has an account.
func (b *bundle) person(h human) placed {
	b.t.Helper()
	p := b.add(h)
	p.patient, p.account = b.insertSelf(h), ids.AccountID{}
	b.exec(`UPDATE enrollment.members SET patient_id = $2 WHERE member_id = $1`, p.member, p.patient.UUID)
	p.account = b.accountOf(p.patient)
	return p
}

// insertSelf makes a patient with an account and a proven address.
func (b *bundle) insertSelf(h human) ids.PatientID {
	b.t.Helper()
	patient := ids.New[ids.PatientID]()
	b.exec(`INSERT INTO enrollment.patients (patient_id, given_name, family_name, birth_date, language, details_source)
		VALUES ($1, $2, $3, $4::text::date, 'en', 'roster')`, patient.UUID, h.given, h.family, h.born)
	b.exec(`INSERT INTO enrollment.acts_for (acts_for_id, account_id, patient_id, relation, from_date) VALUES ($1, $2, $3, 'self', '2026-01-01')`,
		ids.NewUUID(), ids.NewUUID(), patient.UUID)
	b.exec(`INSERT INTO enrollment.contact_points (contact_id, patient_id, kind, source, value, verified_at) VALUES ($1, $2, 'email', 'patient', $3, clock.now())`,
		ids.NewUUID(), patient.UUID, h.mailbox)
	return patient
}

func (b *bundle) accountOf(patient ids.PatientID) ids.AccountID {
	b.t.Helper()
	var id uuid.UUID
	must(b.t, b.db.W.DB().QueryRow(b.t.Context(), `SELECT account_id FROM enrollment.acts_for WHERE patient_id = $1 AND relation = 'self'`, patient.UUID).Scan(&id))
	return ids.AccountID{UUID: id}
}

// The Delgados, and somebody else.
func (b *bundle) rosa() placed {
	return b.person(human{given: "ROSA", family: "DELGADO", born: "1980-04-12", number: "PM-100", mailbox: "rosa@example.test", subscriber: true})
}

func (b *bundle) mateo() placed {
	return b.add(human{given: "MATEO", family: "DELGADO", born: "2014-09-03", number: "PM-100"})
}

func (b *bundle) stranger() placed {
	return b.person(human{given: "IVOR", family: "BIRDSALL", born: "1975-01-02", number: "PM-900", mailbox: "ivor@example.test", subscriber: true})
}

func mateoTyped() *enrollmentv1.AddChildRequest {
	return &enrollmentv1.AddChildRequest{
		GivenName: "Mateo", FamilyName: "delgado", BirthDate: "2014-09-03", MemberNo: "pm 100",
		AttestationVersion: "2026-11", AttestationLanguage: "es",
	}
}

func (b *bundle) key() string {
	b.keys++
	return fmt.Sprintf("key-of-a-form-%d", b.keys)
}

// addChild asks as somebody, with a new form.
func (b *bundle) addChild(who placed, req *enrollmentv1.AddChildRequest) (*enrollmentv1.AddChildResponse, error) {
	req = proto.CloneOf(req)
	req.IdempotencyKey = b.key()
	return b.acting.AddChild(b.as(who), req)
}

func (b *bundle) as(who placed) context.Context {
	return rpc.WithToken(b.t.Context(), rpcv1.Role_ROLE_PATIENT.String()+":"+who.account.String())
}

func (b *bundle) asStaff() context.Context {
	return rpc.WithToken(b.t.Context(), rpcv1.Role_ROLE_STAFF.String()+":0190a000-0000-7000-8000-000000000001")
}

// mine lists the patients whom somebody may act for today, by Me.
func (b *bundle) mine(who placed) []string {
	b.t.Helper()
	res, err := b.client.Me(b.as(who), &enrollmentv1.MeRequest{})
	must(b.t, err)
	var out []string
	for _, p := range res.GetPatients() {
		out = append(out, p.GetGivenName())
	}
	return out
}

func (b *bundle) list(who placed) *enrollmentv1.ListPeopleResponse {
	b.t.Helper()
	res, err := b.acting.ListPeople(b.as(who), &enrollmentv1.ListPeopleRequest{})
	must(b.t, err)
	return res
}

// published reads the newest facts of a patient from the feed.
func (b *bundle) published(patient string) *enrollmentv1.PatientFacts {
	b.t.Helper()
	res, err := b.client.ReadKeys(rpc.AsService(b.t.Context()), &feedv1.ReadKeysRequest{Topic: "patients", Keys: []string{patient}})
	must(b.t, err)
	facts := new(enrollmentv1.PatientFacts)
	if len(res.GetChanges()) == 1 {
		must(b.t, proto.Unmarshal(res.GetChanges()[0].GetPayload(), facts))
	}
	return facts
}

func (b *bundle) moveTo(at time.Time) {
	b.t.Helper()
	by := time.Until(at)
	b.clock.Move(by)
	b.database.MoveClock(b.t, by)
}

func (b *bundle) exec(sql string, args ...any) {
	b.t.Helper()
	if _, err := b.db.W.DB().Exec(b.t.Context(), sql, args...); err != nil {
		b.t.Fatalf("%s: %v", sql, err)
	}
}

func (b *bundle) tx(fn func(ctx context.Context, tx pgx.Tx) error) {
	b.t.Helper()
	must(b.t, b.db.W.Tx(b.t.Context(), fn))
}

func (b *bundle) wantCount(want int, sql string) {
	b.t.Helper()
	n := 0
	b.database.Query(b.t, sql, &n)
	if n != want {
		b.t.Errorf("%s: %d, want %d", sql, n, want)
	}
}

// mailed waits for a mail to an address whose subject or text has the words.
func (b *bundle) mailed(address, words string) mail.Message {
	b.t.Helper()
	var found mail.Message
	eventually(b.t, "a mail to "+address+" about "+words, func() bool {
		for _, m := range b.outbox.to(address) {
			if strings.Contains(m.Subject+m.Text, words) {
				found = m
				return true
			}
		}
		return false
	})
	return found
}

var acceptLink = regexp.MustCompile(`https://bedside\.test/people/accept/(\S+)`)

// link reads the token of the newest invitation to an address.
func (b *bundle) link(address string) string {
	b.t.Helper()
	token := ""
	eventually(b.t, "a link to "+address, func() bool {
		for _, m := range b.outbox.to(address) {
			if f := acceptLink.FindStringSubmatch(m.Text); f != nil {
				token = f[1]
			}
		}
		return token != ""
	})
	return token
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
