package principal

import (
	"crypto/ed25519"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	rpcv1 "github.com/bedside-health/bedside/internal/gen/bedside/rpc/v1"
	"github.com/bedside-health/bedside/internal/ids"
)

// Lifetime is how long a short token is good.
const Lifetime = 5 * time.Minute

// Grace is how much longer ordinary pages go on with a token while auth cannot
// be heard.
const Grace = 15 * time.Minute

// maxToken bounds what Parse reads.
const maxToken = 2048

// prefix names the format, so that a later one can stand beside it.
const prefix = "b1."

// ErrToken is returned for every token that is malformed or wrongly signed.
var ErrToken = errors.New("the token is not one of ours")

// Claims is what a short token says.
type Claims struct {
	KeyID   string        `json:"kid"`
	Account ids.AccountID `json:"acc"`
	Session ids.SessionID `json:"sid"`
	Roles   []rpcv1.Role  `json:"rol"`
	// IssuedAt and Expires are Unix seconds.
	IssuedAt int64 `json:"iat"`
	Expires  int64 `json:"exp"`
}

// Sign makes a token. Only auth holds a private key.
func Sign(key ed25519.PrivateKey, c Claims) (string, error) {
	body, err := json.Marshal(c)
	if err != nil {
		return "", fmt.Errorf("encoding the claims: %w", err)
	}
	signed := prefix + base64.RawURLEncoding.EncodeToString(body)
	sig := ed25519.Sign(key, []byte(signed))
	return signed + "." + base64.RawURLEncoding.EncodeToString(sig), nil
}

// Unverified reads a token's claims without trusting them: to learn which key
// to verify it with.
func Unverified(token string) (Claims, error) {
	c, _, _, err := split(token)
	return c, err
}

// Verify checks a token's signature and returns its claims. It does not look
// at the time or at revocations: see package verify.
func Verify(token string, public ed25519.PublicKey) (Claims, error) {
	c, signed, sig, err := split(token)
	if err != nil {
		return Claims{}, err
	}
	if len(public) != ed25519.PublicKeySize || !ed25519.Verify(public, []byte(signed), sig) {
		return Claims{}, ErrToken
	}
	return c, nil
}

func split(token string) (c Claims, signed string, sig []byte, err error) {
	if len(token) > maxToken || !strings.HasPrefix(token, prefix) {
		return Claims{}, "", nil, ErrToken
	}
	dot := strings.LastIndexByte(token, '.')
	if dot < len(prefix) {
		return Claims{}, "", nil, ErrToken
	}
	body, err := base64.RawURLEncoding.DecodeString(token[len(prefix):dot])
	if err != nil {
		return Claims{}, "", nil, ErrToken
	}
	sig, err = base64.RawURLEncoding.Strict().DecodeString(token[dot+1:])
	if err != nil {
		return Claims{}, "", nil, ErrToken
	}
	if err := json.Unmarshal(body, &c); err != nil {
		return Claims{}, "", nil, ErrToken
	}
	return c, token[:dot], sig, nil
}

// Principal turns verified claims into a principal.
func (c Claims) Principal() Principal {
	return Principal{Account: c.Account, Session: c.Session, Roles: c.Roles, Expires: time.Unix(c.Expires, 0).UTC()}
}
