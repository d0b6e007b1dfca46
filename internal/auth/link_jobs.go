package auth

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"time"

	"github.com/bedside-health/bedside/internal/auth/db"
	"github.com/bedside-health/bedside/internal/ids"
	"github.com/bedside-health/bedside/internal/mail"
	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/riverqueue/river"
)

// What an account's owner is told by mail.
const (
	noticeEmailChanged = "email_changed"
	noticeLocked       = "locked"
	noticeRecovery     = "recovery"
	noticeEnrolled     = "enrolled"
)

// mailTimeout is how long one mail may take to leave.
const mailTimeout = 20 * time.Second

// linkMailArgs mails a link. Its token travels sealed, the address not at all;
// a decoy's job finds nobody to write to.
type linkMailArgs struct {
	Link  uuid.UUID `json:"link"`
	Token []byte    `json:"token"`
	// Language is the account's own where it is empty.
	Language string `json:"language,omitempty"`
}

// Kind implements river.JobArgs.
func (linkMailArgs) Kind() string { return "auth_link_mail" }

// InsertOpts implements river.JobArgsWithInsertOpts: somebody waits for it.
func (linkMailArgs) InsertOpts() river.InsertOpts {
	return river.InsertOpts{Priority: 1, MaxAttempts: 12}
}

type linkMailWorker struct {
	river.WorkerDefaults[linkMailArgs]
	s *Service
}

// Timeout implements river.Worker.
func (w *linkMailWorker) Timeout(*river.Job[linkMailArgs]) time.Duration { return mailTimeout }

// Work sends the mail, unless there is nobody to send it to or no use any more.
func (w *linkMailWorker) Work(ctx context.Context, job *river.Job[linkMailArgs]) error {
	to, err := w.s.q.LinkMail(ctx, w.s.db.W.DB(), job.Args.Link)
	if errors.Is(err, pgx.ErrNoRows) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("reading where a link goes: %w", err)
	}
	token, err := w.s.seal.OpenSecret(linkPurpose(job.Args.Link), job.Args.Token)
	if err != nil {
		return fmt.Errorf("opening a link: %w", err)
	}
	lang := to.Language
	if job.Args.Language != "" {
		lang = language(job.Args.Language)
	}
	m := w.s.letters.link(to.Email, lang, to.Purpose, string(token), job.Args.Link.String())
	if err := w.s.mail.Send(ctx, m); err != nil {
		return fmt.Errorf("mailing a link: %w", err)
	}
	return nil
}

// newEmailMailArgs mails the code that proves a new address.
type newEmailMailArgs struct {
	Change   uuid.UUID `json:"change"`
	Code     []byte    `json:"code"`
	Language string    `json:"language"`
}

// Kind implements river.JobArgs.
func (newEmailMailArgs) Kind() string { return "auth_new_email_mail" }

// InsertOpts implements river.JobArgsWithInsertOpts: after ten minutes nobody
// waits for it.
func (newEmailMailArgs) InsertOpts() river.InsertOpts {
	return river.InsertOpts{Priority: 1, MaxAttempts: 8}
}

type newEmailMailWorker struct {
	river.WorkerDefaults[newEmailMailArgs]
	s *Service
}

// Timeout implements river.Worker.
func (w *newEmailMailWorker) Timeout(*river.Job[newEmailMailArgs]) time.Duration { return mailTimeout }

// Work sends the code, or says that the address is somebody's already.
func (w *newEmailMailWorker) Work(ctx context.Context, job *river.Job[newEmailMailArgs]) error {
	to, err := w.s.q.EmailChangeMail(ctx, w.s.db.W.DB(), job.Args.Change)
	if errors.Is(err, pgx.ErrNoRows) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("reading where a code goes: %w", err)
	}
	code, err := w.s.seal.OpenSecret(newEmailPurpose(job.Args.Change), job.Args.Code)
	if err != nil {
		return fmt.Errorf("opening a code: %w", err)
	}
	id := job.Args.Change.String()
	m := w.s.letters.newEmail(to.Email, job.Args.Language, string(code), id)
	if to.Taken {
		m = w.s.letters.emailInUse(to.Email, job.Args.Language, id)
	}
	if err := w.s.mail.Send(ctx, m); err != nil {
		return fmt.Errorf("mailing a code: %w", err)
	}
	return nil
}

// noticeMailArgs tells an account's owner what has happened to it.
type noticeMailArgs struct {
	Account uuid.UUID `json:"account"`
	Notice  string    `json:"notice"`
	// Address is the one to tell, sealed, where it is no longer the account's.
	Address []byte `json:"address,omitempty"`
}

// Kind implements river.JobArgs.
func (noticeMailArgs) Kind() string { return "auth_notice_mail" }

// tell queues a notice; to is an address that the account no longer has, or
// empty for the one it has.
func (s *Service) tell(ctx context.Context, tx pgx.Tx, account ids.AccountID, notice, to string) error {
	args := noticeMailArgs{Account: account.UUID, Notice: notice}
	if to != "" {
		sealed, err := s.seal.SealSecret(noticePurpose(account), []byte(to))
		if err != nil {
			return fmt.Errorf("sealing an address: %w", err)
		}
		args.Address = sealed
	}
	if err := s.jobs.Insert(ctx, tx, args, nil); err != nil {
		return fmt.Errorf("queueing a notice: %w", err)
	}
	return nil
}

type noticeMailWorker struct {
	river.WorkerDefaults[noticeMailArgs]
	s *Service
}

// Timeout implements river.Worker.
func (w *noticeMailWorker) Timeout(*river.Job[noticeMailArgs]) time.Duration { return mailTimeout }

// Work sends the notice.
func (w *noticeMailWorker) Work(ctx context.Context, job *river.Job[noticeMailArgs]) error {
	account, err := w.s.q.AccountByID(ctx, w.s.db.W.DB(), job.Args.Account)
	if err != nil {
		return fmt.Errorf("reading where a notice goes: %w", err)
	}
	to, err := w.address(job.Args, account)
	if err != nil {
		return err
	}
	if err := w.s.mail.Send(ctx, w.notice(to, account.Language, job)); err != nil {
		return fmt.Errorf("mailing a notice: %w", err)
	}
	return nil
}

func (w *noticeMailWorker) notice(to, lang string, job *river.Job[noticeMailArgs]) mail.Message {
	return w.s.letters.notice(to, lang, job.Args.Notice, strconv.FormatInt(job.ID, 10))
}

func (w *noticeMailWorker) address(args noticeMailArgs, account db.AccountByIDRow) (string, error) {
	if args.Address == nil {
		return account.Email, nil
	}
	to, err := w.s.seal.OpenSecret(noticePurpose(ids.AccountID{UUID: args.Account}), args.Address)
	if err != nil {
		return "", fmt.Errorf("opening an address: %w", err)
	}
	return string(to), nil
}
