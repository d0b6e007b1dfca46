package roster

import (
	"fmt"
	"io"
	"math/rand/v2"
	"strings"

	"github.com/bedside-health/bedside/internal/demo"
)

const (
	// membersPerSet bounds a transaction set (ST to SE).
	membersPerSet = 2500
	sender        = "LARKSPURHEALTH"
	receiver      = "BEDSIDE"
	version       = "005010X220A1"
	created       = "20260102"
	payerID       = "999000333"
)

// Generate writes a roster: one interchange of additions with a group for each
// of two employers, in sets of at most 2,500 members. Families are never split.
func Generate(w io.Writer, o Options) error {
	o, err := o.complete()
	if err != nil {
		return err
	}
	f := &file{
		Options: o,
		out:     newSegments(w),
		people:  newInventor(rand.New(rand.NewPCG(o.Seed, 834)), o.Seed), //nolint:gosec // invented people, the same ones every time
	}
	return f.write()
}

// file is a roster that is being written.
type file struct {
	Options
	out     *segments
	people  *inventor
	members int
	faults  int
}

func (f *file) write() error {
	control := fmt.Sprintf("%09d", f.Control)
	f.out.put("ISA", "00", pad("", 10), "00", pad("", 10), "ZZ", pad(sender, 15), "ZZ", pad(receiver, 15),
		created[2:], "0600", "^", "00501", control, "0", "P", ":")
	first := (f.Members*3 + 4) / 5
	groups := 0
	for i, members := range [...]int{first, f.Members - first} {
		if members == 0 {
			continue
		}
		groups++
		if err := f.group(i+1, employers()[i], members); err != nil {
			return err
		}
	}
	f.out.put("IEA", fmt.Sprint(groups), control)
	return f.out.flush()
}

func pad(v string, n int) string { return fmt.Sprintf("%-*s", n, v) }

// group writes a functional group: everybody insured through one employer.
func (f *file) group(number int, e employer, members int) error {
	f.out.put("GS", "BE", sender, receiver, created, "0600", fmt.Sprint(number), "X", version)
	sets := 0
	for members > 0 {
		sets++
		n := min(members, membersPerSet)
		if err := f.set(fmt.Sprintf("%d%04d", number, sets), e, n); err != nil {
			return err
		}
		members -= n
	}
	f.out.put("GE", fmt.Sprint(sets), fmt.Sprint(number))
	return nil
}

// set writes a transaction set. Its last family is as large as there is room.
func (f *file) set(control string, e employer, members int) error {
	f.out.count = 0
	f.out.put("ST", "834", control, version)
	f.out.put("BGN", "00", fmt.Sprintf("LHP-%09d-%s", f.Control, control), created, "0600", "ET", "", "", "2")
	f.out.put("REF", "38", e.policy)
	f.out.put("DTP", "007", "D8", day(coverageStart()))
	f.out.put("QTY", "TO", fmt.Sprint(members))
	f.out.put("N1", "P5", e.name, "FI", e.id)
	f.out.put("N1", "IN", strings.ToUpper(demo.Payer), "FI", payerID)
	for members > 0 {
		what, room := f.next(members)
		h := f.people.household(e, room, what)
		f.out.household(h)
		f.members += len(h.people)
		members -= len(h.people)
	}
	f.out.put("SE", fmt.Sprint(f.out.count+1), control)
	return f.out.flush()
}

// next says what is wrong with the next household, and how many people it may
// have. Faults stand evenly between the first member and the last.
func (f *file) next(left int) (what fault, room int) {
	if f.faults == f.Faults {
		return sound, left
	}
	due := (f.faults + 1) * f.Members / (f.Faults + 1)
	if f.members < due {
		return sound, min(left, due-f.members)
	}
	f.faults++
	return fault((f.faults-1)%3) + badBirthDate, 1
}
