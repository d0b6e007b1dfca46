package auth

import (
	"context"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/bedside-health/bedside/internal/errs"
	authv1 "github.com/bedside-health/bedside/internal/gen/bedside/auth/v1"
	rpcv1 "github.com/bedside-health/bedside/internal/gen/bedside/rpc/v1"
	"github.com/bedside-health/bedside/internal/ids"
	"github.com/bedside-health/bedside/internal/principal"
)

func (b *bundle) ensure(email, proof string) (*authv1.EnsureAccountResponse, error) {
	return b.client.EnsureAccount(b.asService(), &authv1.EnsureAccountRequest{
		Email: email, Role: rpcv1.Role_ROLE_PATIENT, Language: "es", Proof: proof,
	})
}

func (b *bundle) withTicket(ticket string) (*authv1.Session, error) {
	res, err := b.client.SignInWithTicket(b.t.Context(), &authv1.SignInWithTicketRequest{Ticket: ticket, Client: from("192.0.2.1")})
	return res.GetSession(), err
}

func TestEnsureAccountIsIdempotentOnTheProof(t *testing.T) {
	t.Parallel()
	b := setup(t)
	first, err := b.ensure("New@example.test", "activation-1")
	must(t, err)
	again, err := b.ensure("new@example.test ", "activation-1")
	must(t, err)
	if !first.GetCreated() || again.GetAccountId() != first.GetAccountId() || again.GetTicket() != first.GetTicket() || !again.GetCreated() {
		t.Errorf("a repeat got %v, at first %v", again, first)
	}
	second, err := b.ensure("new@example.test", "activation-2")
	must(t, err)
	if second.GetCreated() || second.GetAccountId() != first.GetAccountId() || second.GetTicket() == first.GetTicket() {
		t.Errorf("another proof got %v", second)
	}
	_, err = b.ensure("other@example.test", "activation-1")
	refused(t, err, errs.Conflict, "proof_reused")
	if n := b.count(`SELECT count(*) FROM auth.accounts`); n != 1 {
		t.Errorf("%d accounts: the conflict left one behind", n)
	}
	if n := b.audited("auth.account_create"); n != 1 {
		t.Errorf("%d audit rows", n)
	}
}

func TestEnsureAccountInParallelMakesOne(t *testing.T) {
	t.Parallel()
	b := setup(t)
	tickets := make([]string, 8)
	var wg sync.WaitGroup
	for i := range tickets {
		wg.Go(func() {
			res, err := b.ensure("new@example.test", "activation-1")
			if err != nil {
				t.Errorf("call %d: %v", i, err)
			}
			tickets[i] = res.GetTicket()
		})
	}
	wg.Wait()
	for _, ticket := range tickets {
		if ticket != tickets[0] {
			t.Errorf("got tickets %v", tickets)
		}
	}
	if n := b.count(`SELECT count(*) FROM auth.accounts`) + b.count(`SELECT count(*) FROM auth.tickets`); n != 2 {
		t.Errorf("%d accounts and tickets", n)
	}
}

func TestEnsureAccountRefuses(t *testing.T) {
	t.Parallel()
	b := setup(t)
	account := b.patient("rosa@example.test")
	b.database.Exec(t, `UPDATE auth.accounts SET disabled_at = now() WHERE account_id = $1`, account.UUID)
	_, err := b.ensure("rosa@example.test", "activation-1")
	refused(t, err, errs.Precondition, "account_disabled")
	_, err = b.ensure("luis@example.test", "short")
	refused(t, err, errs.Invalid, errs.ReasonInvalidFields)
	_, err = b.client.EnsureAccount(b.asService(), &authv1.EnsureAccountRequest{
		Email: "luis@example.test", Role: rpcv1.Role_ROLE_STAFF, Proof: "activation-2",
	})
	refused(t, err, errs.Invalid, errs.ReasonInvalidFields)
	_, err = b.client.EnsureAccount(t.Context(), &authv1.EnsureAccountRequest{
		Email: "luis@example.test", Role: rpcv1.Role_ROLE_PATIENT, Proof: "activation-3",
	})
	refused(t, err, errs.Unauthenticated, "sign_in_needed")
}

func TestATicketWorksOnce(t *testing.T) {
	t.Parallel()
	b := setup(t)
	res, err := b.ensure("new@example.test", "activation-1")
	must(t, err)
	s, err := b.withTicket(res.GetTicket())
	must(t, err)
	if s.GetAccountId() != res.GetAccountId() {
		t.Errorf("got the session of %s", s.GetAccountId())
	}
	_, err = b.withTicket(res.GetTicket())
	refused(t, err, errs.Unauthenticated, "ticket_spent")
	again, err := b.ensure("new@example.test", "activation-1")
	must(t, err)
	_, err = b.withTicket(again.GetTicket())
	refused(t, err, errs.Unauthenticated, "ticket_spent")
	_, err = b.withTicket("invented")
	refused(t, err, errs.Unauthenticated, "ticket_spent")
}

func TestATicketExpires(t *testing.T) {
	t.Parallel()
	b := setup(t)
	res, err := b.ensure("new@example.test", "activation-1")
	must(t, err)
	b.move(5*time.Minute + time.Second)
	_, err = b.withTicket(res.GetTicket())
	refused(t, err, errs.Unauthenticated, "ticket_spent")
}

func TestATicketOpensOnlyThePatientInAnybody(t *testing.T) {
	t.Parallel()
	b := setup(t)
	account := b.person("doc@example.test", rpcv1.Role_ROLE_PHYSICIAN)
	res, err := b.ensure("doc@example.test", "activation-1")
	must(t, err)
	if res.GetAccountId() != account.String() || res.GetCreated() {
		t.Errorf("got %v", res)
	}
	s, err := b.withTicket(res.GetTicket())
	must(t, err)
	if len(s.GetRoles()) != 1 || s.GetRoles()[0] != rpcv1.Role_ROLE_PATIENT {
		t.Errorf("a ticket opened %v", s.GetRoles())
	}
	if n := b.count(`SELECT count(*) FROM auth.accounts WHERE roles @> '{physician,patient}'`); n != 1 {
		t.Error("the account did not keep its role and become a patient as well")
	}
	if n := b.audited("auth.role_add"); n != 1 {
		t.Errorf("%d audit rows", n)
	}
}

func TestDemoSignIn(t *testing.T) {
	t.Parallel()
	b := setup(t)
	list := []DemoAccount{
		{AccountID: ids.New[ids.AccountID](), Email: "first@demo.test", Roles: []rpcv1.Role{rpcv1.Role_ROLE_PHYSICIAN}, Password: goodPassword, TOTPSecret: totpSecret},
		{AccountID: ids.New[ids.AccountID](), Email: "second@demo.test", Roles: []rpcv1.Role{rpcv1.Role_ROLE_PHYSICIAN}},
		{AccountID: ids.New[ids.AccountID](), Email: "staff@demo.test", Roles: []rpcv1.Role{rpcv1.Role_ROLE_STAFF}},
	}
	for range 2 {
		must(t, b.service.SeedDemo(t.Context(), list))
	}
	if n := b.service.hasher.runs.Load(); n != 1 {
		t.Errorf("seeding twice cost %d hashes", n)
	}
	demo := func(c authServer, role rpcv1.Role) (*authv1.SignInDemoResponse, error) {
		return c.SignInDemo(t.Context(), &authv1.SignInDemoRequest{Role: role, Client: from("192.0.2.1")})
	}
	res, err := demo(b.client, rpcv1.Role_ROLE_PHYSICIAN)
	must(t, err)
	if res.GetSession().GetAccountId() != list[0].AccountID.String() {
		t.Errorf("got account %s, want the first of the list", res.GetSession().GetAccountId())
	}
	_, err = demo(b.client, rpcv1.Role_ROLE_PATIENT)
	refused(t, err, errs.NotFound, "demo_account_missing")
	_, err = demo(b.client, rpcv1.Role_ROLE_UNSPECIFIED)
	refused(t, err, errs.Invalid, errs.ReasonInvalidFields)

	live := b.newService(false)
	_, err = demo(live, rpcv1.Role_ROLE_PHYSICIAN)
	refused(t, err, errs.Forbidden, "demo_off")
	refused(t, live.SeedDemo(t.Context(), list), errs.Forbidden, "demo_off")
	_, err = live.Renew(t.Context(), &authv1.RenewRequest{Secret: res.GetSession().GetSecret()})
	refused(t, err, errs.Unauthenticated, "session_ended")
}

// A database that was once a demo's holds accounts whose passwords stand in the
// manual: outside of a demo they open nothing, and look like nobody's.
func TestDemoAccountsAreNobodyOutsideOfADemo(t *testing.T) {
	t.Parallel()
	b := setup(t)
	patient := b.patient("patient@demo.test")
	b.person("staff@demo.test", rpcv1.Role_ROLE_STAFF)
	open := b.signedIn("patient@demo.test")
	ticket, err := b.ensure("patient@demo.test", "activation-1")
	must(t, err)

	live := b.newService(false)
	for _, email := range []string{"patient@demo.test", "staff@demo.test", "nobody@demo.test"} {
		_, err := live.SignInWithPassword(t.Context(), &authv1.SignInWithPasswordRequest{
			Email: email, Password: goodPassword, Client: from("192.0.2.1"),
		})
		refused(t, err, errs.Unauthenticated, "credentials_wrong")
	}
	_, err = live.Renew(t.Context(), &authv1.RenewRequest{Secret: open.GetSecret()})
	refused(t, err, errs.Unauthenticated, "session_ended")
	_, err = live.SignInWithTicket(t.Context(), &authv1.SignInWithTicketRequest{Ticket: ticket.GetTicket(), Client: from("192.0.2.1")})
	refused(t, err, errs.Unauthenticated, "ticket_spent")
	_, err = live.RequestCode(t.Context(), &authv1.RequestCodeRequest{Email: "patient@demo.test", Client: from("192.0.2.1")})
	must(t, err)
	if n := b.count(`SELECT count(*) FROM auth.challenges WHERE account_id = '` + patient.String() + `'`); n != 0 {
		t.Errorf("%d codes for a demo account", n)
	}
}

// authServer is what a client and the service itself have in common.
type authServer interface {
	SignInDemo(ctx context.Context, r *authv1.SignInDemoRequest) (*authv1.SignInDemoResponse, error)
}

func TestSeedingNeverTakesARealAccount(t *testing.T) {
	t.Parallel()
	b := setup(t)
	res, err := b.ensure("real@example.test", "activation-1")
	must(t, err)
	taken, err := ids.Parse[ids.AccountID](res.GetAccountId())
	must(t, err)
	patient := []rpcv1.Role{rpcv1.Role_ROLE_PATIENT}
	err = b.service.SeedDemo(t.Context(), []DemoAccount{{AccountID: taken, Email: "demo@example.test", Roles: patient}})
	refused(t, err, errs.Conflict, "not_a_demo_account")
	err = b.service.SeedDemo(t.Context(), []DemoAccount{{AccountID: ids.New[ids.AccountID](), Email: "real@example.test", Roles: patient}})
	if err == nil {
		t.Error("a demo account took a real address")
	}
	if n := b.count(`SELECT count(*) FROM auth.accounts WHERE demo_order IS NOT NULL`); n != 0 {
		t.Errorf("%d demo accounts", n)
	}
}

func TestProcessesThatStartAtOnceMakeOneKey(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.database.Exec(t, `DELETE FROM auth.signing_keys`)
	kids := make([]string, 6)
	var wg sync.WaitGroup
	for i := range kids {
		s := b.newService(true)
		wg.Go(func() {
			key, err := s.keys.current(t.Context())
			if err != nil {
				t.Errorf("process %d: %v", i, err)
			}
			kids[i] = key.kid
		})
	}
	wg.Wait()
	for _, kid := range kids {
		if kid != kids[0] || kid == "" {
			t.Errorf("got keys %v", kids)
		}
	}
}

func TestKeysRotate(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.patient("rosa@example.test")
	ring := b.service.keys
	before := b.signedIn("rosa@example.test")
	first, err := ring.current(t.Context())
	must(t, err)
	published := func() int {
		res, err := b.client.Keys(b.asService(), &authv1.KeysRequest{})
		must(t, err)
		return len(res.GetKeys())
	}
	at := func(d time.Duration) signingKey {
		b.move(d)
		must(t, ring.refresh(t.Context()))
		key, err := ring.current(t.Context())
		must(t, err)
		return key
	}
	if key := at(keyAge + time.Second); key.kid != first.kid || published() != 2 {
		t.Errorf("a new key signs before it was published for a while")
	}
	if key := at(keyAge + keyWait + 2*time.Second); key.kid == first.kid || published() != 2 {
		t.Errorf("the new key does not sign, or the old one is gone")
	}
	if _, err := principal.Verify(before.GetToken(), first.public); err != nil {
		t.Errorf("an old token does not verify: %v", err)
	}
	if at(keyAge + keyWait + keyLinger + time.Minute); published() != 1 {
		t.Errorf("%d keys are published; the old one should be retired", published())
	}
	if n := b.audited("auth.key_create"); n != 2 {
		t.Errorf("%d audit rows", n)
	}
}

func TestAnotherKeysetIsNotReady(t *testing.T) {
	t.Parallel()
	b, other := setup(t), setup(t)
	must(t, b.service.Ready(t.Context()))
	b.keyset = other.keyset
	s := b.newService(true)
	err := s.Ready(t.Context())
	if err == nil || !strings.Contains(err.Error(), "another keyset") {
		t.Errorf("got %v", err)
	}
}

func TestNewNamesWhatIsMissing(t *testing.T) {
	t.Parallel()
	_, err := New(Deps{})
	for _, name := range []string{"DB", "Log", "Seal", "Jobs", "Bell", "Throttle", "Mail"} {
		if err == nil || !strings.Contains(err.Error(), "auth needs "+name) {
			t.Errorf("%s is not named in %v", name, err)
		}
	}
}
