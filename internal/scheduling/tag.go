package scheduling

import (
	"strconv"

	"github.com/bedside-health/bedside/internal/scheduling/index"
)

// tag names all that a search answers from: this process' index at its
// version, the minute, and the services as they were last read. An answer is
// right as long as the tag of its question's moment is the same.
func (s *Service) tag(x *index.Index) string {
	const base = 36
	out := append(make([]byte, 0, 80), s.name...)
	for _, n := range []int64{int64(x.Version()), s.d.Clock.Now().Unix() / 60, s.menuAt()} { //nolint:gosec // compared, not counted with
		out = strconv.AppendInt(append(out, '.'), n, base)
	}
	return string(out)
}

// menuAt is when the services were read.
func (s *Service) menuAt() int64 {
	if m := s.menu.Load(); m != nil {
		return m.at.UnixNano()
	}
	return 0
}
