package web

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/http"
	"time"
)

// The cookies that are not a session's. All are ours alone: __Host- pins them
// to this host, over a secure channel, for every path.
const (
	cookieBrowser  = "__Host-b"
	cookiePosition = "__Host-pos"
	cookieDraft    = "__Host-draft"
	// What staff chose for whom they have on the phone.
	cookieDeskDraft = "__Host-desk"
	cookieFlow      = "__Host-flow"
	cookieFlash     = "__Host-flash"
	cookieLanguage  = "__Host-lang"
	// What was typed about a visit when the session ended, in two parts: one
	// cookie is too small for a long reason.
	cookieTyped     = "__Host-typed"
	cookieTypedMore = "__Host-typed2"
	// Any other form that was sent when the session had ended.
	cookieForm = "__Host-form"
	// A link of a mail that is being used, an address that is being proven, a
	// code that was mailed as proof, recovery codes that are being shown.
	cookieLink     = "__Host-link"
	cookieNewEmail = "__Host-email"
	cookieProof    = "__Host-proof"
	cookieCodes    = "__Host-codes"
)

// jar seals what a browser keeps for us: it can be neither read nor changed
// there, and none can stand in another's place.
type jar struct{ aead cipher.AEAD }

func newJar(key []byte) (jar, error) {
	mac := hmac.New(sha256.New, key)
	mac.Write([]byte("bedside web cookies"))
	block, err := aes.NewCipher(mac.Sum(nil))
	if err != nil {
		return jar{}, err
	}
	aead, err := cipher.NewGCM(block)
	if err != nil {
		return jar{}, err
	}
	return jar{aead: aead}, nil
}

// sealed is the inside of a sealed cookie.
type sealed struct {
	Until time.Time       `json:"u"`
	Value json.RawMessage `json:"v"`
}

// put seals a value into a cookie for a while.
func (j jar) put(w http.ResponseWriter, name string, value any, now time.Time, life time.Duration) error {
	v, err := json.Marshal(value)
	if err != nil {
		return fmt.Errorf("encoding cookie %s: %w", name, err)
	}
	plain, err := json.Marshal(sealed{Until: now.Add(life), Value: v})
	if err != nil {
		return fmt.Errorf("encoding cookie %s: %w", name, err)
	}
	nonce := make([]byte, j.aead.NonceSize())
	if _, err := rand.Read(nonce); err != nil {
		return fmt.Errorf("sealing cookie %s: %w", name, err)
	}
	box := j.aead.Seal(nonce, nonce, plain, []byte(name))
	setCookie(w, name, base64.RawURLEncoding.EncodeToString(box), life)
	return nil
}

// get opens a sealed cookie; false for a missing, broken or old one.
func (j jar) get(r *http.Request, name string, now time.Time, into any) bool {
	c, err := r.Cookie(name)
	if err != nil {
		return false
	}
	box, err := base64.RawURLEncoding.DecodeString(c.Value)
	if err != nil || len(box) < j.aead.NonceSize() {
		return false
	}
	n := j.aead.NonceSize()
	plain, err := j.aead.Open(nil, box[:n], box[n:], []byte(name))
	if err != nil {
		return false
	}
	var s sealed
	if json.Unmarshal(plain, &s) != nil || now.After(s.Until) {
		return false
	}
	return json.Unmarshal(s.Value, into) == nil
}

// setCookie sets one of our cookies; a life of zero lasts as long as the
// browser runs.
func setCookie(w http.ResponseWriter, name, value string, life time.Duration) {
	http.SetCookie(w, &http.Cookie{
		Name: name, Value: value, Path: "/", MaxAge: int(life / time.Second),
		Secure: true, HttpOnly: true, SameSite: http.SameSiteLaxMode,
	})
}

func dropCookie(w http.ResponseWriter, name string) {
	http.SetCookie(w, &http.Cookie{
		Name: name, Path: "/", MaxAge: -1,
		Secure: true, HttpOnly: true, SameSite: http.SameSiteLaxMode,
	})
}
