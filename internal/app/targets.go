// Package app is the composition root: the only place that knows which targets
// there are, what each needs, and how it is built. targets.go is the map of
// the system.
package app

// Target is one part of Bedside that can run alone.
type Target struct {
	Name string
	// Calls lists the targets that it calls. Every target also follows auth's
	// revocations.
	Calls []string
	// Pool is the maximum of its connections to the primary; its pool at the
	// replica has the same. Blue and green run side by side during a
	// deployment, so twice the sum must stay within Backends.
	Pool int32
	// build makes the target of a booting process.
	build func(*boot) (*part, error)
}

// Backends is what the primary may be asked for by all targets together, blue
// and green. The rest of its connections is for migrations, operators and the
// roster command.
const Backends = 34

// Targets is the map of the system, in the order in which they start.
func Targets() []Target {
	return []Target{
		{Name: "auth", Pool: 4, Calls: []string{"auth"}, build: buildAuth},
		{Name: "enrollment", Pool: 5, Calls: []string{"auth"}, build: buildEnrollment},
		{Name: "licensing", Pool: 2, Calls: []string{"auth"}, build: buildLicensing},
		{Name: "scheduling", Pool: 6, Calls: []string{"auth", "licensing", "enrollment"}, build: buildScheduling},
		{Name: "web", Calls: []string{"auth", "enrollment", "licensing", "scheduling"}, build: buildWeb},
	}
}

// All is the name that stands for every target.
const All = "all"
