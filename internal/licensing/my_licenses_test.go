package licensing

import (
	"testing"

	"github.com/bedside-health/bedside/internal/errs"
	licensingv1 "github.com/bedside-health/bedside/internal/gen/bedside/licensing/v1"
	"github.com/bedside-health/bedside/internal/ids"
	"github.com/bedside-health/bedside/internal/principal"
)

func TestMyLicenses(t *testing.T) {
	t.Parallel()
	b := setup(t)
	mine, other := b.physician(), ids.New[ids.AccountID]()
	account := ids.New[ids.AccountID]()
	b.database.Exec(t, `UPDATE licensing.physicians SET account_id = '`+account.String()+`' WHERE physician_id = '`+mine+`'`)
	first := b.license(mine, func(l *licensingv1.License) { l.Status = "pending" })
	newest, err := b.correct(first, newLicense(mine))
	must(t, err)
	p := newPhysician("1245319599")
	res, err := b.AddPhysician(b.ctx, &licensingv1.AddPhysicianRequest{Physician: p, IdempotencyKey: b.key()})
	must(t, err)
	b.license(res.GetPhysicianId(), func(l *licensingv1.License) { l.Number = "OTHER 1" })

	ask := func(who ids.AccountID) (*licensingv1.GetMyLicensesResponse, error) {
		return b.GetMyLicenses(principal.With(t.Context(), principal.Principal{Account: who}), &licensingv1.GetMyLicensesRequest{})
	}
	got, err := ask(account)
	must(t, err)
	if got.GetPhysician().GetPhysicianId() != mine || len(got.GetLicenses()) != 1 {
		t.Fatalf("my licenses: %v", got)
	}
	if l := got.GetLicenses()[0]; l.GetLicenseId() != newest || !l.GetCurrent() || l.GetNote() != "" || l.GetStatus() != "active" {
		t.Errorf("my license: %v", l)
	}
	for _, stranger := range []ids.AccountID{other, b.officer, {}} {
		_, err := ask(stranger)
		refused(t, err, errs.NotFound, "physician_missing")
	}
}
