// Package assets embeds the built fonts, icons, style and scripts and serves
// them under names that carry a hash of their content.
//
// The files are built by `npm ci` and `go run ./internal/web/assets/build` into
// an ignored folder, so that a bare clone still compiles. Built tells whether
// that happened.
package assets

import (
	"bytes"
	"embed"
	"encoding/json"
	"io/fs"
	"net/http"
	"path"
	"strings"
	"sync"
	"time"
)

//go:embed all:dist
var dist embed.FS

// Manifest maps a plain name, such as "app.css", to the built file's name.
type manifest map[string]string

// names reads the manifest once; it is part of the binary and cannot change.
var names = sync.OnceValue(func() manifest {
	m := manifest{}
	b, err := dist.ReadFile("dist/manifest.json")
	if err != nil {
		return m
	}
	if err := json.Unmarshal(b, &m); err != nil {
		return manifest{}
	}
	return m
})

// Built says whether the binary carries its assets.
func Built() bool { return len(names()) > 0 }

// Path is the address of an asset by its plain name. Without built assets it
// is an address that answers 404: pages stay readable, only plain.
func Path(name string) string {
	if hashed, ok := names()[name]; ok {
		return "/assets/" + hashed
	}
	return "/assets/" + name
}

// Handler serves the files of this package below /assets/.
func Handler() http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		name := path.Base(r.URL.Path)
		if strings.HasSuffix(name, ".gz") || name == "manifest.json" || strings.HasPrefix(name, ".") {
			http.NotFound(w, r)
			return
		}
		body, err := fs.ReadFile(dist, "dist/"+name)
		if err != nil {
			http.NotFound(w, r)
			return
		}
		h := w.Header()
		h.Set("Content-Type", contentType(name))
		// The name changes with the content.
		h.Set("Cache-Control", "public, max-age=31536000, immutable")
		h.Set("Vary", "Accept-Encoding")
		if zipped, err := fs.ReadFile(dist, "dist/"+name+".gz"); err == nil && acceptsGzip(r) {
			h.Set("Content-Encoding", "gzip")
			body = zipped
		}
		http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(body))
	})
}

func acceptsGzip(r *http.Request) bool {
	// A range of a compressed body would be a range of other bytes.
	return r.Header.Get("Range") == "" && strings.Contains(r.Header.Get("Accept-Encoding"), "gzip")
}

func contentType(name string) string {
	switch path.Ext(name) {
	case ".css":
		return "text/css; charset=utf-8"
	case ".js":
		return "text/javascript; charset=utf-8"
	case ".svg":
		return "image/svg+xml"
	case ".woff2":
		return "font/woff2"
	case ".webmanifest":
		return "application/manifest+json"
	}
	return "application/octet-stream"
}
