package people

import (
	"slices"

	"github.com/bedside-health/bedside/internal/enrollment/people/db"
	enrollmentv1 "github.com/bedside-health/bedside/internal/gen/bedside/enrollment/v1"
	"github.com/google/uuid"
)

// persons are patients, and which of them are the same human.
type persons struct {
	// all are the patients and whoever is the same human as one of them.
	all []uuid.UUID
	// into says who goes on for an absorbed patient.
	into map[uuid.UUID]uuid.UUID
}

func newPersons(patients []uuid.UUID, merges []db.MergesAmongRow) persons {
	p := persons{all: slices.Clone(patients), into: make(map[uuid.UUID]uuid.UUID, len(merges))}
	for _, m := range merges {
		p.into[m.AbsorbedID] = m.SurvivorID
		p.all = append(p.all, m.SurvivorID, m.AbsorbedID)
	}
	slices.SortFunc(p.all, func(a, b uuid.UUID) int { return slices.Compare(a[:], b[:]) })
	p.all = slices.Compact(p.all)
	return p
}

// survivor is who goes on for a patient: itself, unless it was absorbed.
func (p persons) survivor(patient uuid.UUID) uuid.UUID {
	if s, ok := p.into[patient]; ok {
		return s
	}
	return patient
}

// mark says in a patient's facts whom it was merged with.
func (p persons) mark(f *enrollmentv1.PatientFacts, patient uuid.UUID) {
	if s, ok := p.into[patient]; ok {
		f.MergedInto = s.String()
	}
	for absorbed, s := range p.into {
		if s == patient {
			f.MergedFrom = append(f.GetMergedFrom(), absorbed.String())
		}
	}
	slices.Sort(f.GetMergedFrom())
}

// shared lets rows about a patient go to everybody who is the same human.
func (p persons) shared(own factsByID) factsByID {
	together := make(factsByID, len(own))
	for _, one := range p.all {
		s := p.survivor(one)
		together[s] = append(together[s], own[one]...)
	}
	out := make(factsByID, len(own))
	for _, one := range p.all {
		out[one] = together[p.survivor(one)]
	}
	return out
}

// inherited lets rows about an absorbed patient go to the survivor as well.
func (p persons) inherited(own factsByID) factsByID {
	out := make(factsByID, len(own))
	for _, from := range p.all {
		out[from] = slices.Clone(own[from])
		if s, ok := p.into[from]; ok {
			out[from] = append(out[from], own[s]...)
		}
	}
	return out
}
