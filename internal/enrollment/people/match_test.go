package people

import (
	"testing"

	"github.com/bedside-health/bedside/internal/enrollment/names"
)

func TestSameFamilyName(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		a, b string
		same bool
	}{
		{"Smith", "SMITH", true},
		{"Smith", "Smyth", false},
		{"O'Brien", "O’BRIEN", true},
		{"O'Brien", "Brien", false},
		{"Muñoz", "Munoz", true},
		{"Nguye\u0302\u0303n", "Nguyen", true},
		{"ＷＩＤＥ", "Wide", true},
		{"García López", "GARCIA-LOPEZ", true},
		{"García López", "garcia", true},
		{"García López", "Lopez", true},
		{"García López", "García Pérez", false},
		{"Smith-Jones", "Jones", true},
		{"De La Cruz", "DELACRUZ", true},
		{"De La Cruz", "Cruz", true},
		{"De La Cruz", "La", false},
		{"De la Cruz Gómez", "de la cruz", true},
		{"van Dyke", "Vandyke", true},
		{"Smith III", "Smith", true},
		{"Smith, Jr.", "Smith", true},
		{"", "Smith", false},
		{"🙂", "🙂", false},
		{"La", "la", true},
		{"王", "王", true},
	} {
		if sameFamilyName(c.a, c.b) != c.same || sameFamilyName(c.b, c.a) != c.same {
			t.Errorf("sameFamilyName(%q, %q), either way round, want %v", c.a, c.b, c.same)
		}
	}
}

func TestFoldNumber(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{"": "", "00-12 ab.C": "0012ABC", "É9": "9", "W123456789-01": "W12345678901"} {
		if got := foldNumber(in); got != want {
			t.Errorf("foldNumber(%q) = %q, want %q", in, got, want)
		}
	}
}

func FuzzSameFamilyName(f *testing.F) {
	for _, s := range []string{"García López", "O'Brien", "Smith, Jr.", "İstanbul", "ǅ", "\xff\xfe", "ﬁn", "Ω ς Σ", "क्षि"} {
		f.Add(s, "Smith")
	}
	f.Fuzz(func(t *testing.T, a, b string) {
		if sameFamilyName(a, b) != sameFamilyName(b, a) {
			t.Fatalf("sameFamilyName(%q, %q) depends on the order", a, b)
		}
		if named := len(nameParts(a)) > 0; named != sameFamilyName(a, a) {
			t.Fatalf("%q has a name: %v, but equals itself: %v", a, named, !named)
		}
		if p := names.Fold(a); p != "" && names.Fold(p) != p {
			t.Fatalf("folding %q twice gives %q, then %q", a, p, names.Fold(p))
		}
		if foldNumber(foldNumber(a)) != foldNumber(a) {
			t.Fatalf("foldNumber is not stable for %q", a)
		}
	})
}
