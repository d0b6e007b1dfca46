package auth

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/bedside-health/bedside/internal/errs"
)

func TestTheHasherKnowsItsOwn(t *testing.T) {
	t.Parallel()
	h := newHasher(2, time.Minute)
	phc, err := h.hash(t.Context(), goodPassword)
	must(t, err)
	if !strings.HasPrefix(phc, "$argon2id$v=19$m=19456,t=2,p=1$") {
		t.Errorf("got %s", phc)
	}
	for password, want := range map[string]bool{goodPassword: true, goodPassword + " ": false, "": false} {
		ok, err := h.check(t.Context(), password, &phc)
		if err != nil || ok != want {
			t.Errorf("%q: got %v %v", password, ok, err)
		}
	}
	if ok, err := h.check(t.Context(), "", nil); ok || err != nil {
		t.Errorf("no account: got %v %v", ok, err)
	}
	if n := h.runs.Load(); n != 5 {
		t.Errorf("%d hashes of 5", n)
	}
}

func TestTheLineForHashesIsBounded(t *testing.T) {
	t.Parallel()
	h := newHasher(1, 20*time.Millisecond)
	done, err := h.turn(t.Context())
	must(t, err)
	_, err = h.check(t.Context(), goodPassword, nil)
	refused(t, err, errs.Unavailable, "sign_in_busy")
	gone, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := h.hash(gone, goodPassword); !errors.Is(err, context.Canceled) {
		if errs.ReasonOf(err) != "sign_in_busy" {
			t.Errorf("a caller who left: got %v", err)
		}
	}
	if n := h.runs.Load(); n != 0 {
		t.Errorf("%d hashes ran beside the one slot", n)
	}
	done()
	_, err = h.check(t.Context(), goodPassword, nil)
	must(t, err)
}

func TestABrokenHashIsAnErrorNotAMatch(t *testing.T) {
	t.Parallel()
	h := newHasher(1, time.Minute)
	const salt, key = "AAAAAAAAAAAAAAAAAAAAAA", "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
	for _, phc := range []string{
		"", "plain", "$argon2i$v=19$m=19456,t=2,p=1$" + salt + "$" + key,
		"$argon2id$v=16$m=19456,t=2,p=1$" + salt + "$" + key,
		"$argon2id$v=19$m=4194304,t=2,p=1$" + salt + "$" + key,
		"$argon2id$v=19$m=19456,t=0,p=1$" + salt + "$" + key,
		"$argon2id$v=19$t=2,m=19456,p=1$" + salt + "$" + key,
		"$argon2id$v=19$m=19456,t=2,p=1$!$" + key,
		"$argon2id$v=19$m=19456,t=2,p=1$" + salt + "$!",
		"$argon2id$v=19$m=19456,t=2,p=1$" + salt + "$",
	} {
		if ok, err := h.check(t.Context(), goodPassword, &phc); ok || err == nil {
			t.Errorf("%q: got %v %v", phc, ok, err)
		}
	}
	if n := h.runs.Load(); n != 0 {
		t.Errorf("%d hashes of broken rows", n)
	}
}
