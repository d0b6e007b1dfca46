package web

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"github.com/bedside-health/bedside/internal/errs"
	"github.com/bedside-health/bedside/internal/obs"
	"github.com/bedside-health/bedside/internal/web/i18n"
	"github.com/bedside-health/bedside/internal/web/ui"
	"github.com/bedside-health/bedside/internal/web/view/problem"
	"google.golang.org/protobuf/types/known/timestamppb"
)

// statusGone is what the log calls a page whose browser did not wait for it.
const statusGone = 499

// statusOf is the HTTP status of an error.
func statusOf(err error) int {
	if errs.ReasonOf(err) == "key_reused" {
		return http.StatusUnprocessableEntity
	}
	if errs.ReasonOf(err) == "too_large" {
		return http.StatusRequestEntityTooLarge
	}
	switch errs.CodeOf(err) {
	case errs.Invalid:
		return http.StatusBadRequest
	case errs.Unauthenticated, errs.Forbidden:
		return http.StatusForbidden
	case errs.NotFound:
		return http.StatusNotFound
	case errs.Conflict, errs.Precondition:
		return http.StatusConflict
	case errs.Throttled:
		return http.StatusTooManyRequests
	case errs.Unavailable:
		return http.StatusServiceUnavailable
	}
	return http.StatusInternalServerError
}

// retryAfter is how many seconds a browser should wait before it asks again:
// as long as the error says, else what is usual; empty where waiting does not
// help.
func retryAfter(status int, err error) string {
	if wait := errs.RetryAfterOf(err); wait > 0 {
		return strconv.FormatInt(int64((wait+time.Second-1)/time.Second), 10)
	}
	switch status {
	case http.StatusTooManyRequests:
		return "120"
	case http.StatusServiceUnavailable:
		return "30"
	}
	return ""
}

// Reason is what an error says in the caller's language: by its reason where
// the catalog knows it, else nothing.
func (c *Call) Reason(err error) string {
	if key, args := c.reasonKey(err); c.L.Has(key) {
		return c.T(key, args...)
	}
	return ""
}

// reasonKey names the words for an error, with the minutes to wait where the
// error knows them and there are words for it.
func (c *Call) reasonKey(err error) (i18n.Key, []any) {
	key := i18n.Key("error." + errs.ReasonOf(err))
	if minutes := minutesToWait(err); minutes > 0 && c.L.Has(key+"_in") {
		return key + "_in", []any{"n", minutes}
	}
	return key, nil
}

// minutesToWait is after how many minutes to try again; 0 where nobody knows.
func minutesToWait(err error) int {
	return int((errs.RetryAfterOf(err) + time.Minute - 1) / time.Minute)
}

// fail answers with the page of an error. Who is not signed in is sent there.
func (c *Call) fail(err error) {
	if errors.Is(c.Ctx().Err(), context.Canceled) {
		// The browser went away: nobody waits for a page, and nothing is broken.
		c.w.WriteHeader(statusGone)
		return
	}
	status := statusOf(err)
	if status >= http.StatusInternalServerError {
		c.web.Log.ErrorContext(c.Ctx(), "page failed", "route", c.R.Pattern, "error", err)
	}
	if errs.CodeOf(err) == errs.Unauthenticated {
		c.toSignIn(err)
		return
	}
	if wait := retryAfter(status, err); wait != "" {
		c.w.Header().Set("Retry-After", wait)
	}
	view := problem.Page{
		Title: c.T(i18n.Key(fmt.Sprintf("error.p%d.title", status))),
		What:  c.Reason(err),
		Kept:  c.T(i18n.Key(fmt.Sprintf("error.p%d.kept", status))),
		Next:  c.T(i18n.Key(fmt.Sprintf("error.p%d.next", status))),
		Home:  c.Route.Area.Prefix() + "/", Reference: obs.RequestID(c.Ctx()),
		HelpPhone: c.web.HelpPhone,
	}
	if c.Route.Area != AreaPatient {
		view.Home = c.Route.Area.Home()
	}
	if minutes := minutesToWait(err); minutes > 0 && status == http.StatusTooManyRequests {
		view.Next = c.T("error.p429.next_in", "n", minutes)
		if _, told := c.reasonKey(err); len(told) > 0 {
			view.Next = c.T("error.p429.next_then")
		}
	}
	if view.What == "" {
		view.What = c.T(i18n.Key(fmt.Sprintf("error.p%d.what", status)))
	}
	if wait := errs.RetryAfterOf(err); wait > 0 && errs.ReasonOf(err) == "too_many_searches" {
		view.Next = c.T("error.search_again", "when", c.moment(timestamppb.New(c.web.Clock.Now().Add(wait))))
	}
	if key := i18n.Key("error.works_without_" + errs.PartOf(err)); status == http.StatusServiceUnavailable && c.L.Has(key) {
		view.Works = c.T(key)
	}
	if status >= http.StatusTooManyRequests && c.R.Method == http.MethodGet {
		view.Again = c.R.URL.RequestURI()
	}
	if err := c.Page(status, problem.View(view)); err != nil {
		c.web.Log.ErrorContext(c.Ctx(), "writing the error page", "error", err)
	}
}

// comesBack says whether the path of this call is a page that can be opened
// after signing in.
func (c *Call) comesBack() bool {
	return c.R.Method == http.MethodGet || c.web.pages[c.Route.Path]
}

// toSignIn sends the browser to sign in, and back afterwards.
func (c *Call) toSignIn(err error) {
	path := c.Route.Area.Prefix() + "/sign-in"
	if c.comesBack() {
		path += "?next=" + url.QueryEscape(c.R.URL.Path)
	}
	text := c.keepTyped()
	if key := i18n.Key("error." + errs.ReasonOf(err)); (errs.ReasonOf(err) != "sign_in_needed" || text != "") && c.L.Has(key) {
		c.Tell(ui.Info, key, text)
	}
	if err := c.See(path); err != nil {
		c.web.Log.ErrorContext(c.Ctx(), "sending to sign-in", "error", err)
	}
}
