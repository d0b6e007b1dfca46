package e2e

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"time"

	"github.com/pquerna/otp/totp"

	"github.com/bedside-health/bedside/internal/demo"
)

// guests are all who walk through a portal that is furnished.
func guests(s scene, lang string) []guest {
	desk := "/staff/patients/" + s.patient
	roster := "/staff/rosters/" + s.roster
	return append(walkIns(s, lang), []guest{
		{name: "newcomer", only: true, prepare: s.enrolls},
		{name: "staff who book", area: "staff", role: "staff", only: true, prepare: s.booksForThem, begins: []string{
			desk + "/book", desk + "/book/time", desk + "/book/about", desk + "/book/check",
		}},
		{name: "staff", area: "staff", role: "staff", prepare: s.moves, begins: []string{
			"/staff/patients", desk, desk + "/appointments/" + s.visit, "/staff/members/" + s.member, roster, roster + "/rejects", roster + "/rejects.csv",
			s.printed, s.identity, "/staff/rosters",
		}},
		{name: "patient", role: "patient", prepare: books, begins: []string{
			"/", "/appointments", "/book/time", "/book/who", "/book/about", "/book/check", "/devices", "/people", "/account/email/code",
			"/appointments/" + s.visit + "/consent", "/appointments/" + s.visit + "/payment",
		}},
		{name: "admin", area: "admin", role: "admin", begins: []string{"/admin/people"}},
		{name: "licensing", area: "licensing", role: "licensing", begins: []string{"/licensing/licenses", "/licensing/rules/US"}},
		{name: "physician", area: "physician", role: "physician", begins: []string{"/physician/day"}},
		{name: "nobody", prepare: holdsATime, begins: []string{
			"/", gallery, "/book/time", "/book/zone", "/book/sign-in", "/physician/sign-in", "/staff/sign-in", "/licensing/sign-in", "/admin/sign-in",
		}},
	}...)
}

// walkIns are people without an account who have come halfway somewhere.
func walkIns(s scene, lang string) []guest {
	born := func(with url.Values) url.Values {
		with["birth_date_month"], with["birth_date_day"], with["birth_date_year"] = []string{"8"}, []string{"16"}, []string{"1940"}
		return with
	}
	steps := func(all ...step) func(context.Context, *crawl) error {
		return func(ctx context.Context, c *crawl) error { return c.v.steps(ctx, all...) }
	}
	own := "walkin-" + lang + "@elsewhere.test"
	name := born(url.Values{"given_name": {"Quincy"}, "family_name": {"Marlowe"}, "email": {own}})
	return []guest{
		{name: "has a code", only: true, begins: []string{"/sign-in/code"}, prepare: steps(step{"/sign-in", url.Values{"email": {rosa}}})},
		{name: "activates", only: true, begins: []string{"/activate/code", "/activate/help", "/activate/own", "/activate/own/code"}, prepare: steps(
			step{"/activate", born(url.Values{"member_id": {"LK1000001"}, "family_name": {"Oconquo"}})}, step{"/activate/own", name})},
		{name: "registers", only: true, begins: []string{"/register/code"}, prepare: steps(step{"/register", name})},
		{name: "has a letter", only: true, begins: []string{"/activate/letter/email", "/activate/letter/code"}, prepare: steps(
			step{"/activate/letter", born(url.Values{"letter_code": {s.letter}})}, step{"/activate/letter/email", url.Values{"email": {own}}})},
		{name: "is invited", only: true, begins: []string{s.links["/activate/"]}},
		{name: "is asked to help", only: true, begins: []string{s.links["/people/accept/"]}},
		{name: "has forgotten", only: true, begins: []string{"/sign-in/forgotten/sent", s.links["/sign-in/reset/"]}},
		{name: "has lost a mailbox", only: true, begins: []string{s.links["/sign-in/new-address/"]}},
	}
}

// step is a form on a page of the same path.
type step struct {
	path string
	with url.Values
}

func (v *visitor) steps(ctx context.Context, all ...step) error {
	for _, s := range all {
		path, _, _ := strings.Cut(s.path, "?")
		if _, err := v.fill(ctx, s.path, path, s.with); err != nil {
			return err
		}
	}
	return nil
}

// slot finds the nth time that a page of times offers on a day some days ahead.
func (v *visitor) slot(ctx context.Context, path string, ahead, nth int) (step, error) {
	path += "?day=" + time.Now().AddDate(0, 0, ahead).Format(time.DateOnly)
	a, err := v.get(ctx, path)
	if err != nil {
		return step{}, err
	}
	slots := a.inputs()["slot"]
	if len(slots) <= nth {
		return step{}, fmt.Errorf("%s answers %d with %d times", path, a.status, len(slots))
	}
	return step{path, url.Values{"slot": {slots[nth]}}}, nil
}

// ahead is a day of its own for each language: they walk side by side.
func (c *crawl) ahead() int { return map[string]int{"en-US": 3, "es": 5}[c.lang] }

func holdsATime(ctx context.Context, c *crawl) error {
	return c.holds(ctx, 36)
}

func (c *crawl) holds(ctx context.Context, nth int) error {
	if err := c.v.steps(ctx, step{"/book", url.Values{"service": {"general"}, "state": {"PA"}}}); err != nil {
		return err
	}
	time, err := c.v.slot(ctx, "/book/time", c.ahead(), nth)
	if err != nil {
		return err
	}
	return c.v.steps(ctx, time)
}

// books books one visit, leaves another on the page that books, and has begun
// to change an address.
func books(ctx context.Context, c *crawl) error {
	answers := []step{{"/book/who", nil}, {"/book/about", url.Values{"reason": {"A sore throat"}, "payment": {"self_pay"}}}}
	if err := c.holds(ctx, 12); err != nil {
		return err
	}
	if err := c.v.steps(ctx, answers...); err != nil {
		return err
	}
	booked, err := c.v.fill(ctx, "/book/check", "/book/check", url.Values{"consent": {"yes"}})
	if err != nil {
		return err
	}
	move := strings.TrimSuffix(booked, "/booked") + "/move"
	time, err := c.v.slot(ctx, move, c.ahead(), 30)
	if err != nil {
		return err
	}
	check, err := c.v.fill(ctx, time.path, move, time.with)
	if err != nil {
		return err
	}
	c.guest.begins = append(c.guest.begins, booked, check)
	if err := c.holds(ctx, 24); err != nil {
		return err
	}
	return c.v.steps(ctx, append(answers, step{"/account/email", url.Values{"new_email": {"rosa." + c.lang + "@demo.test"}, "password": {demo.Password}}})...)
}

// moves chooses another time for a visit, as staff.
func (s scene) moves(ctx context.Context, c *crawl) error {
	visit := "/staff/patients/" + s.patient + "/appointments/" + s.visit
	time, err := c.v.slot(ctx, visit+"/move", c.ahead(), 6)
	if err != nil {
		return err
	}
	check, err := c.v.fill(ctx, time.path, visit+"/move", time.with)
	c.guest.begins = append(c.guest.begins, visit+"/cancel", visit+"/move", check)
	return err
}

// booksForThem comes to the last page of a booking on the phone.
func (s scene) booksForThem(ctx context.Context, c *crawl) error {
	return s.onThePhone(ctx, c.v, c.ahead(), 18)
}

func (s scene) onThePhone(ctx context.Context, v *visitor, ahead, nth int) error {
	base := "/staff/patients/" + s.patient + "/book"
	if err := v.steps(ctx, step{base, url.Values{"service": {"general"}, "state": {"PA"}}}); err != nil {
		return err
	}
	time, err := v.slot(ctx, base+"/time", ahead, nth)
	if err != nil {
		return err
	}
	return v.steps(ctx, time, step{base + "/about", url.Values{"reason": {"A rash since Sunday"}, "payment": {"self_pay"}}})
}

var authenticatorKey = regexp.MustCompile(`class="[^"]*\bkey\b[^"]*"[^>]*>([A-Z2-7 ]+)<`)

// enrolls is who works in every office: a password and an authenticator later,
// they look at their recovery codes, and change their address.
func (s scene) enrolls(ctx context.Context, c *crawl) error {
	link := s.invited[c.lang]
	if _, err := c.v.get(ctx, link); err != nil {
		return err
	}
	if err := c.v.steps(ctx, step{"/sign-in/invited", url.Values{"password": {"seven lamps on a long pier"}}}); err != nil {
		return err
	}
	page, err := c.v.get(ctx, "/sign-in/invited/authenticator")
	if err != nil {
		return err
	}
	key := authenticatorKey.FindStringSubmatch(page.body)
	if key == nil {
		return fmt.Errorf("the page of the authenticator answers %d without its key", page.status)
	}
	// The pages of before are looked at now: they are gone once the code is typed.
	c.browse()
	for _, path := range []string{link, "/sign-in/invited", "/sign-in/invited/authenticator"} {
		c.visit(path)
	}
	c.tab.close()
	code := func(later time.Duration) url.Values {
		code, err := totp.GenerateCode(strings.ReplaceAll(key[1], " ", ""), time.Now().Add(later))
		if err != nil {
			c.t.Fatal(err)
		}
		return url.Values{"totp": {code}}
	}
	codes, err := c.v.fill(ctx, "/sign-in/invited/authenticator", "/sign-in/invited/authenticator", code(0))
	if err != nil {
		return err
	}
	from, _, _ := strings.Cut(strings.TrimPrefix(codes, "/"), "/")
	change := code(30 * time.Second)
	change.Set("new_email", "newcomer."+c.lang+"@elsewhere.test")
	if err := c.v.steps(ctx, step{"/" + from + "/account/email", change}); err != nil {
		return err
	}
	for _, area := range []string{"physician", "staff", "licensing", "admin"} {
		if area != from {
			if a, err := c.v.post(ctx, "/switch/"+area, url.Values{"from": {from}}); err != nil || a.status != http.StatusSeeOther {
				return fmt.Errorf("switching to %s: %d, %w", area, a.status, err)
			}
		}
		c.guest.begins = append(c.guest.begins, "/"+area+"/account/recovery/codes", "/"+area+"/account/email/code")
	}
	c.guest.begins = append(c.guest.begins, "/signed-out")
	return nil
}
