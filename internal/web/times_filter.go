package web

import (
	"slices"

	schedulingv1 "github.com/bedside-health/bedside/internal/gen/bedside/scheduling/v1"
	"github.com/bedside-health/bedside/internal/web/i18n"
	"github.com/bedside-health/bedside/internal/web/ui"
	"github.com/bedside-health/bedside/internal/web/view/book"
)

// narrowed is whom the times of the page are with. Nothing of it says who
// asks, so it may stand in an address.
type narrowed struct{ with, language, specialty string }

// narrowed reads the choice from the address. A language or specialty that the
// form does not offer is not chosen.
func (c *Call) narrowed() narrowed {
	n := narrowed{with: c.Query("with"), language: c.Query("language"), specialty: c.Query("specialty")}
	if !c.L.Has(i18n.Key("language." + n.language)) {
		n.language = ""
	}
	if !c.L.Has(i18n.Key("specialty."+n.specialty)) || n.specialty == "other" {
		n.specialty = ""
	}
	return n
}

// fillFilter puts the choice into the page, with all that can be chosen, and
// what is said if nothing is free.
func (c *Call) fillFilter(page *book.Times, physicians []*schedulingv1.PhysicianChoice, n narrowed, base string) {
	page.With, page.Language, page.Specialty = n.with, n.language, n.specialty
	page.Physicians = []ui.Option{{Label: c.T("times.anybody")}}
	var spoken, had []string
	for _, p := range physicians {
		label := c.T("book.doctor", "name", p.GetName()) + ", " + c.specialty(p.GetSpecialty())
		if words := c.languages(p.GetLanguages()); words != "" {
			label = c.T("times.spoken", "name", c.T("book.doctor", "name", p.GetName()), "specialty", c.specialty(p.GetSpecialty()), "languages", words)
		}
		page.Physicians = append(page.Physicians, ui.Option{Value: p.GetPhysicianId(), Label: label})
		spoken, had = append(spoken, p.GetLanguages()...), append(had, p.GetSpecialties()...)
	}
	page.Languages = c.spokenOptions(spoken)
	page.Specialties = c.specialtyOptions(append(had, n.specialty))
	switch {
	case n.language != "" && n.specialty == "" && n.with == "":
		word := c.T(i18n.Key("language." + n.language))
		page.Nothing, page.Nobody = c.T("times.speaks_nothing", "language", word), c.T("times.speaks_nobody", "language", word)
		page.Wider, page.WiderHref = c.T("times.interpreter", "language", word), base
	case n.language != "" || n.specialty != "":
		page.Nothing, page.Nobody = c.T("times.narrow_nothing"), c.T("times.narrow_nobody")
		page.Wider, page.WiderHref = c.T("times.all_physicians"), base
	case n.with != "":
		page.Wider, page.WiderHref = c.T("times.try_anybody"), base
	}
}

// spokenOptions are the languages that a physician speaks there, and those for
// which interpreters are offered: whoever looks for theirs is told where it is.
func (c *Call) spokenOptions(spoken []string) []ui.Option {
	list := c.interpreters()
	for _, code := range spoken {
		known := func(o ui.Option) bool { return o.Value == code }
		if key := i18n.Key("language." + code); c.L.Has(key) && !slices.ContainsFunc(list, known) {
			list = append(list, ui.Option{Value: code, Label: upperFirst(c.T(key))})
		}
	}
	sortOptions(list)
	return append([]ui.Option{{Label: c.T("times.any_language")}}, list...)
}

// specialtyOptions are the specialties of those who can be chosen; none if
// there is nothing to choose.
func (c *Call) specialtyOptions(codes []string) []ui.Option {
	slices.Sort(codes)
	var list []ui.Option
	for _, code := range slices.Compact(codes) {
		if key := i18n.Key("specialty." + code); code != "" && c.L.Has(key) {
			list = append(list, ui.Option{Value: code, Label: c.T(key)})
		}
	}
	if len(list) < 2 {
		return nil
	}
	sortOptions(list)
	return append([]ui.Option{{Label: c.T("times.any_specialty")}}, list...)
}
