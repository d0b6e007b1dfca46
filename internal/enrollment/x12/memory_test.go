package x12_test

import (
	"runtime"
	"testing"

	"github.com/bedside-health/bedside/internal/enrollment/x12"
)

// The reader holds one member: what stays allocated after 50,000 members is
// what stays after 500. It runs alone, for the heap is shared.
func TestMemoryIsConstant(t *testing.T) {
	held := func(members int) uint64 {
		r := x12.NewReader(manyMembers(members), x12.Options{AcceptWrongCounts: true})
		seen := 0
		for seen < members {
			ev, err := r.Next()
			if err != nil {
				t.Fatal(err)
			}
			if _, ok := ev.(*x12.Member); ok {
				seen++
			}
		}
		runtime.GC()
		var m runtime.MemStats
		runtime.ReadMemStats(&m)
		runtime.KeepAlive(r)
		return m.HeapAlloc
	}
	few, many := held(500), held(50_000)
	if many > few+1<<20 {
		t.Errorf("%d bytes held after 50,000 members, %d after 500", many, few)
	}
}
