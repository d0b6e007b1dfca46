package app

import (
	"context"

	"github.com/bedside-health/bedside/internal/auth"
	"github.com/bedside-health/bedside/internal/gen/bedside/auth/v1/authv1connect"
)

func buildAuth(b *boot) (*part, error) {
	s, err := b.open("auth")
	if err != nil {
		return nil, err
	}
	svc, err := auth.New(auth.Deps{
		DB: s.db, Log: b.log, Seal: s.seal, Jobs: s.queue, Bell: b.bell, Throttle: b.throttle, Mail: s.mail,
		BaseURL: b.cfg.BaseURL, HelpPhone: b.cfg.HelpPhone, Demo: b.cfg.Demo,
	})
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
