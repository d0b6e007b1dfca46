package roster

import (
	"archive/zip"
	"bytes"
	"crypto/sha256"
	"errors"
	"io"
	"strconv"
	"testing"

	"github.com/bedside-health/bedside/internal/enrollment/x12"
)

// archive is a zip of many empty files.
func archive(t *testing.T, files int) []byte {
	t.Helper()
	var out bytes.Buffer
	w := zip.NewWriter(&out)
	for i := range files {
		if _, err := w.CreateHeader(&zip.FileHeader{Name: strconv.Itoa(i), Method: zip.Store}); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

// An archive may not make us list what it claims to hold until memory is gone.
func TestArchivesOfTooManyFilesAreRefused(t *testing.T) {
	t.Parallel()
	for files, why := range map[int]string{
		2:       "The archive (zip) holds more than one file; send one at a time. The file was refused whole.",
		120_000: "The archive (zip) lists far too many files. The file was refused whole.",
	} {
		body := archive(t, files)
		_, err := openSource(bytes.NewReader(body), int64(len(body)), sha256.New())
		if refusal, ok := errors.AsType[*x12.Refusal](err); !ok || refusal.Message != why {
			t.Errorf("%d files: %v", files, err)
		}
	}
}

// What a packed file grows to is bounded, whatever it says of itself.
func TestUnpackingIsBounded(t *testing.T) {
	t.Parallel()
	u := &unpacking{from: bytes.NewReader([]byte("ISA*")), n: maxPlain - 2}
	_, err := io.ReadAll(u)
	if refusal, ok := errors.AsType[*x12.Refusal](err); !ok || refusal.Reason != "broken_archive" {
		t.Errorf("it went on: %v", err)
	}
}
