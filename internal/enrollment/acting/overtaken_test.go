package acting

import (
	"testing"

	enrollmentv1 "github.com/bedside-health/bedside/internal/gen/bedside/enrollment/v1"
	"github.com/bedside-health/bedside/internal/ids"
	"github.com/google/uuid"
	"github.com/riverqueue/river"
)

// Notices that were overtaken while they waited are not mailed.
func TestOvertakenNoticesAreNotMailed(t *testing.T) {
	t.Parallel()
	b := setup(t)
	rosa, _ := b.rosa(), b.mateo()
	res, err := b.addChild(rosa, mateoTyped())
	must(t, err)
	b.mailed("rosa@example.test", "You can now act for Mateo")
	child := uuid.MustParse(res.GetPatientId())
	sent := func(what string) bool {
		before := len(b.outbox.to("rosa@example.test"))
		n := notice{What: what, To: rosa.account.UUID, About: child, Key: ids.NewUUID()}
		must(t, (&noticeMailer{s: b.service}).Work(t.Context(), &river.Job[notice]{Args: n}))
		return len(b.outbox.to("rosa@example.test")) > before
	}
	want := func(when string, what map[string]bool) {
		for w, told := range what {
			if sent(w) != told {
				t.Errorf("%s, %q: told is %v", when, w, !told)
			}
		}
	}
	want("while she acts", map[string]bool{
		noticeBegun: true, noticeBack: true, noticeEnded: false, noticeHeld: false, noticeAnother: false, noticeAccepted: false, noticeLeft: true, noticeAsked: false,
	})
	right := b.list(rosa).GetActedFor()[0].GetActsForId()
	_, err = b.acting.EndActing(b.as(rosa), &enrollmentv1.EndActingRequest{ActsForId: right, IdempotencyKey: b.key()})
	must(t, err)
	b.mailed("rosa@example.test", "You no longer act for Mateo")
	want("after she ended it", map[string]bool{noticeBegun: false, noticeBack: false, noticeEnded: true, noticeHeld: true, noticeAnother: false})
}
