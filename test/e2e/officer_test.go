package e2e

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"testing"
	"time"

	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"
)

// The licensing officer's morning: a suspended license is on the list, the
// officer corrects it, and within seconds patients find the physician; another
// is suspended, and nobody finds them anymore. Then they look at what the rules
// will say when federal law changes.
func TestOfficerCorrectsALicense(t *testing.T) {
	t.Parallel()
	p, w := start(t, options{}), english()
	watcher := newVisitor(p.base, "en")
	if !watcher.finds(t, demoPhysician) {
		t.Fatalf("%s is not found before", demoPhysician)
	}
	b := newTab(t, p.base, desktop())
	b.suspend(demoPhysician, w.pennsylvania)
	within(t, 5*time.Second, "a suspended physician is still found", func() bool { return !watcher.finds(t, demoPhysician) })

	b.open("/licensing/licenses")
	b.sees("licenses need a look", "Suspended (", "Not confirmed (")
	b.shot("officer-licenses-" + b.name)
	b.axe()
	b.click("Suspended (")
	b.sees("suspended or revoked", demoPhysician)
	b.click("Correct " + demoPhysician)
	b.pick("Status at the board", "Active")
	b.fill("Why", "The board has lifted it")
	b.submit()
	b.sees("The newer entry is saved", "The board has lifted it")
	within(t, 5*time.Second, "a reinstated physician is not found", func() bool { return watcher.finds(t, demoPhysician) })

	b.open("/licensing/licenses?concern=unconfirmed")
	b.sees("not confirmed")
	b.click("Confirm or correct")
	b.sees("cannot be used yet")
	b.choose("I confirm that the board lists this license")
	b.fill("Why", "The board lists it")
	b.submit()
	b.sees("The newer entry is saved")

	b.open("/licensing/rules/US?on=2027-01-01")
	b.sees("In person first", "In force", "No longer in force", "21 U.S.C. 829(e)")
	b.open("/licensing/rules/AL")
	b.field("As of")
	b.eval(`(document.querySelector("[data-e2e]").value = "2027-01-01")`)
	b.pick("Kind of license held", "Waiver")
	b.click("Show")
	b.sees("What Bedside would say on January 1, 2027", "Refused", "Federal law", "Ala. Code 34-24-704")
	b.shot("officer-rules-" + b.name)
	b.axe()
}

// within waits for something that must come soon.
func within(t *testing.T, limit time.Duration, otherwise string, ok func() bool) {
	t.Helper()
	began := time.Now()
	for !ok() {
		if time.Since(began) > limit {
			t.Fatalf("%s later, %s", limit, otherwise)
		}
		<-time.After(20 * time.Millisecond)
	}
}

var pdfPage = regexp.MustCompile(`/Type\s*/Page\b`)

// A visit prints on one page, of either paper, without what paper cannot do.
func TestAVisitPrintsOnOnePage(t *testing.T) {
	t.Parallel()
	p, w := start(t, options{}), english()
	b := newTab(t, p.base, desktop())
	b.open("/")
	b.click("Try as patient")
	b.need(w)
	b.time(w, 0)
	ref := b.finish(w)
	b.open("/appointments")
	b.follow("/appointments/")
	b.sees(ref, "On the day", "call 911")
	for paper, size := range map[string][2]float64{"letter": {8.5, 11}, "A4": {8.27, 11.69}} {
		if n := b.print("appointment-"+paper, size[0], size[1]); n != 1 {
			t.Errorf("on %s the visit takes %d pages", paper, n)
		}
	}
	shown := b.inPrint(`[".nav", ".tools", ".actions", ".demo-strip", ".back", ".skip"].filter(s => [...document.querySelectorAll(s)].some(e => e.getClientRects().length > 0)).join(" ")`)
	if shown != "" {
		t.Errorf("paper shows %s", shown)
	}
	text := fold(b.inPrint(`document.body.innerText`))
	for _, want := range []string{ref, "on the day", "eastern time", "911", "1-800-555-0199"} {
		if !regexp.MustCompile(`(?i)` + regexp.QuoteMeta(want)).MatchString(text) {
			t.Errorf("paper lacks %q", want)
		}
	}
}

// print makes a PDF as a printer would, and counts its pages.
func (b *tab) print(name string, width, height float64) int {
	b.t.Helper()
	ctx, cancel := context.WithTimeout(b.ctx, patience)
	defer cancel()
	var pdf []byte
	err := chromedp.Do(ctx, chromedp.Func(func(ctx context.Context, _ *chromedp.Target) error {
		res, err := chromedp.Call(ctx, page.PrintToPDF, page.PrintToPDFParams{PaperWidth: width, PaperHeight: height})
		if err == nil {
			pdf = res.Data
		}
		return err
	}))
	if err != nil {
		b.fail("printing: %v", err)
	}
	if err := os.WriteFile(filepath.Join(b.folder(), name+".pdf"), pdf, 0o600); err != nil {
		b.t.Errorf("no PDF of %s: %v", name, err)
	}
	return len(pdfPage.FindAll(pdf, -1))
}

// inPrint evaluates a script on the page as it is printed.
func (b *tab) inPrint(js string) string {
	b.t.Helper()
	b.media("print", "none")
	defer b.media("", "none")
	return b.eval(fmt.Sprintf("(%s)", js))
}
