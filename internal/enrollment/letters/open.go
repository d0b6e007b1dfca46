package letters

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/bedside-health/bedside/internal/audit"
	"github.com/bedside-health/bedside/internal/cache"
	"github.com/bedside-health/bedside/internal/enrollment/letters/db"
	"github.com/bedside-health/bedside/internal/errs"
	enrollmentv1 "github.com/bedside-health/bedside/internal/gen/bedside/enrollment/v1"
	"github.com/bedside-health/bedside/internal/ids"
	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
)

// open proves the postal address by the code of a letter and the birth date. A
// code that no letter has, and a birth date that is wrong, are told alike.
func (s *Service) open(ctx context.Context, req *enrollmentv1.OpenLetterRequest) (uuid.UUID, error) {
	born, err := time.Parse(time.DateOnly, req.GetBirthDate())
	if err != nil || born.Year() < 1900 || born.After(s.today().AddDate(0, 0, 1)) {
		return uuid.Nil, errs.InvalidFields(errs.Field{Name: "birth_date", Reason: "date"})
	}
	code := cleanCode(req.GetCode())
	if code == "" || len(req.GetCode()) > 100 {
		return uuid.Nil, errs.InvalidFields(errs.Field{Name: "letter_code", Reason: "length"})
	}
	if err := s.allow(ctx, limit{"open", 30, 15 * time.Minute}, cache.Network(req.GetAddress())); err != nil {
		return uuid.Nil, err
	}
	var id uuid.UUID
	err = s.paced(ctx, func() (err error) {
		id, err = s.tryLetter(ctx, s.codeHash(code), born, language(req.GetLanguage()))
		return err
	})
	return id, err
}

// tryLetter checks a code and counts a wrong birth date, in a transaction that
// commits either way.
func (s *Service) tryLetter(ctx context.Context, hash []byte, born time.Time, lang string) (uuid.UUID, error) {
	activation := ids.NewUUID()
	var refusal error
	err := s.d.DB.W.Tx(ctx, func(ctx context.Context, tx pgx.Tx) error {
		l, err := s.q.LockLetter(ctx, tx, db.LockLetterParams{CodeHash: hash, Today: s.today()})
		if errors.Is(err, pgx.ErrNoRows) {
			refusal = errLetterWrong()
			return audit.Append(ctx, tx, audit.Entry{Actor: self(), Action: "letter.try"})
		}
		if err != nil {
			return fmt.Errorf("reading a letter: %w", err)
		}
		refusal = s.judge(l, born)
		switch {
		case errs.ReasonOf(refusal) == errLetterWrong().Reason:
			err = s.q.CountLetterTry(ctx, tx, l.LetterID)
		case refusal == nil:
			now := s.d.Clock.Now().Truncate(time.Microsecond)
			err = s.q.InsertActivation(ctx, tx, db.InsertActivationParams{
				ActivationID: activation, LetterID: l.LetterID, Language: lang, CreatedAt: now, ExpiresAt: now.Add(activationLife),
			})
		}
		if err != nil {
			return fmt.Errorf("noting a try: %w", err)
		}
		return audit.Append(ctx, tx, audit.Entry{Actor: self(), Action: "letter.try", Subject: "letter/" + l.LetterID.String()})
	})
	if err != nil {
		return uuid.Nil, fmt.Errorf("trying a letter: %w", err)
	}
	return activation, refusal
}

// judge refuses a letter that is not good. What it says beyond that is for those
// alone who know the birth date.
func (s *Service) judge(l db.LockLetterRow, born time.Time) error {
	switch {
	case l.Tries >= maxTries, !l.BirthDate.Equal(born):
		return errLetterWrong()
	case l.Active:
		return errLetterActive()
	case l.State != "open", l.Expired, l.Moved, l.BirthDate.After(s.adultIfBornBy()):
		return errLetterOver()
	default:
		return nil
	}
}
