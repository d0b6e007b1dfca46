package letters

import (
	"crypto/rand"
	"fmt"
	"math/big"
	"strings"

	"github.com/google/uuid"
)

// alphabet leaves out the letters and digits that are misread (0 O 1 I L U).
const alphabet = "23456789ABCDEFGHJKMNPQRSTVWXYZ"

// codeLength makes 30^12 codes: nobody finds one by trying.
const codeLength = 12

// Purposes separate what the keyed hash and the sealer are used for.
const (
	purposeCode = "enrollment.letter_code"
	purposeMail = "enrollment.letter_mail_code"
)

// newCode makes the code of a letter, every one as likely as any other.
func newCode() (string, error) {
	out := make([]byte, codeLength)
	for i := range out {
		n, err := rand.Int(rand.Reader, big.NewInt(int64(len(alphabet))))
		if err != nil {
			return "", fmt.Errorf("making a letter's code: %w", err)
		}
		out[i] = alphabet[n.Int64()]
	}
	return string(out), nil
}

// shown is a code as a letter writes it: K7QM-2D9F-4R8T.
func shown(code string) string {
	return code[:4] + "-" + code[4:8] + "-" + code[8:]
}

// cleanCode takes out what people put between characters.
func cleanCode(typed string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r >= 'a' && r <= 'z':
			return r - 'a' + 'A'
		case r == ' ', r == '-', r == '.', r == '\u00a0', r == '\u2010', r == '\u2011', r == '\u2013', r == '\t', r == '\n', r == '\r':
			return -1
		default:
			return r
		}
	}, typed)
}

func (s *Service) codeHash(code string) []byte { return s.d.Seal.Hash(purposeCode, code) }

// purposeCodeOf ties a sealed code to its letter, so that it opens nowhere else.
func purposeCodeOf(letter uuid.UUID) string { return purposeCode + "\n" + letter.String() }

// mailDigits makes 10^8 mailed codes.
const mailDigits = 8

// newMailCode makes the code that proves a mailbox.
func newMailCode() (string, error) {
	n, err := rand.Int(rand.Reader, new(big.Int).Exp(big.NewInt(10), big.NewInt(mailDigits), nil))
	if err != nil {
		return "", fmt.Errorf("making a code: %w", err)
	}
	return fmt.Sprintf("%0*d", mailDigits, n), nil
}

// mailHash binds a mailed code to its activation.
func (s *Service) mailHash(activation uuid.UUID, code string) []byte {
	return s.d.Seal.Hash(purposeMail, activation.String()+":"+code)
}

func purposeMailOf(activation uuid.UUID) string { return purposeMail + "\n" + activation.String() }
