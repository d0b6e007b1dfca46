package e2e

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

const (
	demoRoster = "../../demo/roster.834"
	margaret   = "margaret.okonkwo@larkspur.test"
)

// The whole journey: a real roster file, an invitation, an account, a visit,
// the physician's day, and its end. Then the same file changes nothing.
func TestFromRosterToVisit(t *testing.T) {
	t.Parallel()
	p := start(t, options{})
	p.journey(english(), desktop())
}

// The same with every target in a process of its own.
func TestFromRosterToVisitSplit(t *testing.T) {
	t.Parallel()
	p := start(t, options{split: true})
	p.journey(english(), phone())
}

// journey walks through the portal as staff, a member and a physician.
func (p *portal) journey(w words, l look) {
	p.t.Helper()
	staff := newTab(p.t, p.base, desktop())
	p.uploadRoster(staff)
	staff.axe()
	staff.shot("import-" + staff.name)
	staff.click("Send ")
	staff.sees("invitation")

	member := newTab(p.t, p.base, l)
	p.accept(member, w)
	member.need(w)
	value := member.withPhysician(w, demoPhysician)
	ref := member.finish(w)
	p.mailTo(margaret, ref)

	doctor := newTab(p.t, p.base, desktop())
	doctor.open("/")
	doctor.click("Try as physician")
	doctor.reopens("/physician/day?day="+value, "Margaret Okonkwo", "A cough since Thursday")
	doctor.shot("day-" + doctor.name)
	doctor.axe()

	member.open("/appointments")
	member.follow("/appointments/")
	member.sees(ref)
	member.click(w.cancel)
	member.click(w.cancelYes)
	member.sees(w.canceled)
	doctor.reopens("/physician/day?day="+value, "No visits", "Canceled")
	doctor.lacks("A cough since Thursday")
}

// demoPhysician is the one who has an account.
const demoPhysician = "Maren Okafor-Lindt"

// uploadRoster uploads the demo roster as staff and waits for its end.
func (p *portal) uploadRoster(staff *tab) {
	p.t.Helper()
	p.sendRoster(staff)
	staff.sees("5,000 members read", "3 records were left out")
}

// accept opens the invitation in the mail and activates the account.
func (p *portal) accept(member *tab, w words) {
	p.t.Helper()
	m := p.mailTo(margaret, "/activate/")
	link := mailLink.FindString(m.Text)
	if link == "" {
		p.t.Fatalf("no link in the invitation:\n%s", m.Text)
	}
	member.open(link)
	member.shot("invitation-" + member.name)
	member.axe()
	if strings.Contains(member.path(), "/activate/") && strings.Contains(link, member.path()) && member.path() != "/activate/invitation" {
		p.t.Errorf("the token stays in the address: %s", member.path())
	}
	member.fill(w.month, "3")
	member.fill(w.day, "14")
	member.fill(w.year, "1958")
	member.submit()
	member.sees(w.active)
}

// withPhysician chooses the first time of one physician, and returns its day.
func (b *tab) withPhysician(w words, name string) string {
	b.t.Helper()
	b.find("summary", w.narrow)
	b.tap()
	b.pick(w.physician, name)
	b.click(w.showTimesOf)
	b.sees(name)
	if strings.Contains(b.text(), w.nothing) {
		b.follow("/book/time")
	}
	day := isoDay.FindString(b.eval(`[...document.querySelectorAll("main label.slot")].find(l => l.checkVisibility())?.querySelector("time").getAttribute("datetime") || ""`))
	b.time(w, 0)
	if day == "" {
		b.fail("the times do not say their day")
	}
	return day
}

var isoDay = regexp.MustCompile(`20\d\d-\d\d-\d\d`)

// From the command line: the demo roster twice, a file that is cut off, and a
// file of another payer.
func TestRosterCommand(t *testing.T) {
	t.Parallel()
	p := start(t, options{})
	rejects := filepath.Join(t.TempDir(), "rejects.csv")
	out := p.run("roster", "import", "--payer", "Larkspur Health Plan", "--rejects", rejects, demoRoster)
	for _, want := range []string{"5000 read", "rejected        3"} {
		if !strings.Contains(out, want) {
			t.Errorf("the summary lacks %q:\n%s", want, out)
		}
	}
	body, err := os.ReadFile(rejects)
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"bad_date", "no_member_id", "LK1000636", "LK1001884", "DMG02"} {
		if !strings.Contains(string(body), want) {
			t.Errorf("the rejects file lacks %q:\n%s", want, body)
		}
	}
	if again := p.run("roster", "import", "--payer", "Larkspur Health Plan", demoRoster); !strings.Contains(again, "imported before") {
		t.Errorf("the same file again:\n%s", again)
	}
	whole, err := os.ReadFile(demoRoster)
	if err != nil {
		t.Fatal(err)
	}
	cut := filepath.Join(t.TempDir(), "cut.834")
	if err := os.WriteFile(cut, whole[:len(whole)/2], 0o600); err != nil {
		t.Fatal(err)
	}
	for _, tc := range []struct{ payer, file, want string }{
		{"Larkspur Health Plan", cut, "Nothing was changed"},
		{"Tidewater Mutual Care", demoRoster, "Nothing was changed"},
		{"Nobody's Plan", demoRoster, "payer"},
	} {
		if out := p.refused("roster", "import", "--payer", tc.payer, tc.file); !strings.Contains(out, tc.want) {
			t.Errorf("%s for %s:\n%s", tc.file, tc.payer, out)
		}
	}
}

// A public sample, with the person in it: the roster has no e-mail, so that
// typed details lead to staff, with the reference that the member was given.
func TestPublicSample(t *testing.T) {
	t.Parallel()
	sample, payer, member := ownSample, "555000111", "900123001"
	if dir := os.Getenv("BEDSIDE_CORPUS"); dir != "" {
		sample, payer, member = filepath.Join(dir, "x12/834/lfh_demo.834"), "654456654", "123456789"
	}
	p, w := start(t, options{}), english()
	p.run("roster", "payer", "--name", "Sample Payer", "--id", payer)
	if out := p.run("roster", "import", "--test", "--payer", "Sample Payer", sample); !strings.Contains(out, "1 read, 1 added") {
		t.Fatalf("the sample gave\n%s", out)
	}
	b := newTab(t, p.base, phone())
	b.open("/activate")
	b.shot("activate-" + b.name)
	b.axe()
	b.fill(w.memberID, member)
	b.fill(w.familyName, "doe")
	b.fill(w.month, "8")
	b.fill(w.day, "16")
	b.fill(w.year, "1940")
	b.submit()
	b.sees("code")
	b.axe()
	ref := reference.FindString(b.text())
	if ref == "" {
		b.fail("the page gives no reference")
	}
	staff := newTab(t, p.base, desktop())
	staff.open("/")
	staff.click("Try as staff")
	staff.open("/staff/activations")
	staff.sees(ref)
	staff.shot("activations-" + staff.name)
	staff.axe()
}

// ownSample is a roster of our own in the image of the public ones.
const ownSample = "testdata/one-member.834"
