package web

import (
	"strings"
	"testing"

	enrollmentv1 "github.com/bedside-health/bedside/internal/gen/bedside/enrollment/v1"
)

// A file that contradicts an earlier one is told from one that was only
// refused, in the list and on its own page.
func TestAlarmsAreTold(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	for _, i := range o.roster.imports {
		if i.GetImportId() == refusedImport {
			i.Refusal = &enrollmentv1.Finding{Kind: "alarm", Reason: "control_number_reused", Element: "ST02", Message: "Came with other content."}
		}
	}
	for lang, want := range map[string][3]string{
		"en": {"Alarm", "Alarm: this file contradicts an earlier one", "The whole file was refused"},
		"es": {"Alarma", "Alarma: este archivo", "Se rechazó el archivo entero"},
	} {
		b := o.as(t, AreaStaff, lang)
		if list := b.get("/staff/rosters").body; !strings.Contains(list, want[0]) {
			t.Errorf("%s: the list lacks %q", lang, want[0])
		}
		page := b.get("/staff/rosters/" + refusedImport).body
		if !strings.Contains(page, want[1]) || !strings.Contains(page, "Came with other content.") || strings.Contains(page, want[2]) {
			t.Errorf("%s: the page does not tell the alarm", lang)
		}
	}
}
