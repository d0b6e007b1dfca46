// Package physicians invents the sixty physicians of a demo: six regions of
// ten, so that in every state and the District of Columbia, at every hour of
// the week, somebody with an active license is at work. The same day gives the
// same people; nobody in it exists, and their NPIs can never be issued.
package physicians

import (
	"fmt"
	"slices"
	"strings"
	"time"

	licensingv1 "github.com/bedside-health/bedside/internal/gen/bedside/licensing/v1"
	schedulingv1 "github.com/bedside-health/bedside/internal/gen/bedside/scheduling/v1"
	"github.com/bedside-health/bedside/internal/licensing/npi"
	"github.com/bedside-health/bedside/internal/licensing/nucc"
	"github.com/google/uuid"
	"google.golang.org/protobuf/types/known/timestamppb"
)

// Person is an invented physician: who they are, where they are licensed, when
// they work.
type Person struct {
	Physician *licensingv1.Physician
	Licenses  []*licensingv1.License
	Weekly    []*schedulingv1.WeeklyWindow
}

// All invents everybody. Licenses run from years before today to at least four
// months after it, apart from those that are meant to be out of order. The
// first is a family physician in Pennsylvania with office hours.
func All(today time.Time) []Person {
	names, rs := people(), roles()
	out := make([]Person, 0, len(names))
	for i, who := range names {
		r := i / len(rs)
		out = append(out, invent(i, who, r, rs[i%len(rs)], today.UTC()))
	}
	return out
}

func invent(i int, who person, regionIndex int, r role, today time.Time) Person {
	all := regions()
	g := all[regionIndex]
	if r.specialties[0] == nucc.Dermatology && regionIndex%2 == 1 {
		r.specialties = []string{nucc.Pediatrics}
	}
	zone := r.zoneOf(g)
	home := homes()[zone][regionIndex%len(homes()[zone])]
	if zone == g.zone { // those who live in their region sit in one of its states
		local := slices.DeleteFunc(slices.Clone(homes()[zone]), func(s string) bool { return !slices.Contains(g.list(), s) })
		home = local[(i%10)%len(local)]
	}
	number := npi.Complete(fmt.Sprintf("%s%05d", npi.InventedPrefix, 10000+i*1237))
	p := Person{
		Physician: &licensingv1.Physician{
			PhysicianId: idOf("physician", number), Npi: number, GivenName: who.given, FamilyName: who.family,
			Credential: credential(i), Specialties: r.specialties, Languages: append([]string{"en"}, strings.Fields(who.languages)...),
			TimeZone: zones()[zone], PracticeState: home,
		},
		Weekly: r.weekly(g),
	}
	states := g.list()
	if r.neighbor {
		states = append(states, all[(regionIndex+1)%len(all)].list()...)
	}
	if !slices.Contains(states, home) {
		states = append(states, home)
	}
	for _, state := range states {
		p.Licenses = append(p.Licenses, ordinary(p.Physician, i, state, today))
	}
	p.Licenses = append(p.Licenses, outOfOrder(p.Physician, i, states, today)...)
	return p
}

func credential(i int) string {
	if i%6 == 4 {
		return "DO"
	}
	return "MD"
}

// idOf makes the same id at every start (RFC 9562, version 5).
func idOf(kind, name string) string {
	return uuid.NewSHA1(uuid.NameSpaceURL, []byte("bedside-demo-"+kind+"-"+name)).String()
}

// seed spreads what should look unordered but stay the same.
func seed(i int, state string) int { return i*31 + int(state[0])*7 + int(state[1]) }

// ordinary is an active license: full at home, elsewhere often issued through
// the compact where both states are in it.
func ordinary(p *licensingv1.Physician, i int, state string, today time.Time) *licensingv1.License {
	n := seed(i, state)
	basis := "full"
	if state != p.GetPracticeState() && inCompact(state) && inCompact(p.GetPracticeState()) && n%4 != 0 {
		basis = "imlc"
	}
	end := time.Date(today.Year()+1+n%2, time.Month(4+n%9)+1, 0, 0, 0, 0, 0, time.UTC)
	return newLicense(p, i, state, basis, "active", time.Date(end.Year()-3-n%6, time.Month(1+n%12), 1, 0, 0, 0, 0, time.UTC), end, today)
}

// outOfOrder are licenses that officers have to look at, in states where
// somebody does not work otherwise.
func outOfOrder(p *licensingv1.Physician, i int, states []string, today time.Time) []*licensingv1.License {
	long := today.AddDate(-4, 0, 0)
	one := func(basis, status, wanted string, end time.Time) []*licensingv1.License {
		state := wanted
		for _, other := range []string{"WY", "ME", "KS", "DE"} {
			if slices.Contains(states, state) {
				state = other
			}
		}
		return []*licensingv1.License{newLicense(p, i, state, basis, status, long, end, today)}
	}
	switch i {
	case 1, 21, 41:
		return one("full", "expired", "NV", today.AddDate(0, -8, 0))
	case 12, 32, 52:
		return one("full", "active", "MT", today.AddDate(0, 0, -9))
	case 28:
		return one("full", "suspended", "OH", today.AddDate(1, 0, 0))
	case 8, 18, 39, 49:
		return one("full", "active", "WA", today.AddDate(0, 0, 12+i))
	case 11, 43:
		return one("imlc", "active", "MI", today.AddDate(1, 0, 0))
	case 30:
		return one("full", "pending", "CA", today.AddDate(2, 0, 0))
	}
	return nil
}

func newLicense(p *licensingv1.Physician, i int, state, basis, status string, from, to, today time.Time) *licensingv1.License {
	n := seed(i, state)
	board := stateName(state) + " Board of Medicine"
	if p.GetCredential() == "DO" {
		board = stateName(state) + " Board of Osteopathic Medicine"
	}
	verified := today.Truncate(24*time.Hour).AddDate(0, 0, -1-n%40).Add(15 * time.Hour)
	return &licensingv1.License{
		LicenseId: idOf("license", p.GetNpi()+state), PhysicianId: p.GetPhysicianId(), State: state,
		Number: fmt.Sprintf("%s%06d", p.GetCredential(), (i*100+n%100)*7919%1_000_000), Board: board,
		Basis: basis, Status: status, ValidFrom: from.Format(time.DateOnly), ValidTo: to.Format(time.DateOnly),
		Source: "board website", VerifiedAt: timestamppb.New(verified),
	}
}
