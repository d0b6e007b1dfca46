package mail_test

import (
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/bedside-health/bedside/internal/mail"
	"github.com/bedside-health/bedside/internal/mailbox"
)

// A server that does not know the address says so for good; a server that is
// away does not.
func TestRefusedForGood(t *testing.T) {
	t.Parallel()
	box, err := mailbox.Start(t.Context(), "127.0.0.1:0", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = box.Stop(context.Background()) })
	s, err := mail.NewSMTP(mail.Config{Addr: box.SMTPAddr(), From: "no-reply@bedside.test", Plain: true})
	if err != nil {
		t.Fatal(err)
	}
	err = s.Send(t.Context(), mail.Message{To: "Bounce.Quill@roster.test", Subject: "x", Text: "x"})
	refused, ok := errors.AsType[*mail.Refused](err)
	if !ok || refused.Class != mail.ClassAddress {
		t.Fatalf("an unknown mailbox: %v", err)
	}
	if strings.Contains(strings.ToLower(err.Error()), "quill") || strings.Contains(err.Error(), "no such") {
		t.Errorf("the error repeats what the server said: %v", err)
	}
	if err := s.Send(t.Context(), mail.Message{To: "ada@roster.test", Subject: "x", Text: "x"}); err != nil {
		t.Errorf("another mailbox: %v", err)
	}
	away, err := mail.NewSMTP(mail.Config{Addr: "127.0.0.1:1", From: "no-reply@bedside.test", Plain: true})
	if err != nil {
		t.Fatal(err)
	}
	err = away.Send(t.Context(), mail.Message{To: "bounce@roster.test", Subject: "x", Text: "x"})
	if _, ok := errors.AsType[*mail.Refused](err); ok || err == nil {
		t.Errorf("a server that is away: %v", err)
	}
}
