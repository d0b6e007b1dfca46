package main

import (
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"
)

func TestPercentileIsTheNearestRank(t *testing.T) {
	t.Parallel()
	var all []time.Duration
	for i := 100; i >= 1; i-- {
		all = append(all, time.Duration(i))
	}
	for p, want := range map[float64]time.Duration{0: 1, 50: 50, 99: 99, 99.5: 100, 100: 100} {
		if got := percentile(all, p); got != want {
			t.Errorf("percentile %v is %d, want %d", p, got, want)
		}
	}
	if percentile(nil, 99) != 0 {
		t.Error("none has a percentile")
	}
}

func TestTableLinesAreEven(t *testing.T) {
	t.Parallel()
	text := table([]row{{what: "a – b", measured: "1/s", limit: "2/s", ratio: over(1, 2)}, {what: "longer than the head", aim: "≤ 50 ms"}})
	lines := strings.Split(strings.TrimSpace(text), "\n")
	if len(lines) != 4 || !strings.Contains(lines[2], "| 0.50 ") || !strings.Contains(lines[3], "| – ") {
		t.Fatalf("the table is\n%s", text)
	}
	for _, l := range lines {
		if len([]rune(l)) != len([]rune(lines[0])) {
			t.Errorf("uneven: %q", l)
		}
	}
	if over(1, 0) != 0 || perSecond(1, 0) != 0 {
		t.Error("divided by nothing")
	}
}

func TestLoadsCountAnswersAndRefuseFailures(t *testing.T) {
	t.Parallel()
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != "/" || r.Header.Get("Cookie") != "a=b" {
			w.WriteHeader(http.StatusNotFound)
		}
		_, _ = w.Write(make([]byte, 5000))
	}))
	t.Cleanup(s.Close)
	addr := s.Listener.Addr().String()
	good, bad := page{path: "/", cookies: "a=b"}, page{path: "/missing"}
	for name, load := range map[string]func(context.Context, page) (load, error){
		"closed": func(ctx context.Context, p page) (load, error) {
			return closedLoop(ctx, addr, p, 2, 50*time.Millisecond)
		},
		"open": func(ctx context.Context, p page) (load, error) {
			all, err := openLoop(ctx, addr, []page{p, p}, 100, 100*time.Millisecond)
			if err != nil {
				return load{}, err
			}
			return all[1], nil
		},
	} {
		if l, err := load(t.Context(), good); err != nil || len(l.times) < 2 || l.bytes < 5000 {
			t.Errorf("%s: %d answers, %v", name, len(l.times), err)
		}
		if _, err := load(t.Context(), bad); err == nil {
			t.Errorf("%s: a page that fails was measured", name)
		}
	}
}

func TestPeakOfAProcess(t *testing.T) {
	t.Parallel()
	text := "Name:\tbedside\nVmPeak:\t  9000 kB\nVmHWM:\t  2048 kB\n"
	if got := highWater(text); got != 2<<20 {
		t.Errorf("%d bytes", got)
	}
	if highWater("nothing") != 0 {
		t.Error("a peak of nothing")
	}
}

func TestFlagsThatMakeNoSenseAreRefused(t *testing.T) {
	t.Parallel()
	for _, args := range [][]string{{"-unknown"}, {"-clients", "0"}, {"-rate", "-1"}, {"-during", "0s"}, {"-rosters", "many"}} {
		if _, err := read(args, false, io.Discard); err == nil {
			t.Errorf("%q was taken", args)
		}
	}
	o, err := read(nil, true, io.Discard)
	if err != nil || len(o.rosters) != 3 || o.rosters[2] != 490000 {
		t.Errorf("the large run imports %v, %v", o.rosters, err)
	}
	if text := document(o, []string{"-clients", "4"}, "| figures |"); !strings.Contains(text, "| figures |") || !strings.Contains(text, "-clients 4") {
		t.Errorf("the page is\n%s", text)
	}
}
