package licensing

import (
	"sync"
	"sync/atomic"
	"testing"

	"github.com/bedside-health/bedside/internal/errs"
	licensingv1 "github.com/bedside-health/bedside/internal/gen/bedside/licensing/v1"
	"github.com/bedside-health/bedside/internal/ids"
)

func TestLinkAccount(t *testing.T) {
	t.Parallel()
	b := setup(t)
	mine := b.physician()
	account, other := ids.New[ids.AccountID]().String(), ids.New[ids.AccountID]().String()
	find := func(npi string) (*licensingv1.LinkedPhysician, error) {
		res, err := b.FindByNPI(b.ctx, &licensingv1.FindByNPIRequest{Npi: npi})
		return res.GetPhysician(), err
	}
	link := func(physician, account string) error {
		_, err := b.LinkAccount(b.ctx, &licensingv1.LinkAccountRequest{PhysicianId: physician, AccountId: account})
		return err
	}
	for _, bad := range []string{"", "12345", "1234567890", "abcdefghij"} {
		_, err := find(bad)
		refused(t, err, errs.Invalid, "invalid_fields")
	}
	_, err := find("1245319599")
	refused(t, err, errs.NotFound, "physician_unknown")
	p, err := find("1234567893")
	must(t, err)
	if p.GetPhysicianId() != mine || p.GetLinked() {
		t.Errorf("found %v", p)
	}
	refused(t, link(ids.New[ids.PhysicianID]().String(), account), errs.NotFound, "physician_unknown")
	must(t, link(mine, account))
	must(t, link(mine, account)) // again changes nothing
	refused(t, link(mine, other), errs.Conflict, "physician_has_account")
	second, err := b.AddPhysician(b.ctx, &licensingv1.AddPhysicianRequest{Physician: newPhysician("1245319599"), IdempotencyKey: b.key()})
	must(t, err)
	refused(t, link(second.GetPhysicianId(), account), errs.Conflict, "account_is_physician")
	if got := b.facts(mine).GetPhysician().GetAccountId(); got != account {
		t.Errorf("the neighbors hear of account %q", got)
	}
	if n := b.audited("licensing.account_link"); n != 1 {
		t.Errorf("it stands %d times on record", n)
	}
	of, err := b.PhysicianOf(b.ctx, &licensingv1.PhysicianOfRequest{AccountId: account})
	must(t, err)
	if of.GetPhysician().GetPhysicianId() != mine || !of.GetPhysician().GetLinked() {
		t.Errorf("the account is %v", of)
	}
	if of, err := b.PhysicianOf(b.ctx, &licensingv1.PhysicianOfRequest{AccountId: other}); err != nil || of.GetPhysician() != nil {
		t.Errorf("another account is %v, %v", of, err)
	}
}

// Of many accounts that are linked to a physician at once, one is.
func TestLinkAccountOnce(t *testing.T) {
	t.Parallel()
	b := setup(t)
	mine := b.physician()
	var won atomic.Int32
	var wg sync.WaitGroup
	for range 6 {
		wg.Go(func() {
			_, err := b.LinkAccount(b.ctx, &licensingv1.LinkAccountRequest{PhysicianId: mine, AccountId: ids.New[ids.AccountID]().String()})
			if err == nil {
				won.Add(1)
			}
		})
	}
	wg.Wait()
	if won.Load() != 1 {
		t.Errorf("%d were linked", won.Load())
	}
}
