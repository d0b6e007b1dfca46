package scheduling

import (
	"testing"
	"time"

	"github.com/bedside-health/bedside/internal/errs"
	rpcv1 "github.com/bedside-health/bedside/internal/gen/bedside/rpc/v1"
	schedulingv1 "github.com/bedside-health/bedside/internal/gen/bedside/scheduling/v1"
	"github.com/bedside-health/bedside/internal/ids"
)

func TestOwnAvailability(t *testing.T) {
	t.Parallel()
	b := newBundle(t, monday)
	b.addRules("NY", "America/New_York")
	d, other := b.addDoctor("America/New_York", "NY"), b.addDoctor("America/New_York", "NY")
	own := as(t.Context(), d.account, rpcv1.Role_ROLE_PHYSICIAN)
	set := &schedulingv1.SetAvailabilityRequest{
		PhysicianId: d.id.String(),
		Weekly:      []*schedulingv1.WeeklyWindow{{Weekday: 1, FromMinute: 540, ToMinute: 720}, {Weekday: 1, FromMinute: 780, ToMinute: 1440}},
		Exceptions: []*schedulingv1.DayException{
			{Date: "2027-03-09"}, {Date: "2027-03-10", Windows: []*schedulingv1.WeeklyWindow{{FromMinute: 600, ToMinute: 660}}},
		},
	}
	_, err := b.s.SetAvailability(own, set)
	must(t, err)
	got, err := b.s.GetAvailability(own, &schedulingv1.GetAvailabilityRequest{})
	must(t, err)
	if got.GetPhysicianId() != d.id.String() || got.GetTimeZone() != "America/New_York" || len(got.GetWeekly()) != 2 ||
		got.GetWeekly()[1].GetToMinute() != 1440 || len(got.GetExceptions()) != 2 || len(got.GetExceptions()[0].GetWindows()) != 0 ||
		got.GetExceptions()[1].GetWindows()[0].GetFromMinute() != 600 {
		t.Errorf("the calendar reads %v", got)
	}
	// Somebody else's account sees its own calendar only.
	theirs, err := b.s.GetAvailability(as(t.Context(), other.account, rpcv1.Role_ROLE_PHYSICIAN), &schedulingv1.GetAvailabilityRequest{})
	must(t, err)
	if theirs.GetPhysicianId() != other.id.String() || len(theirs.GetExceptions()) != 0 {
		t.Errorf("another's calendar reads %v", theirs)
	}
	for _, account := range []ids.AccountID{ids.New[ids.AccountID](), {}} {
		stranger := as(t.Context(), account, rpcv1.Role_ROLE_PHYSICIAN)
		_, err = b.s.GetAvailability(stranger, &schedulingv1.GetAvailabilityRequest{})
		refused(t, err, errs.NotFound, "physician_missing")
		_, err = b.s.PreviewAvailability(stranger, &schedulingv1.PreviewAvailabilityRequest{})
		refused(t, err, errs.NotFound, "physician_missing")
	}
}

func TestPreviewOfAvailability(t *testing.T) {
	t.Parallel()
	b := newBundle(t, monday)
	b.addRules("NY", "America/New_York")
	d, other := b.addDoctor("America/New_York", "NY"), b.addDoctor("America/New_York", "NY")
	tuesday := time.Date(2027, 3, 2, 15, 0, 0, 0, time.UTC) // 10:00 in New York
	morning := b.addPatient("en").booked(d, tuesday)
	b.addPatient("en").booked(d, tuesday.Add(24*time.Hour))
	b.addPatient("en").booked(other, tuesday)
	own := as(t.Context(), d.account, rpcv1.Role_ROLE_PHYSICIAN)
	preview := func(req *schedulingv1.PreviewAvailabilityRequest) *schedulingv1.PreviewAvailabilityResponse {
		t.Helper()
		res, err := b.s.PreviewAvailability(own, req)
		must(t, err)
		return res
	}
	days := everyDay(&schedulingv1.WeeklyWindow{FromMinute: 540, ToMinute: 1020})
	if res := preview(&schedulingv1.PreviewAvailabilityRequest{Weekly: days}); len(res.GetOutside()) != 0 ||
		res.GetMinutesBefore() != 7*1440 || res.GetMinutesAfter() != 7*480 {
		t.Errorf("shorter days: %v", res)
	}
	res := preview(&schedulingv1.PreviewAvailabilityRequest{Weekly: days, Exceptions: []*schedulingv1.DayException{{Date: "2027-03-02"}}})
	if len(res.GetOutside()) != 1 || res.GetOutside()[0].GetReference() != morning.GetReference() || res.GetOutside()[0].GetPatientName() != "Alma Reyes" ||
		!res.GetOutside()[0].GetStart().AsTime().Equal(tuesday) {
		t.Errorf("a day off: %v", res)
	}
	// A visit that the new hours cut in two lies outside as well.
	for _, cut := range []int32{605, 600} {
		res := preview(&schedulingv1.PreviewAvailabilityRequest{Weekly: everyDay(&schedulingv1.WeeklyWindow{FromMinute: 540, ToMinute: cut})})
		if len(res.GetOutside()) != 2 {
			t.Errorf("open until minute %d: %v", cut, res)
		}
	}
	if n := b.count(`SELECT count(*) FROM audit.entries WHERE action = 'appointment.read'`); n != 5 {
		t.Errorf("%d reads were recorded", n)
	}
	if n := b.count(`SELECT count(*) FROM scheduling.availability_exceptions`); n != 0 {
		t.Errorf("looking stored %d exceptions", n)
	}
	_, err := b.s.PreviewAvailability(own, &schedulingv1.PreviewAvailabilityRequest{Weekly: []*schedulingv1.WeeklyWindow{{Weekday: 1, FromMinute: 60, ToMinute: 60}}})
	refused(t, err, errs.Invalid, "invalid_fields")
}
