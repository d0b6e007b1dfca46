package e2e

import (
	"net/url"
	"strings"
	"testing"
)

// An adult invites somebody by mail, who makes an account of her own on the
// way, accepts, and acts for him until he ends it.
func TestCaregiverByInvitation(t *testing.T) {
	t.Parallel()
	p, w := start(t, options{}), english()
	p.run("roster", "payer", "--name", "Sample Payer", "--id", "555000111")
	p.run("roster", "import", "--test", "--payer", "Sample Payer", "testdata/speaks-spanish.834")
	const helper = "lucia.ferrer@harborpine.test"
	dark := desktop()
	dark.scheme = "dark"
	rosa, lucia := newTab(t, p.base, dark), newTab(t, p.base, phone())
	rosa.open("/")
	rosa.click("Try as patient")
	rosa.open("/people/invite")
	rosa.shot("care-invite-" + rosa.name)
	rosa.axe()
	rosa.fill("Their e-mail address", helper)
	rosa.click("Send the invitation")
	rosa.sees("The invitation is on its way", helper)
	rosa.shot("people-invited-" + rosa.name)
	rosa.axe()

	lucia.open(p.careLink(helper))
	lucia.sees("Rosa asks for your help")
	lucia.lacks("Delgado")
	lucia.shot("care-accept-" + lucia.name)
	lucia.axe()
	lucia.click("Activate your account")
	lucia.fill(w.memberID, "900123002")
	lucia.fill(w.familyName, "Ferrer")
	lucia.fill(w.month, "5")
	lucia.fill(w.day, "9")
	lucia.fill(w.year, "1975")
	lucia.submit()
	lucia.fill("Code", codeFrom(t, p.mailTo(helper, "code to open").Text))
	lucia.submit()
	lucia.sees(w.active, "Rosa asks for your help")
	lucia.click("Accept")
	lucia.sees("You accepted the invitation", "Rosa Delgado", "You help as a caregiver")
	lucia.shot("people-caring-" + lucia.name)
	lucia.axe()
	p.mailTo("rosa.delgado@demo.test", "Lucia can now act for you")

	rosa.open("/people")
	rosa.sees("Lucia Ferrer")
	rosa.follow("/people/rights/")
	rosa.sees("Lucia Ferrer will no longer act for you")
	rosa.shot("care-end-" + rosa.name)
	rosa.axe()
	rosa.submit()
	rosa.sees("The right has ended")
	p.mailTo(helper, "no longer act for")
	lucia.reopensWithout("/people", "Rosa")
}

// careLink is the path of the link in the newest invitation to an address.
func (p *portal) careLink(to string) string {
	p.t.Helper()
	for _, link := range p.mailTo(to, "Rosa").Links {
		if u, err := url.Parse(link); err == nil && strings.HasPrefix(u.Path, "/people/accept/") {
			return u.Path
		}
	}
	p.t.Fatal("the invitation has no link")
	return ""
}
