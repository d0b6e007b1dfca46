package scheduling

import (
	"testing"

	schedulingv1 "github.com/bedside-health/bedside/internal/gen/bedside/scheduling/v1"
	"google.golang.org/protobuf/proto"
)

// An answer may be kept until anything changes that it could tell.
func TestSearchSaysWhatIsUnchanged(t *testing.T) {
	t.Parallel()
	b := newBundle(t, monday)
	b.addRules("NY", "America/New_York")
	d, p := b.addDoctor("America/New_York", "NY"), b.addPatient("en")
	b.setWeek(d, &schedulingv1.WeeklyWindow{Weekday: 2, FromMinute: 540, ToMinute: 720})
	b.withIndex()
	ask := &schedulingv1.SearchRequest{ServiceId: "general", State: "NY", TimeZone: "America/New_York"}
	first, err := b.s.Search(t.Context(), ask)
	must(t, err)
	if first.GetTag() == "" || first.GetUnchanged() {
		t.Fatalf("the first answer: %v", first)
	}
	ask.Known = first.GetTag()
	same, err := b.s.Search(t.Context(), ask)
	must(t, err)
	// The minute may have ended meanwhile: then the answer is whole.
	if want := (&schedulingv1.SearchResponse{Tag: same.GetTag(), Unchanged: true}); same.GetTag() == first.GetTag() && !proto.Equal(same, want) {
		t.Fatalf("nothing changed, but: %v", same)
	}
	ask.Known = same.GetTag()
	p.booked(d, tomorrow)
	b.eventually("a booking changes the answer", func() bool {
		res, err := b.s.Search(t.Context(), ask)
		must(t, err)
		return !res.GetUnchanged() && res.GetTag() != ask.GetKnown() && len(res.GetSlots()) > 0
	})
	ask.Known = "of another process"
	if res, err := b.s.Search(t.Context(), ask); err != nil || res.GetUnchanged() {
		t.Errorf("a tag that is not ours: %v, %v", res, err)
	}
}
