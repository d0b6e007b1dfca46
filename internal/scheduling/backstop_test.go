package scheduling

import "testing"

// Facts that the feed has not brought are found by comparing with licensing.
func TestBackstopFindsPhysicians(t *testing.T) {
	t.Parallel()
	b := newBundle(t, monday)
	b.addRules("NY", "America/New_York")
	d := b.unseen("America/New_York", "NY")
	if n := b.count(`SELECT count(*) FROM scheduling.physicians`); n != 0 {
		t.Fatalf("%d physicians were followed: the test proves nothing", n)
	}
	must(t, b.s.backstop(t.Context()))
	if n := b.count(`SELECT count(*) FROM scheduling.physicians WHERE physician_id = '` + d.id.String() + `'`); n != 1 {
		t.Fatal("the backstop has not found the physician")
	}
}
