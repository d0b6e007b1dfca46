package mail

import (
	"strings"
	"testing"
)

func TestAddressHasOneForm(t *testing.T) {
	t.Parallel()
	for typed, want := range map[string]string{
		" Bea+Clinic@Example.test ":  "bea+clinic@example.test",
		"o'hara@example.test":        "o'hara@example.test",
		"bea@Bücher.test":            "bea@xn--bcher-kva.test",
		"bea@xn--bcher-kva.test":     "bea@xn--bcher-kva.test",
		"bea@例え.test":                "bea@xn--r8jz45g.test",
		"béa@example.test":           "",
		"bea":                        "",
		"bea@":                       "",
		"@example.test":              "",
		"bea@one@two.test":           "",
		"Bea <bea@example.test>":     "",
		"bea@example.test\r\nBcc: x": "",
		"bea clinic@example.test":    "",
		"bea@exa mple.test":          "",
		"":                           "",
		"bea@bü\u200dcher..test":     "",
		strings.Repeat("x", 245) + "@example.test": "",
	} {
		got, ok := Address(typed)
		if got != want || ok != (want != "") {
			t.Errorf("%q is %q (%v), want %q", typed, got, ok, want)
		}
	}
}
