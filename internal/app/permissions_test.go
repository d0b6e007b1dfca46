package app

import (
	"context"
	"crypto/rand"
	"encoding/base64"
	"slices"
	"testing"
	"time"

	"github.com/bedside-health/bedside/internal/errs"
	authv1 "github.com/bedside-health/bedside/internal/gen/bedside/auth/v1"
	rpcv1 "github.com/bedside-health/bedside/internal/gen/bedside/rpc/v1"
	"github.com/bedside-health/bedside/internal/ids"
	"github.com/bedside-health/bedside/internal/rpc"
	"google.golang.org/protobuf/proto"
)

// caller is somebody who tries every method.
type caller struct {
	name string
	net  *rpc.Network
	ctx  context.Context //nolint:containedctx // of one test
	// again makes a context with a session of its own, for methods that end
	// sessions; nil without a session.
	again func() context.Context
	// refusal is how the caller must be refused by a method with this access;
	// empty where it may pass.
	refusal func(a *rpcv1.Access) string
}

// refusals are all the ways in which the door itself says no.
func refusals() []string {
	return []string{
		"unauthenticated sign_in_needed", "forbidden not_allowed", "forbidden not_for_services", "unauthenticated service_proof",
		"unauthenticated token_expired", "unauthenticated token_wrong", "unauthenticated session_ended",
	}
}

// unless refuses what not everybody may do.
func unless(refusal string) func(*rpcv1.Access) string {
	return func(a *rpcv1.Access) string {
		if a.GetAnonymous() {
			return ""
		}
		return refusal
	}
}

func (j *journey) callers(t *testing.T) []caller {
	t.Helper()
	out := []caller{
		{name: "nobody", net: j.net, ctx: t.Context(), refusal: unless("unauthenticated sign_in_needed")},
		{name: "a service", net: j.net, ctx: rpc.AsService(t.Context()), refusal: func(a *rpcv1.Access) string {
			if a.GetAnonymous() || a.GetService() {
				return ""
			}
			return "forbidden not_for_services"
		}},
		{name: "an expired token", net: j.net, ctx: rpc.WithToken(t.Context(), j.expired), refusal: unless("unauthenticated token_expired")},
		{name: "a signed-out session", net: j.net, ctx: rpc.WithToken(t.Context(), j.signedOut(t)), refusal: unless("unauthenticated session_ended")},
		{name: "a made-up token", net: j.net, ctx: rpc.WithToken(t.Context(), "b1.e30.AAAA"), refusal: unless("unauthenticated token_wrong")},
	}
	for _, person := range []struct {
		name string
		role rpcv1.Role
	}{
		{patient, rpcv1.Role_ROLE_PATIENT},
		{other, rpcv1.Role_ROLE_PATIENT},
		{physician, rpcv1.Role_ROLE_PHYSICIAN},
		{staff, rpcv1.Role_ROLE_STAFF},
		{officer, rpcv1.Role_ROLE_LICENSING_OFFICER},
		{administrator, rpcv1.Role_ROLE_ADMINISTRATOR},
	} {
		name, role := person.name, person.role
		again := func() context.Context { return rpc.WithToken(t.Context(), j.fresh(t, name, role).GetToken()) }
		out = append(out, caller{name: name, net: j.net, ctx: again(), again: again, refusal: func(a *rpcv1.Access) string {
			if a.GetAnonymous() || slices.Contains(a.GetRoles(), role) {
				return ""
			}
			return "forbidden not_allowed"
		}})
	}
	if j.apps["web"] != j.apps["auth"] { // nobody else can call into a portal of one process
		key := make([]byte, 32)
		_, _ = rand.Read(key)
		forged := j.outside(t, base64.StdEncoding.EncodeToString(key))
		out = append(out, caller{name: "a service with another key", net: forged, ctx: rpc.AsService(t.Context()),
			refusal: func(*rpcv1.Access) string { return "unauthenticated service_proof" }})
	}
	return out
}

// fresh is a new session of somebody in the journey.
func (j *journey) fresh(t *testing.T, who string, role rpcv1.Role) *authv1.Session {
	t.Helper()
	if who != other {
		return j.signIn(t, role)
	}
	made, err := call(rpc.AsService(t.Context()), j.net, methodNamed("/bedside.auth.v1.AuthService/EnsureAccount"), &authv1.EnsureAccountRequest{
		Email: invitedMail, Role: rpcv1.Role_ROLE_PATIENT, Language: "en", Proof: ids.NewUUID().String(),
	})
	if err != nil {
		t.Fatalf("asking for a ticket: %v", err)
	}
	res, err := call(t.Context(), j.net, methodNamed("/bedside.auth.v1.AuthService/SignInWithTicket"), &authv1.SignInWithTicketRequest{
		Ticket: made.(*authv1.EnsureAccountResponse).GetTicket(), Client: j.client(),
	})
	if err != nil {
		t.Fatalf("redeeming a ticket: %v", err)
	}
	return res.(*authv1.SignInWithTicketResponse).GetSession()
}

// expire makes a token that is too old, by signing in while the database's
// clock is late. Nobody else may be at work meanwhile.
func (p *portal) expire(t *testing.T) string {
	t.Helper()
	p.db.MoveClock(t, -10*time.Minute)
	defer p.db.MoveClock(t, 0)
	return p.signIn(t, rpcv1.Role_ROLE_STAFF).GetToken()
}

// signedOut is a token whose session has ended, once every process knows.
func (j *journey) signedOut(t *testing.T) string {
	t.Helper()
	s := j.signIn(t, rpcv1.Role_ROLE_STAFF)
	ctx := rpc.WithToken(t.Context(), s.GetToken())
	if _, err := call(ctx, j.net, methodNamed("/bedside.auth.v1.AuthService/SignOut"), &authv1.SignOutRequest{}); err != nil {
		t.Fatalf("signing out: %v", err)
	}
	for _, target := range Targets() {
		if target.Pool == 0 {
			continue
		}
		probe := probeOf(target.Name)
		until(t, target.Name+" hears of a signed-out session", patience, func() bool {
			_, err := call(ctx, j.net, probe, probe.input())
			return errs.ReasonOf(err) == "session_ended"
		})
	}
	return s.GetToken()
}

// probeOf is a method of a target that staff may call and that changes nothing
// for an empty request, or one that refuses staff only after looking at their
// session.
func probeOf(target string) method {
	return methodNamed(map[string]string{
		"auth":       "/bedside.auth.v1.AuthService/ListSessions",
		"enrollment": "/bedside.enrollment.v1.RosterService/ListPayers",
		"licensing":  "/bedside.licensing.v1.LicensingService/ListRules",
		"scheduling": "/bedside.scheduling.v1.SchedulingService/PhysicianDay",
	}[target])
}

// newest is a position that only the primary has reached: answers that are
// compared may not depend on how far a replica is.
const newest = "FFFFFFFF/FFFFFFFF"

const renew = "/bedside.auth.v1.AuthService/Renew"

// permissions lets every caller try every method: with the journey's own
// request where they must be refused, with an empty one where they may pass.
func (j *journey) permissions(t *testing.T) {
	endsSessions := []string{"/bedside.auth.v1.AuthService/SignOut", "/bedside.auth.v1.AuthService/RevokeAllSessions"}
	for _, c := range j.callers(t) {
		for _, m := range methods() {
			want := c.refusal(m.access())
			ctx, req := c.ctx, m.input()
			if want != "" {
				req = proto.Clone(j.requests[m.procedure()])
			} else if slices.Contains(endsSessions, m.procedure()) && c.again != nil {
				// Of the demo patient, all sessions end: theirs and those
				// that the journey had.
				ctx = c.again()
			}
			ctx, _ = rpc.WithPosition(ctx, newest)
			res, err := call(ctx, c.net, m, req)
			if c.net == j.net {
				o := outcome{step: c.name, procedure: m.procedure(), err: failure(err)}
				if err == nil {
					o.shape = shape(res)
				}
				j.outcomes = append(j.outcomes, o) // refusals must be the same either way, too
			}
			got := errs.CodeOf(err).String() + " " + errs.ReasonOf(err)
			switch {
			case want != "" && err == nil:
				t.Errorf("%s called %s and got %v", c.name, m.procedure(), res)
			case want != "" && got != want:
				t.Errorf("%s called %s and was told %q, want %q", c.name, m.procedure(), got, want)
			case want == "" && err != nil && slices.Contains(refusals(), got) && m.procedure() != renew: // whose secret may have ended
				t.Errorf("%s may call %s and was told %q", c.name, m.procedure(), got)
			case want == "" && errs.CodeOf(err) == errs.Internal && err != nil:
				t.Errorf("%s called %s with nothing in it and broke it: %v", c.name, m.procedure(), err)
			}
			if m.procedure() == endsSessions[1] && c.again != nil {
				c.ctx = c.again()
			}
		}
	}
}
