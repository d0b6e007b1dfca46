package roster

import (
	"fmt"
	"hash/fnv"
)

// Without Options, a roster has as many members and faults as demo/roster.834.
const (
	DefaultMembers = 5000
	DefaultSeed    = 1
	DefaultFaults  = 3
)

// NoFaults, as Options.Faults, asks for a file without faulty members.
const NoFaults = -1

const (
	// maxMembers keeps subscriber numbers at six digits after the seed.
	maxMembers = 999_999
	maxControl = 999_999_999
	// membersPerFault keeps faulty members apart.
	membersPerFault = 10
)

// Options say what a roster holds. The zero value means demo/roster.834.
type Options struct {
	// Members counts subscribers and dependents; 0 means DefaultMembers.
	Members int
	// Seed chooses the people; 0 means DefaultSeed.
	Seed uint64
	// Faults is how many members are faulty; 0 means DefaultFaults, or as many
	// as a small file has room for.
	Faults int
	// Control is the number of the interchange (ISA13). Two files of a payer
	// must not share one, so 0 means a number made from the other options.
	Control int
}

// complete fills in what was left out and refuses what cannot be.
func (o Options) complete() (Options, error) {
	if o.Members == 0 {
		o.Members = DefaultMembers
	}
	if o.Seed == 0 {
		o.Seed = DefaultSeed
	}
	switch {
	case o.Faults == 0:
		o.Faults = min(DefaultFaults, max(o.Members, 0)/membersPerFault)
	case o.Faults < 0:
		o.Faults = 0
	}
	switch {
	case o.Members < 1 || o.Members > maxMembers:
		return o, fmt.Errorf("a roster has 1 to %d members, not %d", maxMembers, o.Members)
	case o.Faults*membersPerFault > o.Members:
		return o, fmt.Errorf("%d members leave room for %d faults, not %d", o.Members, o.Members/membersPerFault, o.Faults)
	case o.Control < 0 || o.Control > maxControl:
		return o, fmt.Errorf("a control number is 1 to %d, not %d", maxControl, o.Control)
	}
	if o.Control == 0 {
		h := fnv.New32a()
		_, _ = fmt.Fprintf(h, "%d %d %d", o.Seed, o.Members, o.Faults)
		o.Control = int(h.Sum32()%maxControl) + 1
	}
	return o, nil
}

// Check says what is wrong with the options, before anything is written.
func (o Options) Check() error {
	_, err := o.complete()
	return err
}
