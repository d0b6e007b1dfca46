package licensing

import (
	"testing"

	"github.com/bedside-health/bedside/internal/licensing/npi"
	"github.com/bedside-health/bedside/internal/licensing/nucc"
)

func TestNPI(t *testing.T) {
	t.Parallel()
	for number, want := range map[string]string{
		"1234567893":  "",
		"1234567890":  faultCheckDigit,
		"1234567894":  faultCheckDigit,
		"1234576893":  faultCheckDigit, // two digits swapped
		"123456789":   faultMalformed,
		"12345678931": faultMalformed,
		"3234567893":  faultMalformed,
		"12345678 3":  faultMalformed,
		"１２３":         faultMalformed,
		"":            faultMissing,
		"9999908392":  faultMalformed, // never issued
	} {
		if got := npiFault(number, false); got != want {
			t.Errorf("%q: got %q, want %q", number, got, want)
		}
	}
	for _, number := range []string{"9999908392", "9999903799", "9999999698"} {
		if got := npiFault(number, true); got != "" {
			t.Errorf("%s in demo: %q", number, got)
		}
	}
}

func TestEverySingleWrongDigitIsCaught(t *testing.T) {
	t.Parallel()
	const good = "1234567893"
	for i := range good {
		for d := byte('0'); d <= '9'; d++ {
			b := []byte(good)
			b[i] = d
			if got := npi.Valid(string(b)); got != (string(b) == good) {
				t.Errorf("%s: %v", b, got)
			}
		}
	}
}

func TestTheDatabaseAgreesOnCheckDigits(t *testing.T) {
	t.Parallel()
	b := setup(t)
	for _, number := range []string{"1234567893", "1234567890", "9999908392", "9999908391", "2000000002", "12345x7893", "", "123"} {
		var got bool
		b.database.Query(t, `SELECT licensing.npi_valid('`+number+`')`, &got)
		if want := npiFault(number, true) == ""; got != want {
			t.Errorf("%q: the database says %v, Go says %v", number, got, want)
		}
	}
}

func TestNUCC(t *testing.T) {
	t.Parallel()
	for _, good := range []string{nucc.FamilyMedicine, nucc.Psychiatry, "207RC0000X"} {
		if !nucc.Valid(good) {
			t.Errorf("%q was refused", good)
		}
	}
	for _, bad := range []string{"", "207q00000x", "207Q00000", "207Q00000XX", "207Q-0000X"} {
		if nucc.Valid(bad) {
			t.Errorf("%q was accepted", bad)
		}
	}
}
