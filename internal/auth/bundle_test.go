package auth

import (
	"context"
	"fmt"
	"log/slog"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/bedside-health/bedside/internal/cache"
	"github.com/bedside-health/bedside/internal/clock"
	"github.com/bedside-health/bedside/internal/errs"
	authv1 "github.com/bedside-health/bedside/internal/gen/bedside/auth/v1"
	"github.com/bedside-health/bedside/internal/gen/bedside/auth/v1/authv1connect"
	rpcv1 "github.com/bedside-health/bedside/internal/gen/bedside/rpc/v1"
	"github.com/bedside-health/bedside/internal/ids"
	"github.com/bedside-health/bedside/internal/jobs"
	"github.com/bedside-health/bedside/internal/lifecycle"
	"github.com/bedside-health/bedside/internal/mail"
	"github.com/bedside-health/bedside/internal/obs"
	"github.com/bedside-health/bedside/internal/pg"
	"github.com/bedside-health/bedside/internal/pgtest"
	"github.com/bedside-health/bedside/internal/revoked"
	"github.com/bedside-health/bedside/internal/rpc"
	"github.com/bedside-health/bedside/internal/seal"
	"github.com/bedside-health/bedside/internal/verify"
	"github.com/riverqueue/river"
)

const (
	goodPassword = "a quiet river bends twice"
	portalURL    = "http://portal.example.test"
	totpSecret   = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
)

// bundle is the real service on a real database, reached through the same
// calls as in production, with a real follower of its revocations.
type bundle struct {
	t        *testing.T
	database pgtest.Database
	db       *pg.DB
	clock    clock.Clock
	keyset   *seal.Keyset
	queue    *jobs.Queue
	service  *Service
	client   authv1connect.AuthServiceClient
	own      authv1connect.AccountServiceClient
	admin    authv1connect.AdminServiceClient
	revoked  *revoked.Set
	outbox   *outbox
}

// outbox is a mail server that keeps what it is given.
type outbox struct {
	mu    sync.Mutex
	mails []mail.Message
}

func (o *outbox) Send(_ context.Context, m mail.Message) error {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.mails = append(o.mails, m)
	return nil
}

func (o *outbox) to(address string) []mail.Message {
	o.mu.Lock()
	defer o.mu.Unlock()
	var out []mail.Message
	for _, m := range o.mails {
		if m.To == address {
			out = append(out, m)
		}
	}
	return out
}

func setup(t *testing.T) *bundle {
	t.Helper()
	text, err := seal.NewKeysetText()
	must(t, err)
	keyset, err := seal.ParseKeyset(text)
	must(t, err)
	b := &bundle{t: t, database: pgtest.New(t), clock: clock.Offset(0), keyset: keyset, outbox: &outbox{}}
	b.db = b.database.As(t, serviceName)
	log := slog.New(slog.DiscardHandler)
	workers := river.NewWorkers()
	b.queue, err = jobs.New(serviceName, b.db, workers, log)
	must(t, err)
	b.service = b.newService(true)
	b.service.Workers(workers)

	net, err := rpc.New(rpc.Config{
		Local: []string{serviceName}, Self: serviceName, ServiceKey: []byte(strings.Repeat("k", 32)),
		Log: log, Metrics: obs.NewMetrics(), Tracing: obs.NoTracing(),
	})
	must(t, err)
	authv1connect.RegisterAuthServiceHandler(net.Server(), b.service)
	authv1connect.RegisterAccountServiceHandler(net.Server(), b.service)
	authv1connect.RegisterAdminServiceHandler(net.Server(), b.service)
	conn, err := net.Client(serviceName)
	must(t, err)
	b.client = authv1connect.NewAuthServiceClient(conn)
	b.own = authv1connect.NewAccountServiceClient(conn)
	b.admin = authv1connect.NewAdminServiceClient(conn)
	b.revoked = revoked.New(b.client, b.clock, log)
	net.SetVerifier(verify.New(b.client, b.revoked, b.clock, log))

	group := lifecycle.NewGroup(log)
	group.Add(b.queue, b.revoked)
	must(t, group.Start(t.Context()))
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
		defer cancel()
		if err := group.Stop(ctx); err != nil {
			t.Errorf("stopping: %v", err)
		}
	})
	eventually(t, "the revocations to be read", func() bool { return b.revoked.Ready(t.Context()) == nil })
	return b
}

// newService makes another process's service on the same database.
func (b *bundle) newService(demo bool) *Service {
	b.t.Helper()
	log := slog.New(slog.DiscardHandler)
	redis := cache.New("", log)
	s, err := New(Deps{
		DB: b.db, Log: log, Seal: seal.New(b.keyset), Jobs: b.queue, Bell: cache.NewBell(redis),
		Throttle: cache.NewThrottle(redis), Mail: b.outbox, BaseURL: portalURL, Demo: demo,
	})
	must(b.t, err)
	return s
}

// move sets the clocks of Go and of the database.
func (b *bundle) move(by time.Duration) {
	b.t.Helper()
	b.clock.Move(by)
	b.database.MoveClock(b.t, by)
}

// person makes an account, with a password and an authenticator where it is
// more than a patient's.
func (b *bundle) person(email string, roles ...rpcv1.Role) ids.AccountID {
	b.t.Helper()
	a := DemoAccount{AccountID: ids.New[ids.AccountID](), Email: email, Roles: roles, Password: goodPassword}
	names, err := roleNames(roles)
	must(b.t, err)
	if needsSecondFactor(names) {
		a.TOTPSecret = totpSecret
	}
	must(b.t, b.service.SeedDemo(b.t.Context(), []DemoAccount{a}))
	return a.AccountID
}

func (b *bundle) patient(email string) ids.AccountID {
	b.t.Helper()
	return b.person(email, rpcv1.Role_ROLE_PATIENT)
}

func from(address string) *authv1.Client {
	return &authv1.Client{Address: address, UserAgent: "Test Browser/1.0"}
}

// withPassword signs in with a password and, if given, an authenticator code.
func (b *bundle) withPassword(email, password, totp string) (*authv1.SignInWithPasswordResponse, error) {
	return b.client.SignInWithPassword(b.t.Context(), &authv1.SignInWithPasswordRequest{
		Email: email, Password: password, Totp: totp, Client: from("192.0.2.1"),
	})
}

// signedIn signs a patient in.
func (b *bundle) signedIn(email string) *authv1.Session {
	b.t.Helper()
	res, err := b.withPassword(email, goodPassword, "")
	must(b.t, err)
	return res.GetSession()
}

// as makes the calls of a session.
func (b *bundle) as(s *authv1.Session) context.Context {
	return rpc.WithToken(b.t.Context(), s.GetToken())
}

func (b *bundle) asService() context.Context { return rpc.AsService(b.t.Context()) }

// askCode asks for a code and returns the challenge.
func (b *bundle) askCode(email, language string) string {
	b.t.Helper()
	res, err := b.client.RequestCode(b.t.Context(), &authv1.RequestCodeRequest{Email: email, Language: language, Client: from("192.0.2.1")})
	must(b.t, err)
	return res.GetChallengeId()
}

// codeIn reads the code of the newest mail to an address.
func (b *bundle) codeIn(email string, mails int) string {
	b.t.Helper()
	eventually(b.t, "a mail with a code", func() bool { return len(b.outbox.to(email)) >= mails })
	got := b.outbox.to(email)
	code := regexp.MustCompile(`\d{4} \d{4}`).FindString(got[len(got)-1].Text)
	if code == "" {
		b.t.Fatalf("no code in %q", got[len(got)-1].Text)
	}
	return code
}

func (b *bundle) withCode(challenge, code string) (*authv1.Session, error) {
	res, err := b.client.SignInWithCode(b.t.Context(), &authv1.SignInWithCodeRequest{
		ChallengeId: challenge, Code: code, Client: from("192.0.2.1"),
	})
	return res.GetSession(), err
}

// count reads one number as the owner of the database.
func (b *bundle) count(sql string) int {
	b.t.Helper()
	n := 0
	b.database.Query(b.t, sql, &n)
	return n
}

func (b *bundle) audited(action string) int {
	b.t.Helper()
	return b.count(fmt.Sprintf(`SELECT count(*) FROM audit.entries WHERE action = '%s'`, action))
}

// refused checks an error's code and reason.
func refused(t *testing.T, err error, code errs.Code, reason string) {
	t.Helper()
	if err == nil {
		t.Fatalf("it was not refused; want %s %q", code, reason)
	}
	if errs.CodeOf(err) != code || errs.ReasonOf(err) != reason {
		t.Fatalf("got %v; want %s %q", err, code, reason)
	}
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func eventually(t *testing.T, what string, ok func() bool) {
	t.Helper()
	tick := time.NewTicker(10 * time.Millisecond)
	defer tick.Stop()
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	for !ok() {
		select {
		case <-ctx.Done():
			t.Fatalf("waited in vain for %s", what)
		case <-tick.C:
		}
	}
}
