package e2e

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/chromedp/chromedp"
)

// axeScript is axe-core's, as the package manager has installed it.
const axeScript = "../../internal/web/assets/node_modules/axe-core/axe.min.js"

// violation is one thing that axe found.
type violation struct {
	ID, Impact, Help string
	Nodes            []struct {
		HTML           string `json:"html"`
		FailureSummary string `json:"failureSummary"`
	}
}

// axe fails the test for every serious or critical violation of WCAG 2.2 AA on
// the page, and for a page in another language than its reader's.
func (b *tab) axe() {
	b.t.Helper()
	b.speaks()
	if b.look.noJS {
		return // axe is a script; the same pages are checked with scripts on
	}
	script, err := os.ReadFile(filepath.FromSlash(axeScript))
	if err != nil {
		b.t.Fatalf("axe-core is not installed (make test does it): %v", err)
	}
	ctx, cancel := context.WithTimeout(b.ctx, patience)
	defer cancel()
	body, err := chromedp.Run(ctx, chromedp.Evaluate[string](string(script)+`;
		axe.run(document, {runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}).then(r => JSON.stringify(r.violations))`,
		chromedp.EvalAwaitPromise))
	if err != nil {
		b.fail("running axe: %v", err)
	}
	var all []violation
	if err := json.Unmarshal([]byte(body), &all); err != nil {
		b.fail("reading what axe found: %v", err)
	}
	var serious []string
	for _, v := range all {
		if v.Impact != "serious" && v.Impact != "critical" {
			continue
		}
		line := fmt.Sprintf("%s (%s): %s", v.ID, v.Impact, v.Help)
		for _, n := range v.Nodes {
			line += "\n    " + n.HTML + "\n    " + strings.ReplaceAll(n.FailureSummary, "\n", " ")
		}
		serious = append(serious, line)
	}
	if len(serious) > 0 {
		b.t.Errorf("axe on %s:\n%s", b.path(), strings.Join(serious, "\n"))
	}
}
