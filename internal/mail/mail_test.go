package mail_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/bedside-health/bedside/internal/mail"
	"github.com/bedside-health/bedside/internal/mailbox"
)

func TestSend(t *testing.T) {
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
	err = s.Send(t.Context(), mail.Message{
		To: "ana@example.test", Subject: "Su consulta está reservada", Text: "Hasta mañana.\nhttps://portal.test/x",
		ICS: []byte("BEGIN:VCALENDAR\r\nEND:VCALENDAR\r\n"), Method: "CANCEL", ID: "appointment-1-2",
	})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	m, err := box.Wait(ctx, func(*mailbox.Message) bool { return true })
	if err != nil {
		t.Fatal(err)
	}
	if m.Subject != "Su consulta está reservada" || !strings.Contains(m.Text, "mañana") || len(m.Files) != 1 || m.Files[0].Type != "text/calendar" {
		t.Errorf("it arrived as %+v", m)
	}
	if id := m.Header["Message-Id"]; len(id) != 1 || !strings.Contains(id[0], "appointment-1-2") {
		t.Errorf("the message id is %v", id)
	}
}

func TestRefusals(t *testing.T) {
	t.Parallel()
	if _, err := mail.NewSMTP(mail.Config{Addr: "nowhere"}); err == nil {
		t.Error("an address without a port was accepted")
	}
	s, err := mail.NewSMTP(mail.Config{Addr: "127.0.0.1:1", From: "no-reply@bedside.test", Plain: true})
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Send(t.Context(), mail.Message{To: "ana@example.test", Subject: "x", Text: "x"}); err == nil {
		t.Error("a dead relay took the mail")
	}
	if err := s.Send(t.Context(), mail.Message{To: "ana@example.test\r\nBcc: eve@example.test", Subject: "x", Text: "x"}); err == nil {
		t.Error("a recipient with a line break was accepted")
	}
}
