package assets

import (
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func serve(t *testing.T, path, encoding string) *httptest.ResponseRecorder {
	t.Helper()
	r := httptest.NewRequestWithContext(t.Context(), http.MethodGet, path, nil)
	r.Header.Set("Accept-Encoding", encoding)
	w := httptest.NewRecorder()
	Handler().ServeHTTP(w, r)
	return w
}

func TestUnknownAssetsAreRefused(t *testing.T) {
	t.Parallel()
	for _, path := range []string{"/assets/nothing.css", "/assets/manifest.json", "/assets/.placeholder", "/assets/../assets.go"} {
		if w := serve(t, path, ""); w.Code != http.StatusNotFound {
			t.Errorf("%s: %d", path, w.Code)
		}
	}
}

func TestPathOfAnUnbuiltAsset(t *testing.T) {
	t.Parallel()
	if got := Path("never-built.css"); got != "/assets/never-built.css" {
		t.Errorf("got %s", got)
	}
}

// The built files are looked at where they were built; a bare clone has none.
func TestBuiltAssets(t *testing.T) {
	t.Parallel()
	if !Built() {
		t.Log("no assets are built here")
		return
	}
	for name, limit := range map[string]int64{"app.css": 25 << 10, "app.js": 10 << 10} {
		info, err := os.Stat(filepath.Join("dist", filepath.Base(Path(name))))
		if err != nil {
			t.Fatal(err)
		}
		if info.Size() > limit {
			t.Errorf("%s has %d bytes, more than %d", name, info.Size(), limit)
		}
		w := serve(t, Path(name), "gzip, br")
		if w.Code != http.StatusOK || w.Header().Get("Content-Encoding") != "gzip" || !strings.Contains(w.Header().Get("Cache-Control"), "immutable") {
			t.Errorf("%s: %d %v", name, w.Code, w.Header())
		}
		if w := serve(t, Path(name), ""); w.Header().Get("Content-Encoding") != "" || int64(w.Body.Len()) != info.Size() {
			t.Errorf("%s plain: %d bytes, %v", name, w.Body.Len(), w.Header())
		}
	}
}
