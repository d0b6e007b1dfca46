// Package targets_test compares the map of the system with what the program is built of. It stands apart from the other
// rules, which can be run while the program does not compile.
package targets_test

import (
	"os"
	"testing"

	"github.com/bedside-health/bedside/internal/app"
	"github.com/bedside-health/bedside/test/house"
)

func TestTheMapIsTrue(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile("../../../ARCHITECTURE.md")
	if err != nil {
		t.Fatal(err)
	}
	var targets []house.Target
	for _, at := range app.Targets() {
		targets = append(targets, house.Target{Name: at.Name, Pool: int(at.Pool)})
	}
	faults := append(house.Map(string(text), targets), house.Pools(targets, app.Backends)...)
	for _, f := range faults {
		t.Error(f)
	}
	if app.Backends > 34 {
		t.Errorf("%d backends: the primary is sized for 34", app.Backends)
	}
}
