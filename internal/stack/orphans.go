package stack

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// processesIn lists the databases and caches that work inside a data folder. Both make their data folder the current
// one, which tells them apart from any other on the machine, even after process ids were used anew.
func processesIn(dir string) []int {
	entries, err := os.ReadDir("/proc")
	if err != nil {
		return nil
	}
	var found []int
	for _, e := range entries {
		pid, err := strconv.Atoi(e.Name())
		if err != nil {
			continue
		}
		cwd, err := os.Readlink(filepath.Join("/proc", e.Name(), "cwd"))
		if err != nil || !strings.HasPrefix(cwd, dir+"/") {
			continue
		}
		name, err := os.ReadFile(filepath.Join("/proc", e.Name(), "comm"))
		if err == nil && slices.Contains([]string{"postgres", "redis-server", "initdb", "pg_basebackup"}, strings.TrimSpace(string(name))) {
			found = append(found, pid)
		}
	}
	return found
}

// endProcessesIn ends them: politely, then at once, then for good. Only the first of each group is asked, because a
// postmaster ends its own backends.
func endProcessesIn(ctx context.Context, dir string) error {
	for _, sig := range []syscall.Signal{syscall.SIGINT, syscall.SIGQUIT, syscall.SIGKILL} {
		for _, pid := range processesIn(dir) {
			group, err := syscall.Getpgid(pid)
			if err == nil && (group == pid || sig == syscall.SIGKILL) {
				_ = syscall.Kill(pid, sig) // it may be gone already
			}
		}
		if gone(ctx, dir) {
			return nil
		}
	}
	return fmt.Errorf("processes %v still run in %s", processesIn(dir), dir)
}

func gone(ctx context.Context, dir string) bool {
	limit, cancel := context.WithTimeout(ctx, stopWithin)
	defer cancel()
	for len(processesIn(dir)) > 0 {
		select {
		case <-limit.Done():
			return false
		case <-time.After(probeEvery):
		}
	}
	return true
}
