package web

import (
	"context"
	"crypto/ed25519"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"
	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/bedside-health/bedside/internal/clock"
	"github.com/bedside-health/bedside/internal/errs"
	authv1 "github.com/bedside-health/bedside/internal/gen/bedside/auth/v1"
	"github.com/bedside-health/bedside/internal/gen/bedside/auth/v1/authv1connect"
	"github.com/bedside-health/bedside/internal/gen/bedside/enrollment/v1/enrollmentv1connect"
	"github.com/bedside-health/bedside/internal/gen/bedside/licensing/v1/licensingv1connect"
	rpcv1 "github.com/bedside-health/bedside/internal/gen/bedside/rpc/v1"
	"github.com/bedside-health/bedside/internal/ids"
	"github.com/bedside-health/bedside/internal/principal"
)

// site is the pages over fakes of the services.
type site struct {
	auth   *fakeAuth
	people *fakePeople
	acting *fakeActing
	// identity knows two cases and no plan to speak of.
	identity *fakeIdentity
	sched    *fakeScheduling
	// The fakes of what is one's own, and of who works here.
	accounts *fakeAccounts
	admin    *fakeAdmin
	contacts *fakeContacts
	// The fakes of what staff do about people.
	persons     *fakePersons
	invitations *fakeInvitations
	letters     *fakeLetters

	clock  clock.Clock
	web    *Web
	server *httptest.Server
}

// testNow is a Monday noon in New York.
func testNow() time.Time { return time.Date(2026, 11, 23, 17, 0, 0, 0, time.UTC) }

func newSite(t testing.TB) *site {
	t.Helper()
	c := clock.Offset(time.Until(testNow()))
	s := &site{clock: c, auth: &fakeAuth{clock: c, sessions: map[string]*authv1.Session{}}, people: &fakePeople{}, acting: &fakeActing{}}
	s.identity = newFakeIdentity()
	s.sched = newFakeScheduling(c)
	s.accounts, s.admin, s.contacts = &fakeAccounts{auth: s.auth}, newFakeAdmin(), &fakeContacts{}
	s.persons, s.invitations, s.letters = &fakePersons{}, &fakeInvitations{}, &fakeLetters{}
	w, err := New(Deps{
		Auth: s.auth, People: s.people, Identity: s.identity, Roster: fakeRoster{}, Acting: s.acting, Licensing: fakeLicensing{}, Scheduling: s.sched,
		Accounts: s.accounts, Admin: s.admin, Contacts: s.contacts, Physicians: fakePhysicians{},
		Desk: newFakeDesk(), Booking: &fakeBooking{s: s.sched},
		Persons: s.persons, Invitations: s.invitations, Letters: s.letters,
		Verifier: s.auth, Log: slog.New(slog.NewTextHandler(io.Discard, nil)), Clock: c,
		Demo: true, HelpPhone: "1-800-555-0142", CookieKey: []byte(strings.Repeat("k", 32)),
		DemoInbox: "http://localhost:8025/",
	})
	if err != nil {
		t.Fatal(err)
	}
	s.web = w
	s.server = httptest.NewServer(w.Handler())
	t.Cleanup(s.server.Close)
	return s
}

// browser keeps cookies as a browser does, also those that want a secure
// channel.
type browser struct {
	t       testing.TB
	base    string
	lang    string
	cookies map[string]string
}

func (s *site) browser(t testing.TB, lang string) *browser {
	return &browser{t: t, base: s.server.URL, lang: lang, cookies: map[string]string{}}
}

type answer struct {
	status   int
	location string
	header   http.Header
	body     string
}

func (b *browser) get(path string) answer { return b.do(http.MethodGet, path, nil) }

func (b *browser) post(path string, form url.Values) answer {
	return b.do(http.MethodPost, path, form)
}

// follow posts and looks at the page that it leads to.
func (b *browser) follow(path string, form url.Values) answer {
	b.t.Helper()
	a := b.post(path, form)
	for i := 0; a.status == http.StatusSeeOther && i < 5; i++ {
		a = b.get(a.location)
	}
	return a
}

func (b *browser) do(method, path string, form url.Values) answer {
	b.t.Helper()
	req, err := http.NewRequestWithContext(context.Background(), method, b.base+path, strings.NewReader(form.Encode()))
	if err != nil {
		b.t.Fatal(err)
	}
	if method == http.MethodPost {
		req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		req.Header.Set("Sec-Fetch-Site", "same-origin")
	}
	req.Header.Set("Accept-Language", b.lang)
	for name, value := range b.cookies {
		req.AddCookie(&http.Cookie{Name: name, Value: value})
	}
	res, err := http.DefaultTransport.RoundTrip(req)
	if err != nil {
		b.t.Fatal(err)
	}
	defer func() { _ = res.Body.Close() }()
	body, err := io.ReadAll(res.Body)
	if err != nil {
		b.t.Fatal(err)
	}
	for _, c := range res.Cookies() {
		if !c.Secure || !c.HttpOnly || c.Path != "/" || !strings.HasPrefix(c.Name, "__Host-") {
			b.t.Errorf("cookie %s is not hardened: %s", c.Name, c.Raw)
		}
		if c.MaxAge < 0 {
			delete(b.cookies, c.Name)
		} else {
			b.cookies[c.Name] = c.Value
		}
	}
	return answer{status: res.StatusCode, location: res.Header.Get("Location"), header: res.Header, body: string(body)}
}

// fakeAuth signs anybody in, with the code 482913.
type fakeAuth struct {
	authv1connect.AuthServiceClient
	clock    clock.Clock
	mu       sync.Mutex
	sessions map[string]*authv1.Session // by token and by secret
	renewed  int
	// challenge is of the newest code that was asked for.
	challenge string
	// signedOut counts the sessions that were ended.
	signedOut int
	// down makes Renew fail as if auth were away.
	down bool
}

func (f *fakeAuth) open(roles ...rpcv1.Role) *authv1.Session {
	return f.openAs(uuid.NewString(), roles...)
}

func (f *fakeAuth) openAs(account string, roles ...rpcv1.Role) *authv1.Session {
	f.mu.Lock()
	defer f.mu.Unlock()
	s := &authv1.Session{
		Secret: uuid.NewString(), Token: tokenOf(account), SessionId: uuid.NewString(), AccountId: account,
		Roles: roles, TokenExpiresAt: timestamppb.New(f.clock.Now().Add(5 * time.Minute)),
	}
	f.sessions[s.GetToken()], f.sessions[s.GetSecret()] = s, s
	return s
}

// tokenOf is a token that says whose it is, and is like no other.
func tokenOf(account string) string {
	token, err := principal.Sign(ed25519.NewKeyFromSeed(make([]byte, ed25519.SeedSize)), principal.Claims{
		KeyID: uuid.NewString(), Account: ids.AccountID{UUID: uuid.MustParse(account)},
	})
	if err != nil {
		return ""
	}
	return token
}

func (f *fakeAuth) Verify(_ context.Context, token string, _ bool) (principal.Principal, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	s, ok := f.sessions[token]
	if !ok || s.GetToken() != token || f.clock.Now().After(s.GetTokenExpiresAt().AsTime()) {
		return principal.Principal{}, errs.New(errs.Unauthenticated, "session_ended", "You are signed out.")
	}
	return principal.Principal{
		Account: ids.AccountID{UUID: uuid.MustParse(s.GetAccountId())}, Session: ids.SessionID{UUID: uuid.MustParse(s.GetSessionId())},
		Roles: s.GetRoles(), Expires: s.GetTokenExpiresAt().AsTime(),
	}, nil
}

func (f *fakeAuth) Renew(_ context.Context, r *authv1.RenewRequest) (*authv1.RenewResponse, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.down {
		return nil, errs.New(errs.Unavailable, "unavailable", "auth is away")
	}
	s, ok := f.sessions[r.GetSecret()]
	if !ok {
		return nil, errs.New(errs.Unauthenticated, "session_idle", "You were signed out.")
	}
	f.renewed++
	s.Token, s.TokenExpiresAt = tokenOf(s.GetAccountId()), timestamppb.New(f.clock.Now().Add(5*time.Minute))
	f.sessions[s.GetToken()] = s
	return &authv1.RenewResponse{Token: s.GetToken(), TokenExpiresAt: s.GetTokenExpiresAt(), Roles: s.GetRoles()}, nil
}

func (f *fakeAuth) RequestCode(context.Context, *authv1.RequestCodeRequest) (*authv1.RequestCodeResponse, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.challenge = uuid.NewString()
	return &authv1.RequestCodeResponse{ChallengeId: f.challenge}, nil
}

func (f *fakeAuth) SignInWithCode(_ context.Context, r *authv1.SignInWithCodeRequest) (*authv1.SignInWithCodeResponse, error) {
	if r.GetCode() != "482913" {
		return nil, errs.New(errs.Unauthenticated, "code_wrong", "That code is not right.")
	}
	return &authv1.SignInWithCodeResponse{Session: f.open(rpcv1.Role_ROLE_PATIENT)}, nil
}

func (f *fakeAuth) SignInWithPassword(_ context.Context, r *authv1.SignInWithPasswordRequest) (*authv1.SignInWithPasswordResponse, error) {
	if r.GetPassword() != "correct horse battery" {
		return nil, errs.New(errs.Unauthenticated, "credentials_wrong", "Wrong.")
	}
	if strings.HasPrefix(r.GetEmail(), "staff@") {
		if r.GetTotp() == "" {
			return &authv1.SignInWithPasswordResponse{TotpNeeded: true}, nil
		}
		return &authv1.SignInWithPasswordResponse{Session: f.open(rpcv1.Role_ROLE_STAFF)}, nil
	}
	return &authv1.SignInWithPasswordResponse{Session: f.open(rpcv1.Role_ROLE_PATIENT)}, nil
}

func (f *fakeAuth) SignInWithTicket(context.Context, *authv1.SignInWithTicketRequest) (*authv1.SignInWithTicketResponse, error) {
	return &authv1.SignInWithTicketResponse{Session: f.open(rpcv1.Role_ROLE_PATIENT)}, nil
}

func (f *fakeAuth) SignInDemo(_ context.Context, r *authv1.SignInDemoRequest) (*authv1.SignInDemoResponse, error) {
	return &authv1.SignInDemoResponse{Session: f.open(r.GetRole())}, nil
}

func (f *fakeAuth) SignOut(context.Context, *authv1.SignOutRequest) (*authv1.SignOutResponse, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.signedOut++
	return &authv1.SignOutResponse{}, nil
}

func (f *fakeAuth) ListSessions(context.Context, *authv1.ListSessionsRequest) (*authv1.ListSessionsResponse, error) {
	now := f.clock.Now()
	return &authv1.ListSessionsResponse{Devices: []*authv1.Device{
		{SessionId: uuid.NewString(), Current: true, SignedInAt: timestamppb.New(now), LastSeenAt: timestamppb.New(now),
			UserAgent: "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/141.0 Safari/537.36"},
		{SessionId: uuid.NewString(), SignedInAt: timestamppb.New(now.Add(-50 * time.Hour)), LastSeenAt: timestamppb.New(now.Add(-3 * time.Hour)),
			UserAgent: "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.0 Mobile Safari/604.1"},
	}}, nil
}

func (f *fakeAuth) RevokeSession(context.Context, *authv1.RevokeSessionRequest) (*authv1.RevokeSessionResponse, error) {
	return &authv1.RevokeSessionResponse{}, nil
}

func (f *fakeAuth) RevokeAllSessions(context.Context, *authv1.RevokeAllSessionsRequest) (*authv1.RevokeAllSessionsResponse, error) {
	return &authv1.RevokeAllSessionsResponse{Revoked: 1}, nil
}

type fakeRoster struct {
	enrollmentv1connect.RosterServiceClient
}

type fakeLicensing struct {
	licensingv1connect.LicensingServiceClient
}

// mustWho is who a browser is to staff's pages.
func (s *Web) mustWho(t *testing.T, b *browser) principal.Principal {
	t.Helper()
	p, err := s.Verifier.Verify(t.Context(), b.cookies[AreaStaff.tokenCookie()], false)
	if err != nil {
		t.Fatal(err)
	}
	return p
}
