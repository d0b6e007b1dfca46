package licensing

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"slices"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/bedside-health/bedside/internal/cache"
	"github.com/bedside-health/bedside/internal/clock"
	"github.com/bedside-health/bedside/internal/errs"
	feedv1 "github.com/bedside-health/bedside/internal/gen/bedside/feed/v1"
	licensingv1 "github.com/bedside-health/bedside/internal/gen/bedside/licensing/v1"
	"github.com/bedside-health/bedside/internal/ids"
	"github.com/bedside-health/bedside/internal/pgtest"
	"github.com/bedside-health/bedside/internal/principal"
	"google.golang.org/protobuf/proto"
)

// bundle is a service on a database of its own, and an officer.
type bundle struct {
	*Service
	t        *testing.T
	database pgtest.Database
	ctx      context.Context
	officer  ids.AccountID
	keys     atomic.Int64
}

func setup(t *testing.T) *bundle {
	t.Helper()
	b := &bundle{t: t, database: pgtest.New(t), officer: ids.New[ids.AccountID]()}
	b.Service = b.another(true)
	b.ctx = principal.With(t.Context(), principal.Principal{Account: b.officer, Session: ids.New[ids.SessionID]()})
	return b
}

// another is a second process on the same database.
func (b *bundle) another(demo bool) *Service {
	b.t.Helper()
	log := slog.New(slog.NewTextHandler(io.Discard, nil))
	s, err := New(Deps{
		DB: b.database.As(b.t, serviceName), Clock: clock.System(), Log: log,
		Bell: cache.NewBell(cache.New("", log)), Demo: demo,
	})
	must(b.t, err)
	return s
}

func (b *bundle) key() string { return fmt.Sprintf("key-%08d", b.keys.Add(1)) }

func (b *bundle) count(sql string, args ...any) int {
	b.t.Helper()
	var n int
	b.database.Query(b.t, fmt.Sprintf(sql, args...), &n)
	return n
}

func (b *bundle) audited(action string) int {
	b.t.Helper()
	return b.count(`SELECT count(*) FROM audit.entries WHERE action = '%s'`, action)
}

func newPhysician(npi string) *licensingv1.Physician {
	return &licensingv1.Physician{
		Npi: npi, GivenName: "Ana", FamilyName: "Quispe", Credential: "MD", Specialties: []string{"207Q00000X"},
		Languages: []string{"en", "es"}, TimeZone: "America/New_York", PracticeState: "PA",
	}
}

func newLicense(physician string) *licensingv1.License {
	return &licensingv1.License{
		PhysicianId: physician, State: "PA", Number: "md 123456", Board: "Pennsylvania Board of Medicine",
		Basis: "full", Status: "active", ValidFrom: "2025-01-01", ValidTo: "2027-12-31", Source: "board website",
	}
}

// physician puts a physician with NPI 1234567893 on file.
func (b *bundle) physician() string {
	b.t.Helper()
	res, err := b.AddPhysician(b.ctx, &licensingv1.AddPhysicianRequest{Physician: newPhysician("1234567893"), IdempotencyKey: b.key()})
	must(b.t, err)
	return res.GetPhysicianId()
}

// license puts a license on file, changed as wanted.
func (b *bundle) license(physician string, change func(*licensingv1.License)) string {
	b.t.Helper()
	l := newLicense(physician)
	if change != nil {
		change(l)
	}
	res, err := b.AddLicense(b.ctx, &licensingv1.AddLicenseRequest{License: l, IdempotencyKey: b.key()})
	must(b.t, err)
	return res.GetLicenseId()
}

// facts reads what the neighbors hear now of a physician.
func (b *bundle) facts(physician string) *licensingv1.PhysicianFacts {
	b.t.Helper()
	res, err := b.ReadKeys(b.ctx, &feedv1.ReadKeysRequest{Topic: topicPhysicians, Keys: []string{physician}})
	must(b.t, err)
	if len(res.GetChanges()) != 1 {
		b.t.Fatalf("the feed has %d changes of %s", len(res.GetChanges()), physician)
	}
	c := res.GetChanges()[0]
	m := new(licensingv1.PhysicianFacts)
	must(b.t, proto.Unmarshal(c.GetPayload(), m))
	if m.GetPhysician().GetVersion() != c.GetVersion() {
		b.t.Fatalf("facts say version %d, the feed %d", m.GetPhysician().GetVersion(), c.GetVersion())
	}
	return m
}

func (b *bundle) history(physician string) []*licensingv1.License {
	b.t.Helper()
	res, err := b.GetPhysician(b.ctx, &licensingv1.GetPhysicianRequest{PhysicianId: physician})
	must(b.t, err)
	return res.GetLicenses()
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func refused(t testing.TB, err error, code errs.Code, reason string) {
	t.Helper()
	if err == nil || errs.CodeOf(err) != code || errs.ReasonOf(err) != reason {
		t.Fatalf("got %v, want %s %s", err, code, reason)
	}
}

// fieldsOf is an error's fields as "name:reason", sorted.
func fieldsOf(err error) string {
	var out []string
	for _, f := range errs.FieldsOf(err) {
		out = append(out, f.Name+":"+f.Reason)
	}
	slices.Sort(out)
	return strings.Join(out, " ")
}
