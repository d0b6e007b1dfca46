package roster_test

import (
	"bytes"
	"errors"
	"io"
	"runtime"
	"testing"

	"github.com/bedside-health/bedside/internal/demo/roster"
)

func TestSameOptionsSameBytes(t *testing.T) {
	t.Parallel()
	o := roster.Options{Members: 3000, Seed: 7}
	if !bytes.Equal(generate(t, o), generate(t, o)) {
		t.Error("the same options gave two files")
	}
}

// Files of a payer must differ in number, or the second is taken for the first
// one again; and people of another seed must not take the place of those on
// file.
func TestOtherOptionsOtherNumbers(t *testing.T) {
	t.Parallel()
	controls, numbers, mails := map[string]bool{}, map[string]uint64{}, map[string]uint64{}
	all := []roster.Options{{}, {Members: 600}, {Faults: roster.NoFaults}, {Seed: 2}, {Seed: 3}, {Seed: 11}, {Control: 5}}
	for _, o := range all {
		h := read(t, bytes.NewReader(generate(t, o)))
		controls[h.isa.Control] = true
		seed := max(o.Seed, roster.DefaultSeed)
		for _, m := range h.members {
			if was, taken := numbers[m.Ref("0F")]; taken && was != seed && m.Ref("0F") != "" {
				t.Fatalf("seeds %d and %d share number %s", was, seed, m.Ref("0F"))
			}
			if was, taken := mails[email(m)]; taken && was != seed && email(m) != "" {
				t.Fatalf("seeds %d and %d share an address", was, seed)
			}
			numbers[m.Ref("0F")], mails[email(m)] = seed, seed
		}
	}
	if len(controls) != len(all) {
		t.Errorf("control numbers %v", controls)
	}
}

func TestAnySize(t *testing.T) {
	t.Parallel()
	for _, o := range []roster.Options{
		{Members: 1}, {Members: 2}, {Members: 3}, {Members: 10}, {Members: 10, Faults: 1}, {Members: 29},
		{Members: 2500}, {Members: 4167}, {Members: 400, Faults: 40}, {Members: 700, Faults: roster.NoFaults}, {Members: 12_501, Seed: 9, Faults: 5},
	} {
		h := read(t, bytes.NewReader(generate(t, o)))
		faulty := 0
		for _, m := range h.members {
			if len(troubles(m)) > 0 {
				faulty++
			}
		}
		want := o.Faults
		switch {
		case want == 0:
			want = min(3, o.Members/10)
		case want < 0:
			want = 0
		}
		if len(h.members) != o.Members || faulty != want || len(h.findings) > 0 {
			t.Errorf("%+v: %d members, %d faulty (want %d), findings %v", o, len(h.members), faulty, want, h.findings)
		}
	}
}

func TestRefusedOptions(t *testing.T) {
	t.Parallel()
	for _, o := range []roster.Options{
		{Members: -1}, {Members: 1_000_000}, {Members: 20, Faults: 3}, {Control: -1}, {Control: 1_000_000_000},
	} {
		var b bytes.Buffer
		if err := roster.Generate(&b, o); err == nil || b.Len() > 0 {
			t.Errorf("%+v: error %v, %d bytes", o, err, b.Len())
		}
	}
}

// full fails after some bytes, as a disk does.
type full struct{ room int }

var errFull = errors.New("disk full")

func (f *full) Write(p []byte) (int, error) {
	if f.room -= len(p); f.room < 0 {
		return 0, errFull
	}
	return len(p), nil
}

func TestWriterFails(t *testing.T) {
	t.Parallel()
	for _, room := range []int{0, 100_000, 1_500_000} {
		if err := roster.Generate(&full{room}, roster.Options{}); !errors.Is(err, errFull) {
			t.Errorf("room for %d: %v", room, err)
		}
	}
}

// gauge looks now and then at how much memory is held while a file is written.
type gauge struct {
	written, next int
	most          uint64
}

func (g *gauge) Write(p []byte) (int, error) {
	if g.written += len(p); g.written >= g.next {
		g.next = g.written + 4<<20
		runtime.GC()
		var m runtime.MemStats
		runtime.ReadMemStats(&m)
		g.most = max(g.most, m.HeapAlloc)
	}
	return len(p), nil
}

// What is held while writing does not grow with the number of members. It runs
// alone, for the heap is shared.
func TestMemoryIsConstant(t *testing.T) {
	most := func(members int) uint64 {
		var g gauge
		if err := roster.Generate(io.Writer(&g), roster.Options{Members: members}); err != nil {
			t.Fatal(err)
		}
		return g.most
	}
	few, many := most(1000), most(60_000)
	if many > few+512<<10 {
		t.Errorf("%d bytes held for 60,000 members, %d for 1,000", many, few)
	}
}
