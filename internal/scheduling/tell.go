package scheduling

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/bedside-health/bedside/internal/audit"
	"github.com/bedside-health/bedside/internal/mail"
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

// tellCoverage is the same for coverage.
func (s *Service) tellCoverage(ctx context.Context, id uuid.UUID) error {
	db := s.d.DB.W.DB()
	row, err := s.q.CoverageNoticeForMail(ctx, db, id)
	if errors.Is(err, pgx.ErrNoRows) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("reading a coverage notice to mail: %w", err)
	}
	t, err := s.terms(ctx, db, row.ServiceID)
	if err != nil {
		return err
	}
	n := notice{
		reference: text(row.Reference), zone: row.TimeZone, start: row.StartsAt,
		url:    appointmentsURL(s.d.BaseURL) + "/" + row.ReservationID.String() + "/payment",
		reason: row.Reason, ended: row.EndedOn, priceCents: t.PriceCents,
	}
	self := recipient{patient: row.PatientID, given: row.PatientGiven, language: row.PatientLanguage, email: row.PatientEmail}
	if told, err := s.tell(ctx, id, self, row.PatientBirthDate, n, notice.uncovered); err != nil || !told {
		return err
	}
	if err := s.q.ToldCoverageNotice(ctx, db, id); err != nil {
		return fmt.Errorf("noting that a patient was told: %w", err)
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
