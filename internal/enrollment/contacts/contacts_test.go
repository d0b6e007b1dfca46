package contacts

import (
	"context"
	"errors"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/bedside-health/bedside/internal/audit"
	"github.com/bedside-health/bedside/internal/cache"
	"github.com/bedside-health/bedside/internal/clock"
	"github.com/bedside-health/bedside/internal/errs"
	"github.com/bedside-health/bedside/internal/feed"
	authv1 "github.com/bedside-health/bedside/internal/gen/bedside/auth/v1"
	enrollmentv1 "github.com/bedside-health/bedside/internal/gen/bedside/enrollment/v1"
	rpcv1 "github.com/bedside-health/bedside/internal/gen/bedside/rpc/v1"
	"github.com/bedside-health/bedside/internal/ids"
	"github.com/bedside-health/bedside/internal/lifecycle"
	"github.com/bedside-health/bedside/internal/pg"
	"github.com/bedside-health/bedside/internal/pgtest"
	"github.com/bedside-health/bedside/internal/principal"
	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
)

// bundle is the real service on a real database. Auth, and the feed of
// patients' facts, are stood in for.
type bundle struct {
	t         *testing.T
	database  pgtest.Database
	service   *Service
	auth      *pg.DB
	feed      *feed.Source
	mu        sync.Mutex
	email     string
	away      bool
	published []uuid.UUID
	rung      int
}

// SignInEmail is auth's answer.
func (b *bundle) SignInEmail(context.Context, *authv1.SignInEmailRequest) (*authv1.SignInEmailResponse, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.away {
		return nil, errs.New(errs.Unavailable, "unavailable", "auth is away")
	}
	return &authv1.SignInEmailResponse{Email: b.email}, nil
}

func setup(t *testing.T) *bundle {
	t.Helper()
	b := &bundle{t: t, database: pgtest.New(t), email: "rosa.new@example.test"}
	db := b.database.As(t, "enrollment")
	b.auth = b.database.As(t, "auth")
	b.feed = feed.NewSource(b.auth, cache.NewBell(cache.New("", slog.New(slog.DiscardHandler))), "auth", topicAddresses)
	reads := audit.NewReads(db)
	group := lifecycle.NewGroup(slog.New(slog.DiscardHandler))
	group.Add(reads)
	must(t, group.Start(t.Context()))
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
		defer cancel()
		if err := group.Stop(ctx); err != nil {
			t.Errorf("stopping: %v", err)
		}
	})
	var err error
	b.service, err = New(Deps{
		DB: db, Clock: clock.Offset(0), Log: slog.New(slog.DiscardHandler), Audit: reads, Accounts: b, Addresses: b,
		Hold: func(context.Context, pgx.Tx, []uuid.UUID) error { return nil },
		Publish: func(_ context.Context, _ pgx.Tx, patients []uuid.UUID) error {
			b.mu.Lock()
			defer b.mu.Unlock()
			b.published = append(b.published, patients...)
			return nil
		},
		Ring: func() {
			b.mu.Lock()
			defer b.mu.Unlock()
			b.rung++
		},
	})
	must(t, err)
	return b
}

// person makes a patient who is an account, and returns the context of its
// calls.
func (b *bundle) person() (ids.PatientID, ids.AccountID, context.Context) {
	b.t.Helper()
	patient, account := ids.New[ids.PatientID](), ids.New[ids.AccountID]()
	b.database.Exec(b.t, `INSERT INTO enrollment.patients (patient_id, given_name, family_name, birth_date, language, details_source)
		VALUES ($1, 'Rosa', 'Delgado', '1961-04-12', 'en', 'roster')`, patient.UUID)
	b.database.Exec(b.t, `INSERT INTO enrollment.acts_for (acts_for_id, account_id, patient_id, relation, from_date)
		VALUES ($1, $2, $3, 'self', '2020-01-01')`, ids.NewUUID(), account.UUID, patient.UUID)
	return patient, account, b.as(account)
}

func (b *bundle) as(account ids.AccountID) context.Context {
	return principal.With(b.t.Context(), principal.Principal{Account: account, Session: ids.New[ids.SessionID](), Roles: []rpcv1.Role{rpcv1.Role_ROLE_PATIENT}})
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

func key() string { return ids.NewUUID().String() }

func refused(t *testing.T, err error, code errs.Code, reason string) {
	t.Helper()
	if err == nil || errs.CodeOf(err) != code || errs.ReasonOf(err) != reason {
		t.Fatalf("got %v; want %s %q", err, code, reason)
	}
}

func TestPhone(t *testing.T) {
	t.Parallel()
	b := setup(t)
	patient, _, me := b.person()
	req := &enrollmentv1.SetPhoneRequest{PatientId: patient.String(), Phone: " +1 (215) 555-0188 ", IdempotencyKey: key()}
	for range 2 { // the same form again has one effect
		_, err := b.service.SetPhone(me, req)
		must(t, err)
	}
	got, err := b.service.ListContacts(me, &enrollmentv1.ListContactsRequest{PatientId: patient.String()})
	must(t, err)
	if got.GetPhone() != "2155550188" || !got.GetPhoneOwn() {
		t.Errorf("kept %v", got)
	}
	if n := b.count(`SELECT count(*) FROM audit.entries WHERE action = 'contact.set'`); n != 1 || !slices.Contains(b.published, patient.UUID) || b.rung == 0 {
		t.Errorf("%d entries, published %v", n, b.published)
	}
	if n := b.count(`SELECT count(*) FROM audit.entries WHERE detail::text LIKE '%0188%'`); n != 0 {
		t.Error("the number stands in the audit trail")
	}
	_, err = b.service.SetPhone(me, &enrollmentv1.SetPhoneRequest{PatientId: patient.String(), IdempotencyKey: key()})
	must(t, err)
	if n := b.count(`SELECT count(*) FROM enrollment.contact_points`); n != 0 {
		t.Error("an empty number leaves the old one")
	}
	for _, bad := range []string{"555 0188", "015 555 0188", "215 155 0188", "call me", "215 555 0188 9", "٢١٥٥٥٥٠١٨٨", strings.Repeat("2", 5000)} {
		_, err := b.service.SetPhone(me, &enrollmentv1.SetPhoneRequest{PatientId: patient.String(), Phone: bad, IdempotencyKey: key()})
		refused(t, err, errs.Invalid, "invalid_fields")
	}
}

func TestAddress(t *testing.T) {
	t.Parallel()
	b := setup(t)
	patient, _, me := b.person()
	set := func(a *enrollmentv1.PostalAddress) error {
		_, err := b.service.SetAddress(me, &enrollmentv1.SetAddressRequest{PatientId: patient.String(), Address: a, IdempotencyKey: key()})
		return err
	}
	must(t, set(&enrollmentv1.PostalAddress{Line1: " 12  Calle\nO'Hara ñ ", Line2: "Apt 4", City: "San Juan", State: "pr", Zip: "00901"}))
	got, err := b.service.ListContacts(me, &enrollmentv1.ListContactsRequest{PatientId: patient.String()})
	must(t, err)
	if a := got.GetAddress(); a.GetLine1() != "12 Calle O'Hara ñ" || a.GetLine2() != "Apt 4" || a.GetCity() != "San Juan" || a.GetState() != "PR" || a.GetZip() != "00901" {
		t.Errorf("kept %v", a)
	}
	for field, bad := range map[string]*enrollmentv1.PostalAddress{
		"line1":      {City: "Erie", State: "PA", Zip: "16501"},
		"line2":      {Line1: "1 Main", Line2: strings.Repeat("ñ", 101), City: "Erie", State: "PA", Zip: "16501"},
		"city":       {Line1: "1 Main", State: "PA", Zip: "16501"},
		"home_state": {Line1: "1 Main", City: "Erie", State: "XX", Zip: "16501"},
		"zip":        {Line1: "1 Main", City: "Erie", State: "PA", Zip: "1650"},
	} {
		err := set(bad)
		refused(t, err, errs.Invalid, "invalid_fields")
		if fields := errs.FieldsOf(err); len(fields) != 1 || fields[0].Name != field {
			t.Errorf("%s: %v", field, fields)
		}
	}
	must(t, set(nil))
	if n := b.count(`SELECT count(*) FROM enrollment.contact_points`); n != 0 {
		t.Error("an empty address leaves the old one")
	}
}

// Somebody else's patient is refused like one that does not exist.
func TestOnlyOnesOwn(t *testing.T) {
	t.Parallel()
	b := setup(t)
	theirs, _, _ := b.person()
	_, _, me := b.person()
	b.database.Exec(t, `UPDATE enrollment.acts_for SET until_date = '2021-01-01' WHERE patient_id = $1`, theirs.UUID)
	for _, id := range []string{theirs.String(), ids.NewUUID().String()} {
		_, err := b.service.ListContacts(me, &enrollmentv1.ListContactsRequest{PatientId: id})
		refused(t, err, errs.NotFound, "patient_unknown")
		_, err = b.service.ListConsents(me, &enrollmentv1.ListConsentsRequest{PatientId: id})
		refused(t, err, errs.NotFound, "patient_unknown")
		_, err = b.service.SetPhone(me, &enrollmentv1.SetPhoneRequest{PatientId: id, Phone: "2155550188", IdempotencyKey: key()})
		refused(t, err, errs.NotFound, "patient_unknown")
		_, err = b.service.SetAddress(me, &enrollmentv1.SetAddressRequest{PatientId: id, IdempotencyKey: key()})
		refused(t, err, errs.NotFound, "patient_unknown")
	}
	if n := b.count(`SELECT count(*) FROM audit.entries`); n != 0 || len(b.published) != 0 {
		t.Error("a refusal has left something behind")
	}
}

// What a patient typed comes before the roster's, and a proven address before
// both.
func TestMailFollowsTheAccount(t *testing.T) {
	t.Parallel()
	b := setup(t)
	patient, account, me := b.person()
	b.database.Exec(t, `INSERT INTO enrollment.contact_points (contact_id, patient_id, kind, source, value, verified_at)
		VALUES ($1, $2, 'email', 'patient', 'rosa.old@example.test', now() - interval '1 year')`, ids.NewUUID(), patient.UUID)
	follow := func(account ids.AccountID) (bool, error) {
		ctx := principal.With(t.Context(), principal.Principal{Service: "web"})
		res, err := b.service.FollowSignInEmail(ctx, &enrollmentv1.FollowSignInEmailRequest{AccountId: account.String()})
		return res.GetChanged(), err
	}
	b.away = true
	_, err := follow(account)
	refused(t, err, errs.Unavailable, "unavailable")
	b.away = false
	for i, want := range []bool{true, false, false} {
		changed, err := follow(account)
		must(t, err)
		if changed != want {
			t.Errorf("time %d: changed %t", i, changed)
		}
	}
	got, err := b.service.ListContacts(me, &enrollmentv1.ListContactsRequest{PatientId: patient.String()})
	must(t, err)
	if got.GetEmail() != b.email || !got.GetEmailOwn() {
		t.Errorf("mail goes to %s", got.GetEmail())
	}
	if n := b.count(`SELECT count(*) FROM enrollment.contact_points WHERE value = 'rosa.old@example.test'`); n != 0 {
		t.Error("an address that the account has left is still there")
	}
	if n := b.count(`SELECT count(*) FROM audit.entries WHERE action = 'contact.set'`); n != 1 || len(b.published) != 1 {
		t.Errorf("%d entries, published %d times", n, len(b.published))
	}
	// Who is nobody's patient has nothing to follow.
	changed, err := follow(ids.New[ids.AccountID]())
	if err != nil || changed {
		t.Errorf("an account without a patient: %t, %v", changed, err)
	}
}

func TestConsentsAreListed(t *testing.T) {
	t.Parallel()
	b := setup(t)
	patient, account, me := b.person()
	for i, by := range []ids.AccountID{account, ids.New[ids.AccountID]()} {
		b.database.Exec(t, `INSERT INTO enrollment.consents (consent_id, patient_id, kind, version, language, document_hash, account_id, given_at)
			VALUES ($1, $2, 'telehealth', '2026-11', 'es', $3, $4, now() - make_interval(days => $5))`, ids.NewUUID(), patient.UUID, make([]byte, 32), by.UUID, i)
	}
	got, err := b.service.ListConsents(me, &enrollmentv1.ListConsentsRequest{PatientId: patient.String()})
	must(t, err)
	if c := got.GetConsents(); len(c) != 2 || !c[0].GetByCaller() || c[1].GetByCaller() || c[0].GetLanguage() != "es" || c[0].GetVersion() != "2026-11" {
		t.Errorf("listed %v", c)
	}
	if n := b.count(`SELECT count(*) FROM audit.entries WHERE action = 'consent.read'`); n != 1 {
		t.Error("the read is not on record")
	}
}

func TestDependenciesAreAskedFor(t *testing.T) {
	t.Parallel()
	_, err := New(Deps{})
	if err == nil || len(strings.Split(err.Error(), "\n")) != 8 || errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
}
