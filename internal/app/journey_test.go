package app

import (
	"context"
	"fmt"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/bedside-health/bedside/internal/errs"
	authv1 "github.com/bedside-health/bedside/internal/gen/bedside/auth/v1"
	schedulingv1 "github.com/bedside-health/bedside/internal/gen/bedside/scheduling/v1"
	"github.com/bedside-health/bedside/internal/ids"
	"github.com/bedside-health/bedside/internal/mailbox"
	"github.com/bedside-health/bedside/internal/rpc"
	"google.golang.org/protobuf/proto"
)

// The callers of a journey. nobody is not signed in; service is a neighbor.
const (
	nobody    = ""
	service   = "service"
	patient   = "patient"   // the demo patient
	other     = "other"     // a patient who came by an invitation
	typed     = "typed"     // a patient who typed their details
	newcomer  = "newcomer"  // an account without a patient
	physician = "physician" // the demo physician
	staff     = "staff"
	officer   = "officer"

	administrator = "administrator"
	coworker      = "coworker" // somebody whom the administrator invited
)

// journey walks through a portal by its calls alone and remembers what it met.
type journey struct {
	*portal
	t *testing.T // of the part that runs now
	// expired is a staff session's token that is too old.
	expired string
	// position is what the next call must see.
	position string
	sessions map[string]*authv1.Session
	patients map[string]string // patient ids by caller
	browsers map[string]string
	consents map[string]string
	booked   map[string]*schedulingv1.Appointment
	// met keeps ids, tickets and secrets from step to step.
	met      map[string]string
	slots    []*schedulingv1.Slot
	requests map[string]proto.Message // the last request of each method
	outcomes []outcome
}

// outcome is what a step gave, without what differs from portal to portal.
type outcome struct {
	step, procedure string
	err             string
	shape           []string
}

// step is one call. Its procedure is short: "auth.v1.AuthService/Renew".
type step struct {
	name string
	call string
	as   string
	req  func(j *journey) proto.Message
	// keep remembers what later steps need.
	keep func(j *journey, res proto.Message)
	// done asks again until it says true, for what takes a moment.
	done func(res proto.Message) bool
}

func newJourney(t *testing.T, p *portal) *journey {
	t.Helper()
	j := &journey{
		portal: p, t: t, sessions: map[string]*authv1.Session{}, patients: map[string]string{}, consents: map[string]string{},
		browsers: map[string]string{}, booked: map[string]*schedulingv1.Appointment{}, met: map[string]string{},
		requests: map[string]proto.Message{}, expired: p.expire(t),
	}
	for _, who := range []string{patient, other, typed, nobody, staff} {
		j.browsers[who] = "browser of " + who + " " + ids.NewUUID().String()
	}
	p.db.Exec(t, `INSERT INTO enrollment.payers (payer_id, name, identifiers) VALUES ($1, 'Quillfeather Health', '{QUILL-834}')`, ids.NewUUID())
	return j
}

// as is the context of a caller.
func (j *journey) as(who string) context.Context {
	switch who {
	case nobody:
		return j.t.Context()
	case service:
		return rpc.AsService(j.t.Context())
	}
	s := j.sessions[who]
	if s == nil {
		j.t.Fatalf("%s has not signed in yet", who)
	}
	return rpc.WithToken(j.t.Context(), s.GetToken())
}

// run makes every step, and fails at the first that is refused: what follows
// would fail for its sake alone.
func (j *journey) run(t *testing.T, steps []step) {
	t.Helper()
	j.t = t
	for _, s := range steps {
		m := methodNamed("/bedside." + s.call)
		if m.desc == nil {
			j.t.Fatalf("%s: there is no method %s", s.name, s.call)
		}
		req := m.input()
		if s.req != nil {
			req = s.req(j)
		}
		j.requests[m.procedure()] = req
		res, err := j.poll(s, m, req)
		o := outcome{step: s.name, procedure: m.procedure(), err: failure(err)}
		if err == nil {
			o.shape = shape(res)
		}
		j.outcomes = append(j.outcomes, o)
		if err != nil {
			j.t.Fatalf("%s (%s): %v %v", s.name, s.call, err, errs.FieldsOf(err))
		}
		if s.keep != nil {
			s.keep(j, res)
		}
	}
}

// ask makes a call as somebody; it sees all that the journey has written.
func (j *journey) ask(who string, m method, req proto.Message) (proto.Message, error) {
	ctx, at := rpc.WithPosition(j.as(who), j.position)
	res, err := call(ctx, j.net, m, req)
	if to := at(); to != "" {
		j.position = to
	}
	return res, err
}

// poll asks until the step is done.
func (j *journey) poll(s step, m method, req proto.Message) (proto.Message, error) {
	deadline := time.Now().Add(patience)
	for {
		res, err := j.ask(s.as, m, req)
		if err != nil || s.done == nil || s.done(res) {
			return res, err
		}
		if time.Now().After(deadline) {
			j.t.Fatalf("%s: still %v", s.name, res)
		}
		<-time.After(20 * time.Millisecond)
	}
}

// failure is all that a caller may learn of an error; empty for none.
func failure(err error) string {
	if err == nil {
		return ""
	}
	return fmt.Sprintf("%s %s %q %v", errs.CodeOf(err), errs.ReasonOf(err), err.Error(), errs.FieldsOf(err))
}

// letter waits for a mail, the newest of those that fit.
func (j *journey) letter(to, subject string) mailbox.Message {
	j.t.Helper()
	ctx, cancel := context.WithTimeout(j.t.Context(), patience)
	defer cancel()
	fits := func(m *mailbox.Message) bool {
		return len(m.To) == 1 && strings.EqualFold(m.To[0], to) && strings.Contains(m.Subject, subject)
	}
	m, err := j.mail.Wait(ctx, fits)
	if err != nil {
		j.t.Fatalf("no mail to %s about %q: %v; there are %v", to, subject, err, j.subjects())
	}
	return m
}

func (j *journey) subjects() []string {
	var out []string
	for _, m := range j.mail.Messages("") {
		out = append(out, strings.Join(m.To, ",")+": "+m.Subject)
	}
	return out
}

var mailedCode = regexp.MustCompile(`(?m)^\s*(\d{3,4}) ?(\d{3,4})\s*$`)

// code is the code in a mail.
func (j *journey) code(to, subject string) string {
	j.t.Helper()
	m := j.letter(to, subject)
	found := mailedCode.FindStringSubmatch(m.Text)
	if found == nil {
		j.t.Fatalf("the mail %q has no code", m.Subject)
	}
	return found[1] + found[2]
}

// keepSession remembers a sign-in under a caller's name.
func keepSession(who string) func(j *journey, res proto.Message) {
	return func(j *journey, res proto.Message) {
		s := res.(interface{ GetSession() *authv1.Session }).GetSession()
		if s.GetToken() == "" {
			j.t.Fatalf("no session for %s", who)
		}
		j.sessions[who] = s
	}
}

// keepMet remembers a text under a name.
func keepMet[R proto.Message](name string, of func(R) string) func(j *journey, res proto.Message) {
	return func(j *journey, res proto.Message) {
		value := of(res.(R))
		if value == "" {
			j.t.Fatalf("no %s in %v", name, res)
		}
		j.met[name] = value
	}
}
