package house_test

import (
	"os"
	"sync"
	"testing"
	"testing/fstest"

	"github.com/bedside-health/bedside/migrations"
	"github.com/bedside-health/bedside/test/house"
)

// repository is read once for all tests.
var repository = sync.OnceValues(func() (*house.Tree, error) { return house.Load(os.DirFS("../..")) })

func tree(t *testing.T) *house.Tree {
	t.Helper()
	loaded, err := repository()
	if err != nil {
		t.Fatal(err)
	}
	return loaded
}

func none(t *testing.T, faults []house.Fault) {
	t.Helper()
	for _, f := range faults {
		t.Error(f)
	}
}

// some proves that a rule can fail.
func some(t *testing.T, want int, faults []house.Fault) {
	t.Helper()
	if len(faults) != want {
		t.Errorf("%d faults of the bad sample, want %d: %q", len(faults), want, faults)
	}
}

func TestRulesOfTheHouse(t *testing.T) {
	t.Parallel()
	for name, rule := range map[string]house.Rule{
		"imports": house.Imports, "package names": house.PackageNames, "file budgets": house.FileBudgets,
		"function budgets": house.FuncBudgets, "no init": house.NoInit, "no panic": house.NoPanic,
		"honest tests": house.HonestTests, "documented": house.Documented, "no state": house.NoState,
		"words": house.Words, "lock files": house.LockFiles,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			none(t, rule(tree(t)))
		})
	}
}

func TestSchemasKeepApart(t *testing.T) {
	t.Parallel()
	none(t, house.Schemas(tree(t).Texts["migrations/schemas.sql"], append(migrations.Shared(), migrations.Services()...)))
	none(t, house.SQLBorders(tree(t), owners()))
}

func owners() map[string]string {
	out := map[string]string{}
	for _, s := range migrations.Services() {
		out["migrations/"+s], out["internal/"+s] = s, s
	}
	return out
}

func TestPoolsCanFail(t *testing.T) {
	t.Parallel()
	some(t, 1, house.Pools([]house.Target{{Name: "a", Pool: 17}, {Name: "b", Pool: 1}}, 34))
}

func TestMapCanFail(t *testing.T) {
	t.Parallel()
	text := "| target | pool |\n| `auth` | who | 4 |\n| `gone` | nothing | – |\n"
	some(t, 3, house.Map(text, []house.Target{{Name: "auth", Pool: 5}, {Name: "web"}}))
	some(t, 0, house.Map(text, []house.Target{{Name: "auth", Pool: 4}, {Name: "gone"}}))
}

func TestSchemasCanFail(t *testing.T) {
	t.Parallel()
	some(t, 1, house.Schemas("CREATE SCHEMA auth;\n", []string{"auth", "web"}))
	sample := load(t, "internal/auth/query.sql", "SELECT 1 FROM auth.a JOIN scheduling.b ON b.x = a.x -- FROM licensing.c\nFROM clock.now()\n")
	some(t, 1, house.SQLBorders(sample, owners()))
}

func load(t *testing.T, name, text string) *house.Tree {
	t.Helper()
	loaded, err := house.Load(fstest.MapFS{name: {Data: []byte(text)}})
	if err != nil {
		t.Fatal(err)
	}
	return loaded
}
