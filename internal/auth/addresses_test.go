package auth

import (
	"testing"

	"github.com/bedside-health/bedside/internal/errs"
	authv1 "github.com/bedside-health/bedside/internal/gen/bedside/auth/v1"
	feedv1 "github.com/bedside-health/bedside/internal/gen/bedside/feed/v1"
	rpcv1 "github.com/bedside-health/bedside/internal/gen/bedside/rpc/v1"
	"google.golang.org/protobuf/proto"
)

// published are the addresses that neighbors hear of, oldest first.
func (b *bundle) published() []string {
	b.t.Helper()
	res, err := b.client.Changes(b.asService(), &feedv1.ChangesRequest{Topic: topicAddresses})
	must(b.t, err)
	var out []string
	for _, c := range res.GetChanges() {
		var a authv1.SignInAddress
		must(b.t, proto.Unmarshal(c.GetPayload(), &a))
		if a.GetAccountId() != c.GetKey() {
			b.t.Errorf("the change of %s is of %s", c.GetKey(), a.GetAccountId())
		}
		out = append(out, a.GetEmail())
	}
	return out
}

// Whatever changes an address tells the neighbors in the same transaction;
// what is refused tells nothing.
func TestChangedAddressesArePublished(t *testing.T) {
	t.Parallel()
	b := setup(t)
	rosa := b.patient("rosa@example.test")
	mine := b.as(b.signedIn("rosa@example.test"))
	started, err := b.own.StartEmailChange(mine, &authv1.StartEmailChangeRequest{NewEmail: "one@example.test", Language: "en", Password: goodPassword, Client: from("192.0.2.1")})
	must(t, err)
	confirm := func(code string) error {
		_, err := b.own.ConfirmEmailChange(mine, &authv1.ConfirmEmailChangeRequest{ChangeId: started.GetChangeId(), Code: code})
		return err
	}
	code := b.codeIn("one@example.test", 1)
	refused(t, confirm("00000000"), errs.Unauthenticated, "code_wrong")
	if got := b.published(); len(got) != 0 {
		t.Fatalf("a refused change tells %d addresses", len(got))
	}
	must(t, confirm(code))
	must(t, b.replacing(rosa, "two@example.test", "id check 1"))
	must(t, b.confirmReplacing(b.linkIn("two@example.test", "/sign-in/new-address/")))
	_, admin := b.administrator("ada@example.test")
	sam := b.person("sam@example.test", rpcv1.Role_ROLE_STAFF).String()
	must(t, b.moveTo(admin, sam, "sam@new.test", b.seen(admin, sam)))
	must(t, b.confirmReplacing(b.linkIn("sam@new.test", "/sign-in/new-address/")))
	if got := b.published(); len(got) != 3 || got[0] != "one@example.test" || got[1] != "two@example.test" || got[2] != "sam@new.test" {
		t.Errorf("the neighbors hear of %v", got)
	}
	// What was left is forgotten after a day; the newest stays for who was away.
	b.database.Exec(t, `UPDATE auth.feed SET at = now() - interval '25 hours'`)
	must(t, b.service.sweep(t.Context()))
	if got := b.published(); len(got) != 2 {
		t.Errorf("after the sweep: %v", got)
	}
	if _, err := b.client.Changes(mine, &feedv1.ChangesRequest{Topic: topicAddresses}); err == nil {
		t.Error("a patient reads everybody's addresses")
	}
}
