package app

import (
	"crypto/rand"
	"encoding/base64"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/bedside-health/bedside/internal/seal"
)

// Secrets are what a portal on one machine keeps for itself: made once, in
// files that only its owner reads.
type Secrets struct{ ServiceKey, CookieKey, Keyset string }

// LocalSecrets reads the secrets in a data folder, and makes what is missing.
func LocalSecrets(dir string) (Secrets, error) {
	dir = filepath.Join(dir, "secrets")
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return Secrets{}, fmt.Errorf("making the folder of secrets: %w", err)
	}
	var s Secrets
	for _, one := range []struct {
		name string
		into *string
		make func() (string, error)
	}{
		{"service.key", &s.ServiceKey, newKey}, {"cookie.key", &s.CookieKey, newKey}, {"keyset", &s.Keyset, seal.NewKeysetText},
	} {
		text, err := readOrMake(filepath.Join(dir, one.name), one.make)
		if err != nil {
			return Secrets{}, err
		}
		*one.into = strings.TrimSpace(text)
	}
	return s, nil
}

func newKey() (string, error) {
	b := make([]byte, 32)
	_, _ = rand.Read(b) // never fails: crypto/rand aborts the program instead
	return base64.StdEncoding.EncodeToString(b), nil
}

// readOrMake writes under another name first, so that a half-written secret is
// never taken for one.
func readOrMake(path string, make func() (string, error)) (string, error) {
	body, err := os.ReadFile(path) //nolint:gosec // below the data folder
	if err == nil {
		return string(body), nil
	}
	if !errors.Is(err, fs.ErrNotExist) {
		return "", fmt.Errorf("reading a secret: %w", err)
	}
	text, err := make()
	if err != nil {
		return "", err
	}
	if err := os.WriteFile(path+".new", []byte(text+"\n"), 0o600); err != nil {
		return "", fmt.Errorf("keeping a secret: %w", err)
	}
	if err := os.Rename(path+".new", path); err != nil {
		return "", fmt.Errorf("keeping a secret: %w", err)
	}
	return text, nil
}
