package auth

import (
	"crypto/rand"
	"crypto/subtle"
	"encoding/base32"
	"fmt"
	"net/url"
	"time"

	"github.com/pquerna/otp"
	"github.com/pquerna/otp/hotp"
)

// totpStep is RFC 6238's default step.
const totpStep = 30

// matchTOTP finds the step that a code belongs to: this one, the one before or
// the one after, and later than the last that was used. It compares all three,
// so that timing does not tell which.
func matchTOTP(secret, code string, now time.Time, lastStep int64) (step int64, ok bool, err error) {
	current := now.Unix() / totpStep
	for _, candidate := range []int64{current - 1, current, current + 1} {
		want, err := hotp.GenerateCodeCustom(secret, uint64(candidate), hotp.ValidateOpts{ //nolint:gosec // time after 1970
			Digits: otp.DigitsSix, Algorithm: otp.AlgorithmSHA1,
		})
		if err != nil {
			return 0, false, fmt.Errorf("computing a TOTP code: %w", err)
		}
		if subtle.ConstantTimeCompare([]byte(want), []byte(code)) == 1 && candidate > lastStep {
			step, ok = candidate, true
		}
	}
	return step, ok, nil
}

// newTOTPSecret makes the secret of an authenticator: 160 bits, as RFC 4226
// recommends.
func newTOTPSecret() (string, error) {
	b := make([]byte, 20)
	if _, err := rand.Read(b); err != nil {
		return "", fmt.Errorf("making an authenticator secret: %w", err)
	}
	return base32.StdEncoding.WithPadding(base32.NoPadding).EncodeToString(b), nil
}

// otpauthURL is what authenticator apps read from a picture.
func otpauthURL(email, secret string) string {
	q := url.Values{"secret": {secret}, "issuer": {"Bedside"}}
	return "otpauth://totp/" + url.PathEscape("Bedside:"+email) + "?" + q.Encode()
}
