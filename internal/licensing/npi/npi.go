// Package npi checks and completes National Provider Identifiers.
package npi

// Length is the length of an NPI with its check digit.
const Length = 10

// InventedPrefix begins numbers that are never issued.
const InventedPrefix = "9999"

// prefixSum is what the fixed prefix 80840 of every card number adds to the
// Luhn sum.
const prefixSum = 24

// Valid reports whether ten digits carry the right check digit.
func Valid(npi string) bool {
	if len(npi) != Length || !Digits(npi) {
		return false
	}
	return npi == Complete(npi[:Length-1])
}

// Complete appends the check digit to nine digits.
func Complete(nine string) string {
	sum := prefixSum
	for i, c := range []byte(nine) {
		d := int(c - '0')
		if i%2 == 0 { // every second digit from the check digit leftward
			d = 2*d/10 + 2*d%10
		}
		sum += d
	}
	return nine + string(rune('0'+(10-sum%10)%10))
}

// Digits reports whether a text is digits only.
func Digits(s string) bool {
	for _, c := range []byte(s) {
		if c < '0' || c > '9' {
			return false
		}
	}
	return true
}
