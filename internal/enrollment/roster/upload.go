package roster

import (
	"context"
	"errors"
	"fmt"
	"io"
	"path"
	"sort"
	"strings"
	"unicode"

	"github.com/bedside-health/bedside/internal/audit"
	"github.com/bedside-health/bedside/internal/enrollment/roster/db"
	"github.com/bedside-health/bedside/internal/errs"
	"github.com/bedside-health/bedside/internal/ids"
	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
)

const (
	// maxUpload is the largest file that the staff page takes.
	maxUpload = 512 << 20
	// maxChunk is the largest piece of it in one call.
	maxChunk = 1 << 20
)

// beginUpload opens an upload for a payer.
func (s *Service) beginUpload(ctx context.Context, actor audit.Actor, payer uuid.UUID, name string, size int64) (uuid.UUID, error) {
	name = fileName(name)
	var wrong []errs.Field
	switch {
	case size < 1:
		wrong = append(wrong, errs.Field{Name: "size", Reason: "empty"})
	case size > maxUpload:
		wrong = append(wrong, errs.Field{Name: "size", Reason: "too_large"})
	}
	if name == "" {
		wrong = append(wrong, errs.Field{Name: "file_name", Reason: "required"})
	}
	if len(wrong) > 0 {
		return uuid.Nil, errs.InvalidFields(wrong...)
	}
	id := ids.NewUUID()
	err := s.db.W.Tx(ctx, func(ctx context.Context, tx pgx.Tx) error {
		if _, err := s.q.PayerByID(ctx, tx, payer); err != nil {
			return payerMissing(err)
		}
		err := s.q.InsertUpload(ctx, tx, db.InsertUploadParams{UploadID: id, PayerID: payer, AccountID: actor.Account.UUID, FileName: name, Size: size})
		if err != nil {
			return fmt.Errorf("opening an upload: %w", err)
		}
		return audit.Append(ctx, tx, audit.Entry{Actor: actor, Action: "roster.upload", Subject: "upload/" + id.String()})
	})
	return id, err
}

func payerMissing(err error) error {
	if errors.Is(err, pgx.ErrNoRows) {
		return errs.New(errs.NotFound, "payer_unknown", "There is no such payer.")
	}
	return fmt.Errorf("looking for the payer: %w", err)
}

// fileName keeps what a browser calls a file: without folders and without
// anything that cannot be shown.
func fileName(v string) string {
	v = path.Base(strings.ReplaceAll(v, `\`, "/"))
	v = strings.TrimSpace(strings.Map(func(r rune) rune {
		if !unicode.IsPrint(r) {
			return -1
		}
		return r
	}, v))
	if v == "." || v == "/" {
		return ""
	}
	return clip(v, 255)
}

func uploadMissing(err error) error {
	if errors.Is(err, pgx.ErrNoRows) {
		return errs.New(errs.NotFound, "upload_unknown", "This upload is not there any more. Please choose the file again.")
	}
	return fmt.Errorf("looking for the upload: %w", err)
}

// putChunk keeps one piece; sending it again replaces it.
func (s *Service) putChunk(ctx context.Context, actor audit.Actor, id uuid.UUID, number int32, data []byte) error {
	if number < 0 || number > maxUpload>>10 || len(data) == 0 || len(data) > maxChunk {
		return errs.InvalidFields(errs.Field{Name: "data", Reason: "length"})
	}
	return s.db.W.Tx(ctx, func(ctx context.Context, tx pgx.Tx) error {
		up, err := s.q.LockUpload(ctx, tx, db.LockUploadParams{UploadID: id, AccountID: actor.Account.UUID})
		if err != nil {
			return uploadMissing(err)
		}
		if up.ImportID != nil {
			return errs.New(errs.Precondition, "upload_finished", "This upload is complete already.")
		}
		if err := s.q.PutChunk(ctx, tx, db.PutChunkParams{UploadID: id, Number: number, Data: data}); err != nil {
			return fmt.Errorf("keeping a piece of an upload: %w", err)
		}
		have, err := s.q.UploadSize(ctx, tx, id)
		if err != nil {
			return fmt.Errorf("measuring an upload: %w", err)
		}
		if have.Bytes > up.Size {
			return errs.New(errs.Invalid, "upload_size", "More arrived than the file was said to hold. Please choose the file again.")
		}
		return nil
	})
}

// finishUpload makes an import of what was uploaded, and the job that carries
// it out, in one transaction. Asking again returns the same import.
func (s *Service) finishUpload(ctx context.Context, actor audit.Actor, id uuid.UUID, chunks int32, test bool) (uuid.UUID, error) {
	if s.jobs == nil {
		return uuid.Nil, errs.New(errs.Unavailable, "no_jobs", "Uploads are not taken here.")
	}
	var importID uuid.UUID
	err := s.db.W.Tx(ctx, func(ctx context.Context, tx pgx.Tx) error {
		up, err := s.q.LockUpload(ctx, tx, db.LockUploadParams{UploadID: id, AccountID: actor.Account.UUID})
		if err != nil {
			return uploadMissing(err)
		}
		if up.ImportID != nil {
			importID = *up.ImportID
			return nil
		}
		have, err := s.q.UploadSize(ctx, tx, id)
		if err != nil {
			return fmt.Errorf("measuring an upload: %w", err)
		}
		if have.Chunks != chunks || have.Last != chunks-1 || have.Bytes != up.Size {
			return errs.New(errs.Precondition, "upload_incomplete", "The file has not arrived completely. Please send it again.")
		}
		importID = ids.NewUUID()
		row := importRow(importID, up.PayerID, up.FileName, actor)
		row.Status, row.UploadID, row.AcceptTest, row.BytesTotal = "waiting", &id, test, up.Size
		if err := s.q.InsertImport(ctx, tx, row); err != nil {
			return fmt.Errorf("beginning an import: %w", err)
		}
		if err := s.q.StartUpload(ctx, tx, db.StartUploadParams{ImportID: &importID, UploadID: id}); err != nil {
			return fmt.Errorf("tying the upload to its import: %w", err)
		}
		if err := s.jobs.Insert(ctx, tx, importJob{Import: importID, Actor: actor}, nil); err != nil {
			return err
		}
		return s.auditImport(ctx, tx, actor, "roster.import", importID)
	})
	return importID, err
}

// upload reads the pieces of an upload as one file.
type upload struct {
	s    *Service
	id   uuid.UUID
	size int64
	// ends are the offsets behind each piece.
	ends []int64
	// number and data are the piece that was read last.
	number int
	data   []byte
}

func (u *upload) open(ctx context.Context) error {
	all, err := u.s.q.ChunkSizes(ctx, u.s.db.W.DB(), u.id)
	if err != nil {
		return fmt.Errorf("opening an upload: %w", err)
	}
	for _, c := range all {
		u.size += int64(c.Bytes)
		u.ends = append(u.ends, u.size)
	}
	u.number = -1
	return nil
}

// ReadAt implements io.ReaderAt. A piece is read in one statement of its own,
// bounded in time, for a reader has no context.
func (u *upload) ReadAt(p []byte, off int64) (int, error) {
	n := 0
	for n < len(p) {
		at := off + int64(n)
		i := sort.Search(len(u.ends), func(i int) bool { return u.ends[i] > at })
		if i == len(u.ends) {
			return n, io.EOF
		}
		if err := u.piece(i); err != nil {
			return n, err
		}
		begins := u.ends[i] - int64(len(u.data))
		n += copy(p[n:], u.data[at-begins:])
	}
	return n, nil
}

func (u *upload) piece(i int) error {
	if u.number == i {
		return nil
	}
	ctx, cancel := context.WithTimeout(context.Background(), chunkTimeout)
	defer cancel()
	data, err := u.s.q.Chunk(ctx, u.s.db.W.DB(), db.ChunkParams{UploadID: u.id, Number: int32(i)}) //nolint:gosec // bounded by the upload's size
	if err != nil {
		return fmt.Errorf("reading piece %d of an upload: %w", i, err)
	}
	u.number, u.data = i, data
	return nil
}

// dropUploads removes uploads that are done with, a few pieces at a time.
func (s *Service) dropUploads(ctx context.Context) error {
	stale, err := s.q.StaleUploads(ctx, s.db.W.DB())
	if err != nil {
		return fmt.Errorf("looking for uploads to drop: %w", err)
	}
	for _, id := range stale {
		for n := int64(1); n > 0; {
			if n, err = s.q.DropChunks(ctx, s.db.W.DB(), db.DropChunksParams{UploadID: id, Most: 32}); err != nil {
				return fmt.Errorf("dropping an upload: %w", err)
			}
		}
		if err := s.q.DropUpload(ctx, s.db.W.DB(), id); err != nil {
			return fmt.Errorf("dropping an upload: %w", err)
		}
	}
	return nil
}
