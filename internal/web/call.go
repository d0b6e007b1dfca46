package web

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/a-h/templ"

	"github.com/bedside-health/bedside/internal/errs"
	authv1 "github.com/bedside-health/bedside/internal/gen/bedside/auth/v1"
	schedulingv1 "github.com/bedside-health/bedside/internal/gen/bedside/scheduling/v1"
	"github.com/bedside-health/bedside/internal/ids"
	"github.com/bedside-health/bedside/internal/obs"
	"github.com/bedside-health/bedside/internal/principal"
	"github.com/bedside-health/bedside/internal/rpc"
	"github.com/bedside-health/bedside/internal/web/i18n"
	"github.com/bedside-health/bedside/internal/web/ui"
	"github.com/bedside-health/bedside/internal/web/view/account"
)

// Call is one request for a page.
type Call struct {
	// R is the request; its context carries the token, the position and the
	// language, so calls to services made with it run on the caller's behalf.
	R *http.Request
	// Who is signed in to the route's area; the zero value is nobody.
	Who   principal.Principal
	Route Route
	L     i18n.Locale

	w        http.ResponseWriter
	web      *Web
	position func() string
	answered bool
	// found is what scheduling has answered already about free times.
	found *schedulingv1.SearchResponse
	// personal says that the page shows what this browser alone knows, also
	// of somebody who is not signed in.
	personal bool
	// throttled is why a service refused the form for coming too often, or nil.
	throttled error
}

// answerWait is how long a browser may take for the answer to a long request.
const answerWait = time.Minute

// bodyLimit is how much a form may send where its route says nothing else.
const bodyLimit = 64 << 10

// serve is what a route's requests go through: limits, session, permission,
// handler, error page.
func (s *Web) serve(route Route) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		limit := route.Body
		if limit == 0 {
			limit = bodyLimit
		}
		r.Body = http.MaxBytesReader(w, r.Body, limit)
		c := &Call{R: r, Route: route, w: w, web: s, L: s.locale(r)}
		who, token, ended := s.signedIn(w, r, route.Area)
		c.Who = who
		c.prepare(token)
		err := checkAddress(r.URL)
		if err == nil {
			err = c.enter(ended)
		}
		if err != nil && !c.answered {
			c.fail(err)
		}
	})
}

// enter answers where the caller may; ended says why nobody is signed in.
func (c *Call) enter(ended error) error {
	err := c.Route.Permission.allow(c.Who)
	if err == nil {
		return c.handle()
	}
	if ended != nil {
		// The session is over, or whether they may is not known while auth is
		// away.
		return ended
	}
	return err
}

// handle answers with the page, or with the form that its session could not
// send any more.
func (c *Call) handle() error {
	if form, ok := c.formBefore(); ok {
		return c.Show(account.KeptFormView(form))
	}
	return c.Route.Handle(c)
}

// prepare fills the request's context.
func (c *Call) prepare(token string) {
	ctx := i18n.With(c.R.Context(), c.L)
	if token != "" {
		ctx = rpc.WithToken(ctx, token)
	}
	ctx = principal.With(ctx, c.Who)
	var at string
	c.web.jar.get(c.R, cookiePosition, c.web.Clock.Now(), &at)
	ctx, c.position = rpc.WithPosition(ctx, at)
	ctx = ui.WithChrome(ctx, c.chrome())
	c.R = c.R.WithContext(ctx)
}

// Ctx is the context to call services with.
func (c *Call) Ctx() context.Context { return c.R.Context() }

// T is a text in the caller's language.
func (c *Call) T(key i18n.Key, args ...any) string { return c.L.T(key, args...) }

// Value is what was typed into a field, or chosen, without spaces around it.
func (c *Call) Value(name string) string { return strings.TrimSpace(c.R.PostFormValue(name)) }

// Query is a parameter of the address; never anything about a person.
func (c *Call) Query(name string) string { return c.R.URL.Query().Get(name) }

// Parse reads the form; call it first in a handler of POST.
func (c *Call) Parse() error {
	if err := c.R.ParseForm(); err != nil {
		if errors.As(err, new(*http.MaxBytesError)) {
			return errs.New(errs.Invalid, "too_large", "What you sent was larger than we accept.").With(err)
		}
		return errs.New(errs.Invalid, "unreadable", "What you sent could not be read.").With(err)
	}
	// A browser sends whole characters. What is none is marked, not refused: it
	// stands in the form again, and no service or table can hold it as it is.
	for _, values := range c.R.PostForm {
		for i, v := range values {
			values[i] = strings.ReplaceAll(strings.ToValidUTF8(v, "\uFFFD"), "\x00", "\uFFFD")
		}
	}
	return nil
}

// Key is the idempotency key of the form: the one that was sent, or a new one
// for a form that is about to be shown.
func (c *Call) Key() string {
	if k := c.Value("key"); k != "" && len(k) <= 64 {
		return k
	}
	return newKey()
}

func newKey() string { return ids.NewUUID().String() }

// Page answers with a page.
func (c *Call) Page(status int, page templ.Component) error {
	var body bytes.Buffer
	if err := c.render(&body, page); err != nil {
		return err
	}
	return c.write(status, body.Bytes())
}

func (c *Call) render(body *bytes.Buffer, page templ.Component) error {
	if err := page.Render(c.Ctx(), body); err != nil {
		return fmt.Errorf("rendering a page: %w", err)
	}
	return nil
}

// write answers with a page that is rendered.
func (c *Call) write(status int, body []byte) error {
	c.head()
	h := c.w.Header()
	h.Set("Content-Type", "text/html; charset=utf-8")
	// Known in advance, it spares both sides the pieces of a chunked answer.
	h.Set("Content-Length", strconv.Itoa(len(body)))
	c.w.WriteHeader(status)
	c.answered = true
	_, err := c.w.Write(body)
	return err
}

// Show answers with a page and 200.
func (c *Call) Show(page templ.Component) error { return c.Page(http.StatusOK, page) }

// Again shows a form again, with what was typed and what is wrong with it; or
// that it was sent too often.
func (c *Call) Again(page templ.Component) error {
	if c.throttled != nil {
		c.w.Header().Set("Retry-After", retryAfter(http.StatusTooManyRequests, c.throttled))
		return c.Page(http.StatusTooManyRequests, page)
	}
	return c.Page(http.StatusUnprocessableEntity, page)
}

// See sends the browser to another page of ours, by GET.
func (c *Call) See(path string) error {
	c.head()
	c.answered = true
	http.Redirect(c.w, c.R, path, http.StatusSeeOther)
	return nil
}

// Send answers with a file.
func (c *Call) Send(contentType, name string, body []byte) error {
	c.head()
	c.w.Header().Set("Content-Type", contentType)
	c.w.Header().Set("Content-Disposition", `attachment; filename="`+name+`"`)
	c.answered = true
	_, err := c.w.Write(body)
	return err
}

// allow gives the browser more time than the server grants every request: to
// send what comes next, and to take the answer.
func (c *Call) allow(more time.Duration) {
	// A connection without deadlines says so, which is no harm.
	ctl, until := http.NewResponseController(c.w), time.Now().Add(more)
	_ = ctl.SetReadDeadline(until)
	_ = ctl.SetWriteDeadline(until.Add(answerWait))
}

// head sets what depends on who asks: caching and the position cookie.
func (c *Call) head() {
	cache := "private, no-cache"
	if !c.Who.Anonymous() || c.personal || c.R.Method != http.MethodGet {
		cache = "no-store"
	}
	c.w.Header().Set("Cache-Control", cache)
	c.w.Header().Add("Vary", "Cookie, Accept-Language")
	if at := c.position(); at != "" {
		if err := c.web.jar.put(c.w, cookiePosition, at, c.web.Clock.Now(), time.Minute); err != nil {
			c.web.Log.WarnContext(c.Ctx(), "keeping the position", "error", err)
		}
	}
}

// Keep seals a value into a cookie for a while.
func (c *Call) Keep(name string, value any, life time.Duration) error {
	return c.web.jar.put(c.w, name, value, c.web.Clock.Now(), life)
}

// Kept reads a sealed cookie. A page made of what somebody typed or chose is
// not for the browser's cache, where the next person would find it.
func (c *Call) Kept(name string, into any) bool {
	ok := c.web.jar.get(c.R, name, c.web.Clock.Now(), into)
	c.personal = c.personal || ok && (name == cookieFlow || name == cookieDraft || name == cookieBrowser || name == cookieLink)
	return ok
}

// Drop forgets a cookie.
func (c *Call) Drop(name string) { dropCookie(c.w, name) }

// Browser is the id of this browser, made at the first need.
func (c *Call) Browser() (string, error) {
	var id string
	if c.Kept(cookieBrowser, &id) && id != "" {
		return id, nil
	}
	id = ids.NewUUID().String()
	if err := c.Keep(cookieBrowser, id, 365*24*time.Hour); err != nil {
		return "", err
	}
	return id, nil
}

// Address is the client's address, for throttles.
func (c *Call) Address() string { return clientAddress(c.R, c.web.TrustedProxies) }

// Client says where a sign-in comes from.
func (c *Call) Client() *authv1.Client {
	agent := c.R.UserAgent()
	if len(agent) > 200 {
		agent = agent[:200]
	}
	return &authv1.Client{Address: c.Address(), UserAgent: strings.ToValidUTF8(agent, "")}
}

// Flash is a remark that the next page shows once.
type Flash struct {
	Kind  ui.Kind  `json:"k"`
	Title i18n.Key `json:"t"`
	Text  i18n.Key `json:"x"`
}

// Tell keeps a remark for the next page.
func (c *Call) Tell(kind ui.Kind, title, text i18n.Key) {
	if err := c.Keep(cookieFlash, Flash{kind, title, text}, time.Minute); err != nil {
		c.web.Log.WarnContext(c.Ctx(), "keeping a remark", "error", err)
	}
}

// Told is the remark that the page before left, or nil. It is gone after this.
func (c *Call) Told() templ.Component {
	var f Flash
	if !c.Kept(cookieFlash, &f) {
		return templ.NopComponent
	}
	c.Drop(cookieFlash)
	text := ""
	if f.Text != "" {
		text = c.T(f.Text)
	}
	return ui.Banner(f.Kind, c.T(f.Title), text)
}

// locale is the language of a request: the one chosen, else the browser's.
func (s *Web) locale(r *http.Request) i18n.Locale {
	if c, err := r.Cookie(cookieLanguage); err == nil && i18n.Supported(c.Value) {
		return i18n.In(c.Value)
	}
	return i18n.In(i18n.Negotiate(r.Header.Get("Accept-Language")))
}

// pathMost is how long a path to go back to may be: it is kept in a cookie.
const pathMost = 512

// localPath is a path of ours to go back to; "/" for anything else.
func localPath(path string) string {
	u, err := url.Parse(path)
	if err != nil || len(path) > pathMost || u.IsAbs() || u.Host != "" || !strings.HasPrefix(u.Path, "/") ||
		strings.HasPrefix(path, "//") || strings.ContainsAny(path, "\\\r\n") {
		return "/"
	}
	return path
}

// chrome is what surrounds the pages of this call.
func (c *Call) chrome() ui.Chrome {
	a := c.Route.Area
	ch := ui.Chrome{
		Home: "/", Path: "/", Demo: c.web.Demo, DemoInbox: c.web.DemoInbox,
		HelpPhone: c.web.HelpPhone, RequestID: obs.RequestID(c.R.Context()),
	}
	if c.comesBack() {
		ch.Path = c.R.URL.RequestURI()
	}
	if a != AreaPatient {
		ch.Area = c.T(i18n.Key("role." + string(a)))
		ch.Home = a.Home()
		if c.R.Method == http.MethodGet && !c.Who.Anonymous() {
			ch.AsOf = c.L.TimeZoned(inOffice(c.web.Clock.Now()))
		}
	}
	c.fillNavigation(&ch)
	if !c.Who.Anonymous() {
		ch.SignOut = a.Prefix() + "/sign-out"
		ch.Switch, ch.From = c.otherAreas(), string(a)
	}
	return ch
}
