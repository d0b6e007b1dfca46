package roster

import (
	"fmt"
	"strconv"
	"strings"
)

// home is where somebody lives.
type home struct{ street, unit, city, state, zip, area string }

// home invents an address. Every third household goes through the states in
// turn, so that none is left out; the others are spread as people are.
func (v *inventor) home() home {
	at := v.places[v.serial/3%len(v.places)]
	if v.serial%3 != 0 {
		n := v.IntN(v.population)
		for _, p := range v.places {
			if n -= p.weight; n < 0 {
				at = p
				break
			}
		}
	}
	c := one(v, at.cities)
	h := home{
		street: strconv.Itoa(1+v.IntN(9899)) + " " + one(v, v.streets), city: c.name, state: at.state, zip: c.zip, area: at.area,
	}
	if v.chance(25) {
		h.unit = fmt.Sprintf("APT %d%c", 1+v.IntN(19), 'A'+rune(v.IntN(6))) //nolint:gosec // a letter
	}
	if v.chance(15) {
		h.zip += fmt.Sprintf("%04d", 1001+v.IntN(8000))
	}
	return h
}

// reach gives adults numbers and addresses; minors have none of their own.
func (v *inventor) reach(h *household) {
	subscriber := &h.people[0]
	for i := range h.people {
		p := &h.people[i]
		if p.age() < 18 {
			continue
		}
		if v.chance(90) {
			p.phoneKind = one(v, []string{"CP", "CP", "HP", "TE"})
			p.phone = fmt.Sprintf("%s55501%02d", p.home.area, v.IntN(100))
		}
		switch mailed := v.chance(90); {
		case !mailed:
		case p.relationship == spouse && subscriber.email != "" && v.chance(4):
			// Some couples share a mailbox.
			p.email = subscriber.email
		default:
			p.email = v.email(p)
		}
	}
}

// email invents an address that nobody else has: it holds the household's
// number, and in a household no given name comes twice.
func (v *inventor) email(p *person) string {
	local := letters(p.given)
	if v.chance(70) {
		local += "." + letters(p.family)
	}
	domain := one(v, []string{"larkspur", "postbox", "inbox"})
	if v.seed != DefaultSeed {
		domain += strconv.FormatUint(v.seed, 10)
	}
	email := local + strconv.Itoa(v.serial) + "@" + domain + ".test"
	if v.chance(40) {
		return strings.ToUpper(email)
	}
	return email
}

func letters(name string) string {
	return strings.Map(func(r rune) rune {
		if r < 'A' || r > 'Z' {
			return -1
		}
		return r + ('a' - 'A')
	}, name)
}
