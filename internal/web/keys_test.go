package web

import (
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/bedside-health/bedside/internal/web/i18n"
)

// sources joins what may name a key of the catalogs.
func sources(t *testing.T) string {
	t.Helper()
	var all strings.Builder
	err := filepath.WalkDir(".", func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() && (d.Name() == "node_modules" || d.Name() == "i18n") {
			return err
		}
		name := d.Name()
		if !strings.HasSuffix(name, ".templ") && !strings.HasSuffix(name, ".go") ||
			strings.HasSuffix(name, "_templ.go") || strings.HasSuffix(name, "_test.go") {
			return nil
		}
		body, err := os.ReadFile(path)
		all.Write(body)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"i18n/format.go", "i18n/zone.go"} {
		body, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		all.Write(body)
	}
	return all.String()
}

func TestKeysAreThereAndUsed(t *testing.T) {
	t.Parallel()
	code := sources(t)
	literals := map[string]bool{}
	for _, m := range regexp.MustCompile(`"([a-z_]+(?:\.[A-Za-z0-9_]+)+)"`).FindAllStringSubmatch(code, -1) {
		literals[m[1]] = true
	}
	var prefixes []string
	for _, m := range regexp.MustCompile(`i18n\.Key\((?:fmt\.Sprintf\()?"([a-z_]+\.[a-z_.]*)(?:"|%)`).FindAllStringSubmatch(code, -1) {
		prefixes = append(prefixes, m[1])
	}
	all := i18n.Entries("en")
	used := func(key string) bool {
		if literals[key] {
			return true
		}
		for i := range key {
			if key[i] == '.' && i > 0 && literals[key[:i]] {
				return true
			}
		}
		for _, p := range prefixes {
			if strings.HasPrefix(key, p) {
				return true
			}
		}
		return false
	}
	for key, e := range all {
		if !used(string(key)) {
			t.Errorf("%s: %s is used nowhere", e.File, key)
		}
	}
	named := regexp.MustCompile(`(?:\bT|Rich|Tell|Add|Need)\((?:ctx, |ui\.[A-Za-z]+, |"[a-z_]*", )?(?:[a-z.A-Z()]+, )?"([a-z_]+\.[A-Za-z0-9_.]+)"`)
	for _, m := range named.FindAllStringSubmatch(code, -1) {
		if _, ok := all[i18n.Key(m[1])]; !ok {
			t.Errorf("%s is used but in no catalog", m[1])
		}
	}
}

func TestIconsAreInTheSprite(t *testing.T) {
	t.Parallel()
	list, err := os.ReadFile("assets/icons.txt")
	if err != nil {
		t.Fatal(err)
	}
	have := map[string]bool{}
	for _, name := range strings.Fields(string(list)) {
		have[name] = true
	}
	code := sources(t)
	for _, m := range regexp.MustCompile(`(?:ui\.Icon\(|@Icon\(|Icon: |Tag\(ui\.\w+, |ui\.Empty\()"([a-z0-9-]+)"`).FindAllStringSubmatch(code, -1) {
		if !have[m[1]] {
			t.Errorf("icon %s is not in icons.txt", m[1])
		}
	}
}
