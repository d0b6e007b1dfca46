package names_test

import (
	"testing"

	"github.com/bedside-health/bedside/internal/enrollment/names"
)

func TestFold(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		"":                 "",
		"O'Brien-Núñez":    "OBRIENNUNEZ",
		" obrien  nunez ":  "OBRIENNUNEZ",
		"Van der Berg, Jr": "VANDERBERGJR",
		"Groß":             "GROSS",
		"Søren":            "SOREN",
		"李":                "李",
		"—'.":              "",
	} {
		if got := names.Fold(in); got != want {
			t.Errorf("Fold(%q) = %q, want %q", in, got, want)
		}
	}
	if got := names.Search("De La Cruz", "José"); got != "DELACRUZ JOSE" {
		t.Errorf("Search = %q", got)
	}
}

func TestProper(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		"MARGARET": "Margaret", "ANNE-MARIE": "Anne-Marie", "O'HARA": "O'Hara", "DE LA CRUZ": "De La Cruz", "NÚÑEZ": "Núñez",
		"McDonald": "McDonald", "van Dyke": "van Dyke", "": "", "J": "J", "JOHN 3RD": "John 3rd",
	} {
		if got := names.Proper(in); got != want {
			t.Errorf("%q became %q, want %q", in, got, want)
		}
	}
}
