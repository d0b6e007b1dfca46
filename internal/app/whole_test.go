package app

import (
	"slices"
	"strings"
	"testing"

	"github.com/bedside-health/bedside/internal/pgtest"
)

// TestPortal lets the same journey run through a portal in one process without
// Redis and through one that is split into processes with it, compares what
// they answered, and then tries on both what nobody may do.
func TestPortal(t *testing.T) {
	t.Parallel()
	one := newJourney(t, whole(t, ""))
	many := newJourney(t, split(t, pgtest.Redis(t)))
	both := map[string]*journey{"in one process": one, "split": many}
	for _, part := range []struct {
		name string
		run  func(t *testing.T, j *journey)
	}{
		{"the journey", func(t *testing.T, j *journey) { j.run(t, allSteps()) }},
		{"permissions", func(t *testing.T, j *journey) { j.permissions(t) }},
		{"ownership", func(t *testing.T, j *journey) { j.ownership(t) }},
		{"access", func(t *testing.T, j *journey) { j.access(t) }},
		{"pages", func(t *testing.T, j *journey) { j.pages(t) }},
		{"forms", func(t *testing.T, j *journey) { j.forms(t) }},
		{"logs", func(t *testing.T, j *journey) { j.sayNothing(t) }},
	} {
		ok := t.Run(part.name, func(t *testing.T) {
			for name, j := range both {
				t.Run(name, func(t *testing.T) {
					t.Parallel()
					part.run(t, j)
				})
			}
		})
		if !ok && part.name == "the journey" {
			return // what follows needs it
		}
	}
	compare(t, one.outcomes, many.outcomes)
}

func allSteps() []step {
	return slices.Concat(authSteps(), rosterSteps(), peopleSteps(), actingSteps(), identitySteps(), mailboxSteps(), personsSteps(), licensingSteps(),
		bookingSteps(), accountSteps(), deskSteps())
}

// compare holds the answers of two journeys against each other.
func compare(t *testing.T, one, many []outcome) {
	t.Helper()
	if len(one) != len(many) {
		t.Fatalf("%d answers in process, %d over the network", len(one), len(many))
	}
	for i := range one {
		a, b := one[i], many[i]
		if a.err != b.err {
			t.Errorf("%s (%s): in process %q, over the network %q", a.step, a.procedure, a.err, b.err)
		}
		for _, line := range a.shape {
			if !slices.Contains(b.shape, line) {
				t.Errorf("%s (%s): only in process: %s", a.step, a.procedure, line)
			}
		}
		for _, line := range b.shape {
			if !slices.Contains(a.shape, line) {
				t.Errorf("%s (%s): only over the network: %s", a.step, a.procedure, line)
			}
		}
	}
}

func TestEveryMethodHasAStep(t *testing.T) {
	t.Parallel()
	missing := map[string]bool{}
	for _, m := range methods() {
		missing[m.procedure()] = true
	}
	for _, s := range allSteps() {
		if methodNamed("/bedside."+s.call).desc == nil {
			t.Errorf("%s: there is no method %s", s.name, s.call)
		}
		delete(missing, "/bedside."+s.call)
	}
	for procedure := range missing {
		t.Errorf("no step of the journey calls %s", strings.TrimPrefix(procedure, "/bedside."))
	}
}

// sayNothing reads everything that the processes logged on the way.
func (j *journey) sayNothing(t *testing.T) {
	text := strings.ToLower(j.logs.text())
	if !strings.Contains(text, `"msg":"page"`) {
		t.Error("the log says nothing at all")
	}
	for _, private := range []string{
		"quillfeather.roster", "ottoline", "barnaby", "rosa.delgado", "delgado", "thistlewood", typedMail, invitedMail, newcomerMail, coworkerMail, movedMail, replacedMail,
		"qf7000001", "tw7000001", "1971-04-12", letterMail, mailboxMail, "philippa", j.met["letter code"], "weathervane", "215 555", longPassword,
		j.sessions[patient].GetSecret(), j.sessions[patient].GetToken(), j.met["link"], j.met["ticket"], j.met["care"], j.browsers[patient],
		"perpetua", "persimmon", "qf7999999",
	} {
		if at := strings.Index(text, strings.ToLower(private)); at >= 0 {
			t.Errorf("the log says %q: …%s…", private, text[max(0, at-200):min(len(text), at+100)])
		}
	}
	for line := range strings.Lines(j.logs.text()) {
		if strings.Contains(line, `"level":"ERROR"`) {
			t.Errorf("an error was logged: %s", line)
		}
	}
}
