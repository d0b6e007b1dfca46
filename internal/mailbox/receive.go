package mailbox

import (
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/emersion/go-smtp"
)

// NewSession answers a sender that connects.
func (m *Mailbox) NewSession(*smtp.Conn) (smtp.Session, error) {
	return &session{box: m}, nil
}

// session is one sender's connection; the library calls it from one goroutine.
type session struct {
	box  *Mailbox
	from string
	to   []string
}

// Reset forgets a half-said mail.
func (s *session) Reset() { s.from, s.to = "", nil }

// Logout ends the connection.
func (s *session) Logout() error { return nil }

// Mail takes the sender's address.
func (s *session) Mail(from string, _ *smtp.MailOptions) error {
	s.from = from
	return nil
}

// refuses says whose mail is refused for good: so that bounces can be tried.
const refuses = "bounce"

// Rcpt takes one recipient's address, unless its local part begins with
// "bounce": then there is no such mailbox.
func (s *session) Rcpt(to string, _ *smtp.RcptOptions) error {
	if strings.HasPrefix(strings.ToLower(to), refuses) {
		return &smtp.SMTPError{Code: 550, EnhancedCode: smtp.EnhancedCode{5, 1, 1}, Message: "no such mailbox here"}
	}
	s.to = append(s.to, to)
	return nil
}

// Data takes the mail itself. What cannot be read as a mail is refused, so that a fault in sending shows at once.
func (s *session) Data(r io.Reader) error {
	one, err := parse(r)
	if err != nil {
		return &smtp.SMTPError{Code: 554, EnhancedCode: smtp.EnhancedCode{5, 6, 0}, Message: fmt.Sprintf("not a mail: %v", err)}
	}
	one.From, one.To, one.At = s.from, s.to, time.Now().UTC()
	s.box.add(one)
	return nil
}
