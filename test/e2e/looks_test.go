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
// with text twice as large, where nothing may be cut off or lie over something
// else, and in colors of their own, where everything must still be seen. The
// smallest screen is a desktop that is magnified already.
func (b *tab) readable(kind string) {
	b.t.Helper()
	name := b.name + "-" + strings.Trim(notInNames.ReplaceAllString(kind, "-"), "-")
	if b.look.width >= desktop().width {
		b.eval(`(document.documentElement.style.fontSize = "225%")`) // ours is 112.5%
		for what, js := range map[string]string{"is wider than its screen": tooWide, "cuts text off": clipped, "has targets that lie over each other": overlapping} {
			if found := b.eval(js); found != "" {
				b.t.Errorf("with text twice as large %s %s: %s", kind, what, found)
			}
		}
		b.shot(name + "-text")
		b.eval(`(document.documentElement.style.fontSize = "")`)
	}
	b.media("", "active")
	if hidden := b.eval(unseen); hidden != "" {
		b.t.Errorf("in forced colors %s hides %s", kind, hidden)
	}
	if lost := b.eval(unfocused); lost != "" {
		b.t.Errorf("in forced colors %s does not show the focus of %s", kind, lost)
	}
	b.shot(name + "-forced")
	b.media("", "none")
}

// clipped finds an element with words of its own that do not fit into it and
// cannot be scrolled to.
const clipped = `(() => {
	for (const e of document.querySelectorAll("body *")) {
		if (!e.checkVisibility({visibilityProperty: true}) || e.closest(".vh, svg") || ![...e.childNodes].some(n => n.nodeType === 3 && n.data.trim())) continue;
		for (let box = e; box && box !== document.body; box = box.parentElement) {
			const s = getComputedStyle(box), hides = v => v === "hidden" || v === "clip";
			if (hides(s.overflowX) && box.scrollWidth > box.clientWidth + 1 || hides(s.overflowY) && box.scrollHeight > box.clientHeight + 1) return box.outerHTML.slice(0, 160);
		}
	}
	return "";
})()`

// overlapping finds two things to press where one lies over the other. What
// sticks to an edge of the screen lies over what is scrolled below it.
const overlapping = `(() => {
	const stuck = e => { for (; e && e !== document.body; e = e.parentElement) if (["sticky", "fixed"].includes(getComputedStyle(e).position)) return true; return false; };
	const all = [...document.querySelectorAll("a[href], button, input:not([type=hidden]), select, textarea, summary, label.slot, label.choice")]
		.filter(e => e.checkVisibility({visibilityProperty: true, opacityProperty: true}) && !e.closest(".vh") && !stuck(e))
		.map(e => ({e, boxes: [...e.getClientRects()].filter(r => r.width > 2 && r.height > 2)}));
	for (const [i, a] of all.entries()) for (const b of all.slice(i + 1)) {
		if (a.e.contains(b.e) || b.e.contains(a.e)) continue;
		for (const r of a.boxes) for (const q of b.boxes)
			if (Math.min(r.right, q.right) - Math.max(r.left, q.left) > 2 && Math.min(r.bottom, q.bottom) - Math.max(r.top, q.top) > 2)
				return a.e.outerHTML.slice(0, 120) + " and " + b.e.outerHTML.slice(0, 120);
	}
	return "";
})()`

// colors are what the scripts below need to know of a page: what lies behind an
// element, and whether a line of it is seen before that.
const colors = `
	const behind = e => { for (; e; e = e.parentElement) { const c = getComputedStyle(e).backgroundColor; if (!/^(transparent|rgba\(.*, 0\))$/.test(c)) return c; } return "rgb(255, 255, 255)"; };
	const shows = (c, ground) => !/^(transparent|rgba\(.*, 0\))$/.test(c) && c !== ground;
	const lined = e => {
		const s = getComputedStyle(e), ground = behind(e.parentElement);
		return ["Top", "Bottom", "Left", "Right"].some(side => parseFloat(s["border" + side + "Width"]) > 0 && s["border" + side + "Style"] !== "none" && shows(s["border" + side + "Color"], ground)) ||
			ringed(e, 1);
	};
	const ringed = (e, least) => { const s = getComputedStyle(e); return s.outlineStyle !== "none" && parseFloat(s.outlineWidth) >= least && shows(s.outlineColor, behind(e.parentElement)); };
`

// unseen finds a control or a tag without a line around it that can be seen,
// an icon in the color of what lies behind it, and a list without its arrow, when
// colors are forced: backgrounds are gone then.
const unseen = `(() => {` + colors + `
	if (!matchMedia("(forced-colors: active)").matches) return "nothing: colors are not forced";
	for (const e of document.querySelectorAll("button:not(.plain), .btn, .tag, .slot, .choice, input:not([type=hidden]), select, textarea")) {
		if (!e.checkVisibility({visibilityProperty: true, opacityProperty: true}) || e.matches(".slot input")) continue;
		if (!lined(e)) return "the line around " + e.outerHTML.slice(0, 120);
		if (e.matches("select") && getComputedStyle(e).appearance === "none") return "the arrow of " + e.outerHTML.slice(0, 120);
	}
	for (const e of document.querySelectorAll("svg.i")) {
		if (!e.checkVisibility({visibilityProperty: true, opacityProperty: true})) continue;
		const s = getComputedStyle(e), box = e.getBoundingClientRect();
		if (box.width < 4 || !shows(s.stroke, behind(e)) && !shows(s.fill, behind(e))) return "the icon " + e.outerHTML.slice(0, 120);
	}
	return "";
})()`

// unfocused finds what does not show that it has the focus, itself or by the
// box around it. One of each kind is tried.
const unfocused = `(() => {` + colors + `
	const tried = new Set();
	for (const e of document.querySelectorAll("a[href], button, input:not([type=hidden]), select, textarea, summary")) {
		const kind = e.tagName + "." + e.className + "<" + e.parentElement.className;
		if (tried.has(kind) || !e.checkVisibility({visibilityProperty: true})) continue;
		tried.add(kind);
		e.focus({preventScroll: true, focusVisible: true});
		if (document.activeElement === e && !ringed(e, 2) && ![".slot", ".choice", ".check"].some(box => e.closest(box) && ringed(e.closest(box), 2))) return e.outerHTML.slice(0, 120);
	}
	document.activeElement?.blur();
	return "";
})()`
