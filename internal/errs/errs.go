// Package errs is the one error type of Bedside: a code, a reason that
// programs and the catalog of translations understand, a message that is safe
// to show, the fields that were refused, and the cause, which never leaves the
// process.
package errs

import (
	"errors"
	"fmt"
	"strings"
	"time"
)

// Code says what kind of failure it is.
type Code int

// The codes, from a user's mistake to our own fault.
const (
	Internal        Code = iota // our fault; the message says nothing
	Invalid                     // the request is wrong
	Unauthenticated             // not signed in, or no longer
	Forbidden                   // signed in, but not for this
	NotFound                    // not there, or not yours
	Conflict                    // clashes with what is stored
	Precondition                // right request, wrong moment
	Throttled                   // too many; try later
	Unavailable                 // a dependency is away; try again
)

// String names the code for logs and metrics.
func (c Code) String() string {
	names := [...]string{"internal", "invalid", "unauthenticated", "forbidden", "not_found", "conflict", "precondition", "throttled", "unavailable"}
	if c < 0 || int(c) >= len(names) {
		return "internal"
	}
	return names[c]
}

// Field is one field of a request that was refused, by its proto field name.
type Field struct{ Name, Reason string }

// Error is the one error type.
type Error struct {
	Code    Code
	Reason  string // stable, such as "code_wrong"
	Message string // safe to show, plain English
	Fields  []Field
	Cause   error  // logged, never sent
	Part    string // the service that gave it, where a call did; never sent
	// RetryAfter is after how long it is worth trying again; zero where nobody
	// knows.
	RetryAfter time.Duration
}

// New makes an error with a message that is safe to show.
func New(code Code, reason, message string) *Error {
	return &Error{Code: code, Reason: reason, Message: message}
}

// ReasonInvalidFields is the reason of every error that Invalid makes.
const ReasonInvalidFields = "invalid_fields"

// InvalidFields refuses a request because of some of its fields.
func InvalidFields(fields ...Field) *Error {
	names := make([]string, len(fields))
	for i, f := range fields {
		names[i] = f.Name
	}
	return &Error{
		Code: Invalid, Reason: ReasonInvalidFields, Fields: fields,
		Message: "Some answers need another look: " + strings.Join(names, ", ") + ".",
	}
}

// TooManyTries refuses what was tried too often, until some time has passed.
func TooManyTries(retryAfter time.Duration) *Error {
	seconds := max(int((retryAfter+time.Second-1)/time.Second), 1)
	wait := fmt.Sprintf("%d seconds", seconds)
	if seconds > 90 {
		wait = fmt.Sprintf("%d minutes", (seconds+59)/60)
	}
	return New(Throttled, "too_many_tries", "That was tried too often. Please wait "+wait+" and try again.").After(retryAfter)
}

// After returns a copy that says after how long to try again.
func (e *Error) After(wait time.Duration) *Error {
	c := *e
	c.RetryAfter = wait
	return &c
}

// With returns a copy that wraps the cause.
func (e *Error) With(cause error) *Error {
	c := *e
	c.Cause = cause
	return &c
}

// Error implements error; it includes the cause and is for logs only.
func (e *Error) Error() string {
	s := e.Code.String() + ": " + e.Reason
	if e.Cause != nil {
		s += fmt.Sprintf(": %v", e.Cause)
	}
	return s
}

// Unwrap returns the cause.
func (e *Error) Unwrap() error { return e.Cause }

// Is matches errors of the same code and reason.
func (e *Error) Is(target error) bool {
	t, ok := target.(*Error)
	return ok && t.Code == e.Code && t.Reason == e.Reason
}

// CodeOf returns the code of an error; Internal for any other error.
func CodeOf(err error) Code {
	if e, ok := errors.AsType[*Error](err); ok {
		return e.Code
	}
	return Internal
}

// ReasonOf returns the reason of an error; "internal" for any other error.
func ReasonOf(err error) string {
	if e, ok := errors.AsType[*Error](err); ok {
		return e.Reason
	}
	return "internal"
}

// PartOf returns the service that an error came from; empty if it came from
// none.
func PartOf(err error) string {
	if e, ok := errors.AsType[*Error](err); ok {
		return e.Part
	}
	return ""
}

// RetryAfterOf returns after how long it is worth trying again; zero where the
// error does not know.
func RetryAfterOf(err error) time.Duration {
	if e, ok := errors.AsType[*Error](err); ok {
		return e.RetryAfter
	}
	return 0
}

// FieldsOf returns the refused fields of an error.
func FieldsOf(err error) []Field {
	if e, ok := errors.AsType[*Error](err); ok {
		return e.Fields
	}
	return nil
}
