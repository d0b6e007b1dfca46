// Package mail sends mail over SMTP. A message says when and how to act, never
// why somebody sees a physician.
package mail

import (
	"bytes"
	"context"
	"fmt"
	"net"
	"strconv"
	"time"

	gomail "github.com/wneessen/go-mail"
)

// Message is one mail to one person.
type Message struct {
	To, Subject, Text string
	// ICS is an iCalendar file to attach; nil for none.
	ICS []byte
	// Method of the iCalendar file: PUBLISH or CANCEL.
	Method string
	// ID makes a repeated send recognizable: it becomes the Message-ID.
	ID string
}

// Sender sends mail. Send returns once the next server has taken it. Its errors
// name no recipient; one that wraps Refused will be the same next time.
type Sender interface {
	Send(ctx context.Context, m Message) error
}

// SMTP is a Sender to one relay.
type SMTP struct {
	host string
	port int
	from string
	tls  gomail.TLSPolicy
	auth [2]string
}

// Config says where the relay is.
type Config struct {
	// Addr is host:port.
	Addr string
	// From is the sender's address.
	From string
	// User and Password sign in to the relay; empty for none.
	User, Password string
	// Plain allows a relay without TLS: a catcher on this very machine.
	Plain bool
}

// NewSMTP makes a sender. It does not connect.
func NewSMTP(cfg Config) (*SMTP, error) {
	host, p, err := net.SplitHostPort(cfg.Addr)
	if err != nil {
		return nil, fmt.Errorf("the SMTP address is not host:port: %w", err)
	}
	port, err := strconv.Atoi(p)
	if err != nil {
		return nil, fmt.Errorf("the SMTP port is not a number: %w", err)
	}
	s := &SMTP{host: host, port: port, from: cfg.From, tls: gomail.TLSMandatory, auth: [2]string{cfg.User, cfg.Password}}
	if cfg.Plain {
		s.tls = gomail.NoTLS
	}
	return s, nil
}

// Send implements Sender.
func (s *SMTP) Send(ctx context.Context, m Message) error {
	msg, err := s.build(m)
	if err != nil {
		return err
	}
	opts := []gomail.Option{gomail.WithTLSPolicy(s.tls), gomail.WithPort(s.port), gomail.WithTimeout(10 * time.Second), gomail.WithHELO("bedside")}
	if s.auth[0] != "" {
		opts = append(opts, gomail.WithSMTPAuth(gomail.SMTPAuthAutoDiscover), gomail.WithUsername(s.auth[0]), gomail.WithPassword(s.auth[1]))
	}
	c, err := gomail.NewClient(s.host, opts...)
	if err != nil {
		return fmt.Errorf("preparing the mail relay: %w", err)
	}
	if err := c.DialAndSendWithContext(ctx, msg); err != nil {
		if r := refusedFor(err); r != nil {
			return fmt.Errorf("sending mail: %w", r)
		}
		return fmt.Errorf("sending mail: %w", withoutAddress(err, m.To))
	}
	return nil
}

func (s *SMTP) build(m Message) (*gomail.Msg, error) {
	msg := gomail.NewMsg(gomail.WithNoDefaultUserAgent())
	if err := msg.FromFormat("Bedside", s.from); err != nil {
		return nil, fmt.Errorf("setting the sender: %w", err)
	}
	if err := msg.To(m.To); err != nil {
		// What the parser says quotes the address.
		return nil, fmt.Errorf("setting the recipient: %w", &private{text: "the address is not one", cause: err})
	}
	msg.Subject(m.Subject)
	msg.SetDate()
	if m.ID != "" {
		msg.SetMessageIDWithValue(m.ID + "@bedside")
	} else {
		msg.SetMessageID()
	}
	// No vacation replies to a machine (RFC 3834).
	msg.SetGenHeader("Auto-Submitted", "auto-generated")
	msg.SetBodyString(gomail.TypeTextPlain, m.Text)
	if m.ICS != nil {
		method := m.Method
		if method == "" {
			method = "PUBLISH"
		}
		err := msg.AttachReader("appointment.ics", bytes.NewReader(m.ICS),
			gomail.WithFileContentType(gomail.ContentType("text/calendar; charset=utf-8; method="+method)))
		if err != nil {
			return nil, fmt.Errorf("attaching the calendar file: %w", err)
		}
	}
	return msg, nil
}
