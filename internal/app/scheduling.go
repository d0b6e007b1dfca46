package app

import (
	"context"

	"github.com/bedside-health/bedside/internal/gen/bedside/enrollment/v1/enrollmentv1connect"
	"github.com/bedside-health/bedside/internal/gen/bedside/licensing/v1/licensingv1connect"
	"github.com/bedside-health/bedside/internal/gen/bedside/scheduling/v1/schedulingv1connect"
	"github.com/bedside-health/bedside/internal/scheduling"
)

func buildScheduling(b *boot) (*part, error) {
	lic, err := client(b, "licensing", licensingv1connect.NewLicensingServiceClient)
	if err != nil {
		return nil, err
	}
	people, err := client(b, "enrollment", enrollmentv1connect.NewPeopleServiceClient)
	if err != nil {
		return nil, err
	}
	s, err := b.open("scheduling")
	if err != nil {
		return nil, err
	}
	svc, err := scheduling.New(scheduling.Deps{
		DB: s.db, Clock: b.clock, Log: b.log, Audit: s.reads, Seal: s.seal, Bell: b.bell, Throttle: b.throttle,
		Mail: s.mail, Jobs: s.queue, Licensing: lic, People: people, BaseURL: b.cfg.BaseURL, HelpPhone: b.cfg.HelpPhone, Demo: b.cfg.Demo,
	})
	if err != nil {
		s.db.Close()
		return nil, err
	}
	svc.Workers(s.workers)
	schedulingv1connect.RegisterSchedulingServiceHandler(b.net.Server(), svc)
	schedulingv1connect.RegisterDeskServiceHandler(b.net.Server(), svc)
	p := b.part(s, svc.Ready, svc.Runners())
	p.seed = func(ctx context.Context) error { return seedCalendars(ctx, svc) }
	return p, nil
}
