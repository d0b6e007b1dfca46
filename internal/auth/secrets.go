package auth

import (
	"crypto/rand"
	"encoding/base64"
	"fmt"
	"math/big"
	"strings"

	"github.com/bedside-health/bedside/internal/ids"
	"github.com/google/uuid"
)

// codeDigits makes 10^8 codes: five tries hit one with a chance of one in
// twenty million.
const codeDigits = 8

// Purposes separate what the keyed hash and the sealer are used for: the same
// text under two purposes has nothing in common. What is sealed is bound to its
// row as well, so that it opens nowhere else.
const (
	purposeAddress  = "auth.address"
	purposeIP       = "auth.ip"
	purposeCode     = "auth.code"
	purposeSession  = "auth.session"
	purposeTicket   = "auth.ticket"
	purposeProof    = "auth.proof"
	purposeRedeem   = "auth.redeem"
	purposeTOTP     = "auth.totp"
	purposeSigning  = "auth.signing_key"
	purposeMailCode = "auth.mail_code"
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
		if r >= '0' && r <= '9' {
			return r
		}
		if r == ' ' || r == '-' || r == '\u00a0' || r == '\t' || r == '\n' || r == '\r' {
			return -1
		}
		return 'x' // anything else makes the code wrong, not shorter
	}, typed)
}

// newSecret makes an opaque secret of 256 bits.
func newSecret() (string, error) {
	b := make([]byte, 32)
	if _, err := rand.Read(b); err != nil {
		return "", fmt.Errorf("making a secret: %w", err)
	}
	return base64.RawURLEncoding.EncodeToString(b), nil
}

func totpPurpose(account ids.AccountID) string { return purposeTOTP + "/" + account.String() }

func keyPurpose(kid string) string { return purposeSigning + "/" + kid }

func mailPurpose(challenge uuid.UUID) string { return purposeMailCode + "/" + challenge.String() }
