package e2e

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

const rosa = "rosa.delgado@demo.test"

// A roster says that a patient's coverage has ended, though a visit is booked
// with it: nothing is canceled, the patient is told, and pays in another way.
// Then the plan says that it was wrong, which changes nothing any more.
func TestCoverageEndsBeforeTheVisit(t *testing.T) {
	t.Parallel()
	p, w := start(t, options{}), english()
	b := newTab(t, p.base, phone())
	b.open("/")
	b.click("Try as patient")
	b.need(w)
	b.time(w, 0)
	ref := b.finish(w)
	p.mailTo(rosa, ref)

	ended := time.Now().AddDate(0, 0, -3) // whatever day it is where the visit is
	p.endCoverage(2, ended)
	told := p.mailTo(rosa, "your coverage ended on "+ended.Format("January 2, 2006"))
	for _, want := range []string{"stays booked", "($79)", ref} {
		if !strings.Contains(told.Text, want) {
			t.Errorf("the mail does not say %q:\n%s", want, told.Text)
		}
	}
	_, link, found := strings.Cut(told.Text, p.base)
	link, _, _ = strings.Cut(link, "\n")
	if !found || !strings.HasSuffix(link, "/payment") {
		t.Fatalf("the mail leads nowhere:\n%s", told.Text)
	}
	b.reopens("/appointments", "coming up", "Needs your attention")
	b.shot("appointments-trouble-" + b.name)
	b.axe()
	b.follow("/appointments/")
	b.sees("Your plan says that your coverage ended", "Your visit stays booked", ref)
	b.shot("appointment-trouble-" + b.name)
	b.axe()
	staff := newTab(t, p.base, desktop())
	staff.open("/")
	staff.click("Try as staff")
	staff.click("Work list")
	staff.click("Affected visits")
	staff.sees("One visit needs somebody", ref, "The coverage ends before the visit", "Rosa Delgado")
	staff.shot("affected-coverage-" + staff.name)
	staff.axe()

	b.open(link)
	b.sees("How do you want to pay?")
	b.lacks("Tidewater")
	b.shot("payment-" + b.name)
	b.axe()
	b.choose("Without insurance")
	b.submit()
	b.sees("Your payment is changed", ref, "$79")
	b.lacks("Your plan says")
	b.shot("paid-" + b.name)
	b.axe()
	p.mailTo(rosa, "You changed how you pay")
	staff.reopens("/staff/affected", "No visit needs you", "Payment changed")
	staff.shot("affected-mended-" + staff.name)

	// The plan takes it back: nothing is in the way of a visit that is paid.
	p.run("roster", "import", "--payer", "Tidewater Mutual Care", p.rosterOf(3, "HD*021**HMO*EVERYDAY HMO*FAM", "DTP*348*D8*20260101"))
	b.reopensWithout("/appointments", "Needs your attention")
	var booked int
	p.db.Query(t, `SELECT count(*) FROM scheduling.reservations WHERE status = 'booked' AND price_cents = 7900 AND coverage_id IS NULL`, &booked)
	if booked != 1 {
		t.Errorf("%d visits are booked and paid without insurance", booked)
	}
}

// endCoverage imports a roster that ends the demo patient's coverage.
func (p *portal) endCoverage(number int, on time.Time) {
	p.t.Helper()
	out := p.run("roster", "import", "--payer", "Tidewater Mutual Care", p.rosterOf(number, "HD*024**HMO*EVERYDAY HMO*FAM", "DTP*349*D8*"+on.Format("20060102")))
	if !strings.Contains(out, "1 read") {
		p.t.Fatalf("the roster gave\n%s", out)
	}
}

// rosterOf writes a roster with the demo patient alone, and what it says of her
// coverage.
func (p *portal) rosterOf(number int, coverage ...string) string {
	p.t.Helper()
	lines := []string{
		fmt.Sprintf("ISA*00*          *00*          *ZZ*TIDEWATERMUTUAL*ZZ*BEDSIDE        *260601*0900*^*00501*%09d*0*P*:", number),
		fmt.Sprintf("GS*BE*TIDEWATERMUTUAL*BEDSIDE*20260601*0900*%d*X*005010X220A1", number),
		"ST*834*0001*005010X220A1", fmt.Sprintf("BGN*00*TW-%d*20260601*0900****2", number), "REF*38*TW-GROUP-1",
		"N1*P5*TIDEWATER SCHOOLS*FI*999000111", "N1*IN*TIDEWATER MUTUAL CARE*FI*999000222",
		"INS*Y*18*001*AI*A***FT", "REF*0F*TW7000001", "REF*1L*TW-GROUP-1", "NM1*IL*1*DELGADO*ROSA", "DMG*D8*19610412*F",
	}
	lines = append(lines, coverage...)
	lines = append(lines, fmt.Sprintf("SE*%d*0001", len(lines)-1), fmt.Sprintf("GE*1*%d", number), fmt.Sprintf("IEA*1*%09d", number))
	file := filepath.Join(p.t.TempDir(), fmt.Sprintf("tidewater-%d.834", number))
	if err := os.WriteFile(file, []byte(strings.Join(lines, "~\n")+"~\n"), 0o600); err != nil {
		p.t.Fatal(err)
	}
	return file
}
