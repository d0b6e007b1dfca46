package web

import (
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/bedside-health/bedside/internal/errs"
	enrollmentv1 "github.com/bedside-health/bedside/internal/gen/bedside/enrollment/v1"
	schedulingv1 "github.com/bedside-health/bedside/internal/gen/bedside/scheduling/v1"
	"github.com/bedside-health/bedside/internal/web/i18n"
	"github.com/bedside-health/bedside/internal/web/view/parts"
)

// ownVisits is what the page of appointments is made of.
type ownVisits struct {
	list  *schedulingv1.ListAppointmentsResponse
	plans []parts.PlanNote
	// several says that the caller acts for more people than one.
	several bool
}

// ownVisits reads the caller's appointments, what there is to say about their
// plans today, and whether cards must name the patient. Only the appointments
// are indispensable: while enrollment is away they are shown with a note that
// says what is missing, and with names, of which one too many does no harm.
func (s *Web) ownVisits(c *Call) (ownVisits, error) {
	v := ownVisits{several: true}
	var plans *enrollmentv1.MyPlansResponse
	calls, ctx := errgroup.WithContext(c.Ctx())
	calls.Go(func() (err error) {
		v.list, err = s.Scheduling.ListAppointments(ctx, &schedulingv1.ListAppointmentsRequest{})
		return err
	})
	calls.Go(func() error {
		var err error
		if plans, err = s.Identity.MyPlans(ctx, &enrollmentv1.MyPlansRequest{}); errs.CodeOf(err) == errs.Unavailable {
			return nil
		}
		return err
	})
	if err := calls.Wait(); err != nil {
		return v, err
	}
	if plans == nil {
		v.plans = []parts.PlanNote{{Text: "plan.away"}}
		return v, nil
	}
	v.several = plans.GetPatients() > 1
	v.plans = c.planNotes(plans.GetNotes(), c.T("plan.pay"))
	return v, nil
}

// plansOn is what there is to say about the caller's plans on the day of a
// visit, with what it costs to pay oneself.
func (s *Web) plansOn(c *Call, day, price string) ([]parts.PlanNote, error) {
	res, err := s.Identity.MyPlans(c.Ctx(), &enrollmentv1.MyPlansRequest{On: day})
	if err != nil {
		return nil, err
	}
	return c.planNotes(res.GetNotes(), c.T("plan.pay_price", "price", price)), nil
}

func (c *Call) planNotes(notes []*enrollmentv1.PlanNote, pay string) []parts.PlanNote {
	var out []parts.PlanNote
	today := c.web.Clock.Now().Format(time.DateOnly)
	for _, n := range notes {
		of := ""
		if !n.GetSelf() {
			of = "_of"
		}
		one := parts.PlanNote{Name: personName(n.GetGivenName()), Pay: pay}
		switch {
		case n.GetKind() == "ended" && n.GetLastDay() < today:
			one.Text, one.Day = i18n.Key("plan.ended"+of), c.L.ISODate(n.GetLastDay())
		case n.GetKind() == "ended":
			one.Text, one.Day = i18n.Key("plan.ends"+of), c.L.ISODate(n.GetLastDay())
		case n.GetKind() == "asked":
			one.Text, one.Reference, one.Pay = i18n.Key("plan.asked"+of), n.GetReference(), ""
		case n.GetReference() != "":
			one.Text, one.Reference, one.Pay = i18n.Key("plan.waiting"+of), n.GetReference(), ""
		default:
			one.Text = i18n.Key("plan.unconfirmed" + of)
		}
		out = append(out, one)
	}
	return out
}
