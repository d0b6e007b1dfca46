package web

import (
	"net/http"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	enrollmentv1 "github.com/bedside-health/bedside/internal/gen/bedside/enrollment/v1"
	schedulingv1 "github.com/bedside-health/bedside/internal/gen/bedside/scheduling/v1"
	"github.com/bedside-health/bedside/internal/web/i18n"
	"github.com/bedside-health/bedside/internal/web/ui"
	"github.com/bedside-health/bedside/internal/web/view/book"
)

// reasonLimit is how many characters the reason of a visit may have.
const reasonLimit = 1000

// bookAbout asks what the visit is about.
func (s *Web) bookAbout(c *Call) error {
	h, err := s.hold(c)
	if err != nil || h == nil {
		return err
	}
	return s.showAbout(c, h, h.GetAnswers(), c.Faults())
}

// bookAboutSent keeps the answers with the hold, which now belongs to whoever
// is signed in.
func (s *Web) bookAboutSent(c *Call) error {
	if err := c.Parse(); err != nil {
		return err
	}
	h, err := s.hold(c)
	if err != nil || h == nil {
		return err
	}
	a := readAnswers(c)
	h, extended, err := s.extend(c, h)
	if err != nil {
		return err
	}
	if extended {
		return s.showAbout(c, h, a, c.Faults())
	}
	f := c.Faults()
	f.Need("reason", a.GetReason(), "field.reason")
	if utf8.RuneCountInString(a.GetReason()) > reasonLimit {
		f.Add("reason", "field.reason_long", "n", reasonLimit)
	}
	f.Need("payment", a.GetPayment(), "field.payment")
	if n := len(digits(a.GetPhone())); a.GetPhone() != "" && (n < 10 || n > 15) {
		f.Add("phone", "field.phone")
	}
	if f.Any() {
		return s.showAbout(c, h, a, f)
	}
	browser, err := c.Browser()
	if err != nil {
		return err
	}
	_, err = s.Scheduling.SaveAnswers(c.Ctx(), &schedulingv1.SaveAnswersRequest{BrowserId: browser, Answers: a})
	if err := f.Take(err, ""); err != nil {
		return err
	}
	if f.Any() {
		return s.showAbout(c, h, a, f)
	}
	return c.See("/book/check")
}

func readAnswers(c *Call) *schedulingv1.Answers {
	a := &schedulingv1.Answers{
		PatientId: c.Value("patient_id"), Reason: strings.ReplaceAll(c.Value("reason"), "\r\n", "\n"),
		Interpreter: c.Value("interpreter"), Captions: c.Value("captions") != "", Phone: c.Value("phone"),
	}
	a.Payment, a.CoverageId = splitPayment(c.Value("payment"))
	return a
}

// splitPayment undoes paymentValue.
func splitPayment(value string) (payment, coverage string) {
	payment, coverage, _ = strings.Cut(value, ":")
	return payment, coverage
}

func (s *Web) showAbout(c *Call, h *schedulingv1.Hold, a *schedulingv1.Answers, f *Faults) error {
	me, err := s.People.Me(c.Ctx(), &enrollmentv1.MeRequest{})
	if err != nil {
		return err
	}
	if c.R.Method == http.MethodGet {
		if before := c.typedBefore(me); before != nil {
			a = before
		}
	}
	chosen := a.GetPatientId()
	if several := len(me.GetPatients()) > 1; several && c.R.Method == http.MethodGet {
		if chosen = s.chosenPatient(c, a); patientOf(me, chosen).GetPatientId() != chosen {
			return c.See("/book/who")
		}
	}
	if a.GetPatientId() != chosen { // what was answered is about somebody else
		a = nil
	}
	service, err := s.service(c.Ctx(), h.GetServiceId())
	if err != nil {
		return err
	}
	page := book.About{
		Kept: c.kept(h), Problems: f.List, Errors: f.By,
		PatientID: chosen, Reason: a.GetReason(), Interpreter: a.GetInterpreter(),
		Captions: a.GetCaptions(), Phone: a.GetPhone(), Payment: paymentValue(a),
	}
	patient := patientOf(me, chosen)
	if len(me.GetPatients()) > 1 {
		page.For = []ui.Row{{
			Key: c.T("who.about"), Value: personName(patient.GetGivenName(), patient.GetFamilyName()), Soft: c.age(patient.GetBirthDate()),
			Change: "/book/who", ChangeWhat: c.T("who.change"),
		}}
	}
	if page.PatientID == "" || a == nil {
		page.PatientID, page.Phone = patient.GetPatientId(), strings.ReplaceAll(phoneText(patient.GetPhone()), "\u00a0", " ")
	}
	day := h.GetSlot().GetStart().AsTime().In(location(h.GetTimeZone())).Format(time.DateOnly)
	if page.Plans, err = s.plansOn(c, day, c.L.Money(service.GetPriceCents())); err != nil {
		return err
	}
	for _, v := range healthCoverage(patient, day) {
		page.Payments = append(page.Payments, ui.Option{
			Value: "coverage:" + v.GetCoverageId(), Label: v.GetPayerName(), Hint: c.T("about.coverage_hint", "plan", v.GetPlan()),
		})
	}
	page.Payments = append(page.Payments, ui.Option{
		Value: "self_pay", Label: c.T("about.self_pay"), Aside: c.L.Money(service.GetPriceCents()),
	})
	if page.Payment == "" && a == nil {
		page.Payment = page.Payments[0].Value
	}
	page.Interpreters = c.interpreters()
	if f.Any() {
		return c.Again(book.AboutView(page))
	}
	return c.Show(book.AboutView(page))
}

func paymentValue(a *schedulingv1.Answers) string {
	if a.GetPayment() == "coverage" {
		return "coverage:" + a.GetCoverageId()
	}
	return a.GetPayment()
}

// patientOf is the patient of that id, or the first that the caller acts for.
func patientOf(me *enrollmentv1.MeResponse, id string) *enrollmentv1.PatientFacts {
	for _, p := range me.GetPatients() {
		if p.GetPatientId() == id {
			return p
		}
	}
	if list := me.GetPatients(); len(list) > 0 {
		return list[0]
	}
	return nil
}

// healthCoverage is the coverage that pays for visits on a day.
func healthCoverage(p *enrollmentv1.PatientFacts, day string) []*enrollmentv1.Coverage {
	var out []*enrollmentv1.Coverage
	for _, v := range p.GetCoverages() {
		lines := []string{"HLT", "HMO", "PPO", "POS", "EPO"}
		if slices.Contains(lines, v.GetLine()) && v.GetFrom() <= day && (v.GetTo() == "" || day <= v.GetTo()) {
			out = append(out, v)
		}
	}
	return out
}

// interpreters lists the languages that interpreters are offered for.
func (c *Call) interpreters() []ui.Option { return slices.Clone(c.web.interpreters[c.L.Lang()]) }

// interpretersIn is that list as one language names and orders it.
func interpretersIn(l i18n.Locale) []ui.Option {
	codes := []string{"es", "zh", "vi", "ko", "ru", "ar", "ht", "pt", "tl", "fr", "pl", "de", "it", "ja", "fa", "hi", "en"}
	var out []ui.Option
	for _, code := range codes {
		out = append(out, ui.Option{Value: code, Label: upperFirst(l.T(i18n.Key("language." + code)))})
	}
	sortOptions(out)
	return append(out, ui.Option{Value: "ase", Label: upperFirst(l.T("language.ase"))})
}

func upperFirst(s string) string {
	r, n := utf8.DecodeRuneInString(s)
	return strings.ToUpper(string(r)) + s[n:]
}
