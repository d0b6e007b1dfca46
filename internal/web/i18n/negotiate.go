package i18n

import (
	"strconv"
	"strings"
)

// Supported says whether pages exist in a language.
func Supported(lang string) bool {
	for _, l := range Languages() {
		if l == lang {
			return true
		}
	}
	return false
}

// Negotiate picks the language that an Accept-Language header likes best.
func Negotiate(header string) string {
	best, bestQ := Languages()[0], 0.0
	for _, part := range strings.Split(header, ",") {
		tag, q := part, 1.0
		if name, params, ok := strings.Cut(part, ";"); ok {
			tag = name
			if v, found := strings.CutPrefix(strings.TrimSpace(params), "q="); found {
				parsed, err := strconv.ParseFloat(v, 64)
				if err != nil {
					continue
				}
				q = parsed
			}
		}
		primary, _, _ := strings.Cut(strings.ToLower(strings.TrimSpace(tag)), "-")
		if Supported(primary) && q > bestQ {
			best, bestQ = primary, q
		}
	}
	return best
}
