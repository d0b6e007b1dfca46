package auth

import (
	"crypto/subtle"
	"fmt"
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
