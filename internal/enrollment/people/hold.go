package people

import (
	"context"
	"fmt"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
)

// Hold locks patients, and whoever is the same human as one of them, in id
// order. Whoever writes about a patient does this before anything that locks a
// patient's row otherwise, a foreign key's check among it: see package
// enrollment for the order of all locks.
func (s *Service) Hold(ctx context.Context, tx pgx.Tx, patients []uuid.UUID) error {
	_, err := s.hold(ctx, tx, patients)
	return err
}

// hold locks patients and says who they are. A merge that commits while we wait
// joins others to them, who may come earlier in the order: then what is held is
// let go, and taken again with them.
func (s *Service) hold(ctx context.Context, tx pgx.Tx, patients []uuid.UUID) (persons, error) {
	for {
		p, whole, err := s.tryHold(ctx, tx, patients)
		if err != nil || whole {
			return p, err
		}
		patients = p.all
	}
}

func (s *Service) tryHold(ctx context.Context, tx pgx.Tx, patients []uuid.UUID) (p persons, whole bool, err error) {
	point, err := tx.Begin(ctx) // rolling back to it lets its locks go
	if err != nil {
		return persons{}, false, fmt.Errorf("setting a savepoint: %w", err)
	}
	held, err := s.q.LockPatients(ctx, point, patients)
	if err != nil {
		return persons{}, false, fmt.Errorf("locking patients: %w", err)
	}
	merges, err := s.q.MergesAmong(ctx, point, held)
	if err != nil {
		return persons{}, false, fmt.Errorf("reading merges: %w", err)
	}
	p = newPersons(held, merges)
	if whole = len(p.all) == len(held); whole {
		err = point.Commit(ctx)
	} else {
		err = point.Rollback(ctx)
	}
	if err != nil {
		return persons{}, false, fmt.Errorf("leaving a savepoint: %w", err)
	}
	return p, whole, nil
}
