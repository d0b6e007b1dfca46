package app

import (
	"context"
	"errors"
	"fmt"
	"log/slog"

	"github.com/bedside-health/bedside/internal/auth"
	"github.com/bedside-health/bedside/internal/clock"
	"github.com/bedside-health/bedside/internal/config"
	"github.com/bedside-health/bedside/internal/gen/bedside/auth/v1/authv1connect"
)

func newAuth(b *boot, s *store) (*auth.Service, error) {
	svc, err := auth.New(auth.Deps{
		DB: s.db, Log: b.log, Seal: s.seal, Jobs: s.queue, Bell: b.bell, Throttle: b.throttle, Mail: s.mail,
		BaseURL: b.cfg.BaseURL, HelpPhone: b.cfg.HelpPhone, Demo: b.cfg.Demo,
	})
	if err != nil {
		return nil, fmt.Errorf("building auth: %w", err)
	}
	return svc, nil
}

func buildAuth(b *boot) (*part, error) {
	s, err := b.open("auth")
	if err != nil {
		return nil, err
	}
	svc, err := newAuth(b, s)
	if err != nil {
		s.db.Close()
		return nil, err
	}
	svc.Workers(s.workers)
	authv1connect.RegisterAuthServiceHandler(b.net.Server(), svc)
	authv1connect.RegisterAccountServiceHandler(b.net.Server(), svc)
	authv1connect.RegisterAdminServiceHandler(b.net.Server(), svc)
	p := b.part(s, svc.Ready, svc.Runners())
	p.seed = func(ctx context.Context) error { return seedAccounts(ctx, svc) }
	return p, nil
}

// Accounts keeps accounts in the process of a command, against the database
// that the settings name.
type Accounts struct {
	*auth.Service
	close func()
}

// OpenAccounts opens auth for a command.
func OpenAccounts(ctx context.Context, cfg *config.Config, version string, log *slog.Logger) (*Accounts, error) {
	if err := cfg.Check([]string{"auth"}, func(string) bool { return true }); err != nil {
		return nil, err
	}
	b, err := newBoot(ctx, cfg, Names(Targets()), version, log, clock.System())
	if err != nil {
		return nil, err
	}
	b.pool = commandPool
	s, err := b.open("auth")
	if err != nil {
		return nil, err
	}
	done := func() { s.db.Close(); b.redis.Close() }
	svc, err := newAuth(b, s)
	if err != nil {
		done()
		return nil, err
	}
	if err := s.db.Ping(ctx); err != nil {
		done()
		return nil, errors.Join(errors.New("the database does not answer (is the portal running?)"), err)
	}
	return &Accounts{Service: svc, close: done}, nil
}

// Close frees what it holds.
func (a *Accounts) Close() { a.close() }
