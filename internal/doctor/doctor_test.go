package doctor_test

import (
	"context"
	"errors"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/bedside-health/bedside/internal/config"
	"github.com/bedside-health/bedside/internal/doctor"
	"github.com/bedside-health/bedside/internal/mailbox"
	"github.com/bedside-health/bedside/internal/pgtest"
	"github.com/bedside-health/bedside/internal/seal"
	"github.com/bedside-health/bedside/internal/stack"
)

const key = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="

// healthy is a configuration in which nothing is wrong.
func healthy(t *testing.T) (*config.Config, pgtest.Database) {
	t.Helper()
	db := pgtest.New(t)
	keyset, err := seal.NewKeysetText()
	if err != nil {
		t.Fatal(err)
	}
	box, err := mailbox.Start(t.Context(), "127.0.0.1:0", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := box.Stop(context.Background()); err != nil {
			t.Error(err)
		}
	})
	target := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != "/livez" {
			http.NotFound(w, r)
		}
	}))
	t.Cleanup(target.Close)
	return &config.Config{
		DatabaseURL: db.Owner, OwnerURL: db.Owner, ReplicaURL: db.Standby, RedisAddr: pgtest.Redis(t),
		SMTPAddr: box.SMTPAddr(), ServiceKey: key, CookieKey: key, Keyset: keyset, AuthURL: target.URL,
	}, db
}

// sick lists the names of the checks that found something.
func sick(t *testing.T, cfg *config.Config) []string {
	t.Helper()
	names := []string{}
	for _, c := range doctor.Run(t.Context(), doctor.Options{Config: cfg}) {
		t.Logf("%v %s: %s (%s)", c.OK, c.Name, c.Detail, c.Mend)
		if !c.OK {
			names = append(names, c.Name)
		}
		if c.OK == (c.Mend != "") || c.Detail == "" {
			t.Errorf("%s: says %q, to mend %q", c.Name, c.Detail, c.Mend)
		}
	}
	return names
}

func TestHealthy(t *testing.T) {
	t.Parallel()
	cfg, _ := healthy(t)
	got := []string{"nothing was looked at"}
	// The clone reaches the standby a moment later.
	for limit := time.Now().Add(time.Minute); len(got) > 0 && time.Now().Before(limit); {
		got = sick(t, cfg)
	}
	if len(got) > 0 {
		t.Errorf("found %q", got)
	}
}

func TestEachFaultIsFound(t *testing.T) {
	t.Parallel()
	dead := deadAddr(t)
	for name, c := range map[string]struct {
		harm func(t *testing.T, cfg *config.Config, db pgtest.Database)
		want []string
	}{
		"keys":    {func(_ *testing.T, c *config.Config, _ pgtest.Database) { c.CookieKey = "short" }, []string{"keys"}},
		"keyset":  {func(_ *testing.T, c *config.Config, _ pgtest.Database) { c.Keyset = "{}" }, []string{"keyset"}},
		"redis":   {func(_ *testing.T, c *config.Config, _ pgtest.Database) { c.RedisAddr = dead }, []string{"Redis"}},
		"mail":    {func(_ *testing.T, c *config.Config, _ pgtest.Database) { c.SMTPAddr = dead }, []string{"mail relay"}},
		"target":  {func(_ *testing.T, c *config.Config, _ pgtest.Database) { c.AuthURL = "http://" + dead }, []string{"target auth"}},
		"answer":  {func(_ *testing.T, c *config.Config, _ pgtest.Database) { c.AuthURL += "/x" }, []string{"target auth"}},
		"replica": {func(_ *testing.T, c *config.Config, _ pgtest.Database) { c.ReplicaURL = c.OwnerURL }, []string{"replica"}},
		"clock":   {func(t *testing.T, _ *config.Config, db pgtest.Database) { t.Helper(); db.MoveClock(t, time.Hour) }, []string{"clocks"}},
		"schema": {func(t *testing.T, _ *config.Config, db pgtest.Database) {
			t.Helper()
			db.Exec(t, "DELETE FROM auth.goose_db_version WHERE version_id > 1")
		}, []string{"schemas"}},
		"grant": {func(t *testing.T, _ *config.Config, db pgtest.Database) {
			t.Helper()
			db.Exec(t, "REVOKE USAGE ON SCHEMA licensing FROM bedside_licensing")
		}, []string{"role bedside_licensing"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			cfg, db := healthy(t)
			c.harm(t, cfg, db)
			got := slices.DeleteFunc(sick(t, cfg), func(s string) bool { return s == "replica" && name != "replica" })
			if !slices.Equal(got, c.want) {
				t.Errorf("found %q, want %q", got, c.want)
			}
		})
	}
}

func TestSecretsAreNotTold(t *testing.T) {
	t.Parallel()
	cfg := &config.Config{DatabaseURL: "postgres://owner:hunter2@" + deadAddr(t) + "/x", AuthPassword: "hunter2", Keyset: "hunter2"}
	for _, c := range doctor.Run(t.Context(), doctor.Options{Config: cfg}) {
		if strings.Contains(c.Detail+c.Mend, "hunter2") {
			t.Errorf("%s tells a secret: %s", c.Name, c.Detail)
		}
	}
}

func TestMachine(t *testing.T) {
	t.Parallel()
	dir, err := os.MkdirTemp("", "bedside-doctor-")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := os.RemoveAll(dir); err != nil {
			t.Error(err)
		}
	})
	taken, err := net.Listen("tcp", "localhost:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = taken.Close() })
	addr, _ := taken.Addr().(*net.TCPAddr)

	found := map[string]doctor.Check{}
	for _, c := range doctor.Run(t.Context(), doctor.Options{Config: &config.Config{}, Dir: dir, Port: addr.Port}) {
		found[strings.Fields(c.Name)[0]] = c
	}
	for name, want := range map[string]bool{"Postgres": true, "Redis": true, "data": true, "disk": true, "time": true, "port": false} {
		if c, ok := found[name]; !ok || c.OK != want {
			t.Errorf("%s: %+v", name, c)
		}
	}
	if !strings.Contains(found["port"].Detail, "doctor.test") {
		t.Errorf("it does not say who has the port: %s", found["port"].Detail)
	}

	s, err := stack.Start(t.Context(), stack.Options{Dir: dir, Redis: true, WithoutPostgres: true})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Stop(context.Background()); err != nil {
			t.Error(err)
		}
	})
	for _, c := range doctor.Run(t.Context(), doctor.Options{Config: &config.Config{}, Dir: dir, Port: addr.Port}) {
		if strings.HasPrefix(c.Name, "port") && !c.OK {
			t.Errorf("the portal's own port: %+v", c)
		}
	}
}

func deadAddr(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	addr := l.Addr().String()
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	return addr
}

// Words that nobody has reviewed are found where people are real.
func TestUnreviewedTextsAreFound(t *testing.T) {
	t.Parallel()
	cfg, _ := healthy(t)
	look := func(demo bool, texts func() error) doctor.Check {
		t.Helper()
		c := *cfg
		c.Demo = demo
		for _, one := range doctor.Run(t.Context(), doctor.Options{Config: &c, Texts: texts}) {
			if one.Name == "reviews of texts" {
				return one
			}
		}
		t.Fatal("the texts are not looked at")
		return doctor.Check{}
	}
	unread := func() error { return errors.New("2 texts") }
	if c := look(false, unread); c.OK || c.Detail != "2 texts" || !strings.Contains(c.Mend, "BEDSIDE_REVIEWS") {
		t.Errorf("%+v", c)
	}
	if c := look(true, unread); !c.OK {
		t.Errorf("a demo: %+v", c)
	}
	if c := look(false, func() error { return nil }); !c.OK {
		t.Errorf("all reviewed: %+v", c)
	}
}
