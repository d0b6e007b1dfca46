package web

import (
	"time"

	"github.com/bedside-health/bedside/internal/errs"
	enrollmentv1 "github.com/bedside-health/bedside/internal/gen/bedside/enrollment/v1"
	"github.com/bedside-health/bedside/internal/web/i18n"
	"github.com/bedside-health/bedside/internal/web/ui"
	"github.com/bedside-health/bedside/internal/web/view/people"
)

// endsSoon is how long before its last day a right says that it will end.
const endsSoon = 30 * 24 * time.Hour

// people lists whom the caller acts for, and who acts for the caller.
func (s *Web) people(c *Call) error {
	res, err := s.Acting.ListPeople(c.Ctx(), &enrollmentv1.ListPeopleRequest{})
	if err != nil {
		return err
	}
	page := people.List{Told: c.Told(), MayAdd: res.GetMayAdd()}
	for _, p := range res.GetActedFor() {
		page.ActedFor = append(page.ActedFor, c.actedFor(p))
	}
	for _, r := range res.GetRequests() {
		page.Requests = append(page.Requests, people.Request{
			Name: r.GetGivenName(), Reference: r.GetReference(), When: c.T("people.asked", "day", c.L.Date(inOffice(r.GetAt().AsTime()))),
		})
	}
	for _, p := range res.GetCaregivers() {
		name := personName(p.GetGivenName(), p.GetFamilyName())
		if name == "" {
			name = c.T("people.somebody")
		}
		page.Caregivers = append(page.Caregivers, people.Person{
			ID: p.GetActsForId(), Name: name, Initials: ui.Initials(p.GetGivenName(), p.GetFamilyName()),
			Soft: c.T("people.since", "day", c.L.ISODate(p.GetFrom())),
		})
	}
	for _, i := range res.GetInvitations() {
		page.Invitations = append(page.Invitations, people.Invitation{
			ID: i.GetInvitationId(), Email: i.GetEmail(), Until: c.T("people.open_until", "day", c.L.Date(inOffice(i.GetExpiresAt().AsTime()))),
		})
	}
	return c.Show(people.ListView(page))
}

func (c *Call) actedFor(p *enrollmentv1.ActedFor) people.Person {
	out := people.Person{
		ID: p.GetActsForId(), Name: personName(p.GetGivenName(), p.GetFamilyName()),
		Initials: ui.Initials(p.GetGivenName(), p.GetFamilyName()), Soft: c.T("people.caregiver"),
	}
	if p.GetRelation() == "guardian" {
		out.Soft = c.T("people.guardian", "age", c.age(p.GetBirthDate()))
	}
	if until, err := time.Parse(time.DateOnly, p.GetUntil()); err == nil && until.Sub(c.web.Clock.Now()) <= endsSoon {
		out.Ends = c.T("people.ends", "name", personName(p.GetGivenName()), "day", c.L.Date(until))
	}
	return out
}

// age is how old somebody is, in words.
func (c *Call) age(birthDate string) string {
	born, err := time.Parse(time.DateOnly, birthDate)
	if err != nil {
		return ""
	}
	now := c.web.Clock.Now()
	years := now.Year() - born.Year()
	if now.Month() < born.Month() || now.Month() == born.Month() && now.Day() < born.Day() {
		years--
	}
	if years < 1 {
		return c.T("people.age_baby")
	}
	return c.T("people.age", "n", years)
}

// right finds what the path names among the caller's rights, and those of the
// caller's caregivers.
func (s *Web) right(c *Call) (people.End, error) {
	res, err := s.Acting.ListPeople(c.Ctx(), &enrollmentv1.ListPeopleRequest{})
	if err != nil {
		return people.End{}, err
	}
	id := c.R.PathValue("id")
	page := people.End{ID: id, Key: newKey()}
	for _, p := range res.GetActedFor() {
		if p.GetActsForId() == id {
			page.Name, page.Lead = personName(p.GetGivenName(), p.GetFamilyName()), i18n.Key("people.end_"+p.GetRelation())
			return page, nil
		}
	}
	for _, p := range res.GetCaregivers() {
		if p.GetActsForId() == id {
			page.Name, page.Lead, page.Theirs = personName(p.GetGivenName(), p.GetFamilyName()), "people.end_theirs", true
			return page, nil
		}
	}
	return people.End{}, errs.New(errs.NotFound, "right_unknown", "We cannot find that person in your list.")
}

// endActing asks whether to end a right.
func (s *Web) endActing(c *Call) error {
	page, err := s.right(c)
	if err != nil {
		return err
	}
	return c.Show(people.EndView(page))
}

// endActingSent ends it.
func (s *Web) endActingSent(c *Call) error {
	if err := c.Parse(); err != nil {
		return err
	}
	_, err := s.Acting.EndActing(c.Ctx(), &enrollmentv1.EndActingRequest{ActsForId: c.R.PathValue("id"), IdempotencyKey: c.Key()})
	if err != nil {
		return err
	}
	c.Tell(ui.OK, "people.ended", "people.ended_text")
	return c.See("/people")
}
