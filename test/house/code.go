package house

import (
	"go/ast"
	"go/token"
	"slices"
	"strings"
)

// NoInit refuses init functions: wiring is plain Go in one place.
func NoInit(t *Tree) []Fault {
	var out []Fault
	for _, f := range t.hand() {
		for _, d := range f.AST.Decls {
			if fn, ok := d.(*ast.FuncDecl); ok && fn.Recv == nil && fn.Name.Name == "init" {
				out = append(out, f.at(fn, "init runs behind everybody's back: call it where it is needed"))
			}
		}
	}
	return out
}

// NoPanic refuses panics outside of tests: a request that fails gets an answer.
func NoPanic(t *Tree) []Fault {
	return calls(t, func(f *File, name string) string {
		if !f.Test && name == "panic" {
			return "panic ends more than the request: return an error"
		}
		return ""
	})
}

// HonestTests refuses tests that are skipped or that sleep.
func HonestTests(t *Tree) []Fault {
	return calls(t, func(f *File, name string) string {
		_, method, _ := strings.Cut(name, ".")
		switch {
		case !f.Test:
		case slices.Contains([]string{"Skip", "Skipf", "SkipNow"}, method):
			return "a test that is skipped proves nothing: make what it needs, or fail"
		case name == "time.Sleep":
			return "a test that sleeps is slow or flaky: wait for the condition"
		}
		return ""
	})
}

func calls(t *Tree, why func(f *File, name string) string) []Fault {
	var out []Fault
	for _, f := range t.hand() {
		ast.Inspect(f.AST, func(n ast.Node) bool {
			if call, ok := n.(*ast.CallExpr); ok {
				if reason := why(f, nameOf(call.Fun)); reason != "" {
					out = append(out, f.at(call, "%s", reason))
				}
			}
			return true
		})
	}
	return out
}

// nameOf gives "f" or "x.f".
func nameOf(e ast.Expr) string {
	switch e := e.(type) {
	case *ast.Ident:
		return e.Name
	case *ast.SelectorExpr:
		return nameOf(e.X) + "." + e.Sel.Name
	case *ast.IndexExpr:
		return nameOf(e.X)
	}
	return ""
}

// Documented asks exported functions, methods and types for a comment.
func Documented(t *Tree) []Fault {
	var out []Fault
	for _, f := range t.hand() {
		if f.Test {
			continue
		}
		for _, d := range f.AST.Decls {
			switch d := d.(type) {
			case *ast.FuncDecl:
				if d.Name.IsExported() && d.Doc == nil && exportedReceiver(d) {
					out = append(out, f.at(d, "%s is exported and has no comment", d.Name.Name))
				}
			case *ast.GenDecl:
				out = append(out, undocumentedTypes(f, d)...)
			}
		}
	}
	return out
}

func exportedReceiver(d *ast.FuncDecl) bool {
	if d.Recv == nil {
		return true
	}
	of := d.Recv.List[0].Type
	if star, ok := of.(*ast.StarExpr); ok {
		of = star.X
	}
	return ast.IsExported(nameOf(of))
}

func undocumentedTypes(f *File, d *ast.GenDecl) []Fault {
	var out []Fault
	if d.Tok != token.TYPE || d.Doc != nil {
		return nil
	}
	for _, spec := range d.Specs {
		if ts, ok := spec.(*ast.TypeSpec); ok && ts.Name.IsExported() && ts.Doc == nil && ts.Comment == nil {
			out = append(out, f.at(ts, "%s is exported and has no comment", ts.Name.Name))
		}
	}
	return out
}
