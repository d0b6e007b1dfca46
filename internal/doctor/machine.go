package doctor

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"syscall"
	"time"

	"github.com/bedside-health/bedside/internal/stack"
	"github.com/bedside-health/bedside/internal/web/assets"
)

// leastDisk is what a portal with a large roster, its standby and their logs take.
const leastDisk = 2 << 30

// machine are the checks of a machine that is to run `bedside up`.
func machine(o Options) []exam {
	return []exam{
		{"Postgres programs", "apt-get install postgresql-15", postgres},
		{"Redis program", "apt-get install redis-server", redis},
		{"data folder", "choose another one with --data, or mend its permissions", func(context.Context) (string, error) {
			return folder(o.Dir)
		}},
		{"disk space", "make room, or choose a data folder on another disk with --data", func(context.Context) (string, error) {
			return space(o.Dir)
		}},
		{"port " + strconv.Itoa(o.Port), "stop that program, or choose another port with --port", func(context.Context) (string, error) {
			return port(o.Dir, o.Port)
		}},
		{"fonts, icons and scripts", "make build", built},
		{"time zones", "set ZONEINFO to a zoneinfo.zip, or install tzdata", zones},
	}
}

func postgres(context.Context) (string, error) {
	found, err := stack.FindPostgres()
	if err != nil {
		return "", fmt.Errorf("looking for programs: %w", err)
	}
	return fmt.Sprintf("version %d in %s", found.Major, found.Bin), nil
}

func redis(context.Context) (string, error) {
	path, err := stack.FindRedis()
	if err != nil {
		return "", fmt.Errorf("looking for programs: %w", err)
	}
	return path, nil
}

func folder(dir string) (string, error) {
	h, running, err := stack.Find(dir)
	if err != nil {
		return "", fmt.Errorf("looking at the data folder: %w", err)
	}
	if running {
		return fmt.Sprintf("%s, in use by process %d (%s)", dir, h.PID, h.Command), nil
	}
	if _, err := os.Stat(dir); errors.Is(err, os.ErrNotExist) {
		return dir + ", made at the first start", nil
	}
	if err := stack.Usable(dir); err != nil {
		return "", fmt.Errorf("looking at the data folder: %w", err)
	}
	return dir, nil
}

// space looks at the nearest folder that exists.
func space(dir string) (string, error) {
	var fs syscall.Statfs_t
	for {
		err := syscall.Statfs(dir, &fs)
		if err == nil {
			break
		}
		if !errors.Is(err, syscall.ENOENT) || dir == filepath.Dir(dir) {
			return "", fmt.Errorf("looking for disk space: %w", err)
		}
		dir = filepath.Dir(dir)
	}
	free := fs.Bavail * uint64(fs.Bsize) //nolint:gosec // sizes of blocks are positive
	text := fmt.Sprintf("%.1f GB free", float64(free)/1e9)
	if free < leastDisk {
		return "", fmt.Errorf("%s, at least %.1f GB are needed", text, float64(leastDisk)/1e9)
	}
	return text, nil
}

func port(dir string, port int) (string, error) {
	if _, running, err := stack.Find(dir); err == nil && running {
		return "the portal is running", nil
	}
	if err := stack.PortFree(net.JoinHostPort("localhost", strconv.Itoa(port))); err != nil {
		return "", fmt.Errorf("looking at the port: %w", err)
	}
	return "free", nil
}

func built(context.Context) (string, error) {
	if !assets.Built() {
		return "", errors.New("this program was built without them: pages work, and look plain")
	}
	return "in this program", nil
}

func zones(context.Context) (string, error) {
	for _, name := range []string{"America/New_York", "America/Phoenix", "America/Anchorage", "Pacific/Honolulu"} {
		if _, err := time.LoadLocation(name); err != nil {
			return "", fmt.Errorf("looking for time zones: %w", err)
		}
	}
	if own := os.Getenv("ZONEINFO"); own != "" {
		return "from " + own, nil
	}
	return "as built in or installed", nil
}
