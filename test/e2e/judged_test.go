package e2e

import (
	"net/url"
	"strings"
	"testing"
)

// What judges the looks of pages finds what is wrong with them, and nothing
// where nothing is.
func TestLooksAreJudged(t *testing.T) {
	t.Parallel()
	b := newTab(t, "", desktop())
	const line = ` style="border: 2px solid ButtonText"`
	for name, c := range map[string]struct{ script, bad, good string }{
		"text cut off": {clipped, `<p style="width: 4em; overflow: hidden; white-space: nowrap">Words that do not fit</p>`, `<p>Words that fit</p>`},
		"text cut off by a box around it": {clipped, `<div style="height: 1em; overflow: hidden"><p>One</p><p>Two</p></div>`,
			`<div style="height: 1em; overflow: auto"><p>One</p><p>Two</p></div>`},
		"targets on each other":    {overlapping, `<button>One</button><button style="margin-left: -20px">Two</button>`, `<button>One</button> <button>Two</button>`},
		"a button without a line":  {unseen, `<button class="btn" style="border: 0">Go</button>`, `<button class="btn"` + line + `>Go</button>`},
		"a tag without a line":     {unseen, `<span class="tag" style="border: 1px solid Canvas">New</span>`, `<span class="tag"` + line + `>New</span>`},
		"a list without its arrow": {unseen, `<select style="appearance: none; border: 2px solid ButtonText"><option>One</select>`, `<select` + line + `><option>One</select>`},
		"a lost icon": {unseen, `<svg class="i" width="20" height="20" style="stroke: Canvas; fill: Canvas"></svg>`,
			`<svg class="i" width="20" height="20" style="stroke: CanvasText; fill: none"></svg>`},
		"a lost focus": {unfocused, `<style>:focus { outline: none }</style><a href="#">There</a>`, `<style>:focus { outline: 3px solid Highlight }</style><a href="#">There</a>`},
	} {
		for wrong, body := range map[bool]string{true: c.bad, false: c.good} {
			b.open("data:text/html," + url.PathEscape("<!doctype html><html><body>"+body))
			b.media("", "active")
			if got := b.eval(c.script); (got != "") != wrong {
				t.Errorf("%s: %q about %s", name, got, body)
			}
		}
	}
	b.media("", "none")
	if got := b.eval(unseen); !strings.Contains(got, "not forced") {
		t.Errorf("colors that are not forced pass: %q", got)
	}
}
