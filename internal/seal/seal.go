// Package seal encrypts free text about a patient's health with a key of that
// patient, so that deleting the key shreds everything that it sealed. Data
// keys are wrapped by the keyset of the installation (a local file in
// development, KMS in production) and kept in each service's own schema.
package seal

import (
	"context"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"errors"
	"fmt"
	"sync"

	"github.com/bedside-health/bedside/internal/ids"
	"github.com/bedside-health/bedside/internal/pg"
	"github.com/jackc/pgx/v5"
	"github.com/tink-crypto/tink-go/v2/aead/subtle"
)

// keySize is that of AES-256.
const keySize = 32

// cacheMax bounds the unwrapped data keys that a process remembers.
const cacheMax = 4096

// Sealer seals for one service.
type Sealer struct {
	keyset *Keyset

	mu    sync.Mutex
	cache map[ids.PatientID][]byte
}

// New makes a sealer over the installation's keyset.
func New(k *Keyset) *Sealer { return &Sealer{keyset: k, cache: map[ids.PatientID][]byte{}} }

// ErrShredded is returned by Open where the patient's key is gone.
var ErrShredded = errors.New("seal: the patient's key is gone")

// Seal encrypts plain for one column of one patient. It makes the patient's
// key where there is none, through db, so that both stand or fall together.
func (s *Sealer) Seal(ctx context.Context, db pg.DBTX, patient ids.PatientID, column string, plain []byte) ([]byte, error) {
	key, err := s.dataKey(ctx, db, patient, true)
	if err != nil {
		return nil, err
	}
	a, err := subtle.NewAESGCM(key)
	if err != nil {
		return nil, fmt.Errorf("preparing to seal: %w", err)
	}
	out, err := a.Encrypt(plain, bound(patient, column))
	if err != nil {
		return nil, fmt.Errorf("sealing %s: %w", column, err)
	}
	return out, nil
}

// Open decrypts what Seal made for the same column and patient. It returns
// ErrShredded where the patient's key was deleted.
func (s *Sealer) Open(ctx context.Context, db pg.DBTX, patient ids.PatientID, column string, sealed []byte) ([]byte, error) {
	key, err := s.dataKey(ctx, db, patient, false)
	if err != nil {
		return nil, err
	}
	a, err := subtle.NewAESGCM(key)
	if err != nil {
		return nil, fmt.Errorf("preparing to open: %w", err)
	}
	out, err := a.Decrypt(sealed, bound(patient, column))
	if err != nil {
		return nil, fmt.Errorf("opening %s: %w", column, err)
	}
	return out, nil
}

// bound ties a sealed value to its place, so that it opens nowhere else.
func bound(patient ids.PatientID, column string) []byte {
	return []byte("bedside\n" + patient.String() + "\n" + column)
}

// dataKey returns the patient's key. A key made in a transaction that rolls
// back must not be remembered, so only keys that were read are cached.
func (s *Sealer) dataKey(ctx context.Context, db pg.DBTX, patient ids.PatientID, create bool) ([]byte, error) {
	s.mu.Lock()
	key := s.cache[patient]
	s.mu.Unlock()
	if key != nil {
		return key, nil
	}
	key, err := s.readKey(ctx, db, patient)
	if err == nil {
		return key, nil
	}
	if !errors.Is(err, ErrShredded) || !create {
		return nil, err
	}
	return s.makeKey(ctx, db, patient)
}

func (s *Sealer) readKey(ctx context.Context, db pg.DBTX, patient ids.PatientID) ([]byte, error) {
	var wrapped []byte
	var committed bool
	// A row of this very transaction has its id as xmin.
	err := db.QueryRow(ctx, `SELECT wrapped, xmin::text <> coalesce(pg_current_xact_id_if_assigned()::xid::text, '')
		FROM data_keys WHERE patient_id = $1`, patient.UUID).Scan(&wrapped, &committed)
	if errors.Is(err, pgx.ErrNoRows) {
		return nil, ErrShredded
	}
	if err != nil {
		return nil, fmt.Errorf("reading a data key: %w", err)
	}
	key, err := s.keyset.aead.Decrypt(wrapped, bound(patient, "data key"))
	if err != nil {
		return nil, fmt.Errorf("unwrapping a data key: %w", err)
	}
	if committed {
		s.remember(patient, key)
	}
	return key, nil
}

func (s *Sealer) makeKey(ctx context.Context, db pg.DBTX, patient ids.PatientID) ([]byte, error) {
	key := make([]byte, keySize)
	_, _ = rand.Read(key) // never fails: crypto/rand aborts the program instead
	wrapped, err := s.keyset.aead.Encrypt(key, bound(patient, "data key"))
	if err != nil {
		return nil, fmt.Errorf("wrapping a data key: %w", err)
	}
	if _, err := db.Exec(ctx, `INSERT INTO data_keys (patient_id, wrapped) VALUES ($1, $2) ON CONFLICT DO NOTHING`, patient.UUID, wrapped); err != nil {
		return nil, fmt.Errorf("keeping a data key: %w", err)
	}
	// Another process may have been first: what is stored counts.
	return s.readKey(ctx, db, patient)
}

func (s *Sealer) remember(patient ids.PatientID, key []byte) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.cache) >= cacheMax {
		clear(s.cache)
	}
	s.cache[patient] = key
}

// Forget drops a patient's key from memory, after its row was deleted.
func (s *Sealer) Forget(patient ids.PatientID) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.cache, patient)
}

// SealSecret encrypts a secret that is not about a patient, such as a TOTP
// seed, for one purpose.
func (s *Sealer) SealSecret(purpose string, plain []byte) ([]byte, error) {
	out, err := s.keyset.aead.Encrypt(plain, []byte("bedside secret\n"+purpose))
	if err != nil {
		return nil, fmt.Errorf("sealing a secret: %w", err)
	}
	return out, nil
}

// OpenSecret decrypts what SealSecret made for the same purpose.
func (s *Sealer) OpenSecret(purpose string, sealed []byte) ([]byte, error) {
	out, err := s.keyset.aead.Decrypt(sealed, []byte("bedside secret\n"+purpose))
	if err != nil {
		return nil, fmt.Errorf("opening a secret: %w", err)
	}
	return out, nil
}

// Hash is a keyed hash (HMAC-SHA-256, 32 bytes) for values that are looked up
// but must not be readable: social security numbers, tokens, addresses.
func (s *Sealer) Hash(purpose, value string) []byte {
	m := hmac.New(sha256.New, s.keyset.hash)
	m.Write([]byte(purpose + "\n" + value))
	return m.Sum(nil)
}
