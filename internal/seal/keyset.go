package seal

import (
	"bytes"
	"crypto/rand"
	"encoding/base64"
	"errors"
	"fmt"
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
