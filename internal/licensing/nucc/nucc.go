// Package nucc holds the provider taxonomy codes that Bedside itself uses. The
// full code set belongs to others and is not included: any code of the right
// shape is stored, and pages have a name for these.
package nucc

// Codes that other packages refer to.
const (
	FamilyMedicine   = "207Q00000X"
	InternalMedicine = "207R00000X"
	GeneralPractice  = "208D00000X"
	Psychiatry       = "2084P0800X"
	Pediatrics       = "208000000X"
	Dermatology      = "207N00000X"
)

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
