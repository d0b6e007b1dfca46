package seal

import (
	"bytes"
	"crypto/rand"
	"encoding/base64"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/tink-crypto/tink-go/v2/aead"
	"github.com/tink-crypto/tink-go/v2/insecurecleartextkeyset"
	"github.com/tink-crypto/tink-go/v2/keyset"
	"github.com/tink-crypto/tink-go/v2/tink"
)

// Keyset is the installation's root: it wraps data keys and keys the hashes.
type Keyset struct {
	aead tink.AEAD
	hash []byte
}

// NewKeysetText makes a fresh keyset in the form that ParseKeyset reads: one
// line of base64 for the hash key, then tink's JSON keyset.
func NewKeysetText() (string, error) {
	h, err := keyset.NewHandle(aead.AES256GCMKeyTemplate())
	if err != nil {
		return "", fmt.Errorf("making a keyset: %w", err)
	}
	var body bytes.Buffer
	if err := insecurecleartextkeyset.Write(h, keyset.NewJSONWriter(&body)); err != nil {
		return "", fmt.Errorf("writing a keyset: %w", err)
	}
	hash := make([]byte, keySize)
	_, _ = rand.Read(hash) // never fails: crypto/rand aborts the program instead
	return base64.StdEncoding.EncodeToString(hash) + "\n" + body.String() + "\n", nil
}

// ParseKeyset reads a keyset's text. Its errors never repeat the text.
func ParseKeyset(text string) (*Keyset, error) {
	first, rest, ok := strings.Cut(text, "\n")
	hash, err := base64.StdEncoding.DecodeString(strings.TrimSpace(first))
	if !ok || err != nil || len(hash) != keySize {
		return nil, errors.New("the keyset's first line is not 32 bytes of base64")
	}
	h, err := insecurecleartextkeyset.Read(keyset.NewJSONReader(strings.NewReader(rest)))
	if err != nil {
		return nil, errors.New("the keyset's second part is not a tink JSON keyset")
	}
	a, err := aead.New(h)
	if err != nil {
		return nil, errors.New("the keyset does not hold an AEAD key")
	}
	return &Keyset{aead: a, hash: hash}, nil
}

// LocalKeyset reads the keyset file of a development machine, and makes it,
// readable by its owner alone, where there is none.
func LocalKeyset(path string) (*Keyset, error) {
	text, err := os.ReadFile(path) //nolint:gosec // the operator names the file
	if errors.Is(err, fs.ErrNotExist) {
		return makeLocal(path)
	}
	if err != nil {
		return nil, fmt.Errorf("reading the keyset: %w", err)
	}
	return ParseKeyset(string(text))
}

func makeLocal(path string) (*Keyset, error) {
	text, err := NewKeysetText()
	if err != nil {
		return nil, err
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return nil, fmt.Errorf("making the keyset's folder: %w", err)
	}
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600) //nolint:gosec // the operator names the file
	if errors.Is(err, fs.ErrExist) {                                      // another process was first
		return LocalKeyset(path)
	}
	if err != nil {
		return nil, fmt.Errorf("making the keyset: %w", err)
	}
	if _, err := f.WriteString(text); err != nil {
		return nil, errors.Join(fmt.Errorf("writing the keyset: %w", err), f.Close())
	}
	if err := f.Close(); err != nil {
		return nil, fmt.Errorf("writing the keyset: %w", err)
	}
	return ParseKeyset(text)
}
