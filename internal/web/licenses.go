package web

import (
	"net/url"
	"slices"

	"github.com/bedside-health/bedside/internal/errs"
	licensingv1 "github.com/bedside-health/bedside/internal/gen/bedside/licensing/v1"
	"github.com/bedside-health/bedside/internal/web/i18n"
	"github.com/bedside-health/bedside/internal/web/view/licensing"
)

const licensesPath = "/licensing/licenses"

// concerns are why an officer should look at a license, the gravest first; the
// first shows all of them.
func concerns() []string {
	return []string{"", "suspended", "expired", "unconfirmed", "expiring_30", "expiring_60", "expiring_90", "unverified"}
}

// licensesToLookAt is where officers begin: which licenses need a look, how
// many there are of each kind, and which comes first.
func (s *Web) licensesToLookAt(c *Call) error {
	concern, state, after := c.Query("concern"), c.Query("state"), c.Query("after")
	if !slices.Contains(concerns(), concern) {
		concern = ""
	}
	if zonesOf(state) == nil {
		state = ""
	}
	res, err := s.Licensing.ListLicenses(c.Ctx(), &licensingv1.ListLicensesRequest{Concern: concern, State: state, After: after})
	if len(errs.FieldsOf(err)) > 0 {
		// Only the place in the list can be wrong: begin again.
		return c.See(licensesAt(concern, state, ""))
	}
	if err != nil {
		return err
	}
	n := res.GetCounts()[concern]
	page := licensing.LicensesPage{
		Title: c.T(i18n.Key("look.title."+orAll(concern)), "n", n, "count", c.L.Number(int64(n))),
		Lead:  c.T(i18n.Key("look.lead." + orAll(concern))), Concern: concern, State: state, States: c.stateOptions(),
	}
	if state != "" {
		page.Lead += " " + c.T("lic.lead_state", "state", c.stateWord(state))
	}
	for _, one := range concerns() {
		page.Tabs = append(page.Tabs, licensing.Tab{
			Text: c.T(i18n.Key("look.tab."+orAll(one)), "count", c.L.Number(int64(res.GetCounts()[one]))),
			Href: licensesAt(one, state, ""), Current: one == concern,
		})
	}
	for _, e := range res.GetEntries() {
		l := e.GetLicense()
		path := physiciansPath + "/" + l.GetPhysicianId()
		line := licensing.ListedLicense{LicenseLine: c.licenseLine(path, l), Href: path}
		line.Name = fullName(&licensingv1.Physician{GivenName: e.GetGivenName(), FamilyName: e.GetFamilyName(), Credential: e.GetCredential()})
		line.What = line.Name + ", " + line.What
		page.Rows = append(page.Rows, line)
	}
	if after != "" {
		page.First = licensesAt(concern, state, "")
	}
	if res.GetNext() != "" {
		page.Next = licensesAt(concern, state, res.GetNext())
	}
	return c.Show(licensing.Licenses(page))
}

// licensesAt is the address of a part of the list.
func licensesAt(concern, state, after string) string {
	q := url.Values{}
	for name, value := range map[string]string{"concern": concern, "state": state, "after": after} {
		if value != "" {
			q.Set(name, value)
		}
	}
	if len(q) == 0 {
		return licensesPath
	}
	return licensesPath + "?" + q.Encode()
}
