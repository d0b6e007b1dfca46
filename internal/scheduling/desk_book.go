package scheduling

import (
	"context"

	schedulingv1 "github.com/bedside-health/bedside/internal/gen/bedside/scheduling/v1"
	"github.com/google/uuid"
)

// SaveAnswersFor makes the browser's hold the staff account's and keeps what the
// patient said, sealed for the patient. It returns what SaveAnswers does.
func (s *Service) SaveAnswersFor(ctx context.Context, req *schedulingv1.SaveAnswersForRequest) (*schedulingv1.SaveAnswersForResponse, error) {
	browser, err := s.browserHash(req.GetBrowserId())
	if err != nil {
		return nil, err
	}
	to, err := s.atDesk(ctx, req.GetAnswers().GetPatientId())
	if err != nil {
		return nil, err
	}
	hold, err := s.saveAnswers(ctx, browser, to, req.GetAnswers())
	if err != nil {
		return nil, err
	}
	return &schedulingv1.SaveAnswersForResponse{Hold: hold}, nil
}

// BookFor turns a hold of the staff browser into the patient's appointment. A
// consent that was only said is enough; the appointment then says that one in
// writing is due. It returns what Book does, and errs.NotFound too for a hold
// whose answers are about somebody else.
func (s *Service) BookFor(ctx context.Context, req *schedulingv1.BookForRequest) (*schedulingv1.BookForResponse, error) {
	to, err := s.atDesk(ctx, req.GetPatientId())
	if err != nil {
		return nil, err
	}
	b, err := s.readBooking(ctx, &schedulingv1.BookRequest{
		BrowserId: req.GetBrowserId(), HoldId: req.GetHoldId(), ConsentId: req.GetConsentId(),
	}, to)
	if err != nil {
		return nil, err
	}
	res, err := s.bookOnce(ctx, "BookFor", req.GetIdempotencyKey(), req, b)
	if err != nil {
		return nil, err
	}
	return &schedulingv1.BookForResponse{Appointment: res.GetAppointment(), Nearest: res.GetNearest(), Lost: res.GetLost()}, to.told(ctx, res.GetAppointment())
}

// CancelFor cancels a patient's appointment. It returns what Cancel does.
func (s *Service) CancelFor(ctx context.Context, req *schedulingv1.CancelForRequest) (*schedulingv1.CancelForResponse, error) {
	to, id, err := s.appointmentAtDesk(ctx, req.GetPatientId(), req.GetAppointmentId())
	if err != nil {
		return nil, err
	}
	res, err := s.cancelOnce(ctx, "CancelFor", req.GetIdempotencyKey(), req, to, id)
	if err != nil {
		return nil, err
	}
	return &schedulingv1.CancelForResponse{Appointment: res.GetAppointment()}, to.told(ctx, res.GetAppointment())
}

// RescheduleFor moves a patient's appointment. It returns what Reschedule does.
func (s *Service) RescheduleFor(ctx context.Context, req *schedulingv1.RescheduleForRequest) (*schedulingv1.RescheduleForResponse, error) {
	to, err := s.atDesk(ctx, req.GetPatientId())
	if err != nil {
		return nil, err
	}
	m, err := s.readMove(ctx, &schedulingv1.RescheduleRequest{
		AppointmentId: req.GetAppointmentId(), PhysicianId: req.GetPhysicianId(), Start: req.GetStart(),
	}, to)
	if err != nil {
		return nil, err
	}
	res, err := s.rescheduleOnce(ctx, "RescheduleFor", req.GetIdempotencyKey(), req, m)
	if err != nil {
		return nil, err
	}
	return &schedulingv1.RescheduleForResponse{
		Appointment: res.GetAppointment(), Nearest: res.GetNearest(), Lost: res.GetLost(),
	}, to.told(ctx, res.GetAppointment())
}

// appointmentAtDesk reads the ids of a patient and of their appointment.
func (s *Service) appointmentAtDesk(ctx context.Context, patient, appointment string) (deskReach, uuid.UUID, error) {
	to, err := s.atDesk(ctx, patient)
	if err != nil {
		return to, uuid.UUID{}, err
	}
	id, err := appointmentID(appointment)
	return to, id, err
}
