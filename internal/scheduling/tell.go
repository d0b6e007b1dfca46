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
	if errors.Is(err, pgx.ErrNoRows) || (err == nil && row.PatientEmail == "") {
		return nil
	}
	if err != nil {
		return fmt.Errorf("reading an affected appointment to mail: %w", err)
	}
	subject, body := notice{
		given: row.PatientGiven, reference: text(row.Reference), zone: row.TimeZone, start: row.StartsAt,
		url: appointmentsURL(s.d.BaseURL) + "/" + row.ReservationID.String() + "/move",
	}.affected(languageOf(row.PatientLanguage))
	if err := s.d.Mail.Send(ctx, mail.Message{To: row.PatientEmail, Subject: subject, Text: body, ID: id.String()}); err != nil {
		return fmt.Errorf("mailing about appointment %s: %w", row.ReservationID, err)
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
	if errors.Is(err, pgx.ErrNoRows) || (err == nil && row.PatientEmail == "") {
		return nil
	}
	if err != nil {
		return fmt.Errorf("reading a coverage notice to mail: %w", err)
	}
	t, err := s.terms(ctx, db, row.ServiceID)
	if err != nil {
		return err
	}
	subject, body := notice{
		given: row.PatientGiven, reference: text(row.Reference), zone: row.TimeZone, start: row.StartsAt,
		url:    appointmentsURL(s.d.BaseURL) + "/" + row.ReservationID.String() + "/payment",
		reason: row.Reason, ended: row.EndedOn, priceCents: t.PriceCents,
	}.uncovered(languageOf(row.PatientLanguage))
	if err := s.d.Mail.Send(ctx, mail.Message{To: row.PatientEmail, Subject: subject, Text: body, ID: id.String()}); err != nil {
		return fmt.Errorf("mailing about the coverage of appointment %s: %w", row.ReservationID, err)
	}
	if err := s.q.ToldCoverageNotice(ctx, db, id); err != nil {
		return fmt.Errorf("noting that a patient was told: %w", err)
	}
	return nil
}
