// Package nucc names the provider taxonomy codes that Bedside itself uses. The
// full code set belongs to others and is not included: any code of the right
// shape is stored, and only these have a display name.
package nucc

// Specialty is a taxonomy code with our own name for it.
type Specialty struct{ Code, Name string }

// Codes that other packages refer to.
const (
	FamilyMedicine   = "207Q00000X"
	InternalMedicine = "207R00000X"
	GeneralPractice  = "208D00000X"
	Psychiatry       = "2084P0800X"
	Pediatrics       = "208000000X"
	Dermatology      = "207N00000X"
)

// Known lists the specialties that have a name here.
func Known() []Specialty {
	return []Specialty{
		{FamilyMedicine, "Family medicine"},
		{InternalMedicine, "Internal medicine"},
		{GeneralPractice, "General practice"},
		{Psychiatry, "Psychiatry"},
		{Pediatrics, "Pediatrics"},
		{Dermatology, "Dermatology"},
	}
}

// Name is the display name of a code, or the code itself.
func Name(code string) string {
	for _, s := range Known() {
		if s.Code == code {
			return s.Name
		}
	}
	return code
}

// Valid reports whether a code has the shape of a taxonomy code: ten capital
// letters and digits.
func Valid(code string) bool {
	for _, c := range []byte(code) {
		if (c < '0' || c > '9') && (c < 'A' || c > 'Z') {
			return false
		}
	}
	return len(code) == 10
}
