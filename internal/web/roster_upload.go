package web

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"mime"
	"mime/multipart"
	"net/http"
	"path"
	"strings"
	"time"
	"unicode"

	"github.com/bedside-health/bedside/internal/errs"
	enrollmentv1 "github.com/bedside-health/bedside/internal/gen/bedside/enrollment/v1"
	"github.com/bedside-health/bedside/internal/web/view/staff"
)

const (
	// rosterMost is the largest file taken; rosterBody leaves room for the
	// form around it.
	rosterMost = 512 << 20
	rosterBody = rosterMost + 64<<10
	// chunkSize is what one call to enrollment carries.
	chunkSize = 1 << 20
	// chunkWait is how long a browser may take for one chunk.
	chunkWait = 2 * time.Minute
	fieldMost = 1 << 10
)

// upload is a form with a file, read as it arrives.
type upload struct {
	call        *Call
	in          *bufio.Reader
	size        int64
	payer, test string
	name        string
	file        *multipart.Part
	// large says that the file is larger than what is taken.
	large bool
}

func (u *upload) tooLarge(f *Faults) {
	u.large = true
	f.Add("file", "staff.fault_size")
}

// rosterUpload takes a file and passes it on chunk by chunk.
func (s *Web) rosterUpload(c *Call) error {
	f := c.Faults()
	u, err := c.openUpload()
	if err != nil {
		return err
	}
	f.Need("payer", u.payer, "staff.fault_payer")
	head := u.peek(f)
	if f.Any() {
		u.drain()
		return s.uploadAgain(c, f, u)
	}
	id, err := s.sendUpload(c, u, head)
	switch {
	case err == nil:
		return c.See(importPath(id))
	case errors.As(err, new(*http.MaxBytesError)):
		u.tooLarge(f)
	case errors.Is(err, io.ErrUnexpectedEOF):
		f.Add("file", "staff.fault_cut")
	default:
		u.drain()
		if err := f.takeUpload(err); err != nil {
			return err
		}
	}
	return s.uploadAgain(c, f, u)
}

// takeUpload puts what enrollment refused beside its field, and gives back
// errors that are not about the form.
func (f *Faults) takeUpload(err error) error {
	if errs.ReasonOf(err) == "payer_unknown" {
		f.Add("payer", "staff.fault_payer")
		return nil
	}
	for _, bad := range errs.FieldsOf(err) {
		switch {
		case bad.Name == "payer_id":
			f.Add("payer", "staff.fault_payer")
		case bad.Reason == "too_large":
			f.Add("file", "staff.fault_size")
		default:
			f.Add("file", "staff.fault_cut")
		}
	}
	if f.Any() {
		return nil
	}
	return f.Take(err, "file")
}

// openUpload reads the fields up to the file. Browsers send a form in the
// order of its fields; the file is the last.
func (c *Call) openUpload() (*upload, error) {
	u := &upload{call: c, in: bufio.NewReaderSize(c.R.Body, 64<<10)}
	u.wait()
	kind, params, err := mime.ParseMediaType(c.R.Header.Get("Content-Type"))
	if err != nil || kind != "multipart/form-data" || params["boundary"] == "" {
		return nil, errs.New(errs.Invalid, "malformed", "The form could not be read.")
	}
	u.size = fileSize(u.in, c.R.ContentLength, params["boundary"])
	form := multipart.NewReader(u.in, params["boundary"])
	for {
		part, err := form.NextPart()
		if errors.Is(err, io.EOF) {
			return u, nil
		}
		if err != nil {
			return nil, errs.New(errs.Invalid, "malformed", "The form could not be read.").With(err)
		}
		if part.FormName() == "file" {
			u.file, u.name = part, fileName(part.FileName())
			return u, nil
		}
		value, err := io.ReadAll(io.LimitReader(part, fieldMost))
		if err != nil {
			return nil, errs.New(errs.Invalid, "malformed", "The form could not be read.").With(err)
		}
		switch part.FormName() {
		case "payer":
			u.payer = strings.TrimSpace(string(value))
		case "test":
			u.test = string(value)
		}
	}
}

// fileSize is how long the file at the end of a form is: what is left of the
// form without its closing line. Enrollment checks it against what came.
func fileSize(in *bufio.Reader, whole int64, boundary string) int64 {
	head, _ := in.Peek(8 << 10)
	at := bytes.Index(head, []byte(`; filename=`))
	if at < 0 || whole <= 0 {
		return 0
	}
	end := bytes.Index(head[at:], []byte("\r\n\r\n"))
	if end < 0 {
		return 0
	}
	return max(whole-int64(at+end+4)-int64(len("\r\n--"+boundary+"--\r\n")), 0)
}

// fileName keeps the last part of a path, printable and of bearable length.
func fileName(name string) string {
	name = path.Base(strings.ReplaceAll(strings.ToValidUTF8(name, ""), `\`, "/"))
	name = strings.Map(func(r rune) rune {
		if unicode.IsControl(r) {
			return -1
		}
		return r
	}, name)
	if r := []rune(name); len(r) > 100 {
		name = string(r[len(r)-100:])
	}
	if name == "." || name == "/" {
		return ""
	}
	return name
}

// peek reads the first chunk and says what is wrong with a file that cannot be
// a roster.
func (u *upload) peek(f *Faults) []byte {
	if u.file == nil || u.name == "" {
		f.Add("file", "staff.fault_file")
		return nil
	}
	if u.size > rosterMost {
		u.tooLarge(f)
		return nil
	}
	head, err := u.chunk()
	switch {
	case errors.As(err, new(*http.MaxBytesError)):
		u.tooLarge(f)
	case err != nil && !errors.Is(err, io.EOF):
		f.Add("file", "staff.fault_cut")
	case len(head) == 0:
		f.Add("file", "staff.fault_empty")
	default:
		if fault := rosterFault(u.name, head); fault != "" {
			f.Add("file", fault, "name", u.name)
		} else if f.Any() {
			f.Add("file", "staff.fault_file_again")
		}
	}
	return head
}

// wait gives the browser time for the next chunk.
func (u *upload) wait() { u.call.allow(chunkWait) }

// chunk reads up to a chunk of the file; it ends with io.EOF, and with
// io.ErrUnexpectedEOF if the browser went away.
func (u *upload) chunk() ([]byte, error) {
	u.wait()
	buf := make([]byte, chunkSize)
	n := 0
	for n < len(buf) {
		m, err := u.file.Read(buf[n:])
		n += m
		if errors.Is(err, io.EOF) {
			return buf[:n], io.EOF
		}
		if err != nil {
			return nil, fmt.Errorf("reading an upload: %w", err)
		}
	}
	return buf, nil
}

// drain reads the rest, so that the browser is ready to read the answer.
func (u *upload) drain() {
	if u.size > rosterMost {
		return
	}
	u.wait()
	_, _ = io.Copy(io.Discard, u.in)
}

// sendUpload passes the file on and starts its import. No more than one chunk
// is in memory at any time.
func (s *Web) sendUpload(c *Call, u *upload, head []byte) (string, error) {
	if len(head) < chunkSize {
		// This is all of it.
		u.size = int64(len(head))
	}
	begun, err := s.Roster.BeginUpload(c.Ctx(), &enrollmentv1.BeginUploadRequest{PayerId: u.payer, FileName: u.name, Size: u.size})
	if err != nil {
		return "", err
	}
	number, sent := int32(0), int64(0)
	for data, err := head, error(nil); ; data, err = u.chunk() {
		if err != nil && !errors.Is(err, io.EOF) {
			return "", err
		}
		if len(data) > 0 {
			if sent += int64(len(data)); sent > rosterMost {
				return "", fmt.Errorf("sending an upload: %w", &http.MaxBytesError{Limit: rosterMost})
			}
			if err := c.stay(); err != nil {
				return "", err
			}
			if _, err := s.Roster.UploadChunk(c.Ctx(), &enrollmentv1.UploadChunkRequest{UploadId: begun.GetUploadId(), Number: number, Data: data}); err != nil {
				return "", err
			}
			number++
		}
		if errors.Is(err, io.EOF) || len(data) < chunkSize {
			break
		}
	}
	done, err := s.Roster.FinishUpload(c.Ctx(), &enrollmentv1.FinishUploadRequest{
		UploadId: begun.GetUploadId(), Chunks: number, Test: s.Demo && u.test == "yes",
	})
	if err != nil {
		return "", err
	}
	return done.GetImportId(), nil
}

func (s *Web) uploadAgain(c *Call, f *Faults, u *upload) error {
	page, err := s.rostersPage(c, f)
	if err != nil {
		return err
	}
	page.Payer, page.Test = u.payer, u.test == "yes"
	if u.large {
		return c.Page(http.StatusRequestEntityTooLarge, staff.Rosters(page))
	}
	return c.Again(staff.Rosters(page))
}
