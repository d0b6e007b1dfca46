package stack

import (
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"os/user"
	"path/filepath"
	"strconv"
	"syscall"
)

// Database is the name of the portal's database.
const Database = "bedside"

// A unix socket's path may have 107 bytes on Linux; Postgres adds "/.s.PGSQL.5433" to the folder.
const longestSocketFolder = 107 - len("/.s.PGSQL.5433")

// DefaultDir is where the data live when nothing else is said: /var/lib/bedside for root, whose home the database's
// user cannot reach, else the user's data folder.
func DefaultDir() (string, error) {
	if os.Getuid() == 0 {
		return "/var/lib/bedside", nil
	}
	if dir := os.Getenv("XDG_DATA_HOME"); filepath.IsAbs(dir) {
		return filepath.Join(dir, "bedside"), nil
	}
	home, err := os.UserHomeDir()
	if err != nil {
		return "", fmt.Errorf("finding a data folder (choose one with --data): %w", err)
	}
	return filepath.Join(home, ".local", "share", "bedside"), nil
}

// place is a data folder together with the user that the children run as.
type place struct {
	dir string
	as  *syscall.Credential // nil: as oneself
}

func newPlace(dir string) (place, error) {
	if dir == "" {
		return place{}, errors.New("no data folder given")
	}
	abs, err := filepath.Abs(dir)
	if err != nil {
		return place{}, fmt.Errorf("finding the data folder: %w", err)
	}
	p := place{dir: abs}
	if len(p.sockets()) > longestSocketFolder {
		return place{}, fmt.Errorf("the data folder %s has too long a path for a unix socket: choose one of at most %d characters", abs, longestSocketFolder-len("/run"))
	}
	if err := os.MkdirAll(abs, 0o755); err != nil { //nolint:gosec // user postgres must pass through new parents too
		return place{}, fmt.Errorf("making the data folder: %w", err)
	}
	if os.Getuid() != 0 {
		return p, nil
	}
	if p.as, err = unprivileged(); err != nil {
		return place{}, err
	}
	return p, p.reachable()
}

// Usable tells whether a data folder that exists can be used from here.
func Usable(dir string) error {
	_, err := newPlace(dir)
	return err
}

// unprivileged is who the children run as when root starts them: Postgres refuses to be root.
func unprivileged() (*syscall.Credential, error) {
	u, err := user.Lookup("postgres")
	if err != nil {
		return nil, fmt.Errorf("run by root, the local stack needs the user postgres (apt-get install postgresql-15 makes it): %w", err)
	}
	uid, err := strconv.ParseUint(u.Uid, 10, 32)
	if err != nil {
		return nil, fmt.Errorf("reading the id of user postgres: %w", err)
	}
	gid, err := strconv.ParseUint(u.Gid, 10, 32)
	if err != nil {
		return nil, fmt.Errorf("reading the group of user postgres: %w", err)
	}
	return &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}, nil
}

// reachable makes sure that the children's user can enter the folder: a folder below root's home, say, is closed to it.
func (p place) reachable() error {
	if err := os.Chmod(p.dir, 0o711); err != nil { //nolint:gosec // others may pass through, not look: what is inside is closed
		return fmt.Errorf("opening the data folder to user postgres: %w", err)
	}
	for dir := p.dir; ; dir = filepath.Dir(dir) {
		info, err := os.Stat(dir)
		if err != nil {
			return fmt.Errorf("looking at the data folder: %w", err)
		}
		owner, ok := info.Sys().(*syscall.Stat_t)
		open := info.Mode().Perm()&0o001 != 0 || (ok && owner.Uid == p.as.Uid && info.Mode().Perm()&0o100 != 0)
		if !open {
			return fmt.Errorf("the data folder %s cannot be reached by user postgres, because %s is closed to it: choose another folder with --data", p.dir, dir)
		}
		if dir == filepath.Dir(dir) {
			return nil
		}
	}
}

func (p place) primary() string { return filepath.Join(p.dir, "primary") }
func (p place) standby() string { return filepath.Join(p.dir, "standby") }
func (p place) cache() string   { return filepath.Join(p.dir, "redis") }
func (p place) sockets() string { return filepath.Join(p.dir, "run") }
func (p place) logs() string    { return filepath.Join(p.dir, "log") }

// make creates the folders around the data; the data folders themselves are made by Postgres.
func (p place) make() error {
	for _, dir := range []string{p.cache(), p.sockets()} {
		if err := p.folder(dir); err != nil {
			return err
		}
	}
	if err := os.MkdirAll(p.logs(), 0o750); err != nil {
		return fmt.Errorf("making the log folder: %w", err)
	}
	return nil
}

// folder makes a folder that only the children's user (and root) can enter.
func (p place) folder(dir string) error {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return fmt.Errorf("making %s: %w", dir, err)
	}
	return p.own(dir)
}

func (p place) own(path string) error {
	if p.as == nil {
		return nil
	}
	if err := os.Chown(path, int(p.as.Uid), int(p.as.Gid)); err != nil {
		return fmt.Errorf("giving %s to user postgres: %w", path, err)
	}
	return nil
}

// write puts a file of the children's user.
func (p place) write(path, text string) error {
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		return fmt.Errorf("writing %s: %w", path, err)
	}
	return p.own(path)
}

// wipe removes the data, not the folder: it may hold files that are not the stack's.
func (p place) wipe() error {
	for _, dir := range []string{p.primary(), p.standby(), p.cache()} {
		if err := os.RemoveAll(dir); err != nil {
			return fmt.Errorf("removing %s: %w", dir, err)
		}
	}
	return nil
}

func (p place) url(port int, database string) string {
	q := url.Values{"host": {p.sockets()}, "port": {strconv.Itoa(port)}}
	u := url.URL{Scheme: "postgres", User: url.User("postgres"), Path: "/" + database, RawQuery: q.Encode()}
	return u.String()
}

func exists(path string) (bool, error) {
	_, err := os.Stat(path)
	if errors.Is(err, fs.ErrNotExist) {
		return false, nil
	}
	return err == nil, err
}
