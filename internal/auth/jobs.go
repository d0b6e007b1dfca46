package auth

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/riverqueue/river"
)

// codeMailArgs mails the code of a challenge. The code travels sealed, the
// address not at all; a decoy's job finds nobody to write to.
type codeMailArgs struct {
	Challenge uuid.UUID `json:"challenge"`
	Code      []byte    `json:"code"`
	Language  string    `json:"language"`
}

// Kind implements river.JobArgs.
func (codeMailArgs) Kind() string { return "auth_code_mail" }

// InsertOpts implements river.JobArgsWithInsertOpts: somebody waits for this
// mail, and after ten minutes nobody does.
func (codeMailArgs) InsertOpts() river.InsertOpts {
	return river.InsertOpts{Priority: 1, MaxAttempts: 8}
}

// passwordMailArgs tells an account's address that its password was set.
type passwordMailArgs struct {
	Account uuid.UUID `json:"account"`
}

// Kind implements river.JobArgs.
func (passwordMailArgs) Kind() string { return "auth_password_mail" }

// Workers registers what auth does in the background.
func (s *Service) Workers(w *river.Workers) {
	river.AddWorker(w, &codeMailWorker{s: s})
	river.AddWorker(w, &passwordMailWorker{s: s})
	river.AddWorker(w, &linkMailWorker{s: s})
	river.AddWorker(w, &newEmailMailWorker{s: s})
	river.AddWorker(w, &noticeMailWorker{s: s})
}

type codeMailWorker struct {
	river.WorkerDefaults[codeMailArgs]
	s *Service
}

// NextRetry tries again soon: a code is only good for ten minutes.
func (w *codeMailWorker) NextRetry(job *river.Job[codeMailArgs]) time.Time {
	return time.Now().Add(time.Duration(min(job.Attempt*job.Attempt, 30)) * time.Second)
}

// Timeout implements river.Worker.
func (w *codeMailWorker) Timeout(*river.Job[codeMailArgs]) time.Duration { return 20 * time.Second }

// Work sends the mail, unless there is nobody to send it to or no use any more.
func (w *codeMailWorker) Work(ctx context.Context, job *river.Job[codeMailArgs]) error {
	to, err := w.s.q.ChallengeMail(ctx, w.s.db.W.DB(), job.Args.Challenge)
	if errors.Is(err, pgx.ErrNoRows) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("reading where a code goes: %w", err)
	}
	code, err := w.s.seal.OpenSecret(mailPurpose(job.Args.Challenge), job.Args.Code)
	if err != nil {
		return fmt.Errorf("opening a code: %w", err)
	}
	if err := w.s.mail.Send(ctx, codeMail(to.Email, job.Args.Language, string(code), job.Args.Challenge)); err != nil {
		return fmt.Errorf("mailing a code: %w", err)
	}
	return nil
}

type passwordMailWorker struct {
	river.WorkerDefaults[passwordMailArgs]
	s *Service
}

// Timeout implements river.Worker.
func (w *passwordMailWorker) Timeout(*river.Job[passwordMailArgs]) time.Duration {
	return 20 * time.Second
}

// Work sends the notice.
func (w *passwordMailWorker) Work(ctx context.Context, job *river.Job[passwordMailArgs]) error {
	account, err := w.s.q.AccountByID(ctx, w.s.db.W.DB(), job.Args.Account)
	if err != nil {
		return fmt.Errorf("reading where a notice goes: %w", err)
	}
	if err := w.s.mail.Send(ctx, passwordMail(account.Email, account.Language, job.ID)); err != nil {
		return fmt.Errorf("mailing a notice: %w", err)
	}
	return nil
}
