package errs_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/bedside-health/bedside/internal/errs"
)

func TestWrappedErrorKeepsItsCode(t *testing.T) {
	t.Parallel()
	cause := errors.New("boom")
	err := fmt.Errorf("doing x: %w", errs.New(errs.Conflict, "taken", "Somebody was quicker.").With(cause))
	if errs.CodeOf(err) != errs.Conflict || errs.ReasonOf(err) != "taken" || !errors.Is(err, cause) {
		t.Fatalf("got %v", err)
	}
	if !errors.Is(err, errs.New(errs.Conflict, "taken", "other words")) || errors.Is(err, errs.New(errs.Conflict, "other", "")) {
		t.Fatal("errors match by code and reason")
	}
}

func TestAnyOtherErrorIsInternal(t *testing.T) {
	t.Parallel()
	err := errors.New("boom")
	if errs.PartOf(err) != "" || errs.CodeOf(err) != errs.Internal || errs.ReasonOf(err) != "internal" || errs.FieldsOf(err) != nil {
		t.Fatal("a plain error has a code")
	}
}

func TestFields(t *testing.T) {
	t.Parallel()
	err := errs.InvalidFields(errs.Field{Name: "npi", Reason: "check_digit"})
	if f := errs.FieldsOf(err); len(f) != 1 || f[0].Name != "npi" || errs.CodeOf(err) != errs.Invalid || !strings.Contains(err.Message, "npi") {
		t.Fatalf("got %+v", err)
	}
}

func TestEveryCodeHasAName(t *testing.T) {
	t.Parallel()
	seen := map[string]bool{}
	for c := errs.Internal; c <= errs.Unavailable; c++ {
		if seen[c.String()] {
			t.Errorf("code %d has the name of another: %s", c, c)
		}
		seen[c.String()] = true
	}
	if errs.Code(99).String() != "internal" {
		t.Error("an unknown code must count as internal")
	}
}
