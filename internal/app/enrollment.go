package app

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"

	"connectrpc.com/connect/v2"
	"github.com/bedside-health/bedside/internal/audit"
	"github.com/bedside-health/bedside/internal/clock"
	"github.com/bedside-health/bedside/internal/config"
	"github.com/bedside-health/bedside/internal/demo"
	"github.com/bedside-health/bedside/internal/enrollment/acting"
	"github.com/bedside-health/bedside/internal/enrollment/contacts"
	"github.com/bedside-health/bedside/internal/enrollment/desk"
	"github.com/bedside-health/bedside/internal/enrollment/duplicates"
	"github.com/bedside-health/bedside/internal/enrollment/identity"
	"github.com/bedside-health/bedside/internal/enrollment/letters"
	"github.com/bedside-health/bedside/internal/enrollment/people"
	"github.com/bedside-health/bedside/internal/enrollment/roster"
	"github.com/bedside-health/bedside/internal/enrollment/waves"
	"github.com/bedside-health/bedside/internal/gen/bedside/auth/v1/authv1connect"
	"github.com/bedside-health/bedside/internal/gen/bedside/enrollment/v1/enrollmentv1connect"
)

// enrollment is the sides of the target, which share its schema.
type enrollment struct {
	people     *people.Service
	identity   *identity.Service
	roster     *roster.Service
	acting     *acting.Service
	contacts   *contacts.Service
	desk       *desk.Service
	duplicates *duplicates.Service
	waves      *waves.Service
	letters    *letters.Service
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
	return e, errors.Join(e.addOwn(b, s, accounts), e.addStaff(b, s))
}

// addOwn builds what people do about themselves and those they act for.
func (e *enrollment) addOwn(b *boot, s *store, accounts authv1connect.AuthServiceClient) error {
	owners, err := client(b, "auth", authv1connect.NewAccountServiceClient)
	if err != nil {
		return err
	}
	var faults [3]error
	e.acting, faults[0] = acting.New(acting.Deps{
		DB: s.db, Clock: b.clock, Log: b.log, Audit: s.reads, Seal: s.seal, Jobs: s.queue, Throttle: b.throttle,
		Mail: s.mail, BaseURL: b.cfg.BaseURL, HelpPhone: b.cfg.HelpPhone,
		Hold: e.people.Hold, Publish: e.people.Publish, Ring: e.people.Ring, PatientOf: e.people.PatientOfMember, Document: e.people.Document,
	})
	e.contacts, faults[1] = contacts.New(contacts.Deps{
		DB: s.db, Clock: b.clock, Log: b.log, Audit: s.reads, Accounts: owners, Addresses: accounts,
		Hold: e.people.Hold, Publish: e.people.Publish, Ring: e.people.Ring,
	})
	e.identity, faults[2] = identity.New(identity.Deps{
		DB: s.db, Clock: b.clock, Log: b.log, Audit: s.reads, Seal: s.seal, Jobs: s.queue, Throttle: b.throttle, Mail: s.mail,
		Accounts: accounts, Owners: owners, People: e.people, BaseURL: b.cfg.BaseURL, HelpPhone: b.cfg.HelpPhone,
	})
	if err := errors.Join(faults[:]...); err != nil {
		return fmt.Errorf("building what people do about themselves: %w", err)
	}
	return nil
}

// addStaff builds what staff do about people.
func (e *enrollment) addStaff(b *boot, s *store) error {
	var faults [4]error
	e.desk, faults[0] = desk.New(desk.Deps{
		DB: s.db, Audit: s.reads, Seal: s.seal, Throttle: b.throttle, Today: e.people.Today, NumberHash: e.people.NumberHash,
		Invite: e.people.Invite, RecordVerbal: e.people.RecordVerbal, Ring: e.people.Ring,
	})
	e.duplicates, faults[1] = duplicates.New(duplicates.Deps{
		DB: s.db, Clock: b.clock, Log: b.log, Audit: s.reads, Seal: s.seal, Hold: e.people.Hold, Publish: e.people.Publish, Ring: e.people.Ring,
		TellHeld: e.acting.TellHeld, TellBack: e.acting.TellBack,
	})
	e.waves, faults[2] = waves.New(waves.Deps{DB: s.db, Clock: b.clock, Log: b.log, Audit: s.reads, Invite: e.people.Invite})
	e.letters, faults[3] = letters.New(letters.Deps{
		DB: s.db, Clock: b.clock, Log: b.log, Audit: s.reads, Seal: s.seal, Jobs: s.queue, Throttle: b.throttle, Mail: s.mail,
		Activate: e.people.ActivateMember, Hold: e.people.Hold, Publish: e.people.Publish, Ring: e.people.Ring, HelpPhone: b.cfg.HelpPhone,
	})
	if err := errors.Join(faults[:]...); err != nil {
		return fmt.Errorf("building what staff do about people: %w", err)
	}
	return nil
}

// register says which service answers which methods.
func (e *enrollment) register(server *connect.Server) {
	enrollmentv1connect.RegisterPeopleServiceHandler(server, e.people)
	enrollmentv1connect.RegisterIdentityServiceHandler(server, e.identity)
	enrollmentv1connect.RegisterRosterServiceHandler(server, e.roster)
	enrollmentv1connect.RegisterActingServiceHandler(server, e.acting)
	enrollmentv1connect.RegisterContactServiceHandler(server, e.contacts)
	enrollmentv1connect.RegisterDeskServiceHandler(server, e.desk)
	enrollmentv1connect.RegisterPersonsServiceHandler(server, e.duplicates)
	enrollmentv1connect.RegisterInvitationServiceHandler(server, e.waves)
	enrollmentv1connect.RegisterLetterServiceHandler(server, e.letters)
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
	e.identity.Workers(s.workers)
	e.roster.Workers(s.workers)
	e.acting.Workers(s.workers)
	e.letters.Workers(s.workers)
	b.metrics.Gauge("bedside_roster_alarms", "Rosters of the last 7 days that repeat control numbers with other content.", nil, e.roster.Alarms)
	e.register(b.net.Server())
	p := b.part(s, e.people.Ready, slices.Concat(e.people.Runners(), e.identity.Runners(), e.roster.Runners(), e.acting.Runners(), e.contacts.Runners(),
		e.duplicates.Runners(), e.waves.Runners(), e.letters.Runners()))
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
	b, err := newBoot(ctx, cfg, names, version, log, clock.System())
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
