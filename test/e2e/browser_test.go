package e2e

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"
)

// startBrowser starts one Chromium for the whole run; every tab has a context of
// its own, with cookies of its own.
func startBrowser() (context.Context, func(), error) {
	path := os.Getenv("BEDSIDE_CHROMIUM")
	if path == "" {
		path = "/usr/bin/chromium"
	}
	if _, err := os.Stat(path); err != nil {
		return nil, nil, fmt.Errorf("no Chromium at %s: run `make test`, which installs it", path)
	}
	opts := append(chromedp.DefaultExecAllocatorOptions[:],
		chromedp.ExecPath(path), chromedp.NoSandbox, chromedp.DisableGPU, chromedp.NoFirstRun,
		chromedp.Flag("disable-quic", true), chromedp.Flag("disable-background-networking", true),
		chromedp.Flag("disable-component-update", true), chromedp.Flag("disable-sync", true),
		chromedp.Flag("hide-scrollbars", true),
	)
	alloc, stopAlloc := chromedp.NewExecAllocator(context.Background(), opts...)
	root, stopRoot := chromedp.NewContext(alloc)
	if err := chromedp.Do(root, chromedp.Navigate("about:blank")); err != nil {
		stopRoot()
		stopAlloc()
		return nil, nil, fmt.Errorf("starting Chromium: %w", err)
	}
	return root, func() { stopRoot(); stopAlloc() }, nil
}

// tab is one person's browser.
type tab struct {
	t   *testing.T
	ctx context.Context
	// close is for who opens many; the others close at the end of their test.
	close func()
	base  string
	look  look
	// name tells pictures of different looks apart.
	name string
}

// look is how a person's browser is set.
type look struct {
	width, height int64
	scheme        string // light or dark
	lang          string // Accept-Language
	noJS          bool
}

func phone() look   { return look{width: 390, height: 844, scheme: "light", lang: "en-US"} }
func desktop() look { return look{width: 1280, height: 900, scheme: "light", lang: "en-US"} }

// patience is how long a page may take to show what is expected of it, on a
// busy two-core machine.
const patience = 30 * time.Second

func newTab(t *testing.T, base string, l look) *tab {
	t.Helper()
	ctx, cancel := chromedp.NewContext(browser, chromedp.WithNewBrowserContext())
	t.Cleanup(cancel)
	b := &tab{t: t, ctx: ctx, close: cancel, base: base}
	// The first run opens the tab and ties it to its context, which therefore
	// must not be one with a deadline.
	if err := chromedp.Do(ctx); err != nil {
		t.Fatalf("opening a tab: %v", err)
	}
	b.becomes(l)
	return b
}

// becomes sets the browser up as another person's would be; the next page that
// is opened shows it.
func (b *tab) becomes(l look) {
	b.t.Helper()
	b.look, b.name = l, fmt.Sprintf("%d-%s-%.2s", l.width, l.scheme, l.lang)
	b.do("preparing a tab",
		chromedp.EmulateViewport(l.width, l.height),
		chromedp.Func(func(ctx context.Context, _ *chromedp.Target) error {
			if _, err := chromedp.Call(ctx, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{
				Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: l.scheme}, {Name: "prefers-reduced-motion", Value: "reduce"}},
			}); err != nil {
				return err
			}
			if _, err := chromedp.Call(ctx, emulation.SetUserAgentOverride, emulation.SetUserAgentOverrideParams{UserAgent: "Bedside test browser", AcceptLanguage: l.lang}); err != nil {
				return err
			}
			_, err := chromedp.Call(ctx, emulation.SetScriptExecutionDisabled, emulation.SetScriptExecutionDisabledParams{Value: l.noJS})
			return err
		}),
	)
}

func (b *tab) do(doing string, steps ...chromedp.Action[chromedp.Void]) {
	b.t.Helper()
	ctx, cancel := context.WithTimeout(b.ctx, patience)
	defer cancel()
	if err := chromedp.Do(ctx, steps...); err != nil {
		b.fail("%s: %v", doing, err)
	}
}

// fail stops the test with what the person sees.
func (b *tab) fail(format string, args ...any) {
	b.t.Helper()
	ctx, cancel := context.WithTimeout(b.ctx, 5*time.Second)
	defer cancel()
	text, _ := chromedp.Run(ctx, chromedp.Evaluate[string](`location.pathname + "\n" + (document.querySelector("main") || document.body).innerText`))
	b.shot("failed-" + strings.ReplaceAll(b.t.Name(), "/", "-"))
	b.t.Fatalf(format+"\n--- the page:\n%s", append(args, text)...)
}

// open goes to a path of the portal, or to a whole address.
func (b *tab) open(path string) {
	b.t.Helper()
	if strings.HasPrefix(path, "/") {
		path = b.base + path
	}
	b.do("opening "+path, chromedp.Navigate(path))
}

// text returns what the page's main part says.
func (b *tab) text() string {
	b.t.Helper()
	return b.eval(`(document.querySelector("main") || document.body).innerText`)
}

func (b *tab) eval(js string) string {
	b.t.Helper()
	ctx, cancel := context.WithTimeout(b.ctx, patience)
	defer cancel()
	s, err := chromedp.Run(ctx, chromedp.Evaluate[string](js))
	if err != nil {
		b.fail("evaluating %s: %v", js, err)
	}
	return s
}

// path returns where the tab is.
func (b *tab) path() string { return b.eval(`location.pathname`) }

// sees waits until the page says all of these.
func (b *tab) sees(words ...string) {
	b.t.Helper()
	deadline := time.Now().Add(patience)
	for {
		text := b.tryText()
		missing := ""
		for _, w := range words {
			if !strings.Contains(fold(text), fold(w)) {
				missing = w
				break
			}
		}
		if missing == "" {
			return
		}
		if time.Now().After(deadline) {
			b.fail("the page does not say %q", missing)
		}
		<-time.After(50 * time.Millisecond)
	}
}

// tryText is text for a page that may be on its way out.
func (b *tab) tryText() string {
	ctx, cancel := context.WithTimeout(b.ctx, 5*time.Second)
	defer cancel()
	s, err := chromedp.Run(ctx, chromedp.Evaluate[string](`document.readyState === "complete" ? document.body.innerText : ""`))
	if err != nil {
		return ""
	}
	return s
}

func fold(s string) string {
	return strings.ToLower(strings.Join(strings.Fields(strings.ReplaceAll(s, "\u00a0", " ")), " "))
}

// reopens opens a page until it says all of these: what somebody else did comes
// to a neighbor, and to the replica, a little later.
func (b *tab) reopens(path string, words ...string) {
	b.t.Helper()
	b.until(path, func(text string) bool {
		return !slices.ContainsFunc(words, func(w string) bool { return !strings.Contains(text, fold(w)) })
	})
	b.sees(words...)
}

// reopensWithout opens a page until it no longer says a word.
func (b *tab) reopensWithout(path, word string) {
	b.t.Helper()
	b.until(path, func(text string) bool { return !strings.Contains(text, fold(word)) })
	b.lacks(word)
}

// until opens a page until its text is right, or patience ends; the caller says
// what is wrong then.
func (b *tab) until(path string, right func(text string) bool) {
	b.t.Helper()
	began := time.Now()
	for b.open(path); !right(fold(b.text())) && time.Since(began) < patience; b.open(path) {
		<-time.After(50 * time.Millisecond)
	}
}

// lacks fails if the page says a word.
func (b *tab) lacks(word string) {
	b.t.Helper()
	if strings.Contains(fold(b.text()), fold(word)) {
		b.fail("the page says %q", word)
	}
}

// mark finds the first visible control that fits and marks it, so that a real
// click or real keys can reach it.
const mark = `(() => {
	for (const e of document.querySelectorAll("[data-e2e]")) e.removeAttribute("data-e2e");
	const want = %s.toLowerCase(), kind = %s;
	const words = e => (e.getAttribute("aria-label") || e.innerText || e.value || "").replace(/\s+/g, " ").trim().toLowerCase();
	const shown = e => e.getClientRects().length > 0;
	const all = [...document.querySelectorAll(kind)].filter(shown);
	const hit = all.find(e => words(e) === want) || all.find(e => words(e).includes(want));
	if (!hit) return "";
	hit.setAttribute("data-e2e", "");
	hit.scrollIntoView({block: "center"});
	return "ok";
})()`

func quoted(s string) string {
	b, _ := json.Marshal(s)
	return string(b)
}

func (b *tab) find(kind, words string) {
	b.t.Helper()
	deadline := time.Now().Add(patience)
	for {
		ctx, cancel := context.WithTimeout(b.ctx, 5*time.Second)
		s, err := chromedp.Run(ctx, chromedp.Evaluate[string](fmt.Sprintf(mark, quoted(words), quoted(kind))))
		cancel()
		if err == nil && s == "ok" {
			return
		}
		if time.Now().After(deadline) {
			b.fail("there is no %s that says %q", kind, words)
		}
		<-time.After(50 * time.Millisecond)
	}
}

// click clicks the link or button with these words, and waits for the page
// that it leads to.
func (b *tab) click(words string) {
	b.t.Helper()
	b.find(`a, button, summary, input[type="submit"]`, words)
	b.press()
}

// follow clicks the first link in the main part whose address begins so.
func (b *tab) follow(prefix string) {
	b.t.Helper()
	ok := b.eval(`(() => {
		for (const e of document.querySelectorAll("[data-e2e]")) e.removeAttribute("data-e2e");
		const e = document.querySelector('main a[href^="` + prefix + `"]');
		if (!e) return "";
		e.setAttribute("data-e2e", "");
		e.scrollIntoView({block: "center"});
		return "ok";
	})()`)
	if ok != "ok" {
		b.fail("no link leads to %s", prefix)
	}
	b.press()
}

// press clicks what is marked and waits for the page that it leads to.
func (b *tab) press() {
	b.t.Helper()
	b.eval(`(window.pressed = "yes")`)
	b.do("clicking", chromedp.Click(`[data-e2e]`, chromedp.NodeVisible))
	deadline := time.Now().Add(patience)
	for !b.arrived() {
		if time.Now().After(deadline) {
			b.fail("the click leads nowhere")
		}
		<-time.After(20 * time.Millisecond)
	}
}

// arrived says whether another document is there, and whole.
func (b *tab) arrived() bool {
	ctx, cancel := context.WithTimeout(b.ctx, 5*time.Second)
	defer cancel()
	s, err := chromedp.Run(ctx, chromedp.Evaluate[string](`window.pressed || document.readyState`))
	return err == nil && s == "complete"
}

// choose picks the radio button or check box whose label says this.
func (b *tab) choose(words string) {
	b.t.Helper()
	b.find("label", words)
	b.tap()
}

// tap clicks what is marked and stays on the page.
func (b *tab) tap() {
	b.t.Helper()
	b.do("clicking", chromedp.Click(`[data-e2e]`, chromedp.NodeVisible))
}

// field finds the control that a label names, and marks it.
func (b *tab) field(label string) {
	b.t.Helper()
	js := `(() => {
		for (const e of document.querySelectorAll("[data-e2e]")) e.removeAttribute("data-e2e");
		const want = ` + quoted(label) + `.toLowerCase();
		const words = l => l.innerText.replace(/\s+/g, " ").trim().toLowerCase();
		const all = [...document.querySelectorAll("label")].filter(l => l.getClientRects().length > 0);
		const l = all.find(l => words(l) === want) || all.find(l => words(l).startsWith(want)) || all.find(l => words(l).includes(want));
		if (!l || !l.control) return "";
		l.control.setAttribute("data-e2e", "");
		l.control.scrollIntoView({block: "center"});
		return "ok";
	})()`
	deadline := time.Now().Add(patience)
	for b.eval(js) != "ok" {
		if time.Now().After(deadline) {
			b.fail("there is no field %q", label)
		}
		<-time.After(50 * time.Millisecond)
	}
}

// fill types into the field that a label names.
func (b *tab) fill(label, value string) {
	b.t.Helper()
	b.field(label)
	b.eval(`(document.querySelector("[data-e2e]").value = "")`)
	b.do("filling "+label, chromedp.SendKeys(`[data-e2e]`, value))
}

// pick selects an option, by its words, in the list that a label names.
func (b *tab) pick(label, option string) {
	b.t.Helper()
	b.field(label)
	js := `(() => {
		const s = document.querySelector("[data-e2e]"), want = ` + quoted(option) + `.toLowerCase();
		const o = [...s.options].find(o => o.text.trim().toLowerCase() === want) || [...s.options].find(o => o.text.toLowerCase().includes(want));
		if (!o) return "";
		s.value = o.value;
		s.dispatchEvent(new Event("change", {bubbles: true}));
		return "ok";
	})()`
	if b.eval(js) != "ok" {
		b.fail("the list %q has no %q", label, option)
	}
}

// upload gives a file to the file field that a label names.
func (b *tab) upload(label, path string) {
	b.t.Helper()
	b.field(label)
	b.do("choosing a file", chromedp.SetUploadFiles(`[data-e2e]`, []string{path}))
}

// folder is where pictures go: the one that BEDSIDE_SHOTS names, or else the one
// of the test's artifacts, which go test -artifacts keeps.
func (b *tab) folder() string {
	if dir := os.Getenv("BEDSIDE_SHOTS"); dir != "" {
		return dir
	}
	return b.t.ArtifactDir()
}

// shot takes a picture of the whole page.
func (b *tab) shot(name string) {
	b.t.Helper()
	ctx, cancel := context.WithTimeout(b.ctx, patience)
	defer cancel()
	picture, err := chromedp.Run(ctx, chromedp.FullScreenshot(80))
	if err == nil {
		err = os.WriteFile(filepath.Join(b.folder(), name+".jpg"), picture, 0o600)
	}
	if err != nil {
		b.t.Errorf("no picture of %s: %v", name, err)
	}
}
