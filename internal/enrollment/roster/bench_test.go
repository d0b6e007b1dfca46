package roster

import (
	"bytes"
	"fmt"
	"os"
	"runtime"
	"strconv"
	"testing"
	"time"

	"github.com/bedside-health/bedside/internal/demo"
	rosters "github.com/bedside-health/bedside/internal/demo/roster"
	enrollmentv1 "github.com/bedside-health/bedside/internal/gen/bedside/enrollment/v1"
)

// envMembers says how large the roster of BenchmarkImport is.
const envMembers = "BEDSIDE_BENCH_MEMBERS"

// BenchmarkImport imports one generated roster into an empty database, and
// tells how fast and with how much memory.
func BenchmarkImport(b *testing.B) {
	members := 5000
	if v := os.Getenv(envMembers); v != "" {
		n, err := strconv.Atoi(v)
		if err != nil {
			b.Fatal(err)
		}
		members = n
	}
	var text bytes.Buffer
	if err := rosters.Generate(&text, rosters.Options{Members: members, Seed: 7}); err != nil {
		b.Fatal(err)
	}
	s := newBundle(b)
	for n := range b.N {
		payer := fmt.Sprintf("Bench %d", n)
		s.payer(payer, func(p *Payer) { p.Identifiers = append(p.Identifiers, demo.PayerID) })
		var most uint64
		began, phase := time.Now(), ""
		i := s.load(payer, text.String(), func(f *File) {
			f.Progress = func(p Progress) {
				if p.Phase != phase {
					phase = p.Phase
					var m runtime.MemStats
					runtime.GC()
					runtime.ReadMemStats(&m)
					most = max(most, m.HeapAlloc)
					b.Logf("%s began after %s", phase, time.Since(began).Round(time.Millisecond))
				}
			}
		})
		if i.GetStatus() != "done" || i.GetMembersApplied() < int64(members)*9/10 {
			b.Fatalf("import %v", i)
		}
		took := time.Since(began).Seconds()
		b.ReportMetric(float64(members)/took, "members/s")
		b.ReportMetric(float64(text.Len())/took/1e6, "MB/s")
		b.ReportMetric(float64(most-min(most, 2*uint64(text.Len())))/1e6, "heapMB")
		report(b, i)
	}
}

func report(b *testing.B, i *enrollmentv1.Import) {
	b.Helper()
	b.Log(summary(i))
}
