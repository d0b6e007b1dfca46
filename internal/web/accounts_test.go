package web

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	rpcv1 "github.com/bedside-health/bedside/internal/gen/bedside/rpc/v1"
)

// in signs a browser in to an area.
func (s *site) in(t testing.TB, area Area, lang string) *browser {
	t.Helper()
	b := s.browser(t, lang)
	if a := b.post("/demo/"+string(area), nil); a.status != http.StatusSeeOther {
		t.Fatalf("signing in to %s: %d", area, a.status)
	}
	return b
}

func TestAccountPagesInBothLanguages(t *testing.T) {
	t.Parallel()
	for _, lang := range []string{"en", "es"} {
		s := newSite(t)
		patient := s.in(t, AreaPatient, lang)
		patient.post("/account/email", url.Values{"new_email": {"new@example.test"}})
		for _, path := range []string{"/account", "/account/password", "/account/email", "/account/email/code", "/account/phone", "/account/address", "/account/consents", "/account/consents/" + testConsent} {
			checkPage(t, patient.get(path), lang, 0)
		}
		admin := s.in(t, AreaAdmin, lang)
		one := "/admin/people/" + testCoworker
		for _, path := range []string{"/admin/people", "/admin/people/new", one, one + "/disable", one + "/reset", one + "/email", "/admin/account", "/admin/account/recovery", "/admin/devices"} {
			checkPage(t, admin.get(path), lang, 0)
		}
		nobody := s.browser(t, lang)
		for _, path := range []string{"/sign-in/forgotten", "/sign-in/forgotten/sent"} {
			checkPage(t, nobody.get(path), lang, 0)
		}
		for _, path := range []string{"/sign-in/reset", "/sign-in/new-address", "/sign-in/invited"} {
			if a := nobody.get(path + "/" + goodLink); a.location != path || a.header.Get("Referrer-Policy") != "no-referrer" {
				t.Errorf("the link of %s leads to %d %s", path, a.status, a.location)
			}
			a := nobody.get(path)
			checkPage(t, a, lang, 0)
			if strings.Contains(a.body, goodLink) || a.header.Get("Cache-Control") != "no-store" {
				t.Errorf("%s repeats its link, or may be kept", path)
			}
		}
	}
}

func TestForgottenPasswordPages(t *testing.T) {
	t.Parallel()
	b := newSite(t).browser(t, "en")
	if a := b.post("/sign-in/forgotten", nil); a.status != http.StatusUnprocessableEntity {
		t.Errorf("no address: %d", a.status)
	}
	if a := b.post("/sign-in/forgotten", url.Values{"email": {"rosa@example.test"}}); a.location != "/sign-in/forgotten/sent" || strings.Contains(b.get(a.location).body, "rosa@example") {
		t.Errorf("leads to %d %s, or repeats the address", a.status, a.location)
	}
	for _, path := range []string{"/sign-in/reset/old", "/sign-in/reset", "/sign-in/invited/old", "/sign-in/invited/authenticator", "/sign-in/new-address/old"} {
		if a := b.get(path); a.location != "/sign-in" || !strings.Contains(b.get("/sign-in").body, "no longer good") {
			t.Errorf("%s without a good link: %d %s", path, a.status, a.location)
		}
	}
	b.get("/sign-in/reset/" + goodLink)
	if a := b.post("/sign-in/reset", url.Values{"password": {"short"}}); a.status != http.StatusUnprocessableEntity || !strings.Contains(a.body, "15 characters or more") || strings.Contains(a.body, `value="short`) {
		t.Errorf("a short password: %d", a.status)
	}
	if a := b.post("/sign-in/reset", url.Values{"password": {longPassword}}); a.location != "/staff/sign-in" || b.cookies[cookieLink] != "" || b.cookies[AreaStaff.secretCookie()] != "" {
		t.Errorf("leads to %d %s", a.status, a.location)
	}
	// The link of one purpose serves no other.
	b.get("/sign-in/new-address/" + goodLink)
	if a := b.post("/sign-in/reset", url.Values{"password": {longPassword}}); a.location != "/sign-in" {
		t.Errorf("another link: %d %s", a.status, a.location)
	}
}

func TestInvitedPersonEnrollsOnThePages(t *testing.T) {
	t.Parallel()
	b := newSite(t).browser(t, "en")
	b.get("/sign-in/invited/" + goodLink)
	if a := b.get("/sign-in/invited/authenticator"); a.location != "/sign-in/invited" {
		t.Errorf("the second step first: %d %s", a.status, a.location)
	}
	if a := b.post("/sign-in/invited", url.Values{"password": {longPassword}}); a.location != "/sign-in/invited/authenticator" {
		t.Fatalf("leads to %d %s", a.status, a.location)
	}
	page := b.get("/sign-in/invited/authenticator")
	checkPage(t, page, "en", 0)
	if !strings.Contains(page.body, "JBSW Y3DP") || !strings.Contains(page.body, `href="otpauth://totp/`) || page.header.Get("Cache-Control") != "no-store" {
		t.Error("the secret is not shown, or may be kept")
	}
	if a := b.post("/sign-in/invited/authenticator", url.Values{"totp": {"000000"}}); a.status != http.StatusUnprocessableEntity || !strings.Contains(a.body, "not right") {
		t.Errorf("a wrong code: %d", a.status)
	}
	if a := b.post("/sign-in/invited/authenticator", url.Values{"totp": {"482 913"}}); a.location != "/staff/account/recovery/codes" {
		t.Fatalf("leads to %d %s", a.status, a.location)
	}
	if a := b.get("/staff/account/recovery/codes"); !strings.Contains(a.body, "ABCD-2345") {
		t.Error("the codes are not shown")
	}
	if a := b.post("/staff/account/recovery/codes", nil); a.location != AreaStaff.Home() {
		t.Errorf("leads to %s", a.location)
	}
	if a := b.get("/staff/account/recovery/codes"); a.location != "/staff/account" {
		t.Errorf("the codes are shown again: %d", a.status)
	}
}

func TestChangedEmailPages(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	b := s.in(t, AreaPatient, "en")
	for _, typed := range []string{"", "rosa@example.test"} {
		if a := b.post("/account/email", url.Values{"new_email": {typed}}); a.status != http.StatusUnprocessableEntity {
			t.Errorf("%q: %d", typed, a.status)
		}
	}
	b.post("/account/email", url.Values{"new_email": {"new@example.test"}})
	if a := b.post("/account/email/code", url.Values{"code": {"1"}}); a.status != http.StatusUnprocessableEntity {
		t.Errorf("a wrong code: %d", a.status)
	}
	if a := b.follow("/account/email/code", url.Values{"code": {"482913"}}); !strings.Contains(a.body, "address is changed") || s.contacts.followed != 1 {
		t.Errorf("changed: %d", a.status)
	}
	// Enrollment is away: the change stands, and mail follows by itself. Who
	// does not want to wait, or whose mail has always gone elsewhere, asks for it.
	s.contacts.away = true
	b.post("/account/email", url.Values{"new_email": {"new@example.test"}})
	if a := b.follow("/account/email/code", url.Values{"code": {"482913"}}); !strings.Contains(a.body, "goes there too in a few minutes") || !strings.Contains(a.body, "Send it to my sign-in address") {
		t.Error("nobody says that mail follows later")
	}
	if a := b.follow("/account/mail", nil); !strings.Contains(a.body, "did not work") {
		t.Error("a failure is not told")
	}
	s.contacts.away = false
	if a := b.follow("/account/mail", nil); !strings.Contains(a.body, "now goes to the address") {
		t.Error("the rest was not done")
	}
}

// Who has neither is asked for a code of the mailbox that they sign in with.
func TestNewEmailAsksForACodeOfTheOldMailbox(t *testing.T) {
	t.Parallel()
	for lang, words := range map[string][]string{
		"en": {"the address you sign in with now", "Code from your present address", "That code is not right"},
		"es": {"la dirección con la que ahora inicia sesión", "Código enviado a su dirección actual", "Ese código no es correcto"},
	} {
		s := newSite(t)
		s.accounts.asks = "code"
		b, path := s.in(t, AreaPatient, lang), "/account/email"
		page := b.get(path)
		checkPage(t, page, lang, 0)
		if !strings.Contains(page.body, words[0]) || strings.Contains(page.body, `name="new_email"`) {
			t.Errorf("%s: the old address is not asked first", lang)
		}
		page = b.follow(path, url.Values{"send": {"1"}})
		checkPage(t, page, lang, 0)
		if !strings.Contains(page.body, words[1]) || !strings.Contains(page.body, `name="new_email"`) {
			t.Errorf("%s: nobody asks for the code", lang)
		}
		for _, wrong := range []string{"", "123456"} {
			a := b.post(path, url.Values{"new_email": {"new@example.test"}, "code": {wrong}})
			if a.status != http.StatusUnprocessableEntity || !strings.Contains(a.body, `value="new@example.test"`) || (wrong != "" && !strings.Contains(a.body, words[2])) {
				t.Errorf("%s: the code %q: %d", lang, wrong, a.status)
			}
		}
		if a := b.post(path, url.Values{"new_email": {"new@example.test"}, "code": {"482 913"}}); a.location != path+"/code" {
			t.Errorf("%s: the right code leads to %d %s", lang, a.status, a.location)
		}
	}
}

// A session that was left open changes no address: the page asks for the
// password, or for the authenticator where one works, and says what is wrong.
func TestNewEmailAsksWhoSitsThere(t *testing.T) {
	t.Parallel()
	for _, one := range []struct {
		area         Area
		role         rpcv1.Role
		asks, wrong  string
		right, other string
	}{
		{AreaPatient, rpcv1.Role_ROLE_PATIENT, "password", "not the password of this account", longPassword, "totp"},
		{AreaPhysician, rpcv1.Role_ROLE_PHYSICIAN, "totp", "authenticator code is not right", "482913", "password"},
	} {
		s := newSite(t)
		s.accounts.roles, s.accounts.asks = []rpcv1.Role{one.role}, one.asks
		b, path := s.in(t, one.area, "en"), one.area.Prefix()+"/account/email"
		page := b.get(path)
		checkPage(t, page, "en", 0)
		if !strings.Contains(page.body, `name="`+one.asks+`"`) || strings.Contains(page.body, `name="`+one.other+`"`) {
			t.Errorf("%s does not ask for the %s alone", path, one.asks)
		}
		if a := b.post(path, url.Values{"new_email": {"new@example.test"}}); a.status != http.StatusUnprocessableEntity || !strings.Contains(a.body, `value="new@example.test"`) {
			t.Errorf("%s without proof: %d", path, a.status)
		}
		if a := b.post(path, url.Values{"new_email": {"new@example.test"}, one.asks: {"123456"}}); a.status != http.StatusUnprocessableEntity || !strings.Contains(a.body, one.wrong) || strings.Contains(a.body, "123456") {
			t.Errorf("%s with a wrong proof: %d", path, a.status)
		}
		if a := b.post(path, url.Values{"new_email": {"new@example.test"}, one.asks: {one.right}}); a.location != path+"/code" {
			t.Errorf("%s leads to %d %s", path, a.status, a.location)
		}
		if a := b.post(path+"/code", url.Values{"again": {"1"}}); a.location != path || !strings.Contains(b.get(path).body, `value="new@example.test"`) {
			t.Errorf("another code: %d %s", a.status, a.location)
		}
	}
}

// Nor a password; who has none is asked for a code of their mailbox.
func TestNewPasswordAsksWhoSitsThere(t *testing.T) {
	t.Parallel()
	for _, lang := range []string{"en", "es"} {
		for asks, one := range map[string]struct {
			area  Area
			role  rpcv1.Role
			right string
			wrong map[string]string
		}{
			"old_password": {AreaPatient, rpcv1.Role_ROLE_PATIENT, longPassword, map[string]string{"en": "not the password of this account", "es": "no es la contraseña de esta cuenta"}},
			"totp":         {AreaStaff, rpcv1.Role_ROLE_STAFF, "482913", map[string]string{"en": "authenticator code is not right", "es": "código del autenticador no es correcto"}},
			"code":         {AreaPatient, rpcv1.Role_ROLE_PATIENT, "4829 13", map[string]string{"en": "That code is not right", "es": "Ese código no es correcto"}},
		} {
			s := newSite(t)
			s.accounts.roles, s.accounts.asks = []rpcv1.Role{one.role}, asks
			b, path := s.in(t, one.area, lang), one.area.Prefix()+"/account/password"
			if asks == "code" {
				offer := b.get(path)
				checkPage(t, offer, lang, 0)
				if strings.Contains(offer.body, `name="password"`) || !strings.Contains(offer.body, "r•••@e•••.test") {
					t.Error("a password is asked for before there is a code, or nobody says where it goes")
				}
				if a := b.post(path, url.Values{"password": {longPassword}}); a.status != http.StatusUnprocessableEntity {
					t.Errorf("no code: %d", a.status)
				}
				if a := b.post(path, url.Values{"send": {"1"}}); a.location != path {
					t.Fatalf("asking for a code leads to %d %s", a.status, a.location)
				}
				first := s.auth.challenge
				if a := b.follow(path, url.Values{"send": {"1"}}); s.auth.challenge == first || !strings.Contains(a.body, map[string]string{"en": "Another code", "es": "Otro código"}[lang]) {
					t.Errorf("another code: %d", a.status)
				}
			}
			page := b.get(path)
			checkPage(t, page, lang, 0)
			for _, name := range []string{"old_password", "totp", "code"} {
				if strings.Contains(page.body, `name="`+name+`"`) != (name == asks) {
					t.Errorf("%s does not ask for the %s alone", path, asks)
				}
			}
			if a := b.post(path, url.Values{"password": {longPassword}}); a.status != http.StatusUnprocessableEntity || strings.Contains(a.body, longPassword) {
				t.Errorf("%s without proof: %d", path, a.status)
			}
			if a := b.post(path, url.Values{"password": {longPassword}, asks: {"12345678"}}); a.status != http.StatusUnprocessableEntity || !strings.Contains(a.body, one.wrong[lang]) || strings.Contains(a.body, "12345678") {
				t.Errorf("%s with a wrong proof: %d", path, a.status)
			}
			if a := b.post(path, url.Values{"password": {"short"}, asks: {one.right}}); a.status != http.StatusUnprocessableEntity {
				t.Errorf("%s takes a short one: %d", path, a.status)
			}
			if a := b.post(path, url.Values{"password": {longPassword}, asks: {one.right}}); a.location != one.area.Prefix()+"/account" || b.cookies[cookieProof] != "" {
				t.Errorf("%s leads to %d %s", path, a.status, a.location)
			}
		}
	}
}

func TestNewAddressByLink(t *testing.T) {
	t.Parallel()
	for next, one := range map[string]struct {
		roles []rpcv1.Role
		want  string
	}{
		"/sign-in":       {nil, "We mail you a code"},
		"/staff/sign-in": {[]rpcv1.Role{rpcv1.Role_ROLE_STAFF}, "your password and your authenticator"},
	} {
		s := newSite(t)
		s.accounts.roles = one.roles
		b := s.browser(t, "en")
		b.get("/sign-in/new-address/" + goodLink)
		b.get("/sign-in/new-address")
		if s.accounts.moved != 0 {
			t.Error("looking at the page changes the address")
		}
		if a := b.post("/sign-in/new-address", nil); a.location != next || s.accounts.moved != 1 || !strings.Contains(b.get(next).body, one.want) {
			t.Errorf("leads to %d %s", a.status, a.location)
		}
		if a := b.post("/sign-in/new-address", nil); a.location != "/sign-in" || s.accounts.moved != 1 {
			t.Error("the link works twice")
		}
	}
}

func TestContactPages(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	b := s.in(t, AreaPatient, "en")
	for _, typed := range []string{"", "no number"} {
		if a := b.post("/account/phone", url.Values{"phone": {typed}}); a.status != http.StatusUnprocessableEntity || !strings.Contains(a.body, "area code") {
			t.Errorf("%q: %d", typed, a.status)
		}
	}
	if a := b.follow("/account/phone", url.Values{"phone": {"215 555 0188"}}); !strings.Contains(a.body, "Saved") || s.contacts.phone != "215 555 0188" {
		t.Errorf("kept %q", s.contacts.phone)
	}
	if b.post("/account/phone", url.Values{"plan": {"1"}, "phone": {"215 555 0188"}}); s.contacts.phone != "" {
		t.Errorf("going back keeps %q", s.contacts.phone)
	}
	form := url.Values{"line1": {"7 Gable Row"}, "city": {"Pittsburgh"}, "home_state": {"PA"}, "zip": {"1"}}
	if a := b.post("/account/address", form); a.status != http.StatusUnprocessableEntity || !strings.Contains(a.body, "7 Gable Row") || !strings.Contains(a.body, "ZIP code, such as") {
		t.Errorf("a wrong ZIP: %d", a.status)
	}
	form.Set("zip", "15201")
	if a := b.post("/account/address", form); a.location != "/account" || s.contacts.address.GetLine1() != "7 Gable Row" {
		t.Errorf("leads to %d", a.status)
	}
	if a := b.get("/account/consents/0198a000-0000-7000-8000-000000000099"); a.status != http.StatusNotFound {
		t.Errorf("somebody else's consent: %d", a.status)
	}
}

// An administrator changes a colleague's address; whoever looks at an older
// page is told, and nothing else happens.
func TestColleaguesEmailPages(t *testing.T) {
	t.Parallel()
	for lang, words := range map[string]struct{ taken, sent, waiting, changed, check string }{
		"en": {"belongs to another account", "A link is on its way", "Not confirmed yet", "Somebody else has changed", "how you checked"},
		"es": {"es de otra cuenta", "Un enlace va en camino", "Aún sin confirmar", "Otra persona cambió", "cómo comprobó"},
	} {
		s := newSite(t)
		b, one := s.in(t, AreaAdmin, lang), "/admin/people/"+testCoworker
		path := one + "/email"
		if !strings.Contains(b.get(one).body, `href="`+path+`"`) {
			t.Error("nothing leads there")
		}
		checkPage(t, b.get(path), lang, 0)
		form := func(email, check, version string) url.Values {
			return url.Values{"new_email": {email}, "id_check": {check}, "email_version": {version}}
		}
		for want, sent := range map[string]url.Values{
			words.check: form("sam@new.test", "", "first"), words.taken: form("rosa@example.test", "video", "first"),
			`id="new_email-error"`: form("", "video", "first"),
		} {
			a := b.post(path, sent)
			checkPage(t, a, lang, http.StatusUnprocessableEntity)
			if !strings.Contains(a.body, want) || !strings.Contains(a.body, `name="email_version" value="first"`) || s.admin.account.GetNewEmail() != "" {
				t.Errorf("%v: %d, or something changed", sent, a.status)
			}
		}
		if a := b.follow(path, form("sam@new.test", "video", "first")); !strings.Contains(a.body, words.sent) || !strings.Contains(a.body, "sam@new.test") || !strings.Contains(a.body, words.waiting) {
			t.Errorf("sent: %d", a.status)
		}
		if a := b.follow(path, form("other@new.test", "video", "first")); !strings.Contains(a.body, words.changed) || s.admin.account.GetNewEmail() != "sam@new.test" {
			t.Errorf("an older page: %d", a.status)
		}
		if a := b.get("/admin/people/none/email"); a.status != http.StatusNotFound {
			t.Errorf("nobody's: %d", a.status)
		}
	}
}

func TestAdminPages(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	b := s.in(t, AreaAdmin, "en")
	one := "/admin/people/" + testCoworker
	if a := b.post("/admin/people", url.Values{"q": {"nobody"}}); !strings.Contains(a.body, "Nobody fits") || a.location != "" {
		t.Errorf("nobody: %d", a.status)
	}
	if a := b.post("/admin/people", url.Values{"q": {strings.Repeat("x", 255)}}); a.status != http.StatusUnprocessableEntity {
		t.Errorf("a search that cannot be: %d", a.status)
	}
	for want, form := range map[string]url.Values{
		"Choose one role":             {"email": {"new@example.test"}},
		"Enter an e-mail address":     {"role_staff": {"yes"}},
		"works here already":          {"email": {"sam@example.test"}, "role_staff": {"yes"}},
		"ten digits of the NPI":       {"email": {"new@example.test"}, "role_physician": {"yes"}},
		"No physician on file":        {"email": {"new@example.test"}, "role_physician": {"yes"}, "npi": {"9999000030"}},
		"Somebody signs in as that":   {"email": {"new@example.test"}, "role_physician": {"yes"}, "npi": {"9999000022"}},
		"Enter the ten digits of the": {"email": {"new@example.test"}, "role_physician": {"yes"}, "npi": {"1"}},
	} {
		if a := b.post("/admin/people/new", form); a.status != http.StatusUnprocessableEntity || !strings.Contains(a.body, want) {
			t.Errorf("%s: %d", want, a.status)
		}
	}
	if s.admin.invited != nil {
		t.Error("somebody was invited by a form that was refused")
	}
	form := url.Values{"email": {"new@example.test"}, "role_physician": {"yes"}, "role_staff": {"yes"}, "npi": {"9999000014"}, "language": {"es"}}
	if a := b.post("/admin/people/new", form); a.location != one || len(s.admin.invited.GetRoles()) != 2 || s.admin.invited.GetLanguage() != "es" {
		t.Errorf("leads to %d %s", a.status, a.location)
	}
	if a := b.post(one+"/roles", nil); a.status != http.StatusUnprocessableEntity {
		t.Errorf("no role: %d", a.status)
	}
	if a := b.follow(one+"/roles", url.Values{"role_licensing": {"yes"}}); !strings.Contains(a.body, "roles are changed") || s.admin.account.GetRoles()[0] != rpcv1.Role_ROLE_LICENSING_OFFICER {
		t.Errorf("roles: %d", a.status)
	}
	if a := b.post(one+"/reset", nil); a.status != http.StatusUnprocessableEntity || !strings.Contains(a.body, "how you checked") {
		t.Errorf("no check: %d", a.status)
	}
	for path, want := range map[string]string{"/reset": "is reset", "/disable": "is disabled"} {
		if a := b.follow(one+path, url.Values{"id_check": {"video"}}); !strings.Contains(a.body, want) {
			t.Errorf("%s: %d", path, a.status)
		}
	}
	if a := b.follow(one+"/enable", nil); !strings.Contains(a.body, "sign in again") {
		t.Errorf("enabling: %d", a.status)
	}
	for _, path := range []string{"", "/disable", "/reset"} {
		if a := b.get("/admin/people/none" + path); a.status != http.StatusNotFound {
			t.Errorf("nobody%s: %d", path, a.status)
		}
	}
}
