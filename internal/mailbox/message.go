package mailbox

import (
	"encoding/base64"
	"fmt"
	"io"
	"mime"
	"mime/multipart"
	"mime/quotedprintable"
	"net/mail"
	"net/textproto"
	"regexp"
	"strings"
	"time"
)

// deepest is how far parts may stand within parts.
const deepest = 5

// link finds web addresses in plain text; a closing mark of the sentence is not part of one.
var link = regexp.MustCompile(`https?://[^\s<>"]*[^\s<>".,;:!?)\]']`)

// Message is one caught mail.
type Message struct {
	ID      int       `json:"id"`
	At      time.Time `json:"at"`
	From    string    `json:"from"`
	To      []string  `json:"to"`
	Subject string    `json:"subject"`
	Text    string    `json:"text"`
	Links   []string  `json:"links"`
	Files   []File    `json:"files"`

	Header map[string][]string `json:"header"`
}

// File is an attachment. Text holds it whole when it is text, as calendar entries are.
type File struct {
	Name string `json:"name"`
	Type string `json:"type"`
	Size int    `json:"size"`
	Text string `json:"text,omitempty"`

	content []byte
}

func parse(r io.Reader) (Message, error) {
	m, err := mail.ReadMessage(r)
	if err != nil {
		return Message{}, fmt.Errorf("reading its header: %w", err)
	}
	one := Message{Header: m.Header, Links: []string{}, Files: []File{}}
	one.Subject, err = new(mime.WordDecoder).DecodeHeader(m.Header.Get("Subject"))
	if err != nil {
		return Message{}, fmt.Errorf("reading its subject: %w", err)
	}
	if err := one.part(textproto.MIMEHeader(m.Header), m.Body, 0); err != nil {
		return Message{}, err
	}
	if found := link.FindAllString(one.Text, -1); found != nil {
		one.Links = found
	}
	return one, nil
}

// part reads one part and what stands within it. The first plain text is the mail's own; HTML is passed over, because
// our mails say everything in plain text.
func (one *Message) part(h textproto.MIMEHeader, body io.Reader, depth int) error {
	kind, params := contentType(h)
	if strings.HasPrefix(kind, "multipart/") {
		return one.parts(multipart.NewReader(body, params["boundary"]), depth+1)
	}
	text, err := io.ReadAll(decoded(h, body))
	if err != nil {
		return fmt.Errorf("reading a part of type %s: %w", kind, err)
	}
	name := fileName(h, params)
	switch {
	case name == "" && kind == "text/plain" && one.Text == "":
		one.Text = clean(text)
	case name == "" && kind == "text/html":
	default:
		one.Files = append(one.Files, file(name, kind, text))
	}
	return nil
}

func (one *Message) parts(r *multipart.Reader, depth int) error {
	if depth > deepest {
		return fmt.Errorf("parts within parts deeper than %d", deepest)
	}
	for {
		p, err := r.NextRawPart()
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return fmt.Errorf("reading its parts: %w", err)
		}
		if err := one.part(p.Header, p, depth); err != nil {
			return err
		}
	}
}

func contentType(h textproto.MIMEHeader) (string, map[string]string) {
	kind, params, err := mime.ParseMediaType(h.Get("Content-Type"))
	if err != nil {
		return "text/plain", nil // what a mail without a type is
	}
	return kind, params
}

func decoded(h textproto.MIMEHeader, body io.Reader) io.Reader {
	switch strings.ToLower(strings.TrimSpace(h.Get("Content-Transfer-Encoding"))) {
	case "base64":
		return base64.NewDecoder(base64.StdEncoding, body)
	case "quoted-printable":
		return quotedprintable.NewReader(body)
	default:
		return body
	}
}

func fileName(h textproto.MIMEHeader, params map[string]string) string {
	if _, p, err := mime.ParseMediaType(h.Get("Content-Disposition")); err == nil && p["filename"] != "" {
		return p["filename"]
	}
	return params["name"]
}

func file(name, kind string, content []byte) File {
	if name == "" {
		name = "part"
		if kind == "text/calendar" {
			name = "invite.ics"
		}
	}
	f := File{Name: name, Type: kind, Size: len(content), content: content}
	if strings.HasPrefix(kind, "text/") {
		f.Text = string(content)
	}
	return f
}

// clean gives lines as the page wants them, and never a broken character.
func clean(text []byte) string {
	return strings.ToValidUTF8(strings.ReplaceAll(string(text), "\r\n", "\n"), "\uFFFD")
}

// piece is a stretch of text, or a link when URL is set.
type piece struct{ Text, URL string }

func pieces(text string) []piece {
	var out []piece
	from := 0
	for _, at := range link.FindAllStringIndex(text, -1) {
		out = append(out, piece{Text: text[from:at[0]]}, piece{Text: text[at[0]:at[1]], URL: text[at[0]:at[1]]})
		from = at[1]
	}
	return append(out, piece{Text: text[from:]})
}
