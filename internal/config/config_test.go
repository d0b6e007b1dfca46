package config_test

import (
	"bytes"
	"encoding/base64"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/bedside-health/bedside/internal/config"
)

var key = base64.StdEncoding.EncodeToString(bytes.Repeat([]byte{7}, 32))

func never(string) bool  { return false }
func always(string) bool { return true }

func TestAllFaultsAreListedAtOnce(t *testing.T) {
	t.Parallel()
	c, err := config.Read([]string{"BEDSIDE_LISTEN=nonsense", "BEDSIDE_BASE_URL=portal/", "BEDSIDE_TRUSTED_PROXIES=10.0.0.1", "BEDSIDE_SERVICE_KEY=short"})
	if err != nil {
		t.Fatal(err)
	}
	err = c.Check([]string{"web", "auth"}, never)
	for _, want := range []string{"LISTEN", "BASE_URL", "TRUSTED_PROXIES", "SERVICE_KEY", "COOKIE_KEY", "DATABASE_URL", "KEYSET", "SMTP_ADDR", "SCHEDULING_URL"} {
		if err == nil || !strings.Contains(err.Error(), "BEDSIDE_"+want) {
			t.Errorf("%s is missing from %v", want, err)
		}
	}
}

func TestMalformedValueIsNamed(t *testing.T) {
	t.Parallel()
	_, err := config.Read([]string{"BEDSIDE_DEMO=perhaps", "BEDSIDE_LAME_DUCK=soon"})
	if err == nil || !strings.Contains(err.Error(), "Demo") || !strings.Contains(err.Error(), "LameDuck") {
		t.Fatalf("got %v", err)
	}
}

func TestSecretsFromFiles(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "key")
	if err := os.WriteFile(path, []byte(key+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	c, err := config.Read([]string{"BEDSIDE_SERVICE_KEY_FILE=" + path, "BEDSIDE_COOKIE_KEY=" + key})
	if err != nil {
		t.Fatal(err)
	}
	if err := c.Check([]string{"web"}, always); err != nil {
		t.Fatal(err)
	}
	if _, err := config.Read([]string{"BEDSIDE_KEYSET_FILE=/does/not/exist"}); err == nil || !strings.Contains(err.Error(), "BEDSIDE_KEYSET_FILE") {
		t.Fatalf("a missing file gave %v", err)
	}
	if _, err := config.Read([]string{"BEDSIDE_SERVICE_KEY_FILE=" + path, "BEDSIDE_SERVICE_KEY=" + key}); err == nil {
		t.Fatal("both forms at once were accepted")
	}
}

func TestPrintHidesSecrets(t *testing.T) {
	t.Parallel()
	c, err := config.Read([]string{"BEDSIDE_SERVICE_KEY=" + key, "BEDSIDE_DATABASE_URL=postgres://u:hidden@h/d"})
	if err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	if err := c.Print(&out); err != nil {
		t.Fatal(err)
	}
	if strings.Contains(out.String(), key) || strings.Contains(out.String(), "hidden") || !strings.Contains(out.String(), "BEDSIDE_SERVICE_KEY=(set)") {
		t.Fatal("a secret is readable, or set ones do not show")
	}
}
