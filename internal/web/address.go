package web

import (
	"net/url"
	"strings"
	"unicode/utf8"

	"github.com/bedside-health/bedside/internal/errs"
)

// checkAddress refuses an address that holds what is no whole character, or
// NUL: no service or table can hold either, so nothing stands there. It looks
// at the whole path and at every parameter, before any handler does.
func checkAddress(u *url.URL) error {
	sound := storable(u.Path)
	if u.RawQuery != "" {
		for name, values := range u.Query() {
			sound = sound && storable(name) && storable(strings.Join(values, ""))
		}
	}
	if sound {
		return nil
	}
	return errs.New(errs.NotFound, "page_unknown", "There is no such page.")
}

func storable(s string) bool { return utf8.ValidString(s) && !strings.ContainsRune(s, 0) }
