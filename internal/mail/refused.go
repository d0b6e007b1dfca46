package mail

import (
	"errors"
	"strings"

	gomail "github.com/wneessen/go-mail"
)

// The classes of a refusal.
const (
	// ClassAddress: there is no such address.
	ClassAddress = "address"
	// ClassMailbox: the address is there and takes no mail.
	ClassMailbox = "mailbox"
	// ClassPolicy: the server does not want mail from us. That says nothing
	// about the address.
	ClassPolicy = "policy"
)

// Refused says that the next server will never take mail for the recipient
// (5xx at RCPT TO). Its text has the class and no word of the server's answer,
// which likes to repeat addresses.
type Refused struct {
	Class string
	cause error
}

// Error implements error.
func (r *Refused) Error() string { return "the recipient was refused for good: " + r.Class }

// Unwrap keeps the cause for errors.Is and errors.As.
func (r *Refused) Unwrap() error { return r.cause }

// refusedFor reads a permanent refusal of the recipient; nil for every other
// failure, which may pass. What a server says later, at DATA, is about the
// message.
func refusedFor(err error) *Refused {
	failed, ok := errors.AsType[*gomail.SendError](err)
	if !ok || failed.Reason != gomail.ErrSMTPRcptTo || failed.ErrorCode() < 500 {
		return nil
	}
	// RFC 3463: X.1 is the address, X.2 the mailbox, X.7 security and policy.
	switch status := failed.EnhancedStatusCode(); {
	case strings.HasPrefix(status, "5.7."):
		return &Refused{ClassPolicy, err}
	case strings.HasPrefix(status, "5.2."), failed.ErrorCode() == 552:
		return &Refused{ClassMailbox, err}
	}
	return &Refused{ClassAddress, err}
}
