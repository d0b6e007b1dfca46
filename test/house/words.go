package house

import (
	"fmt"
	"maps"
	"path"
	"regexp"
	"slices"
	"strings"
)

// word is something that must not stand in the repository. The patterns are put together from halves, because this file
// is searched too.
type word struct {
	pattern *regexp.Regexp
	why     string
}

func words() []word {
	say := func(why string, halves ...string) word {
		return word{regexp.MustCompile("(?m)" + strings.Join(halves, "")), why}
	}
	return []word{
		say("a path of somebody's workplace", `(^|[\s"'=(:])/wo`, `rk/\w`),
		say("a path of somebody's workplace", `/(tm`, `p)/(bri`, `ef|wo`, `rk)\b`),
		say("a path of somebody's home", `/(ho`, `me|Us`, `ers)/\w+/|/ro`, `ot/[\w.]`),
		say("a registry's host is the installation's own choice", `(proxy|sum)\.gol`, `ang\.org|registry\.npm`, `js\.org|(deb|security)\.deb`, `ian\.org|pypi\.o`, `rg`),
		say("write down why it is so, not which number said it", `(?i)\b(iss`, `ue|pull req`, `uest|tick`, `et)s? #?\d+\b`),
		say("finish it, or leave it out", `\b(TO`, `DO|FIX`, `ME|XX`, `X|HA`, `CK)\b`),
	}
}

// notSearched are files that we do not write: licenses, checksums, data.
func notSearched(name string) bool {
	return slices.Contains([]string{"LICENSE", "go.sum", "package-lock.json"}, path.Base(name)) ||
		strings.Contains(name, "/testdata/")
}

// Words looks for what must not stand in the repository.
func Words(t *Tree) []Fault {
	var out []Fault
	all := words()
	for _, name := range slices.Sorted(maps.Keys(t.Texts)) {
		if notSearched(name) {
			continue
		}
		text := t.Texts[name]
		for _, w := range all {
			for _, at := range w.pattern.FindAllStringIndex(text, -1) {
				line := strings.Count(text[:at[0]], "\n") + 1
				out = append(out, Fault(fmt.Sprintf("%s:%d: %q: %s", name, line, strings.TrimSpace(text[at[0]:at[1]]), w.why)))
			}
		}
	}
	return out
}

// LockFiles keeps registries' addresses out of lock files: whoever installs has a registry of their own.
func LockFiles(t *Tree) []Fault {
	var out []Fault
	for name, text := range t.Texts {
		if path.Base(name) == "package-lock.json" && strings.Contains(text, `"resolved"`) {
			out = append(out, Fault(name+": has addresses: npm install --package-lock-only --omit-lockfile-registry-resolved"))
		}
	}
	return out
}
