package web

import (
	"time"

	licensingv1 "github.com/bedside-health/bedside/internal/gen/bedside/licensing/v1"
	"github.com/bedside-health/bedside/internal/web/i18n"
	"github.com/bedside-health/bedside/internal/web/ui"
	"github.com/bedside-health/bedside/internal/web/view/parts"
)

// expiringDays is how long before its end a license is said to end soon.
const expiringDays = 60

// standing is what a license is good for on a day.
type standing string

const (
	standsActive      standing = "active"
	standsExpiring    standing = "expiring"
	standsExpired     standing = "expired"
	standsSuspended   standing = "suspended"
	standsRevoked     standing = "revoked"
	standsSurrendered standing = "surrendered"
	standsPending     standing = "pending"
	standsLater       standing = "later"
	standsUnconfirmed standing = "unconfirmed"
)

// standings lists what an officer must look at first, the gravest first.
func standings() []standing {
	return []standing{
		standsRevoked, standsSuspended, standsExpired, standsUnconfirmed, standsExpiring,
		standsSurrendered, standsPending, standsLater, standsActive,
	}
}

// standingOf says how a license stands on a day written as YYYY-MM-DD.
func standingOf(l *licensingv1.License, now time.Time) standing {
	today := now.Format(time.DateOnly)
	soon := now.AddDate(0, 0, expiringDays).Format(time.DateOnly)
	switch {
	case l.GetStatus() != "active":
		return standing(l.GetStatus())
	case l.GetValidTo() < today:
		return standsExpired
	case unconfirmed(l):
		return standsUnconfirmed
	case l.GetValidFrom() > today:
		return standsLater
	case l.GetValidTo() <= soon:
		return standsExpiring
	}
	return standsActive
}

// unconfirmed says that an officer must look before the license counts.
func unconfirmed(l *licensingv1.License) bool {
	return l.GetNeedsConfirmation() && l.GetConfirmedAt() == nil
}

func (s standing) kind() (ui.Kind, string) {
	switch s {
	case standsActive:
		return ui.OK, "shield-check"
	case standsExpiring, standsUnconfirmed:
		return ui.Warn, "triangle-alert"
	case standsExpired, standsSuspended, standsRevoked:
		return ui.Bad, "shield-alert"
	case standsPending, standsLater:
		return ui.Info, "clock"
	}
	return ui.Plain, "info"
}

// standingMark is the tag of one license.
func (c *Call) standingMark(s standing) parts.Mark {
	kind, icon := s.kind()
	return parts.Mark{Kind: kind, Icon: icon, Text: c.word(i18n.Key("lic.stands."), string(s), string(s))}
}

// licenseSummary counts what needs a look among a physician's licenses.
func (c *Call) licenseSummary(all []*licensingv1.License) []parts.Mark {
	count := map[standing]int{}
	for _, l := range all {
		count[standingOf(l, c.web.Clock.Now())]++
	}
	var out []parts.Mark
	for _, s := range standings() {
		if n := count[s]; n > 0 && s != standsActive {
			kind, icon := s.kind()
			out = append(out, parts.Mark{Kind: kind, Icon: icon, Text: c.T(i18n.Key("lic.sum."+string(s)), "n", n)})
		}
	}
	switch {
	case len(all) == 0:
		return []parts.Mark{{Kind: ui.Plain, Icon: "info", Text: c.T("lic.sum.none")}}
	case len(out) == 0:
		return []parts.Mark{{Kind: ui.OK, Icon: "shield-check", Text: c.T("lic.sum.good")}}
	}
	return out
}
