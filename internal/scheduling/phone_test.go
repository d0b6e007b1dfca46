package scheduling

import "testing"

func TestPhoneNumbersAsPeopleWriteThem(t *testing.T) {
	t.Parallel()
	for number, want := range map[string]bool{
		"215 555 0147": true, "(215) 555-0147": true, "+1 215.555.0147": true, "2155550147": true,
		"(215) 555-0147 ext. 12": true, "215-555-0147 x9": true, "215 555 0147, Ext 123456": true, "215 555 0147 #4": true,
		"+52 55 1234 5678": true, "787 555 0123": true,
		"555 0147": false, "215 555 0147 ext": false, "215 555 0147 ext 1234567": false, "call me": false, "215 555 0147\n": false,
		"2155550147<b>": false, "+1+215 555 0147": false, "1234567890123456": false,
	} {
		if got := phoneNumber.MatchString(number); got != want {
			t.Errorf("%q: %v", number, got)
		}
	}
}
