package duplicates

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/bedside-health/bedside/internal/enrollment/duplicates/db"
	"github.com/bedside-health/bedside/internal/enrollment/names"
	"github.com/bedside-health/bedside/internal/ids"
	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
)

const (
	// atOnce bounds one transaction of the search.
	atOnce = 200
	// mostPairs bounds what one transaction may find.
	mostPairs = 1000
)

// Why two patients are a pair.
const (
	whyName  = "name"
	whyEmail = "email"
	whyPhone = "phone"
	whySSN   = "ssn"
)

// purposeKey separates these keyed hashes from all others.
const purposeKey = "enrollment.duplicates"

// Find looks at everybody who waits in the queue.
func (s *Service) Find(ctx context.Context) error {
	for {
		n, err := s.findSome(ctx)
		if err != nil {
			return err
		}
		if n < atOnce {
			return nil
		}
	}
}

func (s *Service) findSome(ctx context.Context) (int, error) {
	looked := 0
	err := s.d.DB.W.Tx(ctx, func(ctx context.Context, tx pgx.Tx) error {
		who, err := s.q.TakeQueued(ctx, tx, atOnce)
		if err != nil {
			return fmt.Errorf("taking patients from the queue: %w", err)
		}
		if looked = len(who); looked == 0 {
			return nil
		}
		if err := s.putKeys(ctx, tx, who); err != nil {
			return err
		}
		return s.putPairs(ctx, tx, who)
	})
	if err != nil {
		return 0, fmt.Errorf("looking for duplicates: %w", err)
	}
	return looked, nil
}

// putKeys writes what the patients are recognized by.
func (s *Service) putKeys(ctx context.Context, tx pgx.Tx, who []uuid.UUID) error {
	rows, err := s.q.Identities(ctx, tx, who)
	if err != nil {
		return fmt.Errorf("reading identities: %w", err)
	}
	if err := s.q.ForgetKeys(ctx, tx, who); err != nil {
		return fmt.Errorf("forgetting old keys: %w", err)
	}
	var all db.InsertKeysParams
	for _, r := range rows {
		for kind, values := range recognizedBy(r) {
			for _, v := range values {
				all.Patients, all.Kinds = append(all.Patients, r.PatientID), append(all.Kinds, kind)
				all.Keys = append(all.Keys, s.d.Seal.Hash(purposeKey, kind+"\n"+v))
			}
		}
	}
	if err := s.q.InsertKeys(ctx, tx, all); err != nil {
		return fmt.Errorf("writing keys: %w", err)
	}
	return nil
}

func recognizedBy(r db.IdentitiesRow) map[string][]string {
	born := r.BirthDate.Format(time.DateOnly) + "\n"
	out := map[string][]string{whyName: {born + names.Search(r.FamilyName, r.GivenName)}}
	for _, v := range r.Emails {
		out[whyEmail] = append(out[whyEmail], born+v)
	}
	for _, v := range r.Phones {
		out[whyPhone] = append(out[whyPhone], born+v)
	}
	for _, v := range r.Ssns {
		out[whySSN] = append(out[whySSN], string(v))
	}
	return out
}

// putPairs writes the pairs that the patients make with others.
func (s *Service) putPairs(ctx context.Context, tx pgx.Tx, who []uuid.UUID) error {
	pairs, err := s.q.Sharing(ctx, tx, db.SharingParams{Patients: who, Most: mostPairs})
	if err != nil {
		return fmt.Errorf("looking for patients that share something: %w", err)
	}
	if len(pairs) == 0 {
		return nil
	}
	var ask []uuid.UUID
	for _, p := range pairs {
		ask = append(ask, p.FirstID, p.SecondID)
	}
	rows, err := s.q.Identities(ctx, tx, ask)
	if err != nil {
		return fmt.Errorf("reading identities: %w", err)
	}
	by := make(map[uuid.UUID]db.IdentitiesRow, len(rows))
	for _, r := range rows {
		by[r.PatientID] = r
	}
	for _, p := range pairs {
		why := probable(p.Kinds, by[p.FirstID], by[p.SecondID])
		if len(why) == 0 {
			continue
		}
		err := s.q.PutCandidate(ctx, tx, db.PutCandidateParams{CandidateID: ids.NewUUID(), FirstID: p.FirstID, SecondID: p.SecondID, Why: why})
		if err != nil {
			return fmt.Errorf("writing a pair: %w", err)
		}
	}
	return nil
}

// probable keeps the reasons that speak for one human. A shared phone or
// address does not while the given names differ at one home, or at homes that
// are not known: that is what twins look like.
func probable(kinds []string, a, b db.IdentitiesRow) []string {
	twins := names.Fold(a.GivenName) != names.Fold(b.GivenName) && (a.Address == "" || b.Address == "" || a.Address == b.Address)
	return slices.DeleteFunc(slices.Clone(kinds), func(kind string) bool {
		return twins && (kind == whyEmail || kind == whyPhone)
	})
}
