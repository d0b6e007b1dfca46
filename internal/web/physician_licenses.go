package web

import (
	"cmp"
	"slices"
	"strings"
	"time"

	licensingv1 "github.com/bedside-health/bedside/internal/gen/bedside/licensing/v1"
	"github.com/bedside-health/bedside/internal/web/i18n"
	"github.com/bedside-health/bedside/internal/web/view/physician"
)

// myLicenses shows physicians their own licenses, the gravest first.
func (s *Web) myLicenses(c *Call) error {
	res, err := s.Licensing.GetMyLicenses(c.Ctx(), &licensingv1.GetMyLicensesRequest{})
	if err != nil {
		return err
	}
	now := s.Clock.Now()
	list := slices.Clone(res.GetLicenses())
	slices.SortStableFunc(list, func(a, b *licensingv1.License) int {
		return cmp.Or(
			slices.Index(standings(), standingOf(a, now))-slices.Index(standings(), standingOf(b, now)),
			strings.Compare(c.stateWord(a.GetState()), c.stateWord(b.GetState())))
	})
	page := physician.LicensesPage{Name: fullName(res.GetPhysician())}
	for _, l := range list {
		if alarm := c.licenseAlarm(l, now); alarm != "" {
			page.Alarms = append(page.Alarms, alarm)
		}
		page.Lines = append(page.Lines, physician.LicenseLine{
			State: c.stateWord(l.GetState()), Basis: c.word(i18n.Key("lic.basis."), l.GetBasis(), l.GetBasis()),
			Number: l.GetNumber(), Board: l.GetBoard(), Source: l.GetSource(), Verified: c.onDay(l.GetVerifiedAt(), c.T("lic.never")),
			From: c.T("lic.valid_since", "day", c.L.ISOShortDate(l.GetValidFrom())), To: c.T("lic.valid_until", "day", c.L.ISOShortDate(l.GetValidTo())),
			Mark: c.standingMark(standingOf(l, now)),
		})
	}
	return c.Show(physician.Licenses(page))
}

// licenseAlarm says what a license lacks for booking; empty if it lacks
// nothing, or its holder gave it up.
func (c *Call) licenseAlarm(l *licensingv1.License, now time.Time) string {
	state, day := c.stateWord(l.GetState()), c.L.ISODate(l.GetValidTo())
	switch standingOf(l, now) {
	case standsExpiring:
		return c.T("mylic.ends", "state", state, "day", day)
	case standsExpired:
		return c.T("mylic.ended", "state", state, "day", day)
	case standsSuspended, standsRevoked:
		return c.T("mylic.stopped", "state", state)
	case standsUnconfirmed:
		return c.T("mylic.unconfirmed", "state", state)
	}
	return ""
}
