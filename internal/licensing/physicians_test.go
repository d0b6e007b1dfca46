package licensing

import (
	"fmt"
	"strings"
	"testing"

	"github.com/bedside-health/bedside/internal/errs"
	licensingv1 "github.com/bedside-health/bedside/internal/gen/bedside/licensing/v1"
	"github.com/bedside-health/bedside/internal/ids"
	"github.com/bedside-health/bedside/internal/licensing/npi"
)

func TestAddPhysician(t *testing.T) {
	t.Parallel()
	b := setup(t)
	req := &licensingv1.AddPhysicianRequest{Physician: newPhysician(" 1234567893"), IdempotencyKey: b.key()}
	req.Physician.GivenName = "  Ana  María "
	first, err := b.AddPhysician(b.ctx, req)
	must(t, err)
	again, err := b.AddPhysician(b.ctx, req)
	must(t, err)
	if first.GetPhysicianId() != again.GetPhysicianId() {
		t.Errorf("a repeat made %s, at first %s", again.GetPhysicianId(), first.GetPhysicianId())
	}
	if n, m := b.count(`SELECT count(*) FROM licensing.physicians`), b.audited("licensing.physician_add"); n != 1 || m != 1 {
		t.Errorf("%d physicians, %d audit rows", n, m)
	}
	p := b.facts(first.GetPhysicianId()).GetPhysician()
	if p.GetVersion() != 1 || p.GetGivenName() != "Ana María" || p.GetNpi() != "1234567893" || p.GetAccountId() != "" {
		t.Errorf("the feed says %v", p)
	}
	var actor string
	b.database.Query(t, `SELECT account_id::text FROM audit.entries WHERE action = 'licensing.physician_add'`, &actor)
	if actor != b.officer.String() {
		t.Errorf("the audit names %s", actor)
	}
	req.Physician.FamilyName = "Other"
	_, err = b.AddPhysician(b.ctx, req)
	refused(t, err, errs.Conflict, "key_reused")
}

func TestAddPhysicianRefusesEveryWrongFieldAtOnce(t *testing.T) {
	t.Parallel()
	b := setup(t)
	long := strings.Repeat("x", 61)
	for name, c := range map[string]struct {
		change func(*licensingv1.Physician)
		want   string
	}{
		"nothing": {func(p *licensingv1.Physician) { *p = licensingv1.Physician{} },
			"credential:missing family_name:missing given_name:missing languages:missing npi:missing practice_state:missing specialties:missing time_zone:missing"},
		"check digit": {func(p *licensingv1.Physician) { p.Npi = "1234567890" }, "npi:check_digit"},
		"names": {func(p *licensingv1.Physician) { p.GivenName, p.FamilyName = long, "a\x01b" },
			"family_name:malformed given_name:too_long"},
		"unknown": {func(p *licensingv1.Physician) {
			p.Credential, p.PracticeState, p.TimeZone, p.AccountId = "PA", "ZZ", "Mars/Base", "x"
		}, "account_id:malformed credential:unknown practice_state:unknown time_zone:unknown"},
		"federal is no state": {func(p *licensingv1.Physician) { p.PracticeState = "US" }, "practice_state:unknown"},
		"codes":               {func(p *licensingv1.Physician) { p.Specialties, p.Languages = []string{"207Q"}, []string{"¿?"} }, "languages:malformed specialties:malformed"},
	} {
		p := newPhysician("1234567893")
		c.change(p)
		_, err := b.AddPhysician(b.ctx, &licensingv1.AddPhysicianRequest{Physician: p, IdempotencyKey: b.key()})
		if errs.CodeOf(err) != errs.Invalid || fieldsOf(err) != c.want {
			t.Errorf("%s: got %v %q, want %q", name, err, fieldsOf(err), c.want)
		}
	}
	if n := b.count(`SELECT count(*) FROM licensing.physicians`); n != 0 {
		t.Errorf("%d physicians", n)
	}
}

func TestNPIAndAccountAreTakenOnce(t *testing.T) {
	t.Parallel()
	b := setup(t)
	p := newPhysician("1234567893")
	p.AccountId = ids.New[ids.AccountID]().String()
	_, err := b.AddPhysician(b.ctx, &licensingv1.AddPhysicianRequest{Physician: p, IdempotencyKey: b.key()})
	must(t, err)
	_, err = b.AddPhysician(b.ctx, &licensingv1.AddPhysicianRequest{Physician: p, IdempotencyKey: b.key()})
	if fieldsOf(err) != "account_id:taken npi:taken" {
		t.Errorf("got %v %q", err, fieldsOf(err))
	}
	_, err = b.AddPhysician(b.ctx, &licensingv1.AddPhysicianRequest{Physician: newPhysician("1234567893"), IdempotencyKey: b.key()})
	if fieldsOf(err) != "npi:taken" {
		t.Errorf("got %v %q", err, fieldsOf(err))
	}
}

func TestInventedNPIsNeedADemo(t *testing.T) {
	t.Parallel()
	b := setup(t)
	req := &licensingv1.AddPhysicianRequest{Physician: newPhysician("9999908392"), IdempotencyKey: b.key()}
	_, err := b.another(false).AddPhysician(b.ctx, req)
	if fieldsOf(err) != "npi:malformed" {
		t.Errorf("got %v", err)
	}
	_, err = b.AddPhysician(b.ctx, req)
	must(t, err)
}

// people fills a roster of physicians named Family00 and so on.
func (b *bundle) people(n int) []string {
	b.t.Helper()
	var out []string
	for i := range n {
		p := newPhysician(npiOf(i))
		p.FamilyName = fmt.Sprintf("Family%02d", i)
		res, err := b.AddPhysician(b.ctx, &licensingv1.AddPhysicianRequest{Physician: p, IdempotencyKey: b.key()})
		must(b.t, err)
		out = append(out, res.GetPhysicianId())
	}
	return out
}

func npiOf(i int) string {
	return npi.Complete(fmt.Sprintf("1%08d", i))
}

func TestListPages(t *testing.T) {
	t.Parallel()
	b := setup(t)
	want := b.people(pageSize + 7)
	first, err := b.ListPhysicians(b.ctx, &licensingv1.ListPhysiciansRequest{})
	must(t, err)
	second, err := b.ListPhysicians(b.ctx, &licensingv1.ListPhysiciansRequest{After: first.GetNext()})
	must(t, err)
	if first.GetTotal() != pageSize+7 || second.GetTotal() != pageSize+7 || second.GetNext() != "" {
		t.Errorf("totals %d and %d, next %q", first.GetTotal(), second.GetTotal(), second.GetNext())
	}
	var got []string
	for _, f := range append(first.GetPhysicians(), second.GetPhysicians()...) {
		got = append(got, f.GetPhysician().GetPhysicianId())
	}
	if strings.Join(got, " ") != strings.Join(want, " ") {
		t.Errorf("got %d physicians, want %d in order of name", len(got), len(want))
	}
}

func TestListSearches(t *testing.T) {
	t.Parallel()
	b := setup(t)
	for i, name := range []string{"Ana Quispe", "Núria Ferrer-Solà", "Thuỷ Đặng", "100% Real", "Ana_Lu Ortega"} {
		p := newPhysician(npiOf(i))
		p.GivenName, p.FamilyName, _ = strings.Cut(name, " ")
		_, err := b.AddPhysician(b.ctx, &licensingv1.AddPhysicianRequest{Physician: p, IdempotencyKey: b.key()})
		must(t, err)
	}
	for query, want := range map[string]string{
		"":                "Ferrer-Solà Ortega Quispe Real Đặng",
		"ana":             "Ortega Quispe",
		"QUISPE ana":      "Quispe",
		"nuria sola":      "Ferrer-Solà",
		"ferrer-sola nú":  "Ferrer-Solà",
		"%":               "Real",
		"_":               "Ortega",
		"nobody":          "",
		npiOf(2):          "Đặng",
		npiOf(2)[:9]:      "Đặng",
		"ana " + npiOf(0): "Quispe",
		"ana " + npiOf(2): "",
	} {
		res, err := b.ListPhysicians(b.ctx, &licensingv1.ListPhysiciansRequest{Query: query})
		must(t, err)
		var got []string
		for _, f := range res.GetPhysicians() {
			got = append(got, f.GetPhysician().GetFamilyName())
		}
		if strings.Join(got, " ") != want || int(res.GetTotal()) != len(got) {
			t.Errorf("%q: got %v (total %d), want %q", query, got, res.GetTotal(), want)
		}
	}
}

func TestListRefuses(t *testing.T) {
	t.Parallel()
	b := setup(t)
	_, err := b.ListPhysicians(b.ctx, &licensingv1.ListPhysiciansRequest{
		State: "ZZ", Filter: "dubious", After: "x", Query: strings.Repeat("x", 101),
	})
	if got := fieldsOf(err); got != "after:malformed filter:unknown query:too_long state:unknown" {
		t.Errorf("got %q", got)
	}
	_, err = b.ListPhysicians(b.ctx, &licensingv1.ListPhysiciansRequest{Query: "a b c d e f g"})
	if got := fieldsOf(err); got != "query:too_long" {
		t.Errorf("got %q", got)
	}
}

func TestListFiltersByLicense(t *testing.T) {
	t.Parallel()
	b := setup(t)
	who := b.people(7)
	today := b.clock.Now()
	day := func(n int) string { return today.AddDate(0, 0, n).Format("2006-01-02") }
	for i, change := range []func(*licensingv1.License){
		func(l *licensingv1.License) { l.ValidTo = day(60) },
		func(l *licensingv1.License) { l.ValidTo = day(61) },
		func(l *licensingv1.License) { l.ValidTo = day(-1) },
		func(l *licensingv1.License) { l.Status = "expired" },
		func(l *licensingv1.License) { l.Status = "suspended" },
		func(l *licensingv1.License) { l.Status = "revoked" },
		func(l *licensingv1.License) { l.State, l.Basis = "MI", "imlc" },
	} {
		b.license(who[i], func(l *licensingv1.License) {
			l.Number = fmt.Sprint("M", i)
			change(l)
		})
	}
	for _, c := range []struct{ filter, state, want string }{
		{"expiring", "", "00"},
		{"expired", "", "02 03"},
		{"suspended", "", "04 05"},
		{"unconfirmed", "", "06"},
		{"unconfirmed", "PA", ""},
		{"", "MI", "06"},
		{"expired", "pa", "02 03"},
		{"", "WY", ""},
	} {
		res, err := b.ListPhysicians(b.ctx, &licensingv1.ListPhysiciansRequest{Filter: c.filter, State: c.state})
		must(t, err)
		var got []string
		for _, f := range res.GetPhysicians() {
			got = append(got, strings.TrimPrefix(f.GetPhysician().GetFamilyName(), "Family"))
			if len(f.GetLicenses()) != 1 {
				t.Errorf("%s: %d licenses", f.GetPhysician().GetFamilyName(), len(f.GetLicenses()))
			}
		}
		if strings.Join(got, " ") != c.want {
			t.Errorf("%q in %q: got %v, want %q", c.filter, c.state, got, c.want)
		}
	}
}

func TestGetPhysicianThatIsNotThere(t *testing.T) {
	t.Parallel()
	b := setup(t)
	_, err := b.GetPhysician(b.ctx, &licensingv1.GetPhysicianRequest{PhysicianId: ids.New[ids.PhysicianID]().String()})
	refused(t, err, errs.NotFound, "no_physician")
	_, err = b.GetPhysician(b.ctx, &licensingv1.GetPhysicianRequest{PhysicianId: "x"})
	refused(t, err, errs.NotFound, "no_physician")
}
