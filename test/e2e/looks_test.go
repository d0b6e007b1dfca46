package e2e

import (
	"context"
	"regexp"
	"strings"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"
)

var notInNames = regexp.MustCompile(`[^A-Za-z0-9]+`)

// media makes the page believe in a medium, and in forced colors or not.
func (b *tab) media(medium, forced string) {
	b.t.Helper()
	b.do("choosing a medium", chromedp.Func(func(ctx context.Context, _ *chromedp.Target) error {
		_, err := chromedp.Call(ctx, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{Media: medium, Features: []*emulation.MediaFeature{
			{Name: "prefers-color-scheme", Value: b.look.scheme}, {Name: "prefers-reduced-motion", Value: "reduce"}, {Name: "forced-colors", Value: forced},
		}})
		return err
	}))
}

// tooWide says how wide the page is where it is wider than the screen, and
// which part of it.
const tooWide = `(() => {
	if (document.documentElement.scrollWidth <= innerWidth) return "";
	const wide = [...document.querySelectorAll("body *")].find(e => e.getBoundingClientRect().right > innerWidth + 1 && !e.closest(".table-box, .vh"));
	return document.documentElement.scrollWidth + " px" + (wide ? ": " + wide.outerHTML.slice(0, 120) : "");
})()`

// readable looks at the page as people do who need it otherwise: on a desktop
// with text twice as large, where nothing may be cut off, and in colors of their
// own. The smallest screen is a desktop that is magnified already.
func (b *tab) readable(kind string) {
	b.t.Helper()
	name := b.name + "-" + strings.Trim(notInNames.ReplaceAllString(kind, "-"), "-")
	b.shot(name)
	if b.look.width >= desktop().width {
		b.eval(`(document.documentElement.style.fontSize = "225%")`) // ours is 112.5%
		if wide := b.eval(tooWide); wide != "" {
			b.t.Errorf("with text twice as large %s is wider than its screen of %d: %s", kind, b.look.width, wide)
		}
		b.shot(name + "-text")
		b.eval(`(document.documentElement.style.fontSize = "")`)
	}
	b.media("", "active")
	if hidden := b.eval(unseen); hidden != "" {
		b.t.Errorf("in forced colors %s hides %s", kind, hidden)
	}
	b.shot(name + "-forced")
	b.media("", "none")
}

// unseen finds a control that has neither border nor words of its own when
// colors are forced: backgrounds are gone then.
const unseen = `(() => {
	for (const e of document.querySelectorAll("button:not(.plain), .btn, input:not([type=hidden]), select, textarea")) {
		if (e.getClientRects().length === 0 || e.closest(".choice, .slot, .check")) continue;
		const s = getComputedStyle(e);
		if (parseFloat(s.borderTopWidth) + parseFloat(s.outlineWidth) === 0) return e.outerHTML.slice(0, 120);
	}
	return "";
})()`
