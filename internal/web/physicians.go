package web

import (
	"net/url"
	"slices"
	"strings"

	"github.com/bedside-health/bedside/internal/errs"
	licensingv1 "github.com/bedside-health/bedside/internal/gen/bedside/licensing/v1"
	"github.com/bedside-health/bedside/internal/web/i18n"
	"github.com/bedside-health/bedside/internal/web/ui"
	"github.com/bedside-health/bedside/internal/web/view/licensing"
)

const physiciansPath = "/licensing/physicians"

// physicianFilters are the ways to look at the list; the first shows all.
func physicianFilters() []string {
	return []string{"", "expiring", "expired", "suspended", "unconfirmed"}
}

// search is what a list of physicians was asked for.
type search struct{ query, state, filter, after string }

// physicians lists physicians. Names are searched by form, never by address.
func (s *Web) physicians(c *Call) error {
	ask := search{state: c.Query("state"), filter: c.Query("filter"), after: c.Query("after")}
	return s.showPhysicians(c, ask)
}

// physiciansSearched is the list for part of a name or an NPI. Without one it
// leads to the address of the list, which can be kept.
func (s *Web) physiciansSearched(c *Call) error {
	if err := c.Parse(); err != nil {
		return err
	}
	ask := search{query: c.Value("q"), state: c.Value("state"), filter: c.Value("filter"), after: c.Value("after")}
	if ask.query == "" {
		return c.See(ask.path(""))
	}
	return s.showPhysicians(c, ask)
}

// path is the address of the list without the words that were searched for.
func (a search) path(after string) string {
	q := url.Values{}
	for name, value := range map[string]string{"state": a.state, "filter": a.filter, "after": after} {
		if value != "" {
			q.Set(name, value)
		}
	}
	if len(q) == 0 {
		return physiciansPath
	}
	return physiciansPath + "?" + q.Encode()
}

func (s *Web) showPhysicians(c *Call, ask search) error {
	if !slices.Contains(physicianFilters(), ask.filter) {
		ask.filter = ""
	}
	if zonesOf(ask.state) == nil {
		ask.state = ""
	}
	page := licensing.PhysiciansPage{Query: ask.query, State: ask.state, Filter: ask.filter, States: c.stateOptions(), Tabs: c.tabs(ask)}
	res, err := s.Licensing.ListPhysicians(c.Ctx(), &licensingv1.ListPhysiciansRequest{
		Query: ask.query, State: ask.state, Filter: ask.filter, After: ask.after,
	})
	if len(errs.FieldsOf(err)) > 0 && ask.query != "" {
		page.Title, page.Problem = c.T("lic.physicians_title"), c.T("lic.search_wrong")
		return c.Again(licensing.Physicians(page))
	}
	if err != nil {
		return err
	}
	for _, p := range res.GetPhysicians() {
		page.Rows = append(page.Rows, c.physicianLine(p))
	}
	page.Title = c.T("lic.count", "n", res.GetTotal(), "count", c.L.Number(int64(res.GetTotal())))
	page.Lead = c.physiciansLead(ask)
	switch {
	case ask.query != "":
		page.NextForm = res.GetNext()
	case res.GetNext() != "":
		page.Next = ask.path(res.GetNext())
	}
	if ask.after != "" && ask.query == "" {
		page.First = ask.path("")
	}
	return c.Show(licensing.Physicians(page))
}

func (c *Call) physiciansLead(ask search) string {
	lead := c.T(i18n.Key("lic.lead." + orAll(ask.filter)))
	if ask.state != "" {
		lead += " " + c.T("lic.lead_state", "state", c.T(i18n.Key("state."+ask.state)))
	}
	return lead
}

func orAll(filter string) string {
	if filter == "" {
		return "all"
	}
	return filter
}

func (c *Call) tabs(ask search) []licensing.Tab {
	var out []licensing.Tab
	for _, f := range physicianFilters() {
		to := search{state: ask.state, filter: f}
		out = append(out, licensing.Tab{Text: c.T(i18n.Key("lic.tab." + orAll(f))), Href: to.path(""), Current: f == ask.filter})
	}
	return out
}

// stateOptions lists the states by name.
func (c *Call) stateOptions() []ui.Option {
	var out []ui.Option
	for _, code := range states() {
		out = append(out, ui.Option{Value: code, Label: c.T(i18n.Key("state." + code))})
	}
	slices.SortFunc(out, func(a, b ui.Option) int { return strings.Compare(a.Label, b.Label) })
	return out
}

func (c *Call) physicianLine(f *licensingv1.PhysicianFacts) licensing.PhysicianLine {
	p := f.GetPhysician()
	line := licensing.PhysicianLine{
		Href: physiciansPath + "/" + p.GetPhysicianId(), Name: fullName(p), Specialty: c.mainSpecialty(p), NPI: p.GetNpi(),
		Marks: c.licenseSummary(f.GetLicenses()),
	}
	var codes []string
	for _, l := range f.GetLicenses() {
		if !slices.Contains(codes, l.GetState()) {
			codes = append(codes, l.GetState())
		}
	}
	slices.Sort(codes)
	line.Count = c.T("lic.license_count", "n", len(f.GetLicenses()))
	if more := len(codes) - 8; more > 0 {
		line.States = c.T("lic.states_more", "n", more, "states", strings.Join(codes[:8], ", "))
	} else {
		line.States = strings.Join(codes, ", ")
	}
	return line
}

func fullName(p *licensingv1.Physician) string {
	name := p.GetGivenName() + " " + p.GetFamilyName()
	if p.GetCredential() != "" {
		name += ", " + p.GetCredential()
	}
	return name
}

func (c *Call) mainSpecialty(p *licensingv1.Physician) string {
	if len(p.GetSpecialties()) == 0 {
		return ""
	}
	return c.word(i18n.Key("specialty."), p.GetSpecialties()[0], p.GetSpecialties()[0])
}
