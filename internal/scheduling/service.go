package scheduling

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync/atomic"

	"github.com/bedside-health/bedside/internal/audit"
	"github.com/bedside-health/bedside/internal/cache"
	"github.com/bedside-health/bedside/internal/clock"
	"github.com/bedside-health/bedside/internal/feed"
	"github.com/bedside-health/bedside/internal/ids"
	"github.com/bedside-health/bedside/internal/jobs"
	"github.com/bedside-health/bedside/internal/lifecycle"
	"github.com/bedside-health/bedside/internal/mail"
	"github.com/bedside-health/bedside/internal/pg"
	"github.com/bedside-health/bedside/internal/rpc"
	"github.com/bedside-health/bedside/internal/scheduling/db"
	"github.com/bedside-health/bedside/internal/scheduling/index"
	"github.com/bedside-health/bedside/internal/seal"
)

// Deps is what the service needs. Every field without "may be" is required.
type Deps struct {
	DB       *pg.DB
	Clock    clock.Clock
	Log      *slog.Logger
	Audit    *audit.Reads
	Seal     *seal.Sealer
	Bell     *cache.Bell
	Throttle *cache.Throttle
	Mail     mail.Sender
	// Jobs may be set later, with SetJobs: the queue is made of workers that
	// the service registers.
	Jobs *jobs.Queue
	// Licensing and People are the neighbors' generated clients; only their
	// feeds are asked.
	Licensing Licensing
	People    rpc.FeedClient
	// BaseURL is where patients reach the portal, for links in mail.
	BaseURL string
	// HelpPhone stands in mails about what staff did; may be empty.
	HelpPhone string
	// HoldsPerAddress caps live holds of one client address; 20 if zero.
	HoldsPerAddress int
	// Demo allows SeedDemo.
	Demo bool
}

// Licensing is the part of licensing's generated client that is asked: its
// feed, and the backstop of it.
type Licensing interface {
	rpc.FeedClient
	rpc.SweepClient
}

func (d Deps) validate() error {
	missing := map[string]bool{
		"DB": d.DB == nil, "Log": d.Log == nil, "Audit": d.Audit == nil, "Seal": d.Seal == nil,
		"Bell": d.Bell == nil, "Throttle": d.Throttle == nil, "Mail": d.Mail == nil,
		"Licensing": d.Licensing == nil, "People": d.People == nil, "BaseURL": d.BaseURL == "",
	}
	var faults []error
	for name, is := range missing {
		if is {
			faults = append(faults, fmt.Errorf("scheduling needs %s", name))
		}
	}
	if d.HoldsPerAddress < 0 {
		faults = append(faults, errors.New("scheduling: HoldsPerAddress is negative"))
	}
	return errors.Join(faults...)
}

// topicCalendar is the topic that this service writes.
const topicCalendar = "calendar"

// Service answers the scheduling calls.
type Service struct {
	d      Deps
	source *feed.Source
	q      *db.Queries
	ix     *index.Index

	physicians *feed.Follower
	rules      *feed.Follower
	patients   *feed.Follower
	rulebook   *rulebook
	menu       atomic.Pointer[menu]
	// name tells the answers of this process from those of another.
	name string
}

// New makes the service. It neither connects nor starts anything.
func New(d Deps) (*Service, error) {
	if err := d.validate(); err != nil {
		return nil, err
	}
	if d.HoldsPerAddress == 0 {
		d.HoldsPerAddress = holdsPerAddress
	}
	s := &Service{
		d: d, source: feed.NewSource(d.DB, d.Bell, "scheduling", topicCalendar),
		q: db.New(), ix: index.New(index.Options{}), rulebook: newRulebook(), name: ids.NewUUID().String(),
	}
	licensing, people := rpc.ServiceFeed(d.Licensing), rpc.ServiceFeed(d.People)
	s.physicians = feed.NewFollower("scheduling/physicians", "physicians", licensing, s.storeOf("physicians"), d.Log)
	s.rules = feed.NewFollower("scheduling/rules", "rules", licensing, s.storeOf("rules"), d.Log)
	s.patients = feed.NewFollower("scheduling/patients", "patients", people, s.storeOf("patients"), d.Log)
	return s, nil
}

// storeOf keeps the place in a neighbor's topic, and applies it.
func (s *Service) storeOf(topic string) feed.Store {
	switch topic {
	case "physicians":
		return feed.InChunks(feed.NewTables(s.d.DB, topic, s.applyPhysicians), 1)
	case "rules":
		return feed.InChunks(feed.NewTables(s.d.DB, topic, s.applyRules), 1)
	default:
		return feed.InChunks(feed.NewTables(s.d.DB, topic, s.applyPatients), patientsAtOnce)
	}
}

// SetJobs gives the service its queue, made of the workers that it registered.
func (s *Service) SetJobs(q *jobs.Queue) { s.d.Jobs = q }

// Runners are what lives long: the feeds that it follows, the index, the timer.
func (s *Service) Runners() []lifecycle.Runner {
	return []lifecycle.Runner{
		s.physicians, s.rules, s.patients,
		lifecycle.Loop("scheduling/index", s.d.Log, s.keepIndex),
		lifecycle.Loop("scheduling/timer", s.d.Log, s.keepTime),
		lifecycle.Every("scheduling/backstop", s.d.Log, backstopEvery, s.backstop),
		lifecycle.Every("scheduling/coverage", s.d.Log, backstopEvery, s.sweepCoverage),
	}
}

// Ready says whether the service can answer. The index is no condition: while
// it fills, search asks SQL.
func (s *Service) Ready(ctx context.Context) error {
	if s.d.Jobs == nil {
		return errors.New("scheduling: no job queue")
	}
	return s.d.DB.Ping(ctx)
}
