package app

import (
	"fmt"
	"testing"

	"github.com/bedside-health/bedside/internal/demo"
	authv1 "github.com/bedside-health/bedside/internal/gen/bedside/auth/v1"
	"github.com/bedside-health/bedside/internal/pgtest"
	"github.com/bedside-health/bedside/internal/rpc"
)

// TestMailFollowsWhenEnrollmentComesBack changes a patient's address at auth
// while enrollment is away: mail about visits follows when it is back, and
// nobody has to ask for it.
func TestMailFollowsWhenEnrollmentComesBack(t *testing.T) {
	t.Parallel()
	p := newPortal(t, pgtest.Redis(t))
	auth := p.run(t, p.config(), "auth")
	p.seed(t, auth)
	p.net = auth.boot.net
	cfg := p.config()
	setURL(cfg, "auth", "http://"+auth.Addr())
	enrollment := p.run(t, cfg, "enrollment")
	p.seed(t, enrollment)
	proven := func(email string) bool {
		n := 0
		p.db.Query(t, fmt.Sprintf(`SELECT count(*) FROM enrollment.contact_points
			WHERE kind = 'email' AND value = '%s' AND verified_at IS NOT NULL`, email), &n)
		return n == 1
	}
	stop(t, enrollment.Stop)

	who, moved := demo.Accounts()[0], "moved.while.away@demo.test"
	service := rpc.AsService(t.Context())
	if _, err := call(service, p.net, methodNamed("/bedside.auth.v1.AccountService/StartEmailReplacement"), &authv1.StartEmailReplacementRequest{
		AccountId: who.ID.String(), NewEmail: moved, Proof: "id check while away",
	}); err != nil {
		t.Fatal(err)
	}
	j := &journey{portal: p, t: t}
	if _, err := call(t.Context(), p.net, methodNamed("/bedside.auth.v1.AccountService/ConfirmEmailReplacement"), &authv1.ConfirmEmailReplacementRequest{
		Token: j.mailedToken(moved, "Confirm your new e-mail address", "/sign-in/new-address/"), Client: j.client(),
	}); err != nil {
		t.Fatal(err)
	}
	if proven(moved) {
		t.Fatal("enrollment is away, and knows")
	}
	p.run(t, cfg, "enrollment")
	until(t, "mail follows", patience, func() bool { return proven(moved) })
	if proven(who.Email) {
		t.Error("the address that was left is still written to")
	}
}
