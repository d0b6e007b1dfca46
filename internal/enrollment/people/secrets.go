package people

import (
	"crypto/rand"
	"encoding/base64"
	"fmt"
	"math/big"
	"strings"

	"github.com/google/uuid"
)

// codeDigits makes 10^8 codes: five tries hit one with a chance of one in
// twenty million.
const codeDigits = 8

// Purposes separate what the keyed hash and the sealer are used for: the same
// text under two purposes has nothing in common.
const (
	purposeNetwork = "enrollment.network"
	purposeNumber  = "enrollment.member_number"
	purposeCode    = "enrollment.activation_code"
	purposeToken   = "enrollment.invitation_token"
	purposeTyped   = "enrollment.activation_typed"
)

// newCode makes a mailed code, every one as likely as any other.
func newCode() (string, error) {
	n, err := rand.Int(rand.Reader, new(big.Int).Exp(big.NewInt(10), big.NewInt(codeDigits), nil))
	if err != nil {
		return "", fmt.Errorf("making a code: %w", err)
	}
	return fmt.Sprintf("%0*d", codeDigits, n), nil
}

// cleanCode takes out what people and mail programs put between digits.
func cleanCode(typed string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r >= '0' && r <= '9':
			return r
		case r == ' ', r == '-', r == '\u00a0', r == '\t', r == '\n', r == '\r':
			return -1
		default:
			return 'x' // anything else makes the code wrong, not shorter
		}
	}, typed)
}

// codeHash binds a code to its activation, under a key that the database does
// not have: eight digits alone would be found by trying them all.
func (s *Service) codeHash(activation uuid.UUID, code string) []byte {
	return s.seal.Hash(purposeCode, activation.String()+":"+code)
}

// newToken makes the secret of a link: 256 bits.
func newToken() string {
	b := make([]byte, 32)
	_, _ = rand.Read(b) // never fails: crypto/rand aborts the program instead
	return base64.RawURLEncoding.EncodeToString(b)
}

func (s *Service) tokenHash(token string) []byte { return s.seal.Hash(purposeToken, token) }

// purposeTokenOf ties a sealed token to its row, so that it opens nowhere else.
func purposeTokenOf(invitation uuid.UUID) string { return purposeToken + "\n" + invitation.String() }

func purposeCodeOf(activation uuid.UUID) string { return purposeCode + "\n" + activation.String() }
