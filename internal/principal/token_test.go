package principal

import (
	"crypto/ed25519"
	"errors"
	"testing"
	"time"

	rpcv1 "github.com/bedside-health/bedside/internal/gen/bedside/rpc/v1"
	"github.com/bedside-health/bedside/internal/ids"
)

func newToken(t testing.TB) (string, ed25519.PublicKey, Claims) {
	t.Helper()
	pub, key, err := ed25519.GenerateKey(nil)
	if err != nil {
		t.Fatal(err)
	}
	c := Claims{
		KeyID: "k1", Account: ids.New[ids.AccountID](), Session: ids.New[ids.SessionID](),
		Roles: []rpcv1.Role{rpcv1.Role_ROLE_PATIENT}, IssuedAt: 100, Expires: time.Now().Unix(),
	}
	token, err := Sign(key, c)
	if err != nil {
		t.Fatal(err)
	}
	return token, pub, c
}

func TestTokenRoundTrip(t *testing.T) {
	t.Parallel()
	token, pub, want := newToken(t)
	got, err := Verify(token, pub)
	if err != nil {
		t.Fatal(err)
	}
	if got.Account != want.Account || got.Session != want.Session || got.Roles[0] != want.Roles[0] || got.Expires != want.Expires {
		t.Fatalf("got %+v, want %+v", got, want)
	}
}

// Every single changed character must be refused.
func TestTokenTampering(t *testing.T) {
	t.Parallel()
	token, pub, _ := newToken(t)
	for i := range token {
		b := []byte(token)
		b[i] ^= 1
		if _, err := Verify(string(b), pub); err == nil {
			t.Fatalf("changing byte %d went unnoticed", i)
		}
	}
	if _, err := Verify(token[:len(token)-1], pub); !errors.Is(err, ErrToken) {
		t.Fatalf("a cut token gave %v", err)
	}
	other, _, _ := ed25519.GenerateKey(nil)
	if _, err := Verify(token, other); !errors.Is(err, ErrToken) {
		t.Fatalf("another key's token gave %v", err)
	}
}

func FuzzVerify(f *testing.F) {
	token, pub, _ := newToken(f)
	f.Add(token)
	f.Add("b1..")
	f.Fuzz(func(t *testing.T, s string) {
		if _, err := Verify(s, pub); err == nil && s != token {
			t.Fatalf("accepted %q", s)
		}
	})
}
