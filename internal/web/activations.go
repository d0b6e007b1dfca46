package web

import (
	enrollmentv1 "github.com/bedside-health/bedside/internal/gen/bedside/enrollment/v1"
	"github.com/bedside-health/bedside/internal/web/i18n"
	"github.com/bedside-health/bedside/internal/web/view/staff"
)

// activations lists who could not be matched with certainty.
func (s *Web) activations(c *Call) error {
	res, err := s.People.ListActivationCases(c.Ctx(), &enrollmentv1.ListActivationCasesRequest{})
	if err != nil {
		return err
	}
	var page staff.ActivationsPage
	for _, one := range res.GetCases() {
		page.Cases = append(page.Cases, staff.CaseLine{
			Reference: one.GetReference(), Href: casePath(one.GetReference()), When: c.moment(one.GetAt()),
			Reason: c.word(i18n.Key("case."), one.GetReason(), c.T("case.other")), Todo: c.word(i18n.Key("case_do."), one.GetReason(), c.T("case_do.other")),
		})
	}
	return c.Show(staff.Activations(page))
}
