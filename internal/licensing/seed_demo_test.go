package licensing

import (
	"testing"

	"github.com/bedside-health/bedside/internal/demo/physicians"
	"github.com/bedside-health/bedside/internal/errs"
	licensingv1 "github.com/bedside-health/bedside/internal/gen/bedside/licensing/v1"
	"github.com/bedside-health/bedside/internal/ids"
)

func (b *bundle) demoPeople() []DemoPhysician {
	var out []DemoPhysician
	for _, p := range physicians.All(b.clock.Now()) {
		out = append(out, DemoPhysician{Physician: p.Physician, Licenses: p.Licenses})
	}
	return out
}

func TestSeedDemo(t *testing.T) {
	t.Parallel()
	b := setup(t)
	people := b.demoPeople()
	must(t, b.SeedDemo(t.Context(), people))
	// An officer suspends a license; the next start must not undo it.
	who := people[0].Physician.GetPhysicianId()
	l := b.facts(who).GetLicenses()[0]
	l.Status = "suspended"
	fixed, err := b.correct(l.GetLicenseId(), l)
	must(t, err)
	must(t, b.SeedDemo(t.Context(), people))

	if n, m := b.count(`SELECT count(*) FROM licensing.physicians WHERE demo`), b.audited("licensing.physician_add"); n != 60 || m != 60 {
		t.Errorf("%d physicians, %d audit rows", n, m)
	}
	facts := b.facts(who)
	if v := facts.GetPhysician().GetVersion(); v != 2 || len(facts.GetLicenses()) != len(people[0].Licenses) {
		t.Errorf("version %d with %d licenses", v, len(facts.GetLicenses()))
	}
	for _, l := range facts.GetLicenses() {
		if l.GetLicenseId() == fixed && l.GetStatus() != "suspended" {
			t.Error("the suspension was undone")
		}
	}
	for _, filter := range []string{"expiring", "expired", "suspended", "unconfirmed"} {
		res, err := b.ListPhysicians(b.ctx, &licensingv1.ListPhysiciansRequest{Filter: filter})
		must(t, err)
		if res.GetTotal() == 0 {
			t.Errorf("nobody is %s", filter)
		}
	}
}

func TestSeedDemoLinksAnAccountOnce(t *testing.T) {
	t.Parallel()
	b := setup(t)
	one := b.demoPeople()[:1]
	must(t, b.SeedDemo(t.Context(), one))
	account := ids.New[ids.AccountID]().String()
	one[0].Physician.AccountId = account
	must(t, b.SeedDemo(t.Context(), one))
	one[0].Physician.AccountId = ids.New[ids.AccountID]().String()
	must(t, b.SeedDemo(t.Context(), one))
	p := b.facts(one[0].Physician.GetPhysicianId()).GetPhysician()
	if p.GetAccountId() != account || p.GetVersion() != 2 {
		t.Errorf("account %s at version %d", p.GetAccountId(), p.GetVersion())
	}
}

func TestSeedDemoNeedsADemo(t *testing.T) {
	t.Parallel()
	b := setup(t)
	refused(t, b.another(false).SeedDemo(t.Context(), b.demoPeople()[:1]), errs.Forbidden, "demo_off")
	people := b.demoPeople()[:1]
	people[0].Licenses[0].State = "ZZ"
	err := b.SeedDemo(t.Context(), people)
	if fieldsOf(err) != "state:unknown" {
		t.Errorf("got %v", err)
	}
	if n := b.count(`SELECT count(*) FROM licensing.physicians`); n != 0 {
		t.Errorf("half a physician stays: %d", n)
	}
}
