package main

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"time"
)

// percentile is the nearest-rank percentile of some durations, which it
// sorts; zero of none.
func percentile(all []time.Duration, p float64) time.Duration {
	if len(all) == 0 {
		return 0
	}
	slices.Sort(all)
	rank := int(math.Ceil(p / 100 * float64(len(all))))
	return all[min(max(rank, 1), len(all))-1]
}

// row is one measurement beside its limit.
type row struct {
	what, measured, limit string
	// ratio of the measurement to the limit; zero where the limit is a time.
	ratio float64
	aim   string
	note  string
}

func (r row) cells() []string {
	ratio := "–"
	if r.ratio > 0 {
		ratio = fmt.Sprintf("%.2f", r.ratio)
	}
	return []string{r.what, r.measured, r.limit, ratio, r.aim, r.note}
}

// table sets rows as a Markdown table with columns of even width.
func table(rows []row) string {
	lines := [][]string{{"what", "measured", "limit in the same run", "ratio", "aim", "beside"}}
	for _, r := range rows {
		lines = append(lines, r.cells())
	}
	width := make([]int, len(lines[0]))
	for _, l := range lines {
		for i, cell := range l {
			width[i] = max(width[i], len([]rune(cell)))
		}
	}
	var b strings.Builder
	for n, l := range lines {
		for i, cell := range l {
			b.WriteString("| " + cell + strings.Repeat(" ", width[i]-len([]rune(cell))+1))
		}
		b.WriteString("|\n")
		if n == 0 {
			for _, w := range width {
				b.WriteString("|" + strings.Repeat("-", w+2))
			}
			b.WriteString("|\n")
		}
	}
	return b.String()
}

// ms writes a duration in milliseconds.
func ms(d time.Duration) string { return fmt.Sprintf("%.1f ms", float64(d)/float64(time.Millisecond)) }

// perSecond is a rate; zero of no time.
func perSecond(n int, took time.Duration) float64 {
	if took <= 0 {
		return 0
	}
	return float64(n) / took.Seconds()
}

// over is a ratio; zero where there is no limit.
func over(a, b float64) float64 {
	if b <= 0 {
		return 0
	}
	return a / b
}
