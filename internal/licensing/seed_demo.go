package licensing

import (
	"context"
	"fmt"

	"github.com/bedside-health/bedside/internal/audit"
	"github.com/bedside-health/bedside/internal/errs"
	licensingv1 "github.com/bedside-health/bedside/internal/gen/bedside/licensing/v1"
	"github.com/bedside-health/bedside/internal/ids"
	"github.com/bedside-health/bedside/internal/licensing/db"
	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
)

// DemoPhysician is an invented physician with their licenses. The ids must be
// set, and stay the same from start to start.
type DemoPhysician struct {
	Physician *licensingv1.Physician
	Licenses  []*licensingv1.License
}

// SeedDemo puts invented physicians in place. Whoever is there already stays as
// an officer has left them; only a missing account is linked. It returns
// errs.Forbidden unless the portal runs in demo.
func (s *Service) SeedDemo(ctx context.Context, people []DemoPhysician) error {
	if !s.demo {
		return errs.New(errs.Forbidden, "demo_off", "Demo physicians need a demo portal.")
	}
	who := make([]uuid.UUID, len(people))
	for i, p := range people {
		id, err := ids.Parse[ids.PhysicianID](p.Physician.GetPhysicianId())
		if err != nil {
			return fmt.Errorf("reading demo physician %d: %w", i, err)
		}
		who[i] = id.UUID
	}
	rows, err := s.q.DemoPhysicians(ctx, s.db.W.DB(), who)
	if err != nil {
		return fmt.Errorf("reading demo physicians: %w", err)
	}
	there := make(map[uuid.UUID]*uuid.UUID, len(rows))
	for _, r := range rows {
		there[r.PhysicianID] = r.AccountID
	}
	for i, p := range people {
		account, found := there[who[i]]
		switch {
		case !found:
			err = s.seedOrFound(ctx, who[i], p)
		case account == nil && p.Physician.GetAccountId() != "":
			err = s.seedAccount(ctx, who[i], p.Physician.GetAccountId())
		}
		if err != nil {
			return fmt.Errorf("seeding demo physician %d: %w", i, err)
		}
	}
	s.source.Ring(topicPhysicians)
	return nil
}

// seedOrFound lets another process be faster.
func (s *Service) seedOrFound(ctx context.Context, id uuid.UUID, p DemoPhysician) error {
	failed := s.seedOne(ctx, id, p)
	if failed == nil {
		return nil
	}
	if rows, err := s.q.DemoPhysicians(ctx, s.db.W.DB(), []uuid.UUID{id}); err == nil && len(rows) == 1 {
		return nil
	}
	return failed
}

func demoActor() audit.Actor { return audit.Actor{Service: "demo"} }

func (s *Service) seedOne(ctx context.Context, id uuid.UUID, p DemoPhysician) error {
	in, err := readPhysician(p.Physician, s.states, s.demo)
	if err != nil {
		return err
	}
	return s.db.W.Tx(ctx, func(ctx context.Context, tx pgx.Tx) error {
		row, err := s.insertPhysician(ctx, tx, id, in, demoActor())
		if err != nil {
			return err
		}
		for _, l := range p.Licenses {
			entered, faults := readLicense(l, s.states, s.clock.Now())
			if err := faults.err(); err != nil {
				return err
			}
			license, err := uuid.Parse(l.GetLicenseId())
			if err != nil {
				return fmt.Errorf("reading a demo license: %w", err)
			}
			if _, err := s.insertLicense(ctx, tx, id, license, entered, demoActor()); err != nil {
				return err
			}
		}
		return s.publish(ctx, tx, row)
	})
}

func (s *Service) seedAccount(ctx context.Context, id uuid.UUID, rawAccount string) error {
	account, err := ids.Parse[ids.AccountID](rawAccount)
	if err != nil {
		return err
	}
	return s.db.W.Tx(ctx, func(ctx context.Context, tx pgx.Tx) error {
		linked, err := s.q.LinkAccount(ctx, tx, db.LinkAccountParams{AccountID: account.UUID, PhysicianID: id})
		if err != nil {
			return fmt.Errorf("linking an account: %w", err)
		}
		if linked == 0 {
			return nil
		}
		row, err := s.bump(ctx, tx, id)
		if err != nil {
			return err
		}
		err = audit.Append(ctx, tx, audit.Entry{
			Actor: demoActor(), Action: "licensing.account_link", Subject: "physician/" + id.String(),
			Detail: map[string]string{"account": account.String()},
		})
		if err != nil {
			return fmt.Errorf("recording a linked account: %w", err)
		}
		return s.publish(ctx, tx, row)
	})
}
