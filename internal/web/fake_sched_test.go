package web

import (
	"context"
	"time"

	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/bedside-health/bedside/internal/errs"
	schedulingv1 "github.com/bedside-health/bedside/internal/gen/bedside/scheduling/v1"
)

// nobodySpeaks answers a search for a language that nobody free speaks.
func (f *fakeScheduling) nobodySpeaks(res *schedulingv1.SearchResponse, r *schedulingv1.SearchRequest, first time.Time) {
	for i := range 7 {
		res.Days = append(res.Days, &schedulingv1.DayCount{Day: first.AddDate(0, 0, i).Format(time.DateOnly)})
	}
	if r.GetLanguage() == "vi" {
		res.NextDay = first.AddDate(0, 0, 9).Format(time.DateOnly)
	}
}

func (f *fakeScheduling) ChangePayment(_ context.Context, r *schedulingv1.ChangePaymentRequest) (*schedulingv1.ChangePaymentResponse, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	a, ok := f.booked[r.GetAppointmentId()]
	switch {
	case !ok:
		return nil, errs.New(errs.NotFound, "appointment_missing", "There is no such appointment.")
	case r.GetPayment() != "self_pay" && r.GetPayment() != "coverage":
		return nil, errs.InvalidFields(errs.Field{Name: "payment", Reason: "required"})
	case r.GetCoverageId() == "gone":
		return nil, errs.InvalidFields(errs.Field{Name: "coverage_id", Reason: "not_active"})
	case r.GetVersion() != a.GetVersion():
		return nil, errs.New(errs.Conflict, "appointment_changed", "This appointment was changed meanwhile.")
	}
	f.paid, f.troubles = r, nil
	a.PayerName, a.PriceCents = "", 5900
	return &schedulingv1.ChangePaymentResponse{Appointment: a}, nil
}

// ListAffected has a visit for every kind of trouble, and one that is mended.
func (f *fakeScheduling) ListAffected(context.Context, *schedulingv1.ListAffectedRequest) (*schedulingv1.ListAffectedResponse, error) {
	now := f.clock.Now()
	res := &schedulingv1.ListAffectedResponse{}
	for _, v := range []struct {
		in                       time.Duration
		name, kind, reason, mend string
		told                     bool
	}{
		{20 * time.Hour, "ROSA DELGADO", "license", "license_suspended", "", true},
		{72 * time.Hour, "Walter Kim", "coverage", "ended", "", false},
		{96 * time.Hour, "Ana Petrova", "hours", "outside_hours", "", false},
		{98 * time.Hour, "Lin Zhao", "license", "some_new_reason", "", false},
		{-2 * time.Hour, "James Whitfield", "coverage", "gone", "", true},
		{50 * time.Hour, "Omar Haddad", "coverage", "ended", "payment_changed", true},
	} {
		if f.calm {
			break
		}
		at := now.Add(v.in)
		one := &schedulingv1.AffectedVisit{
			Appointment: &schedulingv1.Appointment{
				AppointmentId: "a", PatientId: testPatient, Reference: "K7QM-2D9F", State: "PA", TimeZone: "America/New_York", Status: "booked", PatientName: v.name, BirthDate: "1961-02-03",
				Slot: &schedulingv1.Slot{PhysicianName: "Maya Okafor", Start: timestamppb.New(at), End: timestamppb.New(at.Add(15 * time.Minute))},
			},
			Trouble: &schedulingv1.Trouble{Kind: v.kind, Reason: v.reason, FoundAt: timestamppb.New(now), Resolution: v.mend},
		}
		if v.told {
			one.Trouble.ToldAt = timestamppb.New(now)
		}
		if v.mend != "" {
			one.Trouble.ResolvedAt = timestamppb.New(now)
		}
		res.Visits = append(res.Visits, one)
	}
	return res, nil
}
