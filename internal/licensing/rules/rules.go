// Package rules holds the jurisdiction rule files: one for each state and the
// District of Columbia, and one for federal law. They state facts in our own
// words, with where each was read and how well it is supported; nothing in them
// is legal advice.
package rules

import (
	"embed"
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strings"

	"github.com/bedside-health/bedside/internal/jurisdiction"
)

//go:embed states/*.yaml federal.yaml
var embedded embed.FS

// File is one rule file, parsed and as it stands.
type File struct {
	Rules jurisdiction.Rules
	YAML  []byte
}

// Load reads every embedded file: the states in code order, then the federal
// one. It fails on the first file that jurisdiction.Parse refuses.
func Load() ([]File, error) { return LoadFS(embedded) }

// LoadFS is Load from another file system of the same shape.
func LoadFS(fsys fs.FS) ([]File, error) {
	names, err := fs.Glob(fsys, "states/*.yaml")
	if err != nil {
		return nil, fmt.Errorf("listing rule files: %w", err)
	}
	slices.Sort(names)
	files := make([]File, 0, len(names)+1)
	for _, name := range append(names, "federal.yaml") {
		f, err := load(fsys, name)
		if err != nil {
			return nil, err
		}
		files = append(files, f)
	}
	return files, nil
}

func load(fsys fs.FS, name string) (File, error) {
	data, err := fs.ReadFile(fsys, name)
	if err != nil {
		return File{}, fmt.Errorf("opening rule file %s: %w", name, err)
	}
	parsed, err := jurisdiction.Parse(data)
	if err != nil {
		return File{}, fmt.Errorf("loading %s: %w", name, err)
	}
	want := strings.TrimSuffix(path.Base(name), ".yaml")
	if name == "federal.yaml" {
		want = jurisdiction.FederalState
	}
	if parsed.State != want {
		return File{}, fmt.Errorf("loading %s: it says state %q", name, parsed.State)
	}
	return File{Rules: parsed, YAML: data}, nil
}
