package house

import (
	"fmt"
	"go/ast"
	"path"
	"slices"
	"strings"
)

// The budgets of files and functions, in lines.
const (
	fileMedian = 120
	fileMost90 = 350
	fileMost   = 500
	testMost   = 800
	funcMost90 = 45
	funcMost   = 80
)

// longFunctions may be longer than funcMost, each for the reason given.
func longFunctions() map[string]string {
	return map[string]string{
		"internal/web.routes": "a table: one row for each page, without logic",
	}
}

func base(p string) string { return path.Base(p) }

func isTestOnly(f *File) bool { return strings.HasSuffix(f.Path, "_test.go") }

// FileBudgets keeps files short. It is the tail that rots, so the tail is guarded.
func FileBudgets(t *Tree) []Fault {
	var out []Fault
	var lines []int
	for _, f := range t.hand() {
		most := fileMost
		if f.Test {
			most = testMost
		} else {
			lines = append(lines, f.Lines)
		}
		if f.Lines > most {
			out = append(out, f.at(f.AST.Name, "%d lines, at most %d: split it by use case", f.Lines, most))
		}
	}
	out = append(out, overall("files", "median", lines, 50, fileMedian)...)
	return append(out, overall("files", "90th percentile", lines, 90, fileMost90)...)
}

// FuncBudgets keeps functions short.
func FuncBudgets(t *Tree) []Fault {
	var out []Fault
	var lines []int
	for _, f := range t.hand() {
		for _, d := range f.AST.Decls {
			fn, ok := d.(*ast.FuncDecl)
			if !ok {
				continue
			}
			n := f.Fset.Position(fn.End()).Line - f.Fset.Position(fn.Pos()).Line + 1
			if !f.Test {
				lines = append(lines, n)
			}
			if n > funcMost && longFunctions()[f.pkg()+"."+fn.Name.Name] == "" {
				out = append(out, f.at(fn, "%s has %d lines, at most %d", fn.Name.Name, n, funcMost))
			}
		}
	}
	return append(out, overall("functions", "90th percentile", lines, 90, funcMost90)...)
}

func overall(what, name string, lines []int, percent, most int) []Fault {
	if len(lines) == 0 {
		return nil
	}
	slices.Sort(lines)
	if got := lines[(len(lines)-1)*percent/100]; got > most {
		return []Fault{Fault(fmt.Sprintf("%s: the %s is %d lines, at most %d", what, name, got, most))}
	}
	return nil
}
