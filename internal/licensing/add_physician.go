package licensing

import (
	"context"
	"fmt"

	"github.com/bedside-health/bedside/internal/audit"
	licensingv1 "github.com/bedside-health/bedside/internal/gen/bedside/licensing/v1"
	"github.com/bedside-health/bedside/internal/ids"
	"github.com/bedside-health/bedside/internal/licensing/db"
	"github.com/bedside-health/bedside/internal/once"
	"github.com/bedside-health/bedside/internal/principal"
	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
)

// addPhysician puts a physician on file, without licenses yet. It returns
// errs.Invalid with every field that is wrong, or whose value is taken.
func (s *Service) addPhysician(ctx context.Context, req *licensingv1.AddPhysicianRequest) (*licensingv1.AddPhysicianResponse, error) {
	in, err := readPhysician(req.GetPhysician(), s.states, s.demo)
	if err != nil {
		return nil, err
	}
	var res *licensingv1.AddPhysicianResponse
	err = s.db.W.Tx(ctx, func(ctx context.Context, tx pgx.Tx) error {
		var err error
		res, err = once.Do(ctx, tx, "AddPhysician", req.GetIdempotencyKey(), req, principal.From(ctx).Key(),
			func() (*licensingv1.AddPhysicianResponse, error) {
				id := ids.New[ids.PhysicianID]().UUID
				p, err := s.insertPhysician(ctx, tx, id, in, audit.ActorFrom(ctx))
				if err != nil {
					return nil, err
				}
				if err := s.publish(ctx, tx, p); err != nil {
					return nil, err
				}
				return &licensingv1.AddPhysicianResponse{PhysicianId: id.String()}, nil
			})
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("adding a physician: %w", err)
	}
	s.source.Ring(topicPhysicians)
	return res, nil
}

// insertPhysician writes the row and its audit entry; publish comes after the
// licenses.
func (s *Service) insertPhysician(ctx context.Context, tx pgx.Tx, id uuid.UUID, in physician, actor audit.Actor) (db.PhysicianRow, error) {
	made, err := s.q.InsertPhysician(ctx, tx, db.InsertPhysicianParams{
		PhysicianID: id, AccountID: in.account, Npi: in.npi, GivenName: in.given, FamilyName: in.family,
		Credential: in.credential, Specialties: in.specialties, Languages: in.languages,
		TimeZone: in.zone, PracticeState: in.state, Search: searchText(in.given, in.family), Demo: s.demo,
	})
	if err != nil {
		return db.PhysicianRow{}, fmt.Errorf("inserting a physician: %w", err)
	}
	if made == 0 {
		by, err := s.q.TakenBy(ctx, tx, db.TakenByParams{Npi: in.npi, AccountID: in.account})
		if err != nil {
			return db.PhysicianRow{}, fmt.Errorf("asking what is taken: %w", err)
		}
		return db.PhysicianRow{}, taken(by.Npi, by.Account)
	}
	err = audit.Append(ctx, tx, audit.Entry{
		Actor: actor, Action: "licensing.physician_add", Subject: "physician/" + id.String(),
		Detail: map[string]string{"npi": in.npi, "practice_state": in.state},
	})
	if err != nil {
		return db.PhysicianRow{}, fmt.Errorf("recording a new physician: %w", err)
	}
	row, err := s.q.Physician(ctx, tx, id)
	if err != nil {
		return db.PhysicianRow{}, fmt.Errorf("reading a new physician: %w", err)
	}
	return row, nil
}
