package app

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"

	"github.com/bedside-health/bedside/internal/audit"
	"github.com/bedside-health/bedside/internal/config"
	"github.com/bedside-health/bedside/internal/demo"
	"github.com/bedside-health/bedside/internal/enrollment/people"
	"github.com/bedside-health/bedside/internal/enrollment/roster"
	"github.com/bedside-health/bedside/internal/gen/bedside/auth/v1/authv1connect"
	"github.com/bedside-health/bedside/internal/gen/bedside/enrollment/v1/enrollmentv1connect"
)

// enrollment is the two sides of the target: people and rosters.
type enrollment struct {
	people *people.Service
	roster *roster.Service
}

func newEnrollment(b *boot, s *store) (*enrollment, error) {
	accounts, err := client(b, "auth", authv1connect.NewAuthServiceClient)
	if err != nil {
		return nil, err
	}
	e := new(enrollment)
	e.people, err = people.New(people.Deps{
		DB: s.db, Clock: b.clock, Log: b.log, Audit: s.reads, Seal: s.seal, Jobs: s.queue, Bell: b.bell, Throttle: b.throttle,
		Mail: s.mail, Accounts: accounts, BaseURL: b.cfg.BaseURL, HelpPhone: b.cfg.HelpPhone, Demo: b.cfg.Demo,
	})
	if err != nil {
		return nil, fmt.Errorf("building the people side: %w", err)
	}
	e.roster, err = roster.New(roster.Deps{
		DB: s.db, Clock: b.clock, Log: b.log, Audit: s.reads, Seal: s.seal, Jobs: s.queue, Demo: b.cfg.Demo,
		OnMembersChanged: e.people.OnMembersChanged, Ring: e.people.Ring, Invite: e.people.Invite,
	})
	if err != nil {
		return nil, fmt.Errorf("building the roster side: %w", err)
	}
	return e, nil
}

func buildEnrollment(b *boot) (*part, error) {
	s, err := b.open("enrollment")
	if err != nil {
		return nil, err
	}
	e, err := newEnrollment(b, s)
	if err != nil {
		s.db.Close()
		return nil, err
	}
	e.people.Workers(s.workers)
	e.roster.Workers(s.workers)
	b.metrics.Gauge("bedside_roster_alarms", "Rosters of the last 7 days that repeat control numbers with other content.", nil, e.roster.Alarms)
	enrollmentv1connect.RegisterPeopleServiceHandler(b.net.Server(), e.people)
	enrollmentv1connect.RegisterRosterServiceHandler(b.net.Server(), e.roster)
	p := b.part(s, e.people.Ready, append(e.people.Runners(), e.roster.Runners()...))
	p.seed = e.seed
	return p, nil
}

// seed makes the two invented payers, reads the demo patient's little roster,
// and makes them a patient. The big roster waits to be imported by hand.
func (e *enrollment) seed(ctx context.Context) error {
	actor := audit.Actor{Service: "demo"}
	for _, p := range []roster.Payer{
		{Name: demo.Payer, Identifiers: []string{demo.PayerID}},
		{Name: demo.PatientPayer, Identifiers: []string{demo.PatientPayerID}},
	} {
		if _, err := e.roster.PutPayer(ctx, actor, p); err != nil {
			return fmt.Errorf("making payer %s: %w", p.Name, err)
		}
	}
	text := demo.PatientRoster()
	done, err := e.roster.Import(ctx, roster.File{
		Payer: demo.PatientPayer, Name: "demo patient", Content: strings.NewReader(text), Size: int64(len(text)), Actor: actor,
	})
	if err != nil {
		return fmt.Errorf("reading the demo patient's roster: %w", err)
	}
	if done.GetStatus() == "refused" {
		return fmt.Errorf("the demo patient's roster was refused: %s", done.GetRefusal().GetMessage())
	}
	patient := demo.Accounts()[0]
	if _, err := e.people.SeedDemo(ctx, patient.ID, patient.Email, demo.PatientPayer); err != nil {
		return fmt.Errorf("making the demo patient: %w", err)
	}
	return nil
}

// RosterFile is a roster that somebody imports at a command line.
type RosterFile = roster.File

// RosterProgress is how far an import is.
type RosterProgress = roster.Progress

// RosterPayer is an insurer, and how its files are to be read.
type RosterPayer = roster.Payer

// Rosters imports rosters in the process of a command, against the database
// that the settings name.
type Rosters struct {
	*roster.Service
	close func()
}

// commandPool is what a command may take of the primary's connections.
const commandPool = 2

// OpenRosters opens the roster side of enrollment for a command.
func OpenRosters(ctx context.Context, cfg *config.Config, version string, log *slog.Logger) (*Rosters, error) {
	names := Names(Targets())
	if err := cfg.Check([]string{"enrollment"}, func(string) bool { return true }); err != nil {
		return nil, err
	}
	b, err := newBoot(ctx, cfg, names, version, log)
	if err != nil {
		return nil, err
	}
	b.pool = commandPool
	s, err := b.open("enrollment")
	if err != nil {
		return nil, err
	}
	done := func() { s.db.Close(); b.redis.Close() }
	e, err := newEnrollment(b, s)
	if err != nil {
		done()
		return nil, err
	}
	if err := s.db.Ping(ctx); err != nil {
		done()
		return nil, errors.Join(errors.New("the database does not answer (is the portal running?)"), err)
	}
	return &Rosters{Service: e.roster, close: done}, nil
}

// Close frees what it holds.
func (r *Rosters) Close() { r.close() }
