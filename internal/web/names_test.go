package web

import "testing"

func TestPersonName(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ given, family, want string }{
		{"ROSA", "DELGADO", "Rosa Delgado"}, {"Rosa", "McDonald", "Rosa McDonald"}, {"ANNE-MARIE", "O'NEIL", "Anne-Marie O'Neil"},
		{"JOSÉ", "NÚÑEZ", "José Núñez"}, {"", "", ""}, {"LI", "", "Li"},
	} {
		if got := personName(c.given, c.family); got != c.want {
			t.Errorf("%s %s: %s", c.given, c.family, got)
		}
	}
}

func TestPhoneText(t *testing.T) {
	t.Parallel()
	for number, want := range map[string]string{
		"+12155550142": "(215)\u00a0555-0142", "215 555 0142": "(215)\u00a0555-0142", "+442079460000": "+442079460000", "": "",
	} {
		if got := phoneText(number); got != want {
			t.Errorf("%s: %s", number, got)
		}
	}
}
