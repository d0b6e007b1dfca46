package mail

import (
	"bufio"
	"errors"
	"fmt"
	"net"
	"strings"
	"testing"

	gomail "github.com/wneessen/go-mail"
)

// relay is a mail relay that knows none of its users, and says so.
func relay(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0") //nolint:noctx // a test's own listener
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = l.Close() })
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			go refuse(c)
		}
	}()
	return l.Addr().String()
}

func refuse(c net.Conn) {
	defer func() { _ = c.Close() }()
	_, _ = fmt.Fprint(c, "220 relay\r\n")
	lines := bufio.NewScanner(c)
	for lines.Scan() {
		answer := "250 ok"
		if to, ok := strings.CutPrefix(lines.Text(), "RCPT TO:"); ok {
			answer = "550 5.1.1 " + strings.ToUpper(to) + " is nobody here"
		}
		if _, err := fmt.Fprint(c, answer+"\r\n"); err != nil {
			return
		}
	}
}

// Errors of sending go into logs and job tables: they must not say to whom.
func TestErrorsNameNoRecipient(t *testing.T) {
	t.Parallel()
	s, err := NewSMTP(Config{Addr: relay(t), From: "no-reply@bedside.test", Plain: true})
	if err != nil {
		t.Fatal(err)
	}
	for _, to := range []string{"rosa.alvarez@example.test", "rosa.alvarez@@example.test", "rosa.alvarez@example.test\r\nBcc: x@example.test"} {
		err := s.Send(t.Context(), Message{To: to, Subject: "Hello", Text: "Hello", ID: "one"})
		if err == nil {
			t.Fatalf("mail to %q was taken", to)
		}
		if strings.Contains(strings.ToLower(err.Error()), "alvarez") {
			t.Errorf("the error names its recipient: %v", err)
		}
	}
	err = s.Send(t.Context(), Message{To: "rosa.alvarez@example.test", Subject: "Hello", Text: "Hello"})
	if _, ok := errors.AsType[*gomail.SendError](err); !ok {
		t.Errorf("the cause is lost: %v", err)
	}
}
