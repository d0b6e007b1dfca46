package mail_test

import (
	"testing"

	"github.com/bedside-health/bedside/internal/mail"
)

func TestMask(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		"maria@example.test":     "m•••@e•••.test",
		"é@münchen.example.test": "é•••@m•••.test",
		"a@localhost":            "a•••@l•••",
		"@x":                     "•••",
		"":                       "•••",
	} {
		if got := mail.Mask(in); got != want {
			t.Errorf("Mask(%q) = %q, want %q", in, got, want)
		}
	}
}
