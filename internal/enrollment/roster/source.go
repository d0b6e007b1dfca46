package roster

import (
	"archive/zip"
	"bufio"
	"bytes"
	"compress/gzip"
	"errors"
	"fmt"
	"hash"
	"io"
	"path"
	"strings"

	"github.com/bedside-health/bedside/internal/enrollment/x12"
)

const (
	// maxPlain bounds what a compressed file may grow to.
	maxPlain = 8 << 30
	// maxDirectory bounds what of an archive is read to list what is in it: a
	// forged list of millions of files would take all memory.
	maxDirectory = 4 << 20
	// bombRatio is how many times larger than packed a file may be, once
	// bombFrom bytes came out: rosters shrink to a tenth, bombs to a thousandth.
	bombRatio = 200
	bombFrom  = 32 << 20
)

// source is a file on its way in: counted, unpacked, hashed.
type source struct {
	io.Reader
	hash hash.Hash
	// read counts bytes of the file as it came, packed or not.
	read  *counter
	total int64
}

// counter counts what passes. It is used by one goroutine.
type counter struct {
	from io.ReaderAt
	n    int64
}

func (c *counter) ReadAt(p []byte, off int64) (int, error) {
	n, err := c.from.ReadAt(p, off)
	c.n = max(c.n, off+int64(n))
	return n, err
}

// openSource finds out how a file is packed, and gives its text.
func openSource(content io.ReaderAt, size int64, h hash.Hash) (*source, error) {
	src := &source{hash: h, read: &counter{from: content}, total: size}
	head := make([]byte, 4)
	n, err := content.ReadAt(head, 0)
	if err != nil && !errors.Is(err, io.EOF) {
		return nil, fmt.Errorf("reading the file: %w", err)
	}
	plain := io.Reader(io.NewSectionReader(src.read, 0, size))
	switch head = head[:n]; {
	case bytes.HasPrefix(head, []byte("\x1f\x8b")):
		unpacked, err := gzip.NewReader(bufio.NewReaderSize(plain, 64<<10))
		if err != nil {
			return nil, packed("The compressed file (gzip) is damaged. Pack it again, or ask the payer to send it again.", err)
		}
		plain = &unpacking{from: unpacked, packed: src.read}
	case bytes.HasPrefix(head, []byte("PK\x03\x04")):
		in, err := unzip(src.read, size)
		if err != nil {
			return nil, err
		}
		plain = &unpacking{from: in, packed: src.read}
		// The directory at the end was looked at first: it does not count.
		src.read.n = 0
	}
	src.Reader = io.TeeReader(plain, h)
	return src, nil
}

// packed is the refusal of a file that cannot be unpacked.
func packed(message string, cause error) *x12.Refusal {
	return &x12.Refusal{Finding: x12.Finding{Reason: "broken_archive", Message: message + " The file was refused whole."}, Cause: cause}
}

// directory reads an archive's list of files, up to a limit; what it lists is
// read without.
type directory struct {
	io.ReaderAt
	left   int64
	listed bool
}

var errDirectory = errors.New("the list of files is too long")

func (d *directory) ReadAt(p []byte, off int64) (int, error) {
	if d.listed {
		return d.ReaderAt.ReadAt(p, off)
	}
	if d.left -= int64(len(p)); d.left < 0 {
		return 0, errDirectory
	}
	return d.ReaderAt.ReadAt(p, off)
}

// unzip opens the one file of an archive.
func unzip(content io.ReaderAt, size int64) (io.Reader, error) {
	at := &directory{ReaderAt: content, left: maxDirectory}
	z, err := zip.NewReader(at, size)
	if errors.Is(err, errDirectory) {
		return nil, packed("The archive (zip) lists far too many files.", err)
	}
	if err != nil {
		return nil, packed("The archive (zip) is damaged or was cut off. Pack it again, or ask the payer to send it again.", err)
	}
	at.listed = true
	var one *zip.File
	for _, f := range z.File {
		if f.FileInfo().IsDir() || strings.HasPrefix(f.Name, "__MACOSX/") || strings.HasPrefix(path.Base(f.Name), ".") {
			continue
		}
		if one != nil {
			return nil, packed("The archive (zip) holds more than one file; send one at a time.", nil)
		}
		one = f
	}
	switch {
	case one == nil:
		return nil, packed("The archive (zip) holds no file. Put the roster into it.", nil)
	case one.Flags&1 != 0:
		return nil, packed("The archive (zip) is protected by a password. Send it without one.", nil)
	}
	in, err := one.Open()
	if err != nil {
		return nil, packed("The archive (zip) is damaged.", err)
	}
	return in, nil
}

// unpacking bounds what comes out of an archive, and turns a fault of the
// archive into a refusal.
type unpacking struct {
	from   io.Reader
	packed *counter
	n      int64
}

func (u *unpacking) Read(p []byte) (int, error) {
	n, err := u.from.Read(p)
	u.n += int64(n)
	switch {
	case u.n > maxPlain:
		return 0, packed(fmt.Sprintf("The compressed file unpacks to more than %d GiB.", maxPlain>>30), nil)
	case u.n > bombFrom && u.n > bombRatio*max(u.packed.n, 1):
		return 0, packed(fmt.Sprintf("The compressed file grows more than %d times while it is unpacked, as no roster does.", bombRatio), nil)
	case errors.Is(err, io.EOF) && !errors.Is(err, io.ErrUnexpectedEOF):
		return n, io.EOF
	case err != nil:
		return n, packed("The compressed file is damaged or was cut off. Pack it again, or ask the payer to send it again.", err)
	}
	return n, nil
}

// finish reads what is left, so that the hash is of the whole file.
func (s *source) finish() ([]byte, error) {
	if _, err := io.Copy(io.Discard, s); err != nil {
		return nil, fmt.Errorf("reading the file to its end: %w", err)
	}
	return s.hash.Sum(nil), nil
}
