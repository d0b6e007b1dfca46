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
	purposeLink     = "auth.link"
	purposeRecovery = "auth.recovery"
	purposeNewEmail = "auth.new_email"
	purposeNotice   = "auth.notice"
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

func linkPurpose(link uuid.UUID) string { return purposeLink + "/" + link.String() }

func newEmailPurpose(change uuid.UUID) string { return purposeNewEmail + "/" + change.String() }

func noticePurpose(account ids.AccountID) string { return purposeNotice + "/" + account.String() }

// recoveryAlphabet has no letters and digits that are taken for each other.
const (
	recoveryAlphabet = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"
	recoveryLetters  = 8
	recoveryCount    = 8
)

// newRecoveryCodes makes the codes for the day when the authenticator is gone,
// as people read them, and their hashes.
func (s *Service) newRecoveryCodes(account ids.AccountID) (codes []string, hashes [][]byte, err error) {
	most := big.NewInt(int64(len(recoveryAlphabet)))
	for range recoveryCount {
		code := make([]byte, recoveryLetters)
		for i := range code {
			n, err := rand.Int(rand.Reader, most)
			if err != nil {
				return nil, nil, fmt.Errorf("making a recovery code: %w", err)
			}
			code[i] = recoveryAlphabet[n.Int64()]
		}
		codes = append(codes, string(code[:recoveryLetters/2])+"-"+string(code[recoveryLetters/2:]))
		hashes = append(hashes, s.recoveryHash(account, string(code)))
	}
	return codes, hashes, nil
}

func (s *Service) recoveryHash(account ids.AccountID, code string) []byte {
	return s.seal.Hash(purposeRecovery, account.String()+":"+code)
}

// cleanRecovery is a recovery code without what people put between its
// letters; empty for what cannot be one.
func cleanRecovery(typed string) string {
	code := strings.Map(func(r rune) rune {
		if r == ' ' || r == '-' || r == '\u00a0' || r == '\t' {
			return -1
		}
		return r
	}, strings.ToUpper(typed))
	if len(code) != recoveryLetters {
		return ""
	}
	return code
}
