package auth

import (
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	rpcv1 "github.com/bedside-health/bedside/internal/gen/bedside/rpc/v1"
)

func TestIdleLimit(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		roles []string
		want  time.Duration
	}{
		{[]string{rolePatient}, 30 * time.Minute},
		{[]string{roleStaff}, 30 * time.Minute},
		{[]string{roleLicensingOfficer}, 30 * time.Minute},
		{[]string{rolePhysician}, time.Hour},
		{[]string{rolePhysician, rolePatient}, 30 * time.Minute},
	} {
		if got := idleLimit(c.roles); got != c.want {
			t.Errorf("%v: got %s", c.roles, got)
		}
	}
}

func TestEveryRoleHasASpelling(t *testing.T) {
	t.Parallel()
	for n := range rpcv1.Role_name {
		role := rpcv1.Role(n)
		if role == rpcv1.Role_ROLE_UNSPECIFIED {
			continue
		}
		if back := rolesFrom([]string{roleName(role)}); len(back) != 1 || back[0] != role {
			t.Errorf("%s: got %v", role, back)
		}
	}
	if got := rolesFrom([]string{"owner", ""}); len(got) != 0 {
		t.Errorf("unknown roles grant %v", got)
	}
	if _, err := roleNames([]rpcv1.Role{99}); err == nil {
		t.Error("an unknown role was accepted")
	}
}

func TestCutUserAgent(t *testing.T) {
	t.Parallel()
	if got := cutUserAgent("a\x00b\nc\xff" + strings.Repeat("ü", 300)); utf8.RuneCountInString(got) != 200 || !strings.HasPrefix(got, "abcü") {
		t.Errorf("got %q", got)
	}
}

func TestCodes(t *testing.T) {
	t.Parallel()
	seen := map[string]bool{}
	for range 50 {
		code, err := newCode()
		must(t, err)
		if len(code) != codeDigits || strings.Trim(code, "0123456789") != "" {
			t.Errorf("got %q", code)
		}
		seen[code] = true
	}
	if len(seen) < 49 {
		t.Errorf("only %d different codes of 50", len(seen))
	}
	for typed, want := range map[string]string{"1234 5678": "12345678", " 1234-5678\r\n": "12345678", "1234\u00a05678": "12345678", "12e45678": "12x45678", "": ""} {
		if got := cleanCode(typed); got != want {
			t.Errorf("%q: got %q", typed, got)
		}
	}
}

func TestTheLanguagesThatExist(t *testing.T) {
	t.Parallel()
	for tag, want := range map[string]string{"es": "es", "es-MX": "es", "ES": "es", "en-US": "en", "": "en", "fr": "en", "est": "en"} {
		if got := language(tag); got != want {
			t.Errorf("%q: got %s", tag, got)
		}
	}
}
