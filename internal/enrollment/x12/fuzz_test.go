package x12_test

import (
	"errors"
	"io"
	"strings"
	"testing"

	"github.com/bedside-health/bedside/internal/enrollment/x12"
)

// Whatever comes in, the reader ends, with io.EOF or a refusal, and what it
// gave fits together.
func FuzzReader(f *testing.F) {
	whole := aFile(with(head, ada), with(head, ada))
	f.Add(whole.String())
	whole.between, whole.elem = "\r\n", "|"
	f.Add("\xEF\xBB\xBF" + whole.String())
	f.Add("ISA*")
	f.Add("")
	f.Add("a,b,c\n")
	f.Add(strings.Replace(aFile(with(head, ada)).String(), "Ada", "\xff\xfe", 1))
	f.Fuzz(func(t *testing.T, text string) {
		r := x12.NewReader(strings.NewReader(text), x12.Options{AcceptTest: true, AcceptWrongCounts: true})
		var members, ended int
		for {
			ev, err := r.Next()
			if errors.Is(err, io.EOF) {
				if members != ended {
					t.Fatalf("%d members, trailers closed %d", members, ended)
				}
				return
			}
			var refusal *x12.Refusal
			if errors.As(err, &refusal) {
				if refusal.Message == "" || refusal.Reason == "" {
					t.Fatalf("a refusal that says nothing: %+v", refusal)
				}
				return
			}
			if err != nil {
				t.Fatalf("an error that is no refusal: %v", err)
			}
			switch e := ev.(type) {
			case *x12.Member:
				members++
				if e.Pos.Offset >= int64(len(text)) || len(e.Coverages) > 200 {
					t.Fatalf("member at %d of %d, %d coverages", e.Pos.Offset, len(text), len(e.Coverages))
				}
			case *x12.TransactionEnd:
				ended += e.Members
			}
		}
	})
}
