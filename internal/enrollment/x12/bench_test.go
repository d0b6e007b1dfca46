package x12_test

import (
	"errors"
	"io"
	"strings"
	"testing"

	"github.com/bedside-health/bedside/internal/enrollment/x12"
)

// endless gives the same member again and again, without holding them.
type endless struct {
	head, member, tail string
	members            int
	rest               string
}

func (e *endless) Read(p []byte) (int, error) {
	for e.rest == "" {
		switch {
		case e.head != "":
			e.rest, e.head = e.head, ""
		case e.members > 0:
			e.rest, e.members = e.member, e.members-1
		case e.tail != "":
			e.rest, e.tail = e.tail, ""
		default:
			return 0, io.EOF
		}
	}
	n := copy(p, e.rest)
	e.rest = e.rest[n:]
	return n, nil
}

func manyMembers(n int) *endless {
	whole := aFile(with(head, ada)).String()
	i, j := strings.Index(whole, "INS*"), strings.Index(whole, "SE*")
	return &endless{head: whole[:i], member: whole[i:j], tail: whole[j:], members: n}
}

func drain(tb testing.TB, r *x12.Reader) (members int) {
	tb.Helper()
	for {
		ev, err := r.Next()
		if errors.Is(err, io.EOF) {
			return members
		}
		if err != nil {
			tb.Fatal(err)
		}
		if _, ok := ev.(*x12.Member); ok {
			members++
		}
	}
}

func BenchmarkReader(b *testing.B) {
	const members = 20_000
	src := manyMembers(members)
	b.SetBytes(int64(len(src.head) + members*len(src.member) + len(src.tail)))
	b.ReportAllocs()
	for b.Loop() {
		if n := drain(b, x12.NewReader(manyMembers(members), x12.Options{AcceptWrongCounts: true})); n != members {
			b.Fatal(n)
		}
	}
	b.ReportMetric(float64(members)*float64(b.N)/b.Elapsed().Seconds(), "members/s")
}
