package web

import (
	"strings"

	"github.com/bedside-health/bedside/internal/web/i18n"
	"github.com/bedside-health/bedside/internal/web/ui"
)

// entry is one line of the navigation. signedIn limits it to people who are,
// or are not, signed in to the area. Entries of one group are one line, which
// leads to the first of them; the others stand below it on their pages.
type entry struct {
	area     Area
	text     i18n.Key
	path     string
	group    i18n.Key
	signedIn *bool
}

// navigation shows only what exists.
func navigation() []entry {
	yes, no := true, false
	return []entry{
		{area: AreaPatient, text: "nav.book", path: "/book"},
		{area: AreaPatient, text: "nav.appointments", path: "/appointments", signedIn: &yes},
		{area: AreaPatient, text: "people.nav", path: "/people", signedIn: &yes},
		{area: AreaPatient, text: "account.nav", path: "/account", signedIn: &yes},
		{area: AreaPatient, text: "nav.sign_in", path: "/sign-in", signedIn: &no},
		{area: AreaPhysician, text: "day.nav", path: "/physician/day", signedIn: &yes},
		{area: AreaPhysician, text: "avail.nav", path: "/physician/availability", signedIn: &yes},
		{area: AreaPhysician, text: "mylic.nav", path: "/physician/licenses", signedIn: &yes},
		{area: AreaPhysician, text: "account.nav", path: "/physician/account", signedIn: &yes},
		{area: AreaStaff, text: "desk.nav", path: "/staff/patients", signedIn: &yes},
		{area: AreaStaff, text: "staff.nav_activations", path: "/staff/activations", group: "nav.work", signedIn: &yes},
		{area: AreaStaff, text: "guardians.nav", path: "/staff/guardians", group: "nav.work", signedIn: &yes},
		{area: AreaStaff, text: "dup.nav", path: "/staff/duplicates", group: "nav.work", signedIn: &yes},
		{area: AreaStaff, text: "affected.nav", path: "/staff/affected", group: "nav.work", signedIn: &yes},
		{area: AreaStaff, text: "staff.nav_rosters", path: "/staff/rosters", group: "nav.members", signedIn: &yes},
		{area: AreaStaff, text: "wave.nav", path: "/staff/invitations", group: "nav.members", signedIn: &yes},
		{area: AreaStaff, text: "letters.nav", path: "/staff/letters", group: "nav.members", signedIn: &yes},
		{area: AreaStaff, text: "account.nav", path: "/staff/account", signedIn: &yes},
		{area: AreaLicensing, text: "look.nav", path: "/licensing/licenses", signedIn: &yes},
		{area: AreaLicensing, text: "lic.nav_physicians", path: "/licensing/physicians", signedIn: &yes},
		{area: AreaLicensing, text: "lic.nav_rules", path: "/licensing/rules", signedIn: &yes},
		{area: AreaLicensing, text: "account.nav", path: "/licensing/account", signedIn: &yes},
		{area: AreaAdmin, text: "admin.nav_people", path: "/admin/people", signedIn: &yes},
		{area: AreaAdmin, text: "account.nav", path: "/admin/account", signedIn: &yes},
	}
}

// fillNavigation puts the area's lines into the chrome, and below them those of
// the group that the page belongs to.
func (c *Call) fillNavigation(ch *ui.Chrome) {
	signed := !c.Who.Anonymous()
	groups, at := map[i18n.Key][]ui.NavItem{}, map[i18n.Key]int{}
	for _, e := range navigation() {
		if e.area != c.Route.Area || (e.signedIn != nil && *e.signedIn != signed) {
			continue
		}
		item := ui.NavItem{
			Text: c.T(e.text), Href: e.path,
			Current: c.R.URL.Path == e.path || strings.HasPrefix(c.R.URL.Path, e.path+"/") || e.text == "account.nav" && c.R.URL.Path == e.area.Prefix()+"/devices",
		}
		if e.group == "" {
			ch.Nav = append(ch.Nav, item)
			continue
		}
		groups[e.group] = append(groups[e.group], item)
		i, seen := at[e.group]
		if !seen {
			i = len(ch.Nav)
			at[e.group] = i
			ch.Nav = append(ch.Nav, ui.NavItem{Text: c.T(e.group), Href: e.path})
		}
		ch.Nav[i].Current = ch.Nav[i].Current || item.Current
	}
	for group, i := range at {
		if ch.Nav[i].Current {
			ch.Below = groups[group]
		}
	}
}
