package mailbox

import (
	"bytes"
	"embed"
	"encoding/json"
	"errors"
	"fmt"
	"html/template"
	"mime"
	"net/http"
	"slices"
	"strconv"
)

//go:embed page
var files embed.FS

// policy lets a page show text and its own style sheet, and nothing else.
const policy = "default-src 'none'; style-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"

type inbox struct {
	To    string
	Mails []Message
}

type reading struct {
	Message
	Pieces []piece
}

func (m *Mailbox) routes() (http.Handler, error) {
	pages, err := template.ParseFS(files, "page/*.html")
	if err != nil {
		return nil, fmt.Errorf("reading the inbox's pages: %w", err)
	}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /{$}", func(w http.ResponseWriter, r *http.Request) {
		to := r.FormValue("to")
		mails := m.Messages(to)
		slices.Reverse(mails)
		render(w, http.StatusOK, pages.Lookup("inbox.html"), inbox{To: to, Mails: mails})
	})
	mux.HandleFunc("GET /mail/{id}", func(w http.ResponseWriter, r *http.Request) {
		one, ok := m.asked(r)
		if !ok {
			render(w, http.StatusNotFound, pages.Lookup("gone.html"), nil)
			return
		}
		render(w, http.StatusOK, pages.Lookup("mail.html"), reading{Message: one, Pieces: pieces(one.Text)})
	})
	mux.HandleFunc("GET /mail/{id}/{file}", m.download)
	mux.HandleFunc("GET /mail.json", m.list)
	mux.HandleFunc("GET /style.css", func(w http.ResponseWriter, r *http.Request) {
		http.ServeFileFS(w, r, files, "page/style.css")
	})
	return guarded(mux), nil
}

func guarded(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("Content-Security-Policy", policy)
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("Referrer-Policy", "no-referrer") // links in mails carry secrets
		h.Set("Cache-Control", "no-store")
		next.ServeHTTP(w, r)
	})
}

func render(w http.ResponseWriter, status int, page *template.Template, data any) {
	var out bytes.Buffer
	if err := page.Execute(&out, data); err != nil {
		http.Error(w, fmt.Sprintf("The page could not be made: %v", err), http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.WriteHeader(status)
	_, _ = out.WriteTo(w) // the reader may have left
}

func (m *Mailbox) asked(r *http.Request) (Message, bool) {
	id, err := strconv.Atoi(r.PathValue("id"))
	if err != nil {
		return Message{}, false
	}
	return m.byID(id)
}

// download always saves, never shows: a mail's attachment must not run in this page's name.
func (m *Mailbox) download(w http.ResponseWriter, r *http.Request) {
	one, ok := m.asked(r)
	n, err := strconv.Atoi(r.PathValue("file"))
	if !ok || err != nil || n < 0 || n >= len(one.Files) {
		http.NotFound(w, r)
		return
	}
	f := one.Files[n]
	w.Header().Set("Content-Type", f.Type)
	w.Header().Set("Content-Disposition", mime.FormatMediaType("attachment", map[string]string{"filename": f.Name}))
	_, _ = w.Write(f.content) // the reader may have left
}

func (m *Mailbox) list(w http.ResponseWriter, r *http.Request) {
	after, err := number(r.FormValue("after"))
	if err != nil {
		http.Error(w, "after: a number is expected", http.StatusBadRequest)
		return
	}
	mails := slices.DeleteFunc(m.Messages(r.FormValue("to")), func(one Message) bool { return one.ID <= after })
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(mails) // the reader may have left
}

func number(text string) (int, error) {
	if text == "" {
		return 0, nil
	}
	n, err := strconv.Atoi(text)
	if err != nil {
		return 0, errors.New("not a number")
	}
	return n, nil
}
