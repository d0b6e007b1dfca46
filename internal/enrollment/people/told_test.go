package people

import (
	"context"
	"testing"

	"github.com/jackc/pgx/v5"
)

// TestTheRosterIsToldInItsOwnLanguage: whoever types the details chooses the
// language of the page, not that of the mail to the roster's address; an
// address that may be another adult's as well is not told at all.
func TestTheRosterIsToldInItsOwnLanguage(t *testing.T) {
	t.Parallel()
	b := setup(t)
	fits := anna()
	subscriber := b.with(fits)
	patient, _ := b.activate(fits) // on an English page
	last := func() string {
		mails := b.outbox.to(fits.email)
		return mails[len(mails)-1].Subject
	}
	eventually(t, "the roster's address to be told in Spanish", func() bool { return last() == "Se abrió su cuenta de Bedside" })
	b.wantCount(1, `SELECT count(*) FROM enrollment.activations WHERE typed IS NOT NULL`)

	dependent := b.with(person{number: fits.number, own: "PM-4", given: "Luis", family: "García", born: "1990-02-03", email: fits.email, of: subscriber})
	before := len(b.outbox.to(fits.email))
	b.tx(func(ctx context.Context, tx pgx.Tx) error {
		return b.service.TellRoster(ctx, tx, staff(), dependent.UUID, patient, "en")
	})
	eventually(t, "the job to be done", func() bool {
		return b.count(`SELECT count(*) FROM enrollment.river_job WHERE kind = 'enrollment_activated_mail' AND state = 'completed'`) == 2
	})
	if got := len(b.outbox.to(fits.email)); got != before {
		t.Errorf("the subscriber got %d mails about a dependent", got-before)
	}
}
