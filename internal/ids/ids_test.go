package ids_test

import (
	"regexp"
	"testing"

	"github.com/bedside-health/bedside/internal/errs"
	"github.com/bedside-health/bedside/internal/ids"
	"github.com/google/uuid"
)

func TestParse(t *testing.T) {
	t.Parallel()
	id := ids.New[ids.PatientID]()
	if got, err := ids.Parse[ids.PatientID](id.String()); err != nil || got != id {
		t.Fatalf("got %v, %v", got, err)
	}
	for _, bad := range []string{"", "x", uuid.Nil.String(), id.String() + "0"} {
		if _, err := ids.Parse[ids.PatientID](bad); errs.CodeOf(err) != errs.Invalid {
			t.Errorf("%q gave %v", bad, err)
		}
	}
}

func TestIdentifiersAreOrderedByTime(t *testing.T) {
	t.Parallel()
	last := ids.NewUUID().String()
	for range 1000 {
		next := ids.NewUUID().String()
		if next <= last {
			t.Fatalf("%s came after %s", next, last)
		}
		last = next
	}
}

func TestReference(t *testing.T) {
	t.Parallel()
	form := regexp.MustCompile(`^[2-9A-HJKMNP-TV-Z]{4}-[2-9A-HJKMNP-TV-Z]{4}$`)
	seen := map[string]bool{}
	for range 2000 {
		r := ids.Reference()
		if !form.MatchString(r) || seen[r] {
			t.Fatalf("%q is malformed or came twice", r)
		}
		seen[r] = true
	}
}
