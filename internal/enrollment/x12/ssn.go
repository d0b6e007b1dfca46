package x12

import (
	"fmt"
	"log/slog"
)

// SSN is a social security number on its way to being hashed. It prints as
// dots, however it is printed.
type SSN string

const dots = "•••"

var (
	_ fmt.Stringer   = SSN("")
	_ slog.LogValuer = SSN("")
)

// String hides the number.
func (s SSN) String() string {
	if s == "" {
		return ""
	}
	return dots
}

// Format hides the number from every verb.
func (s SSN) Format(f fmt.State, _ rune) { _, _ = f.Write([]byte(s.String())) }

// LogValue hides the number from logs.
func (s SSN) LogValue() slog.Value { return slog.StringValue(s.String()) }

// MarshalText hides the number from encoders.
func (s SSN) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

// Digits returns the nine digits, for hashing only, or "" where it is no
// number that could have been issued.
func (s SSN) Digits() string {
	var d []byte
	for i := range len(s) {
		if s[i] >= '0' && s[i] <= '9' {
			d = append(d, s[i])
		}
	}
	if len(d) != 9 || string(d) == "000000000" || string(d) == "999999999" {
		return ""
	}
	return string(d)
}
