package web

import (
	"bytes"
	"encoding/csv"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/bedside-health/bedside/internal/errs"
)

// fakeFile is an interchange's beginning and then noise.
func fakeFile(length int) []byte {
	return append([]byte("ISA*00*"), bytes.Repeat([]byte("HD*021**HLT~\n"), length/13+1)...)[:length]
}

func TestUploadGoesOnInChunks(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	file := fakeFile(3<<20 + 17)
	a := o.as(t, AreaStaff, "en").upload("/staff/rosters", url.Values{"payer": {testPayer}, "test": {"yes"}}, `C:\payers\november.834`, bytes.NewReader(file))
	if a.status != http.StatusSeeOther || a.location != "/staff/rosters/"+busyImport {
		t.Fatalf("%d to %s", a.status, a.location)
	}
	if len(o.roster.chunks) != 4 || !bytes.Equal(o.roster.content, file) {
		t.Errorf("chunks %v, the same content: %v", o.roster.chunks, bytes.Equal(o.roster.content, file))
	}
	begun, done := o.roster.begun[0], o.roster.finished[0]
	if begun.GetSize() != int64(len(file)) || begun.GetFileName() != "november.834" || begun.GetPayerId() != testPayer {
		t.Errorf("begun with %v", begun)
	}
	if done.GetChunks() != 4 || !done.GetTest() {
		t.Errorf("finished with %v", done)
	}
}

func TestUploadOfWholeChunks(t *testing.T) {
	t.Parallel()
	for _, length := range []int{200, chunkSize, 2 * chunkSize} {
		o := newOffice(t)
		if a := o.as(t, AreaStaff, "es").upload("/staff/rosters", url.Values{"payer": {testPayer}}, "a.834", bytes.NewReader(fakeFile(length))); a.status != http.StatusSeeOther {
			t.Fatalf("%d bytes: %d", length, a.status)
		}
		want := (length + chunkSize - 1) / chunkSize
		if len(o.roster.content) != length || len(o.roster.chunks) != want || o.roster.begun[0].GetSize() != int64(length) || o.roster.finished[0].GetTest() {
			t.Errorf("%d bytes: chunks %v of %d", length, o.roster.chunks, o.roster.begun[0].GetSize())
		}
	}
}

func TestUploadRefused(t *testing.T) {
	t.Parallel()
	pick := url.Values{"payer": {testPayer}}
	sheet := append([]byte("PK\x03\x04\x14\x00"), []byte("........[Content_Types].xml")...)
	for name, c := range map[string]struct {
		fields url.Values
		file   string
		body   []byte
		want   []string
	}{
		"no payer":  {url.Values{}, "a.834", fakeFile(200), []string{"Choose the payer", "Choose the file again"}},
		"no file":   {pick, "", nil, []string{"Choose the file"}},
		"nothing":   {url.Values{}, "", nil, []string{"Choose the payer", "Choose the file"}},
		"empty":     {pick, "a.834", nil, []string{"The file is empty"}},
		"document":  {pick, "a.pdf", []byte("%PDF-1.7 ..."), []string{"a.pdf is a PDF document, not a roster"}},
		"workbook":  {pick, "members.zip", sheet, []string{"members.zip is a spreadsheet"}},
		"table":     {pick, `x"<b>.csv`, []byte("id,name,born\n1,Ana,1985"), []string{"is a table"}},
		"UTF-16":    {pick, "a.834", []byte("\xff\xfeI\x00S\x00A\x00"), []string{"a.834 is text in UTF-16", "UTF-8"}},
		"unmarked":  {pick, "a.834", []byte("I\x00S\x00A\x00*\x00"), []string{"a.834 is text in UTF-16"}},
		"no ISA":    {pick, "a.834", []byte("GS*BE*A*B~ST*834*1~"), []string{"begins in the middle"}},
		"web page":  {pick, "a.834", []byte("<!DOCTYPE html>"), []string{"is a web page"}},
		"picture":   {pick, "a.834", []byte("\x89PNG\r\n"), []string{"is a picture"}},
		"letter":    {pick, "a.834", []byte("Dear all"), []string{"a.834 is not a roster"}},
		"long tail": {pick, "a.csv", bytes.Repeat([]byte("id,name\n"), 1<<18), []string{"is not a roster"}},
	} {
		o := newOffice(t)
		a := o.as(t, AreaStaff, "en").upload("/staff/rosters", c.fields, c.file, bytes.NewReader(c.body))
		if a.status != http.StatusUnprocessableEntity || len(o.roster.begun) > 0 {
			t.Errorf("%s: %d, begun %d", name, a.status, len(o.roster.begun))
		}
		for _, want := range c.want {
			if !strings.Contains(a.body, want) {
				t.Errorf("%s: the page lacks %q", name, want)
			}
		}
		if c.fields.Get("payer") != "" && !strings.Contains(a.body, `<option value="`+testPayer+`" selected`) {
			t.Errorf("%s: the payer was not kept", name)
		}
		if strings.Contains(a.body, `x"<b>`) {
			t.Errorf("%s: the name of the file is not escaped", name)
		}
	}
}

// endless is a form whose file never ends; it counts what was taken of it.
type endless struct {
	head  io.Reader
	taken int64
}

func (e *endless) Read(p []byte) (int, error) {
	n, err := e.head.Read(p)
	if n == 0 && err != nil {
		n = copy(p, bytes.Repeat([]byte("x"), len(p)))
	}
	e.taken += int64(n)
	return n, nil
}

func TestUploadTooLarge(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	b := o.as(t, AreaStaff, "en")
	head := "--bb\r\nContent-Disposition: form-data; name=\"payer\"\r\n\r\n" + testPayer +
		"\r\n--bb\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a.834\"\r\n\r\nISA*"
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, b.base+"/staff/rosters", &endless{head: strings.NewReader(head)})
	if err != nil {
		t.Fatal(err)
	}
	// What the form says of itself is enough: nothing of the file is taken.
	req.ContentLength = rosterMost + 32<<10
	req.Header.Set("Content-Type", "multipart/form-data; boundary=bb")
	req.Header.Set("Sec-Fetch-Site", "same-origin")
	req.Header.Set("Accept-Language", "en")
	for name, value := range b.cookies {
		req.AddCookie(&http.Cookie{Name: name, Value: value})
	}
	res, err := http.DefaultTransport.RoundTrip(req)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = res.Body.Close() }()
	body, err := io.ReadAll(res.Body)
	if err != nil && len(body) == 0 {
		t.Fatal(err)
	}
	if res.StatusCode != http.StatusRequestEntityTooLarge || !strings.Contains(string(body), "larger than 512 MB") || len(o.roster.begun) > 0 {
		t.Errorf("%d, begun %d", res.StatusCode, len(o.roster.begun))
	}
}

func TestUploadCutOff(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	b := o.as(t, AreaStaff, "en")
	whole := "--bb\r\nContent-Disposition: form-data; name=\"payer\"\r\n\r\n" + testPayer +
		"\r\n--bb\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a.834\"\r\n\r\nISA*00*"
	a := b.raw("/staff/rosters", "multipart/form-data; boundary=bb", strings.NewReader(whole), int64(len(whole)))
	if a.status != http.StatusUnprocessableEntity || !strings.Contains(a.body, "stopped before the end") || len(o.roster.finished) > 0 {
		t.Errorf("%d, finished %d", a.status, len(o.roster.finished))
	}
	if a := b.raw("/staff/rosters", "text/plain", strings.NewReader("x"), 1); a.status != http.StatusBadRequest {
		t.Errorf("no form at all: %d", a.status)
	}
}

func TestUploadRefusedByEnrollment(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	b := o.as(t, AreaStaff, "en")
	o.roster.refuse = errs.InvalidFields(errs.Field{Name: "payer_id", Reason: "unknown"})
	a := b.upload("/staff/rosters", url.Values{"payer": {"gone"}}, "a.834", bytes.NewReader(fakeFile(2<<20)))
	if a.status != http.StatusUnprocessableEntity || !strings.Contains(a.body, "Choose the payer") {
		t.Errorf("an unknown payer: %d", a.status)
	}
	o.roster.refuse = errs.New(errs.NotFound, "payer_unknown", "No.")
	if a := b.upload("/staff/rosters", url.Values{"payer": {"gone"}}, "a.834", bytes.NewReader(fakeFile(200))); a.status != http.StatusUnprocessableEntity || !strings.Contains(a.body, `href="#payer"`) {
		t.Errorf("a payer that is gone: %d", a.status)
	}
	o.roster.refuse = errs.New(errs.Precondition, "upload_incomplete", "No.")
	if a := b.upload("/staff/rosters", url.Values{"payer": {testPayer}}, "a.834", bytes.NewReader(fakeFile(200))); a.status != http.StatusUnprocessableEntity || !strings.Contains(a.body, "not arrived completely") {
		t.Errorf("an upload that is not whole: %d", a.status)
	}
	o.roster.refuse = errs.New(errs.Unavailable, "database_away", "away")
	if a := b.upload("/staff/rosters", url.Values{"payer": {testPayer}}, "a.834", bytes.NewReader(fakeFile(200))); a.status != http.StatusServiceUnavailable {
		t.Errorf("enrollment away: %d", a.status)
	}
}

func TestImportPages(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	b := o.as(t, AreaStaff, "en")
	for id, want := range map[string][]string{
		doneImport:    {"5,003 members read", "4,996", "3 records were left out", "1,840 adults", "Send 200 invitations", "9 seconds", "/rejects.csv"},
		busyImport:    {"data-live", "3,200 of 5,003 members applied", `aria-current="step"`, "<noscript>"},
		refusedImport: {"The whole file was refused", "Segment 48,112, element HD04", "byte 1,912,004", "Nothing was changed", "The file is cut off"},
		sameImport:    {"The same file was imported before"},
	} {
		body := b.get("/staff/rosters/" + id).body
		for _, w := range want {
			if !strings.Contains(body, w) {
				t.Errorf("%s lacks %q", id, w)
			}
		}
		if id != busyImport && strings.Contains(body, "data-live") {
			t.Errorf("%s is still live", id)
		}
	}
	o.roster.imports, o.roster.payers = nil, nil
	if body := b.get("/staff/rosters").body; !strings.Contains(body, "No roster yet") || !strings.Contains(body, "There is no payer yet") {
		t.Error("an empty list does not say so")
	}
}

func TestInvitations(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	b := o.as(t, AreaStaff, "en")
	path := "/staff/rosters/" + doneImport
	key := hidden(t, b.get(path).body, "key")
	a := b.follow(path+"/invitations", url.Values{"key": {key}})
	if !strings.Contains(a.body, "200 invitations are on their way") || !strings.Contains(a.body, "1,640 adults are left to invite") {
		t.Error("the page does not say what was sent")
	}
	if sent := o.roster.sent[0]; sent.GetLimit() != 200 || sent.GetIdempotencyKey() != key || sent.GetImportId() != doneImport {
		t.Errorf("sent %v", sent)
	}
	if again := b.get(path).body; strings.Contains(again, "on their way") {
		t.Error("the remark stands twice")
	}
}

func TestRejectsFile(t *testing.T) {
	t.Parallel()
	a := newOffice(t).as(t, AreaStaff, "en").get("/staff/rosters/" + doneImport + "/rejects.csv")
	if a.status != http.StatusOK || !strings.HasPrefix(a.header.Get("Content-Type"), "text/csv") || a.header.Get("Cache-Control") != "no-store" ||
		a.header.Get("Content-Disposition") != `attachment; filename="rejects.csv"` {
		t.Fatalf("%d %v", a.status, a.header)
	}
	rows, err := csv.NewReader(strings.NewReader(a.body)).ReadAll()
	if err != nil || len(rows) != 5 {
		t.Fatalf("%d rows: %v", len(rows), err)
	}
	if rows[3][9] != `'=cmd|' /C calc'!A0` || rows[4][9] != `' @Walter "Kim"` || rows[4][3] != "'+1 (800) is no date. It was left out." || rows[1][9] != "Ana Petrova" {
		t.Errorf("rows %q", rows)
	}
	for in, want := range map[string]string{"": "", "a": "a", "=1": "'=1", " =1": "' =1", "-1": "'-1", "\t=1": "'\t=1", "@x": "'@x", "Ana-Lee": "Ana-Lee"} {
		if got := csvCell(in); got != want {
			t.Errorf("%q: %q", in, got)
		}
	}
}

func TestFileNames(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		"a.834": "a.834", "../../etc/passwd": "passwd", `C:\x\y.edi`: "y.edi", "": "", "/": "", "a\r\nb.834": "ab.834",
		strings.Repeat("é", 300) + ".834": strings.Repeat("é", 96) + ".834",
	} {
		if got := fileName(in); got != want {
			t.Errorf("%q: %q", in, got)
		}
	}
}

func TestActivationCases(t *testing.T) {
	t.Parallel()
	body := newOffice(t).as(t, AreaStaff, "en").get("/staff/activations").body
	for i := range 9 {
		if !strings.Contains(body, fmt.Sprintf("K7QM-2D9%d", i)) {
			t.Errorf("case %d is missing", i)
		}
	}
	if !strings.Contains(body, "The member is under 18.") || !strings.Contains(body, "The details could not be matched.") || strings.Contains(body, "new_one") {
		t.Error("the reasons are not in words")
	}
}
