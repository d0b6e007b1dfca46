package licensing

import (
	"testing"

	"github.com/bedside-health/bedside/internal/errs"
	licensingv1 "github.com/bedside-health/bedside/internal/gen/bedside/licensing/v1"
)

// answers maps each question to its answer, "ok" or the reason of a refusal.
func (b *bundle) answers(state, day, basis string) map[string]string {
	b.t.Helper()
	res, err := b.TryRules(b.ctx, &licensingv1.TryRulesRequest{State: state, Day: day, Basis: basis})
	must(b.t, err)
	out := map[string]string{}
	for _, a := range res.GetAnswers() {
		if a.GetAllowed() != (a.GetReason() == "ok") {
			b.t.Errorf("%v contradicts itself", a)
		}
		out[a.GetQuestion()] = a.GetReason()
	}
	return out
}

// Alabama wants an examination in person within twelve months, which holds
// whatever federal law says; where a state knows nothing of controlled
// medicines, the exception is denied on every day.
func TestRulesAreTried(t *testing.T) {
	t.Parallel()
	b := setup(t)
	must(t, b.PublishRules(t.Context()))
	for _, c := range []struct {
		state, day, basis, question, want string
	}{
		{"AL", "2026-12-31", "full", "first_video", "ok"},
		{"AL", "2026-12-31", "full", "later_async", "ok"},
		{"AL", "2026-12-31", "full", "controlled", "in_person_needed"},
		{"AL", "2026-12-31", "full", "controlled_examined", "ok"},
		{"AL", "2027-01-01", "full", "controlled_examined", "ok"},
		{"AL", "2026-12-31", "telehealth_registration", "first_video", "basis_not_allowed"},
		{"AL", "2026-12-31", "exception", "first_video", "basis_not_allowed"},
		{"AL", "2026-12-31", "imlc", "first_video", "ok"},
		{"MI", "2026-12-31", "imlc", "first_video", "license_unconfirmed"},
		{"MI", "2026-12-31", "full", "controlled", "controlled_not_allowed"},
		{"al", "2026-12-31", "full", "first_video", "ok"},
	} {
		if got := b.answers(c.state, c.day, c.basis)[c.question]; got != c.want {
			t.Errorf("%s on %s with %s, %s: %s, want %s", c.state, c.day, c.basis, c.question, got, c.want)
		}
	}
}

func TestWhatCannotBeTried(t *testing.T) {
	t.Parallel()
	b := setup(t)
	_, err := b.TryRules(b.ctx, &licensingv1.TryRulesRequest{State: "PA", Day: "2027-01-01", Basis: "full"})
	refused(t, err, errs.Unavailable, "rules_not_published")
	must(t, b.PublishRules(t.Context()))
	for _, q := range []*licensingv1.TryRulesRequest{
		{Day: "2027-01-01", Basis: "full"}, {State: "ZZ", Day: "2027-01-01", Basis: "full"}, {State: "US", Day: "2027-01-01", Basis: "full"},
		{State: "PA", Day: "2027-02-29", Basis: "full"}, {State: "PA", Basis: "full"}, {State: "PA", Day: "0001-01-01", Basis: "full"},
		{State: "PA", Day: "2027-01-01", Basis: "magic"}, {State: "PA", Day: "2027-01-01"},
	} {
		_, err := b.TryRules(b.ctx, q)
		refused(t, err, errs.Invalid, errs.ReasonInvalidFields)
	}
}
