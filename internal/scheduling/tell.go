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

// AffectedMail tells the patient that the physician may not see them at that
// time any more.
type AffectedMail struct {
	AffectedID uuid.UUID   `json:"affected_id"`
	Actor      audit.Actor `json:"actor"`
}

// Kind implements river.JobArgs.
func (AffectedMail) Kind() string { return "affected_mail" }

// CoverageMail tells the patient that their coverage does not cover the day of
// a visit any more.
type CoverageMail struct {
	NoticeID uuid.UUID   `json:"notice_id"`
	Actor    audit.Actor `json:"actor"`
}

// Kind implements river.JobArgs.
func (CoverageMail) Kind() string { return "coverage_mail" }

type affectedTeller struct {
	river.WorkerDefaults[AffectedMail]
	s *Service
}

func (*affectedTeller) Timeout(*river.Job[AffectedMail]) time.Duration { return mailTimeout }

func (w *affectedTeller) Work(ctx context.Context, job *river.Job[AffectedMail]) error {
	return w.s.tellAffected(ctx, job.Args.AffectedID)
}

type coverageTeller struct {
	river.WorkerDefaults[CoverageMail]
	s *Service
}

func (*coverageTeller) Timeout(*river.Job[CoverageMail]) time.Duration { return mailTimeout }

func (w *coverageTeller) Work(ctx context.Context, job *river.Job[CoverageMail]) error {
	return w.s.tellCoverage(ctx, job.Args.NoticeID)
}

// tellAffected mails once. What was resolved, told, moved or canceled meanwhile
// is not mailed. The mail's id is the row's: one sent twice, after a crash in
// between, shows as one.
func (s *Service) tellAffected(ctx context.Context, id uuid.UUID) error {
	row, err := s.q.AffectedForMail(ctx, s.d.DB.W.DB(), id)
	if errors.Is(err, pgx.ErrNoRows) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("reading an affected appointment to mail: %w", err)
	}
	n := notice{
		reference: text(row.Reference), zone: row.TimeZone, start: row.StartsAt,
		url: appointmentsURL(s.d.BaseURL) + "/" + row.ReservationID.String() + "/move",
	}
	self := recipient{patient: row.PatientID, given: row.PatientGiven, language: row.PatientLanguage, email: row.PatientEmail}
	if told, err := s.tell(ctx, id, self, row.PatientBirthDate, n, notice.affected); err != nil || !told {
		return err
	}
	if err := s.q.ToldAffected(ctx, s.d.DB.W.DB(), id); err != nil {
		return fmt.Errorf("noting that a patient was told: %w", err)
	}
	return nil
}

// tellCoverage is the same for coverage. The lapse is looked for anew: a notice
// that a payment, a move or a newer roster has overtaken is settled, and not
// mailed.
func (s *Service) tellCoverage(ctx context.Context, id uuid.UUID) error {
	src := s.d.DB.W.DB()
	row, err := s.q.CoverageNoticeForMail(ctx, src, id)
	if errors.Is(err, pgx.ErrNoRows) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("reading a coverage notice to mail: %w", err)
	}
	r := row.SchedulingReservation
	facts, err := factsOfPatient(row.Facts)
	if err != nil {
		return err
	}
	var now lapse
	if r.CoverageID != nil {
		now = lapseOf(facts, r)
	}
	if now.reason != row.Reason {
		return s.overtaken(ctx, id, r)
	}
	t, err := s.terms(ctx, src, r.ServiceID)
	if err != nil {
		return err
	}
	n := notice{
		reference: text(r.Reference), zone: r.TimeZone, start: rangeOf(r.During).From,
		url:    appointmentsURL(s.d.BaseURL) + "/" + r.ReservationID.String() + "/payment",
		reason: now.reason, ended: now.ended, priceCents: t.PriceCents,
	}
	self := recipient{patient: patientOf(r).UUID, given: row.PatientGiven, language: row.PatientLanguage, email: row.PatientEmail}
	if told, err := s.tell(ctx, id, self, row.PatientBirthDate, n, notice.uncovered); err != nil || !told {
		return err
	}
	if err := s.q.ToldCoverageNotice(ctx, src, id); err != nil {
		return fmt.Errorf("noting that a patient was told: %w", err)
	}
	return nil
}

// overtaken settles a notice that is not true any more.
func (s *Service) overtaken(ctx context.Context, id uuid.UUID, r db.SchedulingReservation) error {
	err := s.d.DB.W.Tx(ctx, func(ctx context.Context, tx pgx.Tx) error {
		n, err := s.q.OvertakeCoverageNotice(ctx, tx, id)
		if err != nil {
			return fmt.Errorf("settling a coverage notice: %w", err)
		}
		if n == 0 { // meanwhile, by somebody else
			return nil
		}
		return auditAffected(ctx, tx, r, "appointment.notice_settled", settledOvertaken)
	})
	if err != nil {
		return fmt.Errorf("settling notice %s: %w", id, err)
	}
	return nil
}

// tell writes a notice to the patient, or to a minor's guardians; told is false
// where there is no address. Each mail's id is the row's and the reader's.
func (s *Service) tell(
	ctx context.Context, id uuid.UUID, patient recipient, birthDate string, n notice, write func(notice, language) (subject, body string),
) (told bool, err error) {
	to, err := s.recipients(ctx, patient, birthDate)
	if err != nil {
		return false, err
	}
	for _, one := range to {
		n.given, n.about = one.given, ""
		mailID := id.String()
		if one.patient != patient.patient {
			n.about, mailID = patient.given, mailID+"."+one.patient.String()
		}
		subject, body := write(n, languageOf(one.language))
		if err := s.d.Mail.Send(ctx, mail.Message{To: one.email, Subject: subject, Text: body, ID: mailID}); err != nil {
			return false, fmt.Errorf("mailing notice %s: %w", id, err)
		}
	}
	return len(to) > 0, nil
}
