package stack

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
)

// oldestPostgres is the version of Debian 12; the schema uses nothing newer.
const oldestPostgres = 15

// Postgres is an installed Postgres server.
type Postgres struct {
	Bin   string // folder of its programs
	Major int
}

// FindPostgres finds the server's programs: where Debian puts them, oldest fitting version first, else on the PATH.
func FindPostgres() (Postgres, error) {
	for major := oldestPostgres; major < oldestPostgres+10; major++ {
		bin := filepath.Join("/usr/lib/postgresql", strconv.Itoa(major), "bin")
		if _, err := os.Stat(filepath.Join(bin, "initdb")); err == nil {
			return Postgres{Bin: bin, Major: major}, nil
		}
	}
	path, err := exec.LookPath("initdb")
	if err != nil {
		return Postgres{}, errors.New("no Postgres server found: apt-get install postgresql-15")
	}
	out, err := exec.Command(path, "--version").Output()
	if err != nil {
		return Postgres{}, fmt.Errorf("asking %s for its version: %w", path, err)
	}
	major, err := majorOf(string(out))
	if err != nil || major < oldestPostgres {
		return Postgres{}, fmt.Errorf("Postgres %d or newer is needed, found %s: apt-get install postgresql-15", oldestPostgres, strings.TrimSpace(string(out)))
	}
	return Postgres{Bin: filepath.Dir(path), Major: major}, nil
}

// majorOf reads "initdb (PostgreSQL) 15.20 (Debian …)".
func majorOf(version string) (int, error) {
	for _, word := range strings.Fields(version) {
		digits, _, _ := strings.Cut(word, ".")
		if n, err := strconv.Atoi(digits); err == nil {
			return n, nil
		}
	}
	return 0, fmt.Errorf("no version in %q", version)
}

func (p Postgres) program(name string) string { return filepath.Join(p.Bin, name) }

// fits refuses data of another major version before Postgres does, and says what to do.
func (p Postgres) fits(dir string) error {
	text, err := os.ReadFile(filepath.Join(dir, "PG_VERSION"))
	if err != nil {
		return fmt.Errorf("%s is no database folder: move it away, or choose another data folder: %w", dir, err)
	}
	if have := strings.TrimSpace(string(text)); have != strconv.Itoa(p.Major) {
		return fmt.Errorf("the data in %s were written by Postgres %s, the one installed is %d: install postgresql-%s, or begin anew with --fresh", dir, have, p.Major, have)
	}
	return nil
}

// has tells whether a contributed extension is installed, wherever the distribution puts it.
func (p Postgres) has(extension string) bool {
	out, err := exec.Command(p.program("pg_config"), "--sharedir").Output()
	share := strings.TrimSpace(string(out))
	if err != nil {
		share = filepath.Join("/usr/share/postgresql", strconv.Itoa(p.Major))
	}
	_, err = os.Stat(filepath.Join(share, "extension", extension+".control"))
	return err == nil
}

// FindRedis finds the cache's program.
func FindRedis() (string, error) {
	path, err := exec.LookPath("redis-server")
	if err != nil {
		return "", errors.New("no Redis server found: apt-get install redis-server")
	}
	return path, nil
}
