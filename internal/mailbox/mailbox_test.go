package mailbox

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/smtp"
	"strings"
	"testing"
	"time"
)

const invitation = "From: Bedside <portal@bedside.test>\r\n" +
	"To: Ana <ana@people.test>\r\n" +
	"Subject: =?UTF-8?q?Su_cita_est=C3=A1_confirmada?=\r\n" +
	"MIME-Version: 1.0\r\n" +
	"Content-Type: multipart/mixed; boundary=out\r\n\r\n" +
	"--out\r\nContent-Type: multipart/alternative; boundary=in\r\n\r\n" +
	"--in\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n" +
	"Ver: http://localhost:8080/a?t=3D1. Ma=C3=B1ana <script>\r\n" +
	"--in\r\nContent-Type: text/html\r\n\r\n<p>not shown</p>\r\n--in--\r\n" +
	"--out\r\nContent-Type: text/calendar\r\nContent-Disposition: attachment; filename=\"cita.ics\"\r\n" +
	"Content-Transfer-Encoding: base64\r\n\r\nQkVHSU46VkNBTEVOREFSDQo=\r\n--out--\r\n"

func open(t *testing.T) *Mailbox {
	t.Helper()
	m, err := Start(t.Context(), "127.0.0.1:0", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
		defer cancel()
		if err := m.Stop(ctx); err != nil {
			t.Error(err)
		}
	})
	return m
}

func send(t *testing.T, m *Mailbox, to, text string) {
	t.Helper()
	if err := smtp.SendMail(m.SMTPAddr(), nil, "portal@bedside.test", []string{to}, []byte(text)); err != nil {
		t.Fatal(err)
	}
}

func get(t *testing.T, url string, status int) (http.Header, string) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url, nil)
	if err != nil {
		t.Fatal(err)
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = res.Body.Close() }()
	body, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	if res.StatusCode != status {
		t.Fatalf("%s: status %d, want %d\n%s", url, res.StatusCode, status, body)
	}
	return res.Header, string(body)
}

func TestCatchesAndShowsAMail(t *testing.T) {
	t.Parallel()
	m := open(t)
	send(t, m, "ana@people.test", invitation)

	one, err := m.Wait(t.Context(), func(one *Message) bool { return one.isTo("ANA@people.test") })
	if err != nil {
		t.Fatal(err)
	}
	if one.Subject != "Su cita está confirmada" || one.Text != "Ver: http://localhost:8080/a?t=1. Mañana <script>" {
		t.Errorf("read as %q, %q", one.Subject, one.Text)
	}
	if len(one.Links) != 1 || one.Links[0] != "http://localhost:8080/a?t=1" {
		t.Errorf("links %q", one.Links)
	}
	if len(one.Files) != 1 || one.Files[0].Name != "cita.ics" || one.Files[0].Text != "BEGIN:VCALENDAR\r\n" {
		t.Errorf("files %+v", one.Files)
	}

	header, page := get(t, m.URL()+"/mail/1", http.StatusOK)
	for _, want := range []string{`<a href="http://localhost:8080/a?t=1">`, "&lt;script&gt;", `href="/mail/1/0"`, "Su cita está confirmada"} {
		if !strings.Contains(page, want) {
			t.Errorf("the page lacks %s", want)
		}
	}
	if header.Get("Content-Security-Policy") != policy || header.Get("Referrer-Policy") != "no-referrer" {
		t.Errorf("header %v", header)
	}
	header, ics := get(t, m.URL()+"/mail/1/0", http.StatusOK)
	if ics != "BEGIN:VCALENDAR\r\n" || !strings.HasPrefix(header.Get("Content-Disposition"), "attachment") {
		t.Errorf("download %q %v", ics, header)
	}
	for _, lost := range []string{"/mail/2", "/mail/x", "/mail/1/1", "/mail/1/-1", "/other"} {
		get(t, m.URL()+lost, http.StatusNotFound)
	}
	if _, css := get(t, m.URL()+"/style.css", http.StatusOK); !strings.Contains(css, "--accent") {
		t.Error("the style sheet is empty")
	}
}

func TestListsForPrograms(t *testing.T) {
	t.Parallel()
	m := open(t)
	for _, to := range []string{"a@people.test", "b@people.test", "A@people.test"} {
		send(t, m, to, "Subject: hello "+to+"\r\n\r\nhello\r\n")
	}
	for query, want := range map[string]int{"": 3, "?to=a@people.test": 2, "?to=a@people.test&after=1": 1, "?after=3": 0, "?to=nobody": 0} {
		_, body := get(t, m.URL()+"/mail.json"+query, http.StatusOK)
		var mails []Message
		if err := json.Unmarshal([]byte(body), &mails); err != nil {
			t.Fatal(err)
		}
		if len(mails) != want {
			t.Errorf("%q lists %d mails, want %d", query, len(mails), want)
		}
	}
	get(t, m.URL()+"/mail.json?after=x", http.StatusBadRequest)
	if _, page := get(t, m.URL()+"/?to=b@people.test", http.StatusOK); !strings.Contains(page, "1 message to b@people.test") {
		t.Errorf("the narrowed inbox:\n%s", page)
	}
}

func TestForgetsTheOldest(t *testing.T) {
	t.Parallel()
	m := &Mailbox{news: make(chan struct{})}
	for range keep + 5 {
		m.add(Message{})
	}
	if got := m.Messages(""); len(got) != keep || got[0].ID != 6 {
		t.Errorf("%d mails, the oldest is %d", len(got), got[0].ID)
	}
	if _, ok := m.byID(5); ok {
		t.Error("a forgotten mail is still found")
	}
}

func TestRefusesWhatIsNoMail(t *testing.T) {
	t.Parallel()
	m := open(t)
	deep := "Subject: deep\r\n"
	for i := range deepest + 2 {
		deep += fmt.Sprintf("Content-Type: multipart/mixed; boundary=b%d\r\n\r\n--b%d\r\n", i, i)
	}
	for name, text := range map[string]string{
		"no header":     "just words\r\n\r\n",
		"cut off":       "Content-Type: multipart/mixed; boundary=x\r\n\r\n--x\r\n\r\nhalf",
		"too deep":      deep,
		"too long":      "Subject: long\r\n\r\n" + strings.Repeat("word word\r\n", longest/10),
		"broken base64": "Content-Transfer-Encoding: base64\r\n\r\n====\r\n",
	} {
		if err := smtp.SendMail(m.SMTPAddr(), nil, "a@people.test", []string{"b@people.test"}, []byte(text)); err == nil {
			t.Errorf("%s: accepted", name)
		}
	}
	if got := m.Messages(""); len(got) != 0 {
		t.Errorf("kept %d of them", len(got))
	}
}

func TestWaitEndsWithItsContext(t *testing.T) {
	t.Parallel()
	m := open(t)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := m.Wait(ctx, func(*Message) bool { return true }); err == nil {
		t.Error("waited for nothing and got something")
	}
	if _, err := Start(t.Context(), m.SMTPAddr(), "127.0.0.1:0"); err == nil {
		t.Error("two on one port")
	}
}
