package contacts

import (
	"context"
	"testing"
	"time"

	"github.com/bedside-health/bedside/internal/errs"
	"github.com/bedside-health/bedside/internal/feed"
	authv1 "github.com/bedside-health/bedside/internal/gen/bedside/auth/v1"
	enrollmentv1 "github.com/bedside-health/bedside/internal/gen/bedside/enrollment/v1"
	feedv1 "github.com/bedside-health/bedside/internal/gen/bedside/feed/v1"
	"github.com/bedside-health/bedside/internal/ids"
	"github.com/jackc/pgx/v5"
)

func (b *bundle) authIs(away bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.away = away
}

// Changes is auth's answer; errs.Unavailable while auth is away.
func (b *bundle) Changes(ctx context.Context, req *feedv1.ChangesRequest) (*feedv1.ChangesResponse, error) {
	b.mu.Lock()
	away := b.away
	b.mu.Unlock()
	if away {
		return nil, errs.New(errs.Unavailable, "unavailable", "auth is away")
	}
	return b.feed.Changes(ctx, req)
}

// ReadKeys is auth's answer.
func (b *bundle) ReadKeys(ctx context.Context, req *feedv1.ReadKeysRequest) (*feedv1.ReadKeysResponse, error) {
	return b.feed.ReadKeys(ctx, req)
}

// changed publishes an address as auth does.
func (b *bundle) changed(account ids.AccountID, email string) {
	b.t.Helper()
	must(b.t, b.auth.W.Tx(b.t.Context(), func(ctx context.Context, tx pgx.Tx) error {
		_, err := feed.Append(ctx, tx, topicAddresses, account.String(), &authv1.SignInAddress{AccountId: account.String(), Email: email})
		return err
	}))
}

// What was changed while enrollment was away, or while auth was, arrives when
// both are back; the newest address alone counts, and once.
func TestMailFollowsWhateverWasAway(t *testing.T) {
	t.Parallel()
	b := setup(t)
	patient, account, me := b.person()
	b.changed(ids.New[ids.AccountID](), "nobodys.patient@example.test")
	b.changed(account, "rosa.first@example.test")
	b.changed(account, "rosa.second@example.test")
	b.authIs(true)
	if err := b.service.addresses.Round(t.Context(), 0); errs.CodeOf(err) != errs.Unavailable {
		t.Fatalf("auth is away, and the feed says %v", err)
	}
	follower := b.service.addresses
	must(t, follower.Start(t.Context()))
	t.Cleanup(func() { must(t, follower.Stop(context.Background())) })
	b.authIs(false)
	mail := func() string {
		got, err := b.service.ListContacts(me, &enrollmentv1.ListContactsRequest{PatientId: patient.String()})
		must(t, err)
		return got.GetEmail()
	}
	b.until("mail follows", func() bool { return mail() == "rosa.second@example.test" })
	b.changed(account, "rosa.third@example.test")
	b.until("mail follows again", func() bool { return mail() == "rosa.third@example.test" })
	b.until("others are told", func() bool {
		b.mu.Lock()
		defer b.mu.Unlock()
		return b.rung > 0 && len(b.published) >= 2
	})
	if n := b.count(`SELECT count(*) FROM enrollment.contact_points WHERE kind = 'email' AND source = 'patient'`); n != 1 {
		t.Errorf("%d addresses are kept", n)
	}
	if n := b.count(`SELECT count(*) FROM audit.entries WHERE action = 'contact.set' AND actor_service = 'enrollment'`); n < 2 {
		t.Errorf("%d changes are on record", n)
	}
}

// until waits for something that the feed brings.
func (b *bundle) until(what string, ok func() bool) {
	b.t.Helper()
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	ctx, cancel := context.WithTimeout(b.t.Context(), 30*time.Second)
	defer cancel()
	for !ok() {
		select {
		case <-ctx.Done():
			b.t.Fatalf("waited in vain: %s", what)
		case <-tick.C:
		}
	}
}
