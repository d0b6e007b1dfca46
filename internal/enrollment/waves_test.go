package enrollment_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"testing"
	"time"

	"github.com/bedside-health/bedside/internal/audit"
	"github.com/bedside-health/bedside/internal/enrollment/waves"
	"github.com/bedside-health/bedside/internal/errs"
	enrollmentv1 "github.com/bedside-health/bedside/internal/gen/bedside/enrollment/v1"
	rpcv1 "github.com/bedside-health/bedside/internal/gen/bedside/rpc/v1"
	"github.com/bedside-health/bedside/internal/ids"
	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
)

// crowd puts adults with addresses of their own on a roster.
func (b *bundle) crowd(n int) []string {
	b.t.Helper()
	var out []string
	for i := range n {
		email := fmt.Sprintf("adult%d@example.test", i)
		b.on(b.payer, person{number: fmt.Sprintf("PM-%d", i), given: fmt.Sprintf("Ada%d", i), family: "Tarn", born: "1970-02-03", email: email, street: "1 ELM ST"})
		out = append(out, email)
	}
	return out
}

func (b *bundle) wave(audience string, most, perMinute int32) string {
	b.t.Helper()
	res, err := b.invitations.StartWave(b.staff(1), &enrollmentv1.StartWaveRequest{
		PayerId: b.payer.String(), Audience: audience, Most: most, PerMinute: perMinute, IdempotencyKey: key(),
	})
	must(b.t, err)
	return res.GetWaveId()
}

func (b *bundle) steer(wave, action string) {
	b.t.Helper()
	_, err := b.invitations.SteerWave(b.staff(2), &enrollmentv1.SteerWaveRequest{WaveId: wave, Action: action, IdempotencyKey: key()})
	must(b.t, err)
}

func (b *bundle) pump() {
	b.t.Helper()
	must(b.t, b.waves.Pump(b.t.Context()))
}

func (b *bundle) overview() (*enrollmentv1.PayerInvitations, []*enrollmentv1.Wave) {
	b.t.Helper()
	res, err := b.invitations.InvitationOverview(b.staff(1), &enrollmentv1.InvitationOverviewRequest{})
	must(b.t, err)
	for _, p := range res.GetPayers() {
		if p.GetPayerId() == b.payer.String() {
			return p, res.GetWaves()
		}
	}
	b.t.Fatal("the payer is missing")
	return nil, nil
}

// A wave at one mail a second is paused, resumed, and worked on by several
// processes at once: nobody is invited twice, nobody is lost, and it is never
// faster than it was told.
func TestWaveKeepsItsPace(t *testing.T) {
	t.Parallel()
	b := setup(t)
	all := b.crowd(5)
	w := b.wave("new", 0, 60)
	b.pump()
	b.pump()
	b.wantCount(1, `SELECT count(*) FROM enrollment.invitations`)
	b.steer(w, "pause")
	b.move(time.Hour)
	b.pump()
	b.wantCount(1, `SELECT count(*) FROM enrollment.invitations`)
	b.steer(w, "resume")
	// An hour was lost: five seconds of it, at most, are made up for. Three
	// processes come at once.
	var wg sync.WaitGroup
	for range 3 {
		wg.Go(func() {
			if err := b.waves.Pump(context.WithoutCancel(t.Context())); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	b.wantCount(5, `SELECT count(*) FROM enrollment.invitations`)
	b.wantCount(5, `SELECT count(DISTINCT member_id) FROM enrollment.invitations WHERE wave_id IS NOT NULL`)
	for _, email := range all {
		eventually(t, "a mail to "+email, func() bool { return len(b.outbox.to(email)) == 1 })
	}
	b.move(time.Hour + time.Minute)
	b.pump()
	_, ended := b.overview()
	if len(ended) != 1 || ended[0].GetState() != "done" || ended[0].GetQueued() != 5 || ended[0].GetSent() != 5 {
		t.Errorf("the wave at its end: %v", ended)
	}
	// A second wave for the same people sends nobody anything.
	b.wave("new", 0, 300)
	b.pump()
	b.wantCount(5, `SELECT count(*) FROM enrollment.invitations`)
}

func TestWaveOfSome(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.crowd(4)
	w := b.wave("new", 2, 300)
	_, err := b.invitations.StartWave(b.staff(1), &enrollmentv1.StartWaveRequest{PayerId: b.payer.String(), Audience: "new", PerMinute: 10, IdempotencyKey: key()})
	refused(t, err, errs.Conflict, "wave_running")
	b.pump()
	b.move(3 * time.Second)
	b.pump()
	b.wantCount(2, `SELECT count(*) FROM enrollment.invitations`)
	_, err = b.invitations.SteerWave(b.staff(1), &enrollmentv1.SteerWaveRequest{WaveId: w, Action: "resume", IdempotencyKey: key()})
	refused(t, err, errs.Conflict, "wave_over")
	later, err := b.invitations.StartWave(b.staff(1), &enrollmentv1.StartWaveRequest{
		PayerId: b.payer.String(), Audience: "new", PerMinute: 10, StartsAt: stamp(b.clock.Now().Add(time.Hour)), IdempotencyKey: key(),
	})
	must(t, err)
	b.pump()
	b.wantCount(2, `SELECT count(*) FROM enrollment.invitations`)
	b.steer(later.GetWaveId(), "stop")
	b.move(2 * time.Hour)
	b.pump()
	b.wantCount(2, `SELECT count(*) FROM enrollment.invitations`)
}

// Whom an import holds at the end of a wave is invited by its next turn; only
// then is it done.
func TestAWaveWaitsForWhomAnImportHolds(t *testing.T) {
	t.Parallel()
	for _, audience := range []string{"new", "again"} {
		t.Run(audience, func(t *testing.T) {
			t.Parallel()
			b := setup(t)
			all := b.crowd(3)
			if audience == "again" {
				b.wave("new", 0, 300)
				b.pump()
				b.move(5 * time.Second)
				b.pump()
				for _, email := range all {
					eventually(t, "a mail to "+email, func() bool { return len(b.outbox.to(email)) == 1 })
				}
				b.move(9 * 24 * time.Hour)
			}
			begun := b.count(`SELECT count(*) FROM enrollment.invitations`)
			w := b.wave(audience, 0, 300)
			state := func() string {
				_, waves := b.overview()
				for _, one := range waves {
					if one.GetWaveId() == w {
						return one.GetState()
					}
				}
				return ""
			}
			must(t, b.db.W.Tx(t.Context(), func(ctx context.Context, tx pgx.Tx) error {
				if _, err := tx.Exec(ctx, `SELECT FROM enrollment.members WHERE email = $1 FOR UPDATE`, all[2]); err != nil {
					return err
				}
				for range 3 {
					b.move(b.clock.Moved() + 10*time.Second)
					b.pump()
				}
				return nil
			}))
			if n := b.count(`SELECT count(*) FROM enrollment.invitations`) - begun; n != 2 || state() != "running" {
				t.Errorf("while it is held: %d invited, the wave is %s", n, state())
			}
			for range 2 {
				b.move(b.clock.Moved() + 10*time.Second)
				b.pump()
			}
			if n := b.count(`SELECT count(*) FROM enrollment.invitations`) - begun; n != 3 || state() != "done" {
				t.Errorf("afterwards: %d invited, the wave is %s", n, state())
			}
		})
	}
}

// Reminders go to those who did not answer, and three mails are all that anybody
// gets, on whatever roster.
func TestReminders(t *testing.T) {
	t.Parallel()
	b := setup(t)
	email := b.crowd(1)[0]
	sent := func(want int) {
		t.Helper()
		eventually(t, fmt.Sprintf("mail %d", want), func() bool {
			return b.count(`SELECT count(*) FROM enrollment.invitations WHERE sent_at IS NOT NULL`) == want && len(b.outbox.to(email)) == want
		})
	}
	var now time.Duration
	whole := func(audience string) {
		t.Helper()
		b.wave(audience, 0, 300)
		for range 2 {
			b.pump()
			now += time.Second
			b.move(now)
		}
	}
	whole("new")
	sent(1)
	whole("again") // too early
	b.wantCount(1, `SELECT count(*) FROM enrollment.invitations`)
	for i := 2; i <= 4; i++ {
		now += 8 * 24 * time.Hour
		b.move(now)
		if p, _ := b.overview(); (p.GetAgain() == 1) != (i < 4) {
			t.Errorf("before reminder %d: %v", i-1, p)
		}
		whole("again")
		sent(min(i, 3))
	}
	b.wantCount(3, `SELECT count(*) FROM enrollment.invitations`)
	b.wantCount(1, `SELECT count(*) FROM enrollment.invitations WHERE state = 'sent'`)
}

// An address that is refused for good is not tried again and stays marked until
// staff clear it; one that is refused for now is tried again; a refusal of us
// says nothing about the address.
func TestBounces(t *testing.T) {
	t.Parallel()
	b := setup(t)
	for i, email := range []string{"bounce.ada@example.test", "later@example.test", "policy@example.test"} {
		b.on(b.payer, person{number: fmt.Sprintf("PM-%d", i), given: fmt.Sprintf("Ada%d", i), family: "Tarn", born: "1970-02-03", email: email, street: "1 ELM ST"})
	}
	b.wave("new", 0, 300)
	b.pump()
	b.move(3 * time.Second)
	b.pump()
	eventually(t, "all ends", func() bool {
		return b.count(`SELECT count(*) FROM enrollment.invitations WHERE state = 'failed'`) == 2 && len(b.outbox.to("later@example.test")) == 1
	})
	if n := b.outbox.tries("bounce.ada@example.test"); n != 1 {
		t.Errorf("an address that is refused for good was tried %d times", n)
	}
	b.wantCount(1, `SELECT count(*) FROM enrollment.invitations WHERE failure = 'address'`)
	b.wantCount(1, `SELECT count(*) FROM enrollment.invitations WHERE failure = 'policy'`)
	b.wantCount(2, `SELECT count(*) FROM audit.entries WHERE action = 'invitation.bounce'`)
	res, err := b.invitations.ListUndeliverable(b.staff(1), &enrollmentv1.ListUndeliverableRequest{})
	must(t, err)
	if len(res.GetAddresses()) != 1 || res.GetAddresses()[0].GetReason() != "address" || len(res.GetAddresses()[0].GetMembers()) != 1 {
		t.Fatalf("undeliverable: %v", res.GetAddresses())
	}
	if p, _ := b.overview(); p.GetFailed() != 2 || p.GetWithoutEmail() != 1 {
		t.Errorf("the overview says %v", p)
	}
	clear := &enrollmentv1.ClearUndeliverableRequest{AddressId: res.GetAddresses()[0].GetAddressId(), IdempotencyKey: key()}
	_, err = b.invitations.ClearUndeliverable(b.staff(2), clear)
	must(t, err)
	_, err = b.invitations.ClearUndeliverable(b.staff(2), &enrollmentv1.ClearUndeliverableRequest{AddressId: clear.GetAddressId(), IdempotencyKey: key()})
	refused(t, err, errs.NotFound, "address_gone")
	_, err = b.invitations.MarkUndeliverable(b.staff(2), &enrollmentv1.MarkUndeliverableRequest{Email: "Later@example.test", IdempotencyKey: key()})
	must(t, err)
	_, err = b.invitations.MarkUndeliverable(b.staff(2), &enrollmentv1.MarkUndeliverableRequest{Email: "nobody@example.test", IdempotencyKey: key()})
	refused(t, err, errs.Precondition, "address_unknown")
	_, err = b.invitations.MarkUndeliverable(b.staff(2), &enrollmentv1.MarkUndeliverableRequest{Email: "no address", IdempotencyKey: key()})
	refused(t, err, errs.Invalid, errs.ReasonInvalidFields)
	b.wantCount(1, `SELECT count(*) FROM enrollment.undeliverable_addresses WHERE reason = 'staff'`)
}

func TestBadWaves(t *testing.T) {
	t.Parallel()
	b := setup(t)
	good := func() *enrollmentv1.StartWaveRequest {
		return &enrollmentv1.StartWaveRequest{PayerId: b.payer.String(), Audience: "new", PerMinute: 60, IdempotencyKey: key()}
	}
	for field, change := range map[string]func(*enrollmentv1.StartWaveRequest){
		"payer_id":   func(r *enrollmentv1.StartWaveRequest) { r.PayerId = uuid.NewString() },
		"audience":   func(r *enrollmentv1.StartWaveRequest) { r.Audience = "all" },
		"most":       func(r *enrollmentv1.StartWaveRequest) { r.Most = -1 },
		"per_minute": func(r *enrollmentv1.StartWaveRequest) { r.PerMinute = 301 },
		"starts_at":  func(r *enrollmentv1.StartWaveRequest) { r.StartsAt = stamp(b.clock.Now().AddDate(1, 0, 0)) },
	} {
		req := good()
		change(req)
		_, err := b.invitations.StartWave(b.staff(1), req)
		if f := errs.FieldsOf(err); len(f) != 1 || f[0].Name != field {
			t.Errorf("%s: %v", field, err)
		}
	}
	_, err := b.invitations.SteerWave(b.staff(1), &enrollmentv1.SteerWaveRequest{WaveId: uuid.NewString(), Action: "stop", IdempotencyKey: key()})
	refused(t, err, errs.NotFound, "wave_unknown")
	_, err = b.invitations.StartWave(b.as(rpcv1.Role_ROLE_PATIENT, ids.New[ids.AccountID]()), good())
	refused(t, err, errs.Forbidden, "not_allowed")
}

// A process that dies in the middle of a step leaves nothing of it: the next one
// takes the same people, once.
func TestWaveOutlivesItsProcess(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.crowd(3)
	b.wave("new", 0, 300)
	died := errors.New("the process died")
	dying, err := waves.New(waves.Deps{
		DB: b.db, Clock: b.clock, Log: slog.New(slog.DiscardHandler), Audit: audit.NewReads(b.db),
		Invite: func(ctx context.Context, tx pgx.Tx, actor audit.Actor, members []ids.MemberID) (int, error) {
			if n, err := b.people.Invite(ctx, tx, actor, members); n != 1 || err != nil {
				t.Errorf("%d invitations, %v", n, err)
			}
			return 0, died
		},
	})
	must(t, err)
	if err := dying.Pump(t.Context()); !errors.Is(err, died) {
		t.Fatalf("it went on: %v", err)
	}
	b.wantCount(0, `SELECT count(*) FROM enrollment.invitations`)
	b.wantCount(0, `SELECT count(*) FROM enrollment.members WHERE invited_at IS NOT NULL`)
	for i := range 3 {
		b.pump()
		b.move(time.Duration(i+1) * 2 * time.Second)
	}
	b.wantCount(3, `SELECT count(DISTINCT member_id) FROM enrollment.invitations`)
	b.wantCount(3, `SELECT count(*) FROM enrollment.invitations`)
}
