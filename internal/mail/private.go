package mail

import "strings"

// private is an error of sending whose text names no recipient: it ends in logs
// and beside the job that failed, and mail relays like to repeat addresses.
type private struct {
	text  string
	cause error
}

// withoutAddress hides a recipient in the text of an error.
func withoutAddress(err error, to string) error {
	if err == nil {
		return nil
	}
	return &private{text: hide(err.Error(), to), cause: err}
}

// Error implements error.
func (p *private) Error() string { return p.text }

// Unwrap keeps the cause for errors.Is and errors.As.
func (p *private) Unwrap() error { return p.cause }

// hide replaces an address wherever it stands, however it is written.
func hide(text, address string) string {
	if address == "" {
		return text
	}
	var out strings.Builder
	for i := 0; i < len(text); {
		if end := i + len(address); end <= len(text) && strings.EqualFold(text[i:end], address) {
			out.WriteString("(the recipient)")
			i = end
			continue
		}
		out.WriteByte(text[i])
		i++
	}
	return out.String()
}
