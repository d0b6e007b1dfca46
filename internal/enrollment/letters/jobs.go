package letters

import (
	"context"
	"crypto/hmac"
	"errors"
	"fmt"

	"github.com/bedside-health/bedside/internal/mail"
	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/riverqueue/river"
)

// Workers registers what letters do outside of a request.
func (s *Service) Workers(w *river.Workers) { river.AddWorker(w, &codeMailer{s: s}) }

// codeMail mails the code that proves a mailbox.
type codeMail struct {
	Activation uuid.UUID `json:"activation"`
	// Code is sealed.
	Code []byte `json:"code"`
}

// Kind implements river.JobArgs.
func (codeMail) Kind() string { return "enrollment_letter_code_mail" }

// InsertOpts implements river.JobArgsWithInsertOpts: somebody is waiting for it.
func (codeMail) InsertOpts() river.InsertOpts { return river.InsertOpts{MaxAttempts: 5, Priority: 1} }

type codeMailer struct {
	river.WorkerDefaults[codeMail]
	s *Service
}

// Work implements river.Worker. Only the newest code is mailed.
func (w *codeMailer) Work(ctx context.Context, job *river.Job[codeMail]) error {
	s, id := w.s, job.Args.Activation
	a, err := s.q.CodeToMail(ctx, s.d.DB.W.DB(), id)
	if errors.Is(err, pgx.ErrNoRows) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("reading an activation: %w", err)
	}
	code, err := s.d.Seal.OpenSecret(purposeMailOf(id), job.Args.Code)
	if err != nil {
		return fmt.Errorf("opening a code: %w", err)
	}
	hash := s.mailHash(id, string(code))
	if a.Over || !hmac.Equal(a.CodeHash, hash) {
		return nil
	}
	if err := s.d.Mail.Send(ctx, s.words(a.Email, a.Language, string(code), id)); err != nil {
		if _, never := errors.AsType[*mail.Refused](err); never {
			return river.JobCancel(err)
		}
		return fmt.Errorf("mailing the code of an activation by letter: %w", err)
	}
	return nil
}

// words writes the mail, in the person's language.
func (s *Service) words(to, lang, code string, id uuid.UUID) mail.Message {
	show := code[:len(code)/2] + " " + code[len(code)/2:]
	m := mail.Message{To: to, ID: "letter-" + id.String() + "-" + code[:2]}
	if lang == "es" {
		m.Subject = "Su código para abrir su cuenta de Bedside"
		m.Text = "Su código es:\n\n" + show + "\n\nEscríbalo en la página que lo pidió, dentro de una hora desde que escribió el código de la carta.\n\n" +
			"Si usted no lo pidió, no tiene que hacer nada. No dé este código a nadie, tampoco a quien diga llamar de nuestra parte.\n\n"
	} else {
		m.Subject = "Your code to open your Bedside account"
		m.Text = "Your code is:\n\n" + show + "\n\nType it on the page that asked for it, within an hour of typing the code from the letter.\n\n" +
			"If you did not ask for it, there is nothing to do. Give this code to nobody, not even to somebody who says they are calling from us.\n\n"
	}
	if s.d.HelpPhone != "" {
		help := map[string]string{"es": "Ayuda: "}[lang]
		if help == "" {
			help = "Help: "
		}
		m.Text += help + s.d.HelpPhone + " (TTY 711)\n\n"
	}
	m.Text += "Bedside\n"
	return m
}
