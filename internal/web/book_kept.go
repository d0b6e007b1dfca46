package web

import (
	"bytes"
	"net/http"
	"strings"
	"sync"

	"github.com/a-h/templ"

	schedulingv1 "github.com/bedside-health/bedside/internal/gen/bedside/scheduling/v1"
)

const (
	// keptMost is how many pages of free times are kept, of about 20 kB each.
	keptMost = 256
	// keptPath is how long an address may be whose page is kept.
	keptPath = 200
	// keptKey stands in a kept page where each visitor gets an idempotency key
	// of their own.
	keptKey = "KEPT-PAGE-IDEMPOTENCY-KEY"
)

// keptTimes keeps pages of free times as they were written for somebody who is
// not signed in. Nothing in them is about a person, and none is shown again
// before scheduling has said that its answer is still the same: a kept page
// saves the writing of it, never the question.
type keptTimes struct {
	mu    sync.Mutex
	pages map[string]keptPage
	// spare are buffers to write answers with.
	spare sync.Pool
}

// keptPage is the pieces of a page around the idempotency keys in it.
type keptPage struct {
	tag    string
	pieces []string
}

func (k *keptTimes) get(name string) keptPage {
	if name == "" {
		return keptPage{}
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	return k.pages[name]
}

// put keeps a page. When there are too many, all give way: those that are
// asked for come back at once.
func (k *keptTimes) put(name string, p keptPage) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.pages == nil || len(k.pages) >= keptMost {
		k.pages = make(map[string]keptPage, keptMost)
	}
	k.pages[name] = p
}

// keepAs names the page that this call asks for; "" where it is for one person
// alone.
func (c *Call) keepAs(d draft) string {
	path := c.R.URL.RequestURI()
	if !c.Who.Anonymous() || c.R.Method != http.MethodGet || len(path) > keptPath {
		return ""
	}
	if _, err := c.R.Cookie(cookieFlash); err == nil {
		return ""
	}
	return strings.Join([]string{c.L.Lang(), d.Service, d.State, d.Zone, path}, " ")
}

// showKept answers with the kept page if scheduling says that it is still
// right. Else it gives scheduling's new answer.
func (s *Web) showKept(c *Call, d draft) (found *schedulingv1.SearchResponse, shown bool, err error) {
	page := s.kept.get(c.keepAs(d))
	if page.tag == "" {
		return nil, false, nil
	}
	ask := c.timesQuestion(d)
	ask.Known = page.tag
	if found, err = s.Scheduling.Search(c.Ctx(), ask); err != nil || !found.GetUnchanged() {
		return found, false, err
	}
	body, _ := s.kept.spare.Get().(*bytes.Buffer)
	if body == nil {
		body = new(bytes.Buffer)
	}
	defer s.kept.spare.Put(body)
	body.Reset()
	key := newKey()
	for i, piece := range page.pieces {
		if i > 0 {
			body.WriteString(key)
		}
		body.WriteString(piece)
	}
	return nil, true, c.write(http.StatusOK, body.Bytes())
}

// showAndKeep answers with a page that was written with keptKey in the place
// of its key, and keeps it.
func (s *Web) showAndKeep(c *Call, name, tag string, page templ.Component) error {
	var body bytes.Buffer
	if err := c.render(&body, page); err != nil {
		return err
	}
	pieces := strings.Split(body.String(), keptKey)
	s.kept.put(name, keptPage{tag: tag, pieces: pieces})
	return c.write(http.StatusOK, []byte(strings.Join(pieces, newKey())))
}
