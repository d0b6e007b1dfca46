// Command build bundles Bedside's style, scripts, fonts and icons into
// internal/web/assets/dist. Run it after `npm ci` in internal/web/assets:
//
//	go run ./internal/web/assets/build
package main

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"

	"github.com/evanw/esbuild/pkg/api"
)

func main() {
	dir := filepath.Join("internal", "web", "assets")
	if len(os.Args) > 1 {
		dir = os.Args[1]
	}
	if err := run(dir); err != nil {
		fmt.Fprintln(os.Stderr, "building assets:", err)
		os.Exit(1)
	}
}

// builder collects the files of one build and their hashed names.
type builder struct {
	dir   string
	names map[string]string
	files map[string][]byte
}

func run(dir string) error {
	b := &builder{dir: dir, names: map[string]string{}, files: map[string][]byte{}}
	steps := []struct {
		what string
		do   func() error
	}{
		{"style and scripts", b.bundle},
		{"icons", b.sprite},
		{"plain files", b.plain},
	}
	for _, s := range steps {
		if err := s.do(); err != nil {
			return fmt.Errorf("%s: %w", s.what, err)
		}
	}
	return b.write()
}

// bundle lets esbuild minify what the pages load; fonts that the style names
// come along.
func (b *builder) bundle() error {
	abs, err := filepath.Abs(b.dir)
	if err != nil {
		return err
	}
	res := api.Build(api.BuildOptions{
		AbsWorkingDir:     abs,
		EntryPoints:       []string{"css/app.css", "css/letters.css", "css/office.css", "css/print.css", "js/app.js"},
		Bundle:            true,
		MinifyWhitespace:  true,
		MinifySyntax:      true,
		MinifyIdentifiers: true,
		Format:            api.FormatESModule,
		Charset:           api.CharsetUTF8,
		Outdir:            "dist",
		PublicPath:        "/assets",
		EntryNames:        "[name]-[hash]",
		AssetNames:        "[name]-[hash]",
		Loader:            map[string]api.Loader{".woff2": api.LoaderFile},
		Engines: []api.Engine{
			{Name: api.EngineChrome, Version: "123"},
			{Name: api.EngineFirefox, Version: "128"},
			{Name: api.EngineSafari, Version: "17.5"},
		},
		LogLevel: api.LogLevelWarning,
	})
	if len(res.Errors) > 0 {
		return errors.New(res.Errors[0].Text)
	}
	hash := regexp.MustCompile(`-[A-Z0-9]{8}(\.[a-z0-9]+)$`)
	for _, f := range res.OutputFiles {
		built := filepath.Base(f.Path)
		b.names[hash.ReplaceAllString(built, "$1")] = built
		b.files[built] = f.Contents
	}
	return nil
}

// sprite joins the icons listed in icons.txt into one file of symbols.
func (b *builder) sprite() error {
	list, err := os.ReadFile(filepath.Join(b.dir, "icons.txt"))
	if err != nil {
		return err
	}
	inner := regexp.MustCompile(`(?s)<svg[^>]*>(.*)</svg>`)
	space := regexp.MustCompile(`\s+`)
	var out bytes.Buffer
	out.WriteString(`<svg xmlns="http://www.w3.org/2000/svg">`)
	for _, name := range strings.Fields(string(list)) {
		src, err := os.ReadFile(filepath.Join(b.dir, "node_modules", "lucide-static", "icons", name+".svg"))
		if err != nil {
			return err
		}
		m := inner.FindSubmatch(src)
		if m == nil {
			return fmt.Errorf("icon %s has no drawing", name)
		}
		drawing := strings.TrimSpace(space.ReplaceAllString(string(m[1]), " "))
		fmt.Fprintf(&out, `<symbol id="%s" viewBox="0 0 24 24">%s</symbol>`, name, drawing)
	}
	out.WriteString(`</svg>`)
	b.add("icons.svg", out.Bytes())
	return nil
}

// plain takes files over as they are.
func (b *builder) plain() error {
	files, err := filepath.Glob(filepath.Join(b.dir, "static", "*"))
	if err != nil {
		return err
	}
	for _, f := range files {
		body, err := os.ReadFile(f)
		if err != nil {
			return err
		}
		b.add(filepath.Base(f), body)
	}
	return nil
}

func (b *builder) add(name string, body []byte) {
	sum := sha256.Sum256(body)
	ext := filepath.Ext(name)
	built := strings.TrimSuffix(name, ext) + "-" + strings.ToUpper(hex.EncodeToString(sum[:4])) + ext
	b.names[name] = built
	b.files[built] = body
}

// write replaces the dist folder's content, each text file also compressed.
func (b *builder) write() error {
	dist := filepath.Join(b.dir, "dist")
	old, err := filepath.Glob(filepath.Join(dist, "[^.]*"))
	if err != nil {
		return err
	}
	for _, f := range old {
		if err := os.Remove(f); err != nil {
			return err
		}
	}
	for name, body := range b.files {
		if err := os.WriteFile(filepath.Join(dist, name), body, 0o600); err != nil {
			return err
		}
		if filepath.Ext(name) == ".woff2" {
			continue
		}
		if err := writeGzip(filepath.Join(dist, name+".gz"), body); err != nil {
			return err
		}
		fmt.Printf("%-34s %6d bytes\n", name, len(body))
	}
	m, err := json.MarshalIndent(b.names, "", "  ")
	if err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(dist, "manifest.json"), m, 0o600)
}

func writeGzip(path string, body []byte) error {
	var out bytes.Buffer
	z, err := gzip.NewWriterLevel(&out, gzip.BestCompression)
	if err != nil {
		return err
	}
	if _, err := z.Write(body); err != nil {
		return err
	}
	if err := z.Close(); err != nil {
		return err
	}
	return os.WriteFile(path, out.Bytes(), 0o600)
}
