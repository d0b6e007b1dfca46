package web

import (
	"net/http"
	"net/url"
	"slices"
	"time"

	"github.com/bedside-health/bedside/internal/principal"
	"github.com/bedside-health/bedside/internal/web/i18n"
	"github.com/bedside-health/bedside/internal/web/view/account"
)

const (
	// formLife is how long a form waits for its sender to sign in again.
	formLife = 15 * time.Minute
	// formMost is how large a form may be: sealed, it must fit into a cookie.
	formMost = 2600
)

// keptForm is a form that was sent when its session had ended.
type keptForm struct {
	Account string `json:"a"`
	Path    string `json:"p"`
	Form    string `json:"f"`
}

// secretFields are never kept, nor is any form that has one. A date of birth is
// no secret from the account that typed it, to which alone it is given back.
func secretFields() []string { return []string{"password", "totp", "code"} }

// keepForm keeps a form of somebody whose session has ended, and names the
// words that say so. It waits in a sealed cookie, for the same account at the
// same page. Whose the ended session was is read from its token, which need not
// be good any more: whoever could make one up would only find again what they
// typed themselves.
func (c *Call) keepForm() i18n.Key {
	form := c.R.PostForm
	token, err := c.R.Cookie(c.Route.Area.tokenCookie())
	if err != nil || c.Route.Permission == Public || !c.comesBack() || len(form) == 0 {
		return ""
	}
	for _, name := range secretFields() {
		if form.Has(name) {
			return ""
		}
	}
	claims, err := principal.Unverified(token.Value)
	body := form.Encode()
	if err != nil || len(body)+len(c.R.URL.Path) > formMost {
		return ""
	}
	if err := c.Keep(cookieForm, keptForm{Account: claims.Account.String(), Path: c.R.URL.Path, Form: body}, formLife); err != nil {
		c.web.Log.WarnContext(c.Ctx(), "keeping a form", "error", err)
		return ""
	}
	return "sign_in.typed_kept"
}

// formBefore gives back, once, the form that the caller sent to this page when
// their session had ended.
func (c *Call) formBefore() (account.KeptForm, bool) {
	var kept keptForm
	if c.R.Method != http.MethodGet || c.Who.Anonymous() || c.Route.Permission == Public || !c.Kept(cookieForm, &kept) {
		return account.KeptForm{}, false
	}
	if kept.Account != c.Who.Account.String() || kept.Path != c.R.URL.Path {
		return account.KeptForm{}, false
	}
	c.Drop(cookieForm)
	values, err := url.ParseQuery(kept.Form)
	if err != nil {
		return account.KeptForm{}, false
	}
	page := account.KeptForm{Told: c.Told(), Path: kept.Path}
	names := make([]string, 0, len(values))
	for name := range values {
		names = append(names, name)
	}
	slices.Sort(names)
	for _, name := range names {
		for _, v := range values[name] {
			page.Fields = append(page.Fields, account.KeptField{Name: name, Value: v})
		}
	}
	return page, true
}
