package web

import (
	"context"
	"fmt"
	"time"

	"github.com/bedside-health/bedside/internal/errs"
	schedulingv1 "github.com/bedside-health/bedside/internal/gen/bedside/scheduling/v1"
	"google.golang.org/protobuf/types/known/timestamppb"
)

// myHours is Dr. Okafor's calendar until a test replaces it.
func (f *fakeScheduling) myHours() *schedulingv1.SetAvailabilityRequest {
	if f.hours == nil {
		f.hours = &schedulingv1.SetAvailabilityRequest{
			PhysicianId: testPhysician,
			Weekly: []*schedulingv1.WeeklyWindow{
				{Weekday: 1, FromMinute: 540, ToMinute: 720}, {Weekday: 1, FromMinute: 780, ToMinute: 1440}, {Weekday: 3, FromMinute: 540, ToMinute: 1035},
			},
			Exceptions: []*schedulingv1.DayException{
				{Date: "2026-10-01"}, {Date: "2026-12-24"}, {Date: "2026-12-25"},
				{Date: "2026-12-26", Windows: []*schedulingv1.WeeklyWindow{{FromMinute: 600, ToMinute: 660}}}, {Date: "2026-12-27"},
			},
		}
	}
	return f.hours
}

func (f *fakeScheduling) GetAvailability(context.Context, *schedulingv1.GetAvailabilityRequest) (*schedulingv1.GetAvailabilityResponse, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	h := f.myHours()
	return &schedulingv1.GetAvailabilityResponse{
		PhysicianId: testPhysician, TimeZone: "America/New_York", Weekly: h.GetWeekly(), Exceptions: h.GetExceptions(),
		Version: fmt.Sprintf("v%d", f.set),
	}, f.refuse
}

// PreviewAvailability finds a visit on December 1, unless Tuesdays are open.
func (f *fakeScheduling) PreviewAvailability(_ context.Context, q *schedulingv1.PreviewAvailabilityRequest) (*schedulingv1.PreviewAvailabilityResponse, error) {
	res := &schedulingv1.PreviewAvailabilityResponse{TimeZone: "America/New_York", MinutesBefore: 1335}
	for _, w := range q.GetWeekly() {
		res.MinutesAfter += w.GetToMinute() - w.GetFromMinute()
		if w.GetWeekday() == 2 {
			return res, nil
		}
	}
	at := time.Date(2026, 12, 1, 15, 0, 0, 0, time.UTC)
	res.Outside = []*schedulingv1.OutsideVisit{{
		AppointmentId: "a", Reference: "K7QM-2D9F", Start: timestamppb.New(at), End: timestamppb.New(at.Add(15 * time.Minute)),
		PatientName: "Rosa Delgado", ServiceId: "general",
	}}
	return res, nil
}

func (f *fakeScheduling) SetAvailability(_ context.Context, q *schedulingv1.SetAvailabilityRequest) (*schedulingv1.SetAvailabilityResponse, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.meanwhile { // somebody else saves first
		f.meanwhile, f.set = false, f.set+1
	}
	if v := q.GetVersion(); v != "" && v != fmt.Sprintf("v%d", f.set) {
		return nil, errs.New(errs.Conflict, "hours_changed", "These hours were changed meanwhile.")
	}
	f.hours, f.set = q, f.set+1
	return &schedulingv1.SetAvailabilityResponse{}, nil
}
