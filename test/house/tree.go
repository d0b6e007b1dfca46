// Package house holds the rules of the house as checks: each is a function from a source tree to its faults. The tests
// run every rule twice: on this repository, and on a small bad sample that it must find fault with.
package house

import (
	"bytes"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path"
	"slices"
	"strconv"
	"strings"
)

// Module is the import path of this repository.
const Module = "github.com/bedside-health/bedside"

// Tree is a parsed source tree.
type Tree struct {
	Go    []*File
	Texts map[string]string // every readable file by its path
}

// File is one Go file.
type File struct {
	Path      string
	Fset      *token.FileSet
	AST       *ast.File
	Lines     int
	Test      bool
	Generated bool
}

// Fault says where a rule is broken and what to do.
type Fault string

// Rule is one rule of the house.
type Rule func(*Tree) []Fault

// Larger files are data: they are not read for words.
const largestText = 1 << 20

// Load reads a tree. What is built or fetched is left out.
func Load(fsys fs.FS) (*Tree, error) {
	t := &Tree{Texts: map[string]string{}}
	err := fs.WalkDir(fsys, ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() {
			if slices.Contains([]string{".git", "node_modules", "bin", "dist"}, d.Name()) {
				return fs.SkipDir
			}
			return nil
		}
		return t.add(fsys, name)
	})
	if err != nil {
		return nil, fmt.Errorf("reading the source tree: %w", err)
	}
	return t, nil
}

func (t *Tree) add(fsys fs.FS, name string) error {
	src, err := fs.ReadFile(fsys, name)
	if err != nil {
		return err
	}
	if len(src) > largestText || bytes.IndexByte(src, 0) >= 0 {
		return nil
	}
	t.Texts[name] = string(src)
	if path.Ext(name) != ".go" {
		return nil
	}
	fset := token.NewFileSet()
	parsed, err := parser.ParseFile(fset, name, src, parser.ParseComments)
	if err != nil {
		return err
	}
	t.Go = append(t.Go, &File{
		Path: name, Fset: fset, AST: parsed,
		Lines:     bytes.Count(src, []byte("\n")),
		Test:      strings.HasSuffix(name, "_test.go") || strings.HasPrefix(name, "test/"),
		Generated: ast.IsGenerated(parsed),
	})
	return nil
}

// Hand lists the files that people write.
func (t *Tree) hand() []*File {
	return slices.DeleteFunc(slices.Clone(t.Go), func(f *File) bool { return f.Generated })
}

// pkg is the folder of a file: "internal/rpc".
func (f *File) pkg() string { return path.Dir(f.Path) }

// imports lists imported paths; those of this repository without the module's name.
func (f *File) imports() []string {
	var out []string
	for _, spec := range f.AST.Imports {
		if p, err := strconv.Unquote(spec.Path.Value); err == nil {
			out = append(out, strings.TrimPrefix(p, Module+"/"))
		}
	}
	return out
}

// at makes a fault of this file.
func (f *File) at(n ast.Node, format string, args ...any) Fault {
	return Fault(fmt.Sprintf("%s:%d: ", f.Path, f.Fset.Position(n.Pos()).Line) + fmt.Sprintf(format, args...))
}

// within tells whether a package is one of the folders, or below one.
func within(pkg string, folders ...string) bool {
	return slices.ContainsFunc(folders, func(f string) bool { return pkg == f || strings.HasPrefix(pkg, f+"/") })
}
