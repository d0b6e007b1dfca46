package auth

import (
	"context"
	"testing"

	"github.com/bedside-health/bedside/internal/errs"
	authv1 "github.com/bedside-health/bedside/internal/gen/bedside/auth/v1"
	rpcv1 "github.com/bedside-health/bedside/internal/gen/bedside/rpc/v1"
)

func (b *bundle) startChange(ctx context.Context, email, password, totp string) error {
	_, err := b.own.StartEmailChange(ctx, &authv1.StartEmailChangeRequest{
		NewEmail: email, Language: "en", Password: password, Totp: totp, Client: from("192.0.2.1"),
	})
	return err
}

// A session that was left open changes no address: who has a password types it.
func TestNewAddressNeedsThePassword(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.patient("rosa@example.test")
	s := b.signedIn("rosa@example.test")
	refused(t, b.startChange(b.as(s), "new@example.test", "", ""), errs.Invalid, "invalid_fields")
	refused(t, b.startChange(b.as(s), "new@example.test", "not the password", ""), errs.Unauthenticated, "password_wrong")
	if n := b.count(`SELECT count(*) FROM auth.email_changes`); n != 0 || b.count(`SELECT failures FROM auth.credentials`) != 1 {
		t.Errorf("%d changes begun without proof, or the failure does not count", n)
	}
	must(t, b.startChange(b.as(s), "new@example.test", goodPassword, ""))
	if b.audited("auth.sign_in_failed") != 1 {
		t.Error("a wrong proof is not on record")
	}
	b.database.Exec(t, `UPDATE auth.credentials SET failures = 100`)
	refused(t, b.startChange(b.as(s), "new@example.test", goodPassword, ""), errs.Unauthenticated, "password_wrong")
}

// Who has no password brings a code from the mailbox that they sign in with:
// the one to the new address shows only that somebody can read mail there.
func TestNewAddressOfWhoHasNoPassword(t *testing.T) {
	t.Parallel()
	b := setup(t)
	mine := b.bare("rosa@example.test")
	b.patient("una@example.test")
	bring := func(challenge, code string) error {
		_, err := b.own.StartEmailChange(mine, &authv1.StartEmailChangeRequest{
			NewEmail: "new@example.test", Language: "en", ChallengeId: challenge, Code: code, Client: from("192.0.2.1"),
		})
		return err
	}
	refused(t, bring("", ""), errs.Invalid, "invalid_fields")
	theirs := b.askCode("una@example.test", "en")
	refused(t, bring(theirs, b.codeIn("una@example.test", 1)), errs.Unauthenticated, "code_expired")
	challenge := b.askCode("rosa@example.test", "en")
	code := b.codeIn("rosa@example.test", 1)
	refused(t, bring(challenge, "0000000x"), errs.Unauthenticated, "code_wrong")
	if n := b.count(`SELECT count(*) FROM auth.email_changes`); n != 0 {
		t.Errorf("%d changes begun without proof", n)
	}
	must(t, bring(challenge, code))
	refused(t, bring(challenge, code), errs.Unauthenticated, "code_expired")
}

// Who works here brings a code of the authenticator, each good once.
func TestNewAddressOfStaffNeedsTheAuthenticator(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.person("sam@example.test", rpcv1.Role_ROLE_STAFF)
	res, err := b.withPassword("sam@example.test", goodPassword, b.totpNow(totpSecret, 0))
	must(t, err)
	mine := b.as(res.GetSession())
	refused(t, b.startChange(mine, "new@example.test", goodPassword, ""), errs.Invalid, "invalid_fields")
	refused(t, b.startChange(mine, "new@example.test", goodPassword, b.totpNow(totpSecret, 0)), errs.Unauthenticated, "totp_wrong")
	must(t, b.startChange(mine, "new@example.test", "", b.totpNow(totpSecret, 1)))
	refused(t, b.startChange(mine, "newer@example.test", "", b.totpNow(totpSecret, 1)), errs.Unauthenticated, "totp_wrong")
}

// Guesses here count with those at the sign-in page.
func TestFreshProofIsThrottled(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.patient("rosa@example.test")
	s := b.signedIn("rosa@example.test")
	for range 9 {
		_, err := b.withPassword("rosa@example.test", "wrong", "")
		refused(t, err, errs.Unauthenticated, "credentials_wrong")
	}
	refused(t, b.startChange(b.as(s), "new@example.test", goodPassword, ""), errs.Throttled, "too_many_tries")
}
