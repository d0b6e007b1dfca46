package stack

import (
	"bufio"
	"context"
	"fmt"
	"os"
	"os/exec"
	"syscall"
	"testing"
)

// killedDir makes this test binary be the process that gets killed.
const killedDir = "BEDSIDE_STACK_TEST_DIR"

func TestMain(m *testing.M) {
	dir := os.Getenv(killedDir)
	if dir == "" {
		os.Exit(m.Run())
	}
	s, err := Start(context.Background(), Options{Dir: dir, Standby: true, Redis: true})
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	fmt.Println(s.PrimaryURL())
	select {}
}

func TestKilledParentLeavesNoOrphanAndRecovers(t *testing.T) {
	t.Parallel()
	dir := folder(t)
	parent := exec.CommandContext(t.Context(), os.Args[0])
	parent.Env = append(os.Environ(), killedDir+"="+dir)
	parent.Stderr = os.Stderr
	out, err := parent.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := parent.Start(); err != nil {
		t.Fatal(err)
	}
	lines := bufio.NewScanner(out)
	if !lines.Scan() {
		t.Fatal("the parent did not get ready")
	}
	do(t, lines.Text(), "CREATE TABLE kept AS SELECT true AS yes")
	if len(processesIn(dir)) < 3 {
		t.Fatalf("only %v run before the kill", processesIn(dir))
	}
	if err := parent.Process.Signal(syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	_ = parent.Wait() // it was killed
	eventually(t, "no orphan is left", func() bool { return len(processesIn(dir)) == 0 })

	s := start(t, Options{Dir: dir, Standby: true, Redis: true})
	if err := query(t.Context(), s.PrimaryURL(), "SELECT yes FROM kept"); err != nil {
		t.Error("after the recovery:", err)
	}
}

// TestOrphansAreStoppedFirst covers the kill of a parent whose children could not be told: they run on until the next
// start finds them.
func TestOrphansAreStoppedFirst(t *testing.T) {
	t.Parallel()
	dir := folder(t)
	s := start(t, Options{Dir: dir, Throwaway: true})
	if err := s.Stop(t.Context()); err != nil {
		t.Fatal(err)
	}
	bin, err := FindPostgres()
	if err != nil {
		t.Fatal(err)
	}
	orphan := prepare(s.place.as, dir, 0, bin.program("postgres"), "-D", s.place.primary())
	if err := orphan.Start(); err != nil {
		t.Fatal(err)
	}
	ended := make(chan error, 1)
	go func() { ended <- orphan.Wait() }()
	eventually(t, "the orphan runs", func() bool { return query(t.Context(), s.AdminURL(), "SELECT true") == nil })
	start(t, Options{Dir: dir, Throwaway: true})
	if err := <-ended; err != nil {
		t.Error("the orphan was not stopped politely:", err)
	}
}
