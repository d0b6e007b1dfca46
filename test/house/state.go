package house

import (
	"go/ast"
	"go/token"
	"slices"
	"strings"
)

// NoState refuses mutable state of packages. Errors, expressions, embedded files and assertions are fine; so is an
// unexported table that nothing writes to. What TestMain makes once has no other way to its tests.
func NoState(t *Tree) []Fault {
	written := map[string]map[string]bool{} // by package, then name
	for _, f := range t.hand() {
		if written[f.pkg()] == nil {
			written[f.pkg()] = map[string]bool{}
		}
		writes(f, written[f.pkg()])
	}
	var out []Fault
	for _, f := range t.hand() {
		if startsTests(f) {
			continue
		}
		for _, d := range f.AST.Decls {
			if g, ok := d.(*ast.GenDecl); ok && g.Tok == token.VAR {
				out = append(out, variables(f, g, written[f.pkg()])...)
			}
		}
	}
	return out
}

func startsTests(f *File) bool {
	return f.Test && slices.ContainsFunc(f.AST.Decls, func(d ast.Decl) bool {
		fn, ok := d.(*ast.FuncDecl)
		return ok && fn.Name.Name == "TestMain"
	})
}

func variables(f *File, g *ast.GenDecl, written map[string]bool) []Fault {
	var out []Fault
	for _, spec := range g.Specs {
		v, ok := spec.(*ast.ValueSpec)
		if !ok || embedded(g.Doc) || embedded(v.Doc) || nameOf(v.Type) == "embed.FS" {
			continue
		}
		for i, name := range v.Names {
			var value ast.Expr
			if i < len(v.Values) {
				value = v.Values[i]
			}
			if why := mutable(name.Name, value, written); why != "" {
				out = append(out, f.at(name, "package variable %s %s: make it a field of what uses it", name.Name, why))
			}
		}
	}
	return out
}

// embedded tells a variable that the compiler fills with a file.
func embedded(doc *ast.CommentGroup) bool {
	return doc != nil && slices.ContainsFunc(doc.List, func(c *ast.Comment) bool { return strings.HasPrefix(c.Text, "//go:embed ") })
}

func mutable(name string, value ast.Expr, written map[string]bool) string {
	switch {
	case name == "_" || constant(value):
		return ""
	case value == nil:
		return "begins empty, so something fills it"
	case locks(value):
		return "keeps state"
	case written[name]:
		return "is written to"
	case ast.IsExported(name):
		return "is exported, so anybody can change it"
	}
	return ""
}

// constant tells whether a value never changes by what it is.
func constant(value ast.Expr) bool {
	call, ok := value.(*ast.CallExpr)
	return ok && slices.Contains([]string{
		"errors.New", "fmt.Errorf", "errs.New", "errs.Invalid", "regexp.MustCompile",
		"sync.OnceValue", "sync.OnceValues", "sync.OnceFunc",
	}, nameOf(call.Fun))
}

// locks tells whether a value holds something of sync or atomic.
func locks(value ast.Expr) bool {
	found := false
	ast.Inspect(value, func(n ast.Node) bool {
		if _, ok := n.(*ast.FuncLit); ok {
			return false
		}
		if s, ok := n.(*ast.SelectorExpr); ok && (strings.HasPrefix(nameOf(s), "sync.") || strings.HasPrefix(nameOf(s), "atomic.")) {
			found = true
		}
		return !found
	})
	return found
}

// writes notes the names that statements of a file change: by assignment, by deleting, by taking an address.
func writes(f *File, into map[string]bool) {
	own := packageVars(f)
	note := func(e ast.Expr) {
		// What the parser could not resolve within the file stands in another one of the package.
		if id := root(e); id != nil && (id.Obj == nil || own[id.Obj.Decl]) {
			into[id.Name] = true
		}
	}
	ast.Inspect(f.AST, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.AssignStmt:
			if n.Tok != token.DEFINE {
				for _, left := range n.Lhs {
					note(left)
				}
			}
		case *ast.IncDecStmt:
			note(n.X)
		case *ast.UnaryExpr:
			if n.Op == token.AND && !f.Test { // tests lend their fixtures
				note(n.X)
			}
		case *ast.CallExpr:
			if name := nameOf(n.Fun); (name == "delete" || name == "clear") && len(n.Args) > 0 {
				note(n.Args[0])
			}
		}
		return true
	})
}

// root is x of x, x.f, x[i] and *x.
func root(e ast.Expr) *ast.Ident {
	for {
		switch v := e.(type) {
		case *ast.Ident:
			return v
		case *ast.SelectorExpr:
			e = v.X
		case *ast.IndexExpr:
			e = v.X
		case *ast.StarExpr:
			e = v.X
		case *ast.ParenExpr:
			e = v.X
		default:
			return nil
		}
	}
}

// packageVars are the declarations of a file's package variables, which tells them from local ones of the same name.
func packageVars(f *File) map[any]bool {
	own := map[any]bool{}
	for _, d := range f.AST.Decls {
		if g, ok := d.(*ast.GenDecl); ok && g.Tok == token.VAR {
			for _, spec := range g.Specs {
				own[spec] = true
			}
		}
	}
	return own
}
