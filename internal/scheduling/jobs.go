package scheduling

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/bedside-health/bedside/internal/audit"
	"github.com/bedside-health/bedside/internal/mail"
	"github.com/bedside-health/bedside/internal/scheduling/db"
	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/riverqueue/river"
)

// ConfirmationMail tells the patient that an appointment is booked, or moved.
type ConfirmationMail struct {
	AppointmentID uuid.UUID `json:"appointment_id"`
	Version       int64     `json:"version"`
	// Desk says that staff did it, on the patient's word.
	Desk  bool        `json:"desk,omitempty"`
	Actor audit.Actor `json:"actor"`
}

// Kind implements river.JobArgs.
func (ConfirmationMail) Kind() string { return "confirmation_mail" }

// CancellationMail tells the patient that an appointment is canceled.
type CancellationMail struct {
	AppointmentID uuid.UUID `json:"appointment_id"`
	Version       int64     `json:"version"`
	// Desk says that staff did it, on the patient's word.
	Desk  bool        `json:"desk,omitempty"`
	Actor audit.Actor `json:"actor"`
}

// Kind implements river.JobArgs.
func (CancellationMail) Kind() string { return "cancellation_mail" }

// PaymentMail tells the patient that an appointment is paid in another way.
type PaymentMail struct {
	AppointmentID uuid.UUID   `json:"appointment_id"`
	Version       int64       `json:"version"`
	Actor         audit.Actor `json:"actor"`
}

// Kind implements river.JobArgs.
func (PaymentMail) Kind() string { return "payment_mail" }

// Workers registers what works on this service's jobs.
func (s *Service) Workers(w *river.Workers) {
	river.AddWorker(w, &confirmer{s: s})
	river.AddWorker(w, &canceler{s: s})
	river.AddWorker(w, &payer{s: s})
	river.AddWorker(w, &affectedTeller{s: s})
	river.AddWorker(w, &coverageTeller{s: s})
}

// mailTimeout bounds one attempt; River tries again, later each time.
const mailTimeout = 30 * time.Second

type confirmer struct {
	river.WorkerDefaults[ConfirmationMail]
	s *Service
}

func (*confirmer) Timeout(*river.Job[ConfirmationMail]) time.Duration { return mailTimeout }

func (w *confirmer) Work(ctx context.Context, job *river.Job[ConfirmationMail]) error {
	return w.s.sendMail(ctx, job.Args.AppointmentID, job.Args.Version, mailing{desk: job.Args.Desk})
}

type payer struct {
	river.WorkerDefaults[PaymentMail]
	s *Service
}

func (*payer) Timeout(*river.Job[PaymentMail]) time.Duration { return mailTimeout }

func (w *payer) Work(ctx context.Context, job *river.Job[PaymentMail]) error {
	return w.s.sendMail(ctx, job.Args.AppointmentID, job.Args.Version, mailing{paid: true})
}

type canceler struct {
	river.WorkerDefaults[CancellationMail]
	s *Service
}

func (*canceler) Timeout(*river.Job[CancellationMail]) time.Duration { return mailTimeout }

func (w *canceler) Work(ctx context.Context, job *river.Job[CancellationMail]) error {
	return w.s.sendMail(ctx, job.Args.AppointmentID, job.Args.Version, mailing{desk: job.Args.Desk})
}

// mailing is what a mail about a visit says besides the visit: that staff did
// it, that only the payment is new.
type mailing struct{ desk, paid bool }

// sendMail tells the patient, or a minor's guardians, where the appointment
// stands now. A mail about a version that was overtaken is not sent: the newer
// one has a job of its own. Its id is made of appointment, version and reader,
// so that one sent twice, after a crash in between, shows as one.
func (s *Service) sendMail(ctx context.Context, id uuid.UUID, version int64, says mailing) error {
	row, err := s.q.AppointmentForMail(ctx, s.d.DB.W.DB(), id)
	if errors.Is(err, pgx.ErrNoRows) {
		return river.JobCancel(fmt.Errorf("mailing appointment %s: it does not exist", id))
	}
	if err != nil {
		return fmt.Errorf("reading an appointment to mail: %w", err)
	}
	r := row.SchedulingReservation
	if r.Version != version {
		return nil
	}
	// Mail may have been away for a day: nobody is told of a visit to come that
	// was.
	if Status(r.Status) == Booked && !rangeOf(r.During).To.After(s.d.Clock.Now()) {
		return nil
	}
	self := recipient{patient: patientOf(r).UUID, given: row.PatientGiven, language: row.PatientLanguage, email: row.PatientEmail}
	to, err := s.recipients(ctx, self, row.PatientBirthDate)
	if err != nil {
		return err
	}
	for _, one := range to {
		if err := s.mailTo(ctx, one, row, says); err != nil {
			return err
		}
	}
	return nil
}

// mailTo writes to one recipient: the patient, or a guardian, who is told for
// whom the visit is.
func (s *Service) mailTo(ctx context.Context, to recipient, row db.AppointmentForMailRow, says mailing) error {
	r, lang := row.SchedulingReservation, languageOf(to.language)
	m := visitMail{
		given: to.given, reference: text(r.Reference), zone: r.TimeZone, url: appointmentsURL(s.d.BaseURL),
		start: rangeOf(r.During).From, canceled: Status(r.Status) == Canceled, moved: r.Origin != nil, paid: says.paid,
		desk: says.desk, consentDue: s.consentDue(r, row.PatientBirthDate), helpPhone: s.d.HelpPhone,
	}
	id := fmt.Sprintf("%s.%d", r.ReservationID, r.Version)
	if r.PatientID != nil && to.patient != *r.PatientID {
		m.about, id = row.PatientGiven, id+"."+to.patient.String()
	}
	subject, body := m.write(lang)
	err := s.d.Mail.Send(ctx, mail.Message{
		To: to.email, Subject: subject, Text: body, ID: id,
		ICS: calendarFile(r, s.d.BaseURL, lang), Method: string(icsMethod(r)),
	})
	if err != nil {
		return fmt.Errorf("mailing appointment %s: %w", r.ReservationID, err)
	}
	return nil
}
