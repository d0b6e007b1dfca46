package seal_test

import (
	"bytes"
	"context"
	"errors"
	"sync"
	"testing"

	"github.com/bedside-health/bedside/internal/ids"
	"github.com/bedside-health/bedside/internal/pgtest"
	"github.com/bedside-health/bedside/internal/seal"
	"github.com/jackc/pgx/v5"
)

func newKeyset(t *testing.T) *seal.Keyset {
	t.Helper()
	text, err := seal.NewKeysetText()
	if err != nil {
		t.Fatal(err)
	}
	k, err := seal.ParseKeyset(text)
	if err != nil {
		t.Fatal(err)
	}
	return k
}

func TestSealAndOpen(t *testing.T) {
	t.Parallel()
	db, k := pgtest.Open(t, "scheduling"), newKeyset(t)
	s, who := seal.New(k), ids.New[ids.PatientID]()
	plain := []byte("a cough for three days")
	sealed, err := s.Seal(t.Context(), db.W.DB(), who, "reason", plain)
	if err != nil {
		t.Fatal(err)
	}
	if bytes.Contains(sealed, plain) {
		t.Fatal("the text is readable")
	}
	// Another process, with nothing in memory.
	got, err := seal.New(k).Open(t.Context(), db.W.DB(), who, "reason", sealed)
	if err != nil || !bytes.Equal(got, plain) {
		t.Fatalf("got %q, %v", got, err)
	}
	if _, err := s.Open(t.Context(), db.W.DB(), who, "notes", sealed); err == nil {
		t.Error("it opened in another column")
	}
	other := ids.New[ids.PatientID]()
	if _, err := s.Seal(t.Context(), db.W.DB(), other, "reason", plain); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Open(t.Context(), db.W.DB(), other, "reason", sealed); err == nil {
		t.Error("it opened for another patient")
	}
	if _, err := seal.New(newKeyset(t)).Open(t.Context(), db.W.DB(), who, "reason", sealed); err == nil {
		t.Error("it opened with another installation's keyset")
	}
}

func TestShredding(t *testing.T) {
	t.Parallel()
	db, k := pgtest.Open(t, "scheduling"), newKeyset(t)
	s, who := seal.New(k), ids.New[ids.PatientID]()
	sealed, err := s.Seal(t.Context(), db.W.DB(), who, "reason", []byte("x"))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := db.W.DB().Exec(t.Context(), `DELETE FROM data_keys WHERE patient_id = $1`, who.UUID); err != nil {
		t.Fatal(err)
	}
	s.Forget(who)
	if _, err := s.Open(t.Context(), db.W.DB(), who, "reason", sealed); !errors.Is(err, seal.ErrShredded) {
		t.Fatalf("got %v", err)
	}
}

// A key that was made in a transaction that rolled back must not live on in
// memory: what it seals later could never be opened.
func TestRolledBackKeyIsForgotten(t *testing.T) {
	t.Parallel()
	db, k := pgtest.Open(t, "scheduling"), newKeyset(t)
	s, who := seal.New(k), ids.New[ids.PatientID]()
	err := db.W.Tx(t.Context(), func(ctx context.Context, tx pgx.Tx) error {
		if _, err := s.Seal(ctx, tx, who, "reason", []byte("first")); err != nil {
			return err
		}
		return errors.New("no")
	})
	if err == nil {
		t.Fatal("the transaction committed")
	}
	sealed, err := s.Seal(t.Context(), db.W.DB(), who, "reason", []byte("second"))
	if err != nil {
		t.Fatal(err)
	}
	if got, err := seal.New(k).Open(t.Context(), db.W.DB(), who, "reason", sealed); err != nil || string(got) != "second" {
		t.Fatalf("got %q, %v", got, err)
	}
}

func TestConcurrentFirstSeals(t *testing.T) {
	t.Parallel()
	db, k := pgtest.Open(t, "scheduling"), newKeyset(t)
	who := ids.New[ids.PatientID]()
	var wg sync.WaitGroup
	for range 6 {
		wg.Go(func() {
			sealed, err := seal.New(k).Seal(t.Context(), db.W.DB(), who, "reason", []byte("x"))
			if err != nil {
				t.Error(err)
				return
			}
			if _, err := seal.New(k).Open(t.Context(), db.W.DB(), who, "reason", sealed); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
}

func TestSecretsAndHashes(t *testing.T) {
	t.Parallel()
	s := seal.New(newKeyset(t))
	sealed, err := s.SealSecret("totp", []byte("seed"))
	if err != nil {
		t.Fatal(err)
	}
	if got, err := s.OpenSecret("totp", sealed); err != nil || string(got) != "seed" {
		t.Fatalf("got %q, %v", got, err)
	}
	if _, err := s.OpenSecret("other", sealed); err == nil {
		t.Error("it opened for another purpose")
	}
	if bytes.Equal(s.Hash("ssn", "1"), s.Hash("token", "1")) || !bytes.Equal(s.Hash("ssn", "1"), s.Hash("ssn", "1")) {
		t.Error("hashes do not depend on purpose and value alone")
	}
}

func TestMalformedKeyset(t *testing.T) {
	t.Parallel()
	for _, bad := range []string{"", "x\n{}", "AAAA\n{}"} {
		if _, err := seal.ParseKeyset(bad); err == nil {
			t.Errorf("%q was accepted", bad)
		}
	}
}
