package app

import (
	"context"

	"github.com/bedside-health/bedside/internal/gen/bedside/licensing/v1/licensingv1connect"
	"github.com/bedside-health/bedside/internal/licensing"
)

func buildLicensing(b *boot) (*part, error) {
	s, err := b.open("licensing")
	if err != nil {
		return nil, err
	}
	svc, err := licensing.New(licensing.Deps{DB: s.db, Clock: b.clock, Log: b.log, Bell: b.bell, Demo: b.cfg.Demo})
	if err != nil {
		s.db.Close()
		return nil, err
	}
	s.queue = nil // no work of licensing leaves the service
	licensingv1connect.RegisterLicensingServiceHandler(b.net.Server(), svc)
	licensingv1connect.RegisterPhysicianAccountServiceHandler(b.net.Server(), svc)
	p := b.part(s, svc.Ready, svc.Runners())
	p.seed = func(ctx context.Context) error { return seedPhysicians(ctx, svc) }
	return p, nil
}
