package auth

import (
	_ "embed"
	"strings"
	"unicode/utf8"

	"github.com/bedside-health/bedside/internal/errs"
	"golang.org/x/text/unicode/norm"
)

// A password has at least 15 characters (NIST 800-63B-4, one factor), of any
// kind: no rules of composition, no rotation.
const (
	minPassword = 15
	maxPassword = 256
)

//go:embed blocklist.txt
var blocklist string

// normalizePassword makes two keyboards that write the same text agree.
func normalizePassword(p string) string { return norm.NFKC.String(p) }

// checkNewPassword refuses what an attacker tries first. The field is named,
// the reason is a key of the catalog.
func checkNewPassword(password, email string) error {
	reason := ""
	switch n := utf8.RuneCountInString(password); {
	case !utf8.ValidString(password):
		reason = "not_text"
	case n < minPassword:
		reason = "too_short"
	case n > maxPassword:
		reason = "too_long"
	case isCommon(password, email):
		reason = "too_common"
	}
	if reason == "" {
		return nil
	}
	return errs.InvalidFields(errs.Field{Name: "password", Reason: reason})
}

// isCommon recognizes listed passwords, a short piece said again and again,
// straight runs, and the person's own address.
func isCommon(password, email string) bool {
	p := strings.ToLower(password)
	if p == email || isRepeated(p) || isRun(p) {
		return true
	}
	squeezed := strings.Map(func(r rune) rune {
		if r == ' ' || r == '-' || r == '_' || r == '.' || r == '!' {
			return -1
		}
		return r
	}, p)
	for line := range strings.Lines(blocklist) {
		if entry := strings.TrimSpace(line); entry != "" && (p == entry || squeezed == entry) {
			return true
		}
	}
	return false
}

// isRepeated says whether text is a piece of at most 5 characters, repeated.
func isRepeated(s string) bool {
	runes := []rune(s)
	for size := 1; size <= 5 && size < len(runes); size++ {
		same := true
		for i := size; i < len(runes) && same; i++ {
			same = runes[i] == runes[i-size]
		}
		if same {
			return true
		}
	}
	return false
}

// isRun says whether every character follows the one before it by one, up or
// down, as in an alphabet or a count (9 to 0 and back included).
func isRun(s string) bool {
	runes := []rune(s)
	for _, step := range []rune{1, -1} {
		run := true
		for i := 1; i < len(runes) && run; i++ {
			d := runes[i] - runes[i-1]
			wrap := runes[i-1] == '9' && runes[i] == '0' && step == 1 || runes[i-1] == '0' && runes[i] == '9' && step == -1
			run = d == step || wrap
		}
		if run {
			return true
		}
	}
	return false
}
