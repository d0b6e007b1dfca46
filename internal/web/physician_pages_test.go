package web

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/bedside-health/bedside/internal/errs"
)

func TestMyLicenses(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	b := o.as(t, AreaPhysician, "en")
	body := strings.ReplaceAll(b.get("/physician/licenses").body, "\u00a0", " ")
	for _, want := range []string{
		"Maya Okafor", "MD-99120", "Delaware: ends on", "New York: ended on", "New Jersey: suspended or revoked", "South Carolina: the officer has to confirm",
		"Ends soon", "Suspended", "Active",
	} {
		if !strings.Contains(body, want) {
			t.Errorf("my licenses lack %q", want)
		}
	}
	if strings.Contains(body, "The board suspended it") || strings.Contains(body, "/correct") {
		t.Error("my licenses show what is the officers'")
	}
	if spanish := o.as(t, AreaPhysician, "es").get("/physician/licenses").body; !strings.Contains(spanish, "Mis licencias") {
		t.Error("no Spanish")
	}
	o.licensing.bare = true
	if none := b.get("/physician/licenses").body; !strings.Contains(none, "No license yet") {
		t.Error("having no license is not said")
	}
	o.licensing.refuse = errs.New(errs.NotFound, "physician_missing", "not linked")
	if a := b.get("/physician/licenses"); a.status != http.StatusNotFound || !strings.Contains(a.body, "not linked to a physician yet") {
		t.Errorf("no physician: %d", a.status)
	}
}

func TestMyHours(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	b := o.as(t, AreaPhysician, "en")
	body := strings.ReplaceAll(b.get("/physician/availability").body, "\u00a0", " ")
	for _, want := range []string{
		"Eastern time", `name="w1_1_from" type="time" value="09:00"`, `name="w1_2_to" type="time" value="00:00"`, `name="w3_1_to" type="time" value="17:15"`,
		`name="w0_3_to" type="time" value=""`, "More times on Sunday", "December 24, 2026 to ", "10:00 am to 11:00 am", "Closed",
	} {
		if !strings.Contains(body, want) {
			t.Errorf("my hours lack %q", want)
		}
	}
	if strings.Contains(body, "October 1") || strings.Contains(body, "More times on Monday") {
		t.Error("what is over is shown, or what is filled in is folded")
	}
	form := url.Values{"part": {"week"}, "step": {"check"}, "w1_1_from": {"9:00"}, "w1_1_to": {"12:30"}, "w5_1_from": {"1 pm"}, "w5_1_to": {"00:00"}}
	check := b.post("/physician/availability", form)
	for _, want := range []string{
		"Check before you save", "22 h 15 min", "14 h 30 min", "One booked visit is outside", "Rosa Delgado", "K7QM-2D9F", "/physician/day?day=2026-12-01",
		`name="w5_1_from" value="1 pm"`,
	} {
		if !strings.Contains(strings.ReplaceAll(check.body, "\u00a0", " "), want) {
			t.Errorf("the effect lacks %q", want)
		}
	}
	if o.sched.set != 0 {
		t.Error("looking has saved")
	}
	if again := b.post("/physician/availability", with(form, "step", "edit")).body; !strings.Contains(again, `value="12:30"`) || o.sched.set != 0 {
		t.Error("going back loses what was typed")
	}
	for range 2 {
		if saved := b.follow("/physician/availability", with(form, "step", "save")); !strings.Contains(saved.body, "Your hours are saved") {
			t.Error("saving is not confirmed")
		}
	}
	if h := o.sched.hours; len(h.GetWeekly()) != 2 || h.GetWeekly()[1].GetFromMinute() != 780 || h.GetWeekly()[1].GetToMinute() != 1440 ||
		len(h.GetExceptions()) != 4 || h.GetPhysicianId() != testPhysician {
		t.Errorf("saved %v", h)
	}
	set := o.sched.set
	if a := b.post("/physician/availability", url.Values{"step": {"save"}}); a.status != http.StatusSeeOther || o.sched.set != set {
		t.Errorf("an empty form: %d", a.status)
	}
	if none := b.post("/physician/availability", url.Values{"part": {"week"}, "w2_1_from": {"08:00"}, "w2_1_to": {"09:00"}}).body; !strings.Contains(none, "No booked visit is outside") {
		t.Error("that nothing happens is not said")
	}
}

func TestMyHoursFaults(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	b := o.as(t, AreaPhysician, "en")
	for _, v := range []struct{ from, to, want string }{
		{"09:00", "", "Enter both times"}, {"", "09:00", "Enter both times"}, {"soon", "09:00", "Enter a time such as"}, {"25:00", "09:00", "Enter a time such as"},
		{"09:10", "10:00", "in steps of 15 minutes"}, {"10:00", "09:00", "an end after the start"}, {"10:00", "10:00", "an end after the start"},
		{"00:00", "24:00", "overlaps another one"}, {strings.Repeat("9", 200), "<b>", "Enter a time such as"},
	} {
		a := b.post("/physician/availability", url.Values{
			"part": {"week"}, "step": {"save"}, "w1_2_from": {v.from}, "w1_2_to": {v.to}, "w1_1_from": {"08:00"}, "w1_1_to": {"08:30"},
		})
		if a.status != http.StatusUnprocessableEntity || !strings.Contains(a.body, v.want) || !strings.Contains(a.body, `value="08:30"`) {
			t.Errorf("from %q to %q: %d", v.from, v.to, a.status)
		}
	}
	day := func(form url.Values, name, y, m, d string) url.Values {
		form[name+"_year"], form[name+"_month"], form[name+"_day"] = []string{y}, []string{m}, []string{d}
		return form
	}
	off := func() url.Values { return url.Values{"part": {"off"}, "step": {"save"}} }
	for want, form := range map[string]url.Values{
		"Enter the first day off":             off(),
		"Enter today or a later day":          day(off(), "off_from", "2026", "11", "22"),
		"Enter at most 92 days":               day(day(off(), "off_from", "2026", "12", "1"), "off_to", "2027", "12", "1"),
		"Enter a last day that is not before": day(day(off(), "off_from", "2026", "12", "1"), "off_to", "2026", "11", "30"),
		"Enter a date that ":                  day(off(), "off_from", "2027", "2", "30"),
	} {
		a := b.post("/physician/availability", form)
		if a.status != http.StatusUnprocessableEntity || !strings.Contains(a.body, want) || !strings.Contains(a.body, `value="17:15"`) {
			t.Errorf("%q: %d", want, a.status)
		}
	}
	if o.sched.set != 0 {
		t.Error("faults were saved")
	}
	o.sched.refuse = errs.New(errs.NotFound, "physician_missing", "not linked")
	if a := b.get("/physician/availability"); a.status != http.StatusNotFound {
		t.Errorf("no physician: %d", a.status)
	}
}

func TestTimeOff(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	b := o.as(t, AreaPhysician, "es")
	form := url.Values{
		"part": {"off"}, "step": {"check"}, "off_from_year": {"2026"}, "off_from_month": {"12"}, "off_from_day": {"26"},
		"off_to_year": {"2027"}, "off_to_month": {"1"}, "off_to_day": {"2"},
	}
	if a := b.post("/physician/availability", form); !strings.Contains(a.body, "Revise antes de guardar") || !strings.Contains(a.body, "Del 26 de diciembre de 2026 al 2 de enero de 2027") || !strings.Contains(a.body, `name="off_to_year" value="2027"`) {
		t.Errorf("the effect of time off: %d", a.status)
	}
	if a := b.follow("/physician/availability", with(form, "step", "save")); !strings.Contains(a.body, "Su horario está guardado") {
		t.Errorf("saving time off: %d", a.status)
	}
	// October is over; December 24 and 25 stay; the other hours of the 26th give way.
	if h := o.sched.hours; len(h.GetExceptions()) != 10 || len(h.GetExceptions()[2].GetWindows()) != 0 || len(h.GetWeekly()) != 3 {
		t.Errorf("saved %v", h)
	}
	if a := b.follow("/physician/availability", url.Values{"part": {"remove"}, "from": {"2026-12-24"}, "to": {"2027-01-02"}}); !strings.Contains(a.body, "Los días libres se quitaron") ||
		len(o.sched.hours.GetExceptions()) != 0 {
		t.Errorf("removing: %d %v", a.status, o.sched.hours)
	}
}
