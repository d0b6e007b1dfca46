package roster

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"time"
)

// Relationships to the subscriber, INS02.
const (
	self   = "18"
	spouse = "01"
	child  = "19"
)

// fault is what is wrong with a household on purpose.
type fault int

const (
	sound fault = iota
	badBirthDate
	noNumber
	beyond2100
)

// household is a subscriber with dependents.
type household struct {
	number, group, level, language string
	mixedCase                      bool
	fault                          fault
	people                         []person
	coverages                      []coverage
}

type person struct {
	given, middle, family, gender, marital string
	relationship, employment, student      string
	// birthOrder tells twins apart.
	birthOrder              string
	born                    time.Time
	email, phoneKind, phone string
	home                    home
}

// age is in full years on the day from which coverage runs.
func (p *person) age() int {
	years := coverageStart().Year() - p.born.Year()
	if p.born.AddDate(years, 0, 0).After(coverageStart()) {
		years--
	}
	return years
}

// inventor invents households, one after another.
type inventor struct {
	*rand.Rand
	seed     uint64
	serial   int
	cultures []culture
	places   []place
	// population is the sum of the places' weights.
	population int
	streets    []string
}

func newInventor(r *rand.Rand, seed uint64) *inventor {
	v := &inventor{Rand: r, seed: seed, cultures: cultures(), places: places(), streets: streets()}
	for _, p := range v.places {
		v.population += p.weight
	}
	r.Shuffle(len(v.places), func(i, j int) { v.places[i], v.places[j] = v.places[j], v.places[i] })
	return v
}

func (v *inventor) chance(percent int) bool { return v.IntN(100) < percent }

func one[T any](v *inventor, list []T) T { return list[v.IntN(len(list))] }

// household invents the next household, of at most room people. A faulty one
// is one person, so that nobody else is rejected with them.
func (v *inventor) household(e employer, room int, f fault) *household {
	v.serial++
	h := &household{
		number: fmt.Sprintf("LK%d%06d", v.seed, v.serial), group: one(v, e.groups),
		mixedCase: v.chance(15), fault: f,
	}
	if v.seed == DefaultSeed && v.serial == 1 {
		return v.memorable(h, e)
	}
	c := one(v, v.cultures)
	if c.language != "" && v.chance(50) {
		h.language = c.language
	}
	at := v.home()
	h.people = append(h.people, v.subscriber(c, at))
	if f == sound {
		v.dependents(h, c, at, room)
	}
	h.level = level(h.people)
	h.coverages = v.coverages(e, f)
	v.reach(h)
	return h
}

// memorable is the one person whom instructions and tests may name: the first
// subscriber of the default seed.
func (v *inventor) memorable(h *household, e employer) *household {
	h.mixedCase = false
	h.people = []person{{
		given: "MARGARET", family: "OKONKWO", gender: "F", relationship: self, employment: "FT", born: date(1958, 3, 14),
		email: "margaret.okonkwo@larkspur.test", phoneKind: "CP", phone: "2155550114",
		home: home{street: "48 QUILLWORT LANE", city: "PHILADELPHIA", state: "PA", zip: "19103", area: "215"},
	}}
	h.level = level(h.people)
	h.coverages = []coverage{
		{line: e.health[0].line, plan: e.health[0].plan, starts: coverageStart()},
		{line: "DEN", plan: e.dental, starts: coverageStart()},
	}
	return h
}

func (v *inventor) subscriber(c culture, at home) person {
	p := v.person(c, self, 22+v.IntN(30)+v.IntN(29))
	p.family, p.home, p.employment = v.surname(c), at, "FT"
	switch {
	case p.age() > 66:
		p.employment = "RT"
	case v.chance(15):
		p.employment = "PT"
	}
	return p
}

// person invents somebody without a family name.
func (v *inventor) person(c culture, relationship string, age int) person {
	p := person{relationship: relationship, gender: "F", born: coverageStart().AddDate(-age, 0, -1-v.IntN(364))}
	given := c.women
	if v.chance(50) {
		p.gender, given = "M", c.men
	}
	p.given = one(v, given)
	if v.chance(40) {
		p.middle = string(rune('A' + v.IntN(24))) //nolint:gosec // a letter
	}
	return p
}

func (v *inventor) surname(c culture) string {
	name := one(v, c.families)
	if v.chance(6) && !strings.ContainsAny(name, " -") {
		if other := one(v, one(v, v.cultures).families); !strings.ContainsAny(other, " -") && other != name {
			return name + "-" + other
		}
	}
	return name
}

// dependents adds a spouse and children as far as there is room.
func (v *inventor) dependents(h *household, c culture, at home, room int) {
	n := v.IntN(100)
	if n < 45 {
		return
	}
	if n < 85 && room > 1 {
		h.people[0].marital = "M"
		other := c
		if v.chance(20) {
			other = one(v, v.cultures)
		}
		age := max(20, h.people[0].age()-6+v.IntN(12))
		s := v.stranger(h, func() person { return v.person(other, spouse, age) })
		if s.gender == h.people[0].gender && v.chance(90) {
			s = v.stranger(h, func() person { return v.opposite(other, age, h.people[0].gender) })
		}
		s.family, s.marital, s.home = h.people[0].family, "M", at
		if v.chance(25) {
			s.family = v.surname(other)
		}
		h.people = append(h.people, s)
	}
	if n >= 65 {
		v.children(h, c, at, room)
	}
}

func (v *inventor) opposite(c culture, age int, gender string) person {
	p := v.person(c, spouse, age)
	for p.gender == gender {
		p = v.person(c, spouse, age)
	}
	return p
}

// stranger invents until the given name is new to the household: name and
// birth date are what tells its people apart.
func (v *inventor) stranger(h *household, invent func() person) person {
	for {
		p := invent()
		if !slices.ContainsFunc(h.people, func(q person) bool { return q.given == p.given }) {
			return p
		}
	}
}

// children adds one to four children of up to 25 years, among them twins.
func (v *inventor) children(h *household, c culture, at home, room int) {
	parent := h.people[0].age()
	oldest, youngest := min(25, parent-19), max(0, parent-45)
	if oldest < youngest {
		return
	}
	for range 1 + v.IntN(4)*v.IntN(3)/2 {
		twins := v.chance(4) && len(h.people)+1 < room
		if len(h.people) >= room {
			return
		}
		age := youngest + v.IntN(oldest-youngest+1)
		first := v.stranger(h, func() person { return v.person(c, child, age) })
		first.family, first.home = h.people[0].family, at
		if first.age() >= 19 {
			v.grownUp(&first)
		}
		if twins {
			first.birthOrder = "1"
		}
		h.people = append(h.people, first)
		if twins {
			second := v.stranger(h, func() person { return v.person(c, child, age) })
			second.family, second.home, second.born, second.birthOrder = first.family, first.home, first.born, "2"
			second.student = first.student
			h.people = append(h.people, second)
		}
	}
}

// grownUp makes a child a student, or somebody who lives elsewhere.
func (v *inventor) grownUp(p *person) {
	if v.chance(60) {
		p.student = "F"
	}
	if v.chance(40) {
		p.home = v.home()
	}
}

// level is HD05.
func level(people []person) string {
	couple := len(people) > 1 && people[1].relationship == spouse
	switch {
	case len(people) == 1:
		return "EMP"
	case len(people) == 2 && couple:
		return "ESP"
	case couple:
		return "FAM"
	}
	return "ECH"
}
