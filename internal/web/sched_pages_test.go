package web

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	schedulingv1 "github.com/bedside-health/bedside/internal/gen/bedside/scheduling/v1"
	"github.com/google/uuid"
)

func TestPaymentIsChanged(t *testing.T) {
	t.Parallel()
	for lang, words := range map[string][]string{
		"en": {"payment", "ended on November 22, 2026", "Your visit stays booked", "Choose how to pay", "Change how you pay", "Your payment is changed", "not active on the day"},
		"es": {"payment", "terminó el 22 de noviembre de 2026", "Su consulta sigue reservada", "Elegir cómo pagar", "Cambiar cómo paga", "Su forma de pago cambió", "no está"},
	} {
		s := newSite(t)
		b := s.browser(t, lang)
		path := booked(t, b)
		s.sched.troubles = []*schedulingv1.Trouble{{Kind: "coverage", Reason: "ended", EndedOn: "2026-11-22"}}
		page := b.get(path)
		checkPage(t, page, lang, 0)
		for _, want := range append(words[1:4], path+"/payment") {
			if !strings.Contains(strings.ReplaceAll(page.body, "\u00a0", " "), want) {
				t.Errorf("the visit's page lacks %q", want)
			}
		}
		form := b.get(path + "/payment")
		checkPage(t, form, lang, 0)
		if !strings.Contains(form.body, words[4]) || !strings.Contains(form.body, "Lanternfield Mutual") || strings.Contains(form.body, "checked") {
			t.Error("the form is not as it should be, or chooses for the patient")
		}
		for _, bad := range []url.Values{{}, {"payment": {"coverage:gone"}}, {"payment": {"cash"}}} {
			bad["key"], bad["version"] = []string{hidden(t, form.body, "key")}, []string{hidden(t, form.body, "version")}
			a := b.post(path+"/payment", bad)
			if a.status != http.StatusUnprocessableEntity || s.sched.paid != nil {
				t.Errorf("%v: %d", bad, a.status)
			}
			if len(bad["payment"]) > 0 && bad["payment"][0] == "coverage:gone" && !strings.Contains(a.body, words[6]) {
				t.Errorf("a coverage that is gone: %s", a.body)
			}
		}
		if a := b.post(path+"/payment", url.Values{"payment": {"self_pay"}, "version": {"77"}, "key": {uuid.NewString()}}); a.status != http.StatusConflict {
			t.Errorf("a stale form: %d", a.status)
		}
		done := b.follow(path+"/payment", url.Values{"payment": {"self_pay"}, "version": {"1"}, "key": {hidden(t, form.body, "key")}})
		if !strings.Contains(done.body, words[5]) || strings.Contains(done.body, words[1]) || s.sched.paid.GetPayment() != "self_pay" {
			t.Errorf("after all: %d %v", done.status, s.sched.paid)
		}
		s.sched.booked[strings.TrimPrefix(path, "/appointments/")].Status = "canceled"
		if a := b.get(path + "/payment"); a.status != http.StatusSeeOther || a.location != path {
			t.Errorf("the payment of a canceled visit: %d to %q", a.status, a.location)
		}
		if a := b.get("/appointments/" + uuid.NewString() + "/payment"); a.status != http.StatusNotFound {
			t.Errorf("of an unknown visit: %d", a.status)
		}
	}
}

func TestLicenseTroubleLeadsToAnotherTime(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	b := s.browser(t, "en")
	path := booked(t, b)
	s.sched.troubles = []*schedulingv1.Trouble{{Kind: "license", Reason: "license_suspended"}, {Kind: "hours", Reason: "outside_hours"}}
	page := strings.ReplaceAll(b.get(path).body, "\u00a0", " ")
	if !strings.Contains(page, "can no longer see patients in Pennsylvania on that day") || !strings.Contains(page, "Choose another time") || strings.Contains(page, "suspend") ||
		strings.Contains(page, "Licensed in") {
		t.Error("the page blames, contradicts itself, or leads nowhere")
	}
	if strings.Count(page, `class="note warn"`) != 1 {
		t.Error("what is for staff to ask is shown to the patient")
	}
	if list := b.get("/appointments").body; !strings.Contains(list, "Needs your attention") {
		t.Error("the list does not say it")
	}
}

func TestAffectedVisits(t *testing.T) {
	t.Parallel()
	for lang, words := range map[string][]string{
		"en": {"5 visits need somebody", "The license is suspended", "The license does not allow the visit any more", "Rosa Delgado", "Within 2 days", "The time has passed", "Ask the physician first", "Payment changed", "Settled in the last 7 days"},
		"es": {"5 consultas necesitan ayuda", "La licencia está suspendida", "La licencia ya no permite", "Rosa Delgado", "En menos de 2 días", "La hora ya pasó", "Pregunte primero al médico", "Cambió la forma de pago", "Resueltas"},
	} {
		o := newOffice(t)
		b := o.as(t, AreaStaff, lang)
		page := b.get("/staff/affected")
		checkPage(t, page, lang, 0)
		for _, want := range words {
			if !strings.Contains(page.body, want) {
				t.Errorf("%s: lacks %q", lang, want)
			}
		}
		if !strings.Contains(page.body, `href="/staff/patients/`+testPatient+`/appointments/a"`) {
			t.Errorf("%s: a row does not lead to its visit", lang)
		}
		o.sched.calm = true
		if none := b.get("/staff/affected"); strings.Contains(none.body, "Okafor") || none.status != http.StatusOK {
			t.Errorf("nothing: %d", none.status)
		}
	}
}

func TestTimesByLanguage(t *testing.T) {
	t.Parallel()
	for lang, words := range map[string][]string{
		"en": {"Any language", "Internal medicine", "Speaks English and Spanish", "No physician who speaks Vietnamese is free on these days", "Next free:", "An interpreter for Vietnamese", "No physician who speaks Tagalog has a free time"},
		"es": {"Cualquier idioma", "Medicina interna", "Habla inglés y español", "Ningún médico que hable vietnamita tiene hora libre", "Próximo día libre:", "Un intérprete (vietnamita)", "Ningún médico que hable tagalo"},
	} {
		b := newSite(t).browser(t, lang)
		b.post("/book", url.Values{"service": {"general"}, "state": {"PA"}})
		page := b.get("/book/time?language=es&specialty=207R00000X")
		checkPage(t, page, lang, 0)
		for _, want := range append(slices.Clone(words[:3]), "&language=es&specialty=207R00000X", `value="es" selected`) {
			if !strings.Contains(strings.ReplaceAll(page.body, "&amp;", "&"), want) {
				t.Errorf("%s: lacks %q", lang, want)
			}
		}
		none := b.get("/book/time?language=vi")
		checkPage(t, none, lang, 0)
		for _, want := range []string{words[3], words[5], "&amp;language=vi", words[4]} {
			if !strings.Contains(none.body, want) {
				t.Errorf("%s: nobody this week: lacks %q", lang, want)
			}
		}
		if never := b.get("/book/time?language=tl").body; !strings.Contains(never, words[6]) {
			t.Errorf("%s: nobody at all: lacks %q", lang, words[6])
		}
		// What the form does not offer is not looked for.
		if a := b.get("/book/time?language=%3Cb%3E&specialty=other"); a.status != http.StatusOK || strings.Contains(a.body, "&amp;language=") {
			t.Errorf("%s: nonsense: %d", lang, a.status)
		}
	}
}

func TestDayLooksAtAChosenVisit(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	b := o.as(t, AreaPhysician, "en")
	today := b.get("/physician/day").body
	for _, want := range []string{"Next, 1", "Visits with you before", "Sep 30, 2026, Follow-up visit", "Interpreter: Russian", "Pays without insurance", "Consent given", "Consent still to be signed", "&amp;visit=0198a000-0000-7000-8000-00000000c003#visit"} {
		if !strings.Contains(strings.ReplaceAll(today, "\u00a0", " "), want) {
			t.Errorf("the day lacks %q", want)
		}
	}
	chosen := b.get("/physician/day?day=2026-11-23&visit=0198a000-0000-7000-8000-00000000c003")
	checkPage(t, chosen, "en", 0)
	if !strings.Contains(chosen.body, "Chosen, 2") || !strings.Contains(chosen.body, `aria-current="true"`) {
		t.Error("the chosen visit is not shown")
	}
	if off := b.get("/physician/day?day=2026-11-23&visit=0198a000-0000-7000-8000-00000000c001").body; !strings.Contains(off, "Canceled, 10:30") {
		t.Error("a canceled visit is not shown")
	}
}

func TestHoursChangedInAnotherWindow(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	b := o.as(t, AreaPhysician, "en")
	version := hidden(t, b.get("/physician/availability").body, "version")
	week := url.Values{"part": {"week"}, "step": {"check"}, "version": {version}, "w5_1_from": {"13:00"}, "w5_1_to": {"15:00"}}
	check := b.post("/physician/availability", week)
	if check.status != http.StatusOK || hidden(t, check.body, "version") != version {
		t.Fatalf("the effect: %d", check.status)
	}
	// Somebody saves between the effect and the saving: the service finds it.
	o.sched.meanwhile = true
	late := b.post("/physician/availability", with(week, "step", "save"))
	// Or long before: the page finds it.
	early := b.post("/physician/availability", with(week, "step", "check"))
	for name, a := range map[string]answer{"late": late, "early": early} {
		body := strings.ReplaceAll(a.body, "\u00a0", " ")
		if a.status != http.StatusConflict || !strings.Contains(body, "changed in another window") || !strings.Contains(body, "1:00 pm to 3:00 pm") ||
			!strings.Contains(body, "9:00 am to 12:00 pm") || !strings.Contains(body, `name="w5_1_from" value="13:00"`) {
			t.Errorf("%s: %d", name, a.status)
		}
	}
	set := o.sched.set
	mine := with(with(week, "version", hidden(t, early.body, "version")), "step", "check")
	if a := b.post("/physician/availability", mine); a.status != http.StatusOK {
		t.Errorf("the effect of what was typed: %d", a.status)
	}
	if a := b.follow("/physician/availability", with(mine, "step", "save")); !strings.Contains(a.body, "Your hours are saved") || o.sched.set != set+1 || len(o.sched.hours.GetWeekly()) != 1 {
		t.Errorf("saving what was typed: %d", a.status)
	}
}

func TestPartOfADayOff(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	b := o.as(t, AreaPhysician, "en")
	off := url.Values{
		"part": {"off"}, "step": {"save"}, "off_from_year": {"2026"}, "off_from_month": {"11"}, "off_from_day": {"30"}, "off_start": {"11:00"}, "off_end": {"14:00"},
	}
	if a := b.follow("/physician/availability", off); !strings.Contains(a.body, "Your hours are saved") {
		t.Fatalf("a part of a Monday: %d", a.status)
	}
	var left []int32
	for _, e := range o.sched.hours.GetExceptions() {
		if e.GetDate() == "2026-11-30" {
			for _, w := range e.GetWindows() {
				left = append(left, w.GetFromMinute(), w.GetToMinute())
			}
		}
	}
	if len(left) != 4 || left[0] != 540 || left[1] != 660 || left[2] != 840 || left[3] != 1440 {
		t.Errorf("what is left of the day: %v", left)
	}
	set := o.sched.set
	for want, part := range map[string][2]string{
		"Enter both times":                        {"11:00", ""},
		"an end after the start":                  {"11:00", "10:00"},
		"a time off inside of your hours on that": {"01:00", "02:00"},
	} {
		a := b.post("/physician/availability", with(with(off, offStart, part[0]), offEnd, part[1]))
		if a.status != http.StatusUnprocessableEntity || !strings.Contains(a.body, want) || !strings.Contains(a.body, `name="off_start"`) {
			t.Errorf("%q: %d", want, a.status)
		}
	}
	if o.sched.set != set {
		t.Error("faults were saved")
	}
}
