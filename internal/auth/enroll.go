package auth

import (
	"context"
	"errors"
	"fmt"

	"github.com/bedside-health/bedside/internal/audit"
	"github.com/bedside-health/bedside/internal/auth/db"
	"github.com/bedside-health/bedside/internal/ids"
	"github.com/jackc/pgx/v5"
)

// setEnrollmentPassword keeps the password that an invited person chose beside
// their link, and makes the secret of their authenticator. Both come into
// force at the end of the enrollment, together. Doing so again changes the
// password; the secret, which may be in an app already, stays.
func (s *Service) setEnrollmentPassword(ctx context.Context, token, password string, from client) error {
	row, err := s.openLink(ctx, token, linkEnroll, from)
	if err != nil {
		return err
	}
	password = normalizePassword(password)
	if err := checkNewPassword(password, row.AccountEmail); err != nil {
		return err
	}
	phc, err := s.hasher.hash(ctx, password)
	if err != nil {
		return err
	}
	account := ids.AccountID{UUID: row.AccountID}
	secret, err := newTOTPSecret()
	if err != nil {
		return err
	}
	sealed, err := s.seal.SealSecret(totpPurpose(account), []byte(secret))
	if err != nil {
		return fmt.Errorf("sealing the authenticator secret: %w", err)
	}
	err = s.db.W.Tx(ctx, func(ctx context.Context, tx pgx.Tx) error {
		n, err := s.q.KeepEnrollment(ctx, tx, db.KeepEnrollmentParams{LinkID: row.LinkID, PasswordHash: phc, TotpSealed: sealed})
		if err != nil {
			return fmt.Errorf("keeping an enrollment: %w", err)
		}
		if n == 0 {
			return errLinkGone()
		}
		return record(ctx, tx, "auth.enrollment_password", accountSubject(account))
	})
	if err != nil {
		return fmt.Errorf("beginning an enrollment: %w", err)
	}
	return nil
}

// finishEnrollment takes the first code of the new authenticator. In one
// transaction the link ends, password and second factor come into force with
// fresh recovery codes, all other sessions end, and one is opened. The try is
// counted, and committed, before the code is judged.
func (s *Service) finishEnrollment(ctx context.Context, token, typed string, from client) (opened, []string, error) {
	row, err := s.openLink(ctx, token, linkEnroll, from)
	if err != nil {
		return opened{}, nil, err
	}
	if row.TotpSealed == nil || row.PasswordHash == nil {
		return opened{}, nil, errLinkGone()
	}
	account := ids.AccountID{UUID: row.AccountID}
	step, right, err := s.checkTOTP(db.AccountToProveRow{AccountID: &row.AccountID, TotpSealed: row.TotpSealed, Now: row.Now}, cleanCode(typed))
	if err != nil {
		return opened{}, nil, err
	}
	codes, hashes, err := s.newRecoveryCodes(account)
	if err != nil {
		return opened{}, nil, err
	}
	o, err := s.decide(ctx, "ending an enrollment", func(ctx context.Context, tx pgx.Tx) (outcome, error) {
		roles, err := s.lockLinked(ctx, tx, account)
		if err != nil {
			return outcome{}, err
		}
		row.Roles = roles
		n, err := s.q.TryLink(ctx, tx, row.LinkID)
		if err != nil {
			return outcome{}, fmt.Errorf("counting a try: %w", err)
		}
		if n == 0 {
			return outcome{refusal: errLinkGone()}, nil
		}
		if !right {
			return s.refuse(ctx, tx, byPasswordTOTP, accountSubject(account), errTOTPWrong())
		}
		return s.enroll(ctx, tx, row, step, hashes, from)
	})
	if err != nil {
		return opened{}, nil, err
	}
	s.source.Ring(topicRevocations)
	if _, err := s.revokeAll(ctx, self(), account, o.session); err != nil {
		return opened{}, nil, err
	}
	return o, codes, nil
}

// enroll puts what an enrollment has come to in force; the account is locked.
func (s *Service) enroll(ctx context.Context, tx pgx.Tx, row db.OpenLinkRow, step int64, hashes [][]byte, from client) (outcome, error) {
	account := ids.AccountID{UUID: row.AccountID}
	if err := s.useLink(ctx, tx, row.LinkID); err != nil {
		return outcome{}, err
	}
	err := s.q.PutCredentials(ctx, tx, db.PutCredentialsParams{
		AccountID: account.UUID, PasswordHash: *row.PasswordHash, TotpSealed: row.TotpSealed, Step: step,
	})
	if err != nil {
		return outcome{}, fmt.Errorf("storing what proves an account: %w", err)
	}
	if err := s.putRecoveryCodes(ctx, tx, account, hashes); err != nil {
		return outcome{}, err
	}
	if err := s.endAll(ctx, tx, self(), account, linkEnroll, linkPassword); err != nil {
		return outcome{}, err
	}
	o, err := s.openSession(ctx, tx, account, row.Roles, byPasswordTOTP, from)
	if errors.Is(err, errRefused) {
		return outcome{}, errLinkGone()
	}
	if err != nil {
		return outcome{}, err
	}
	if err := s.tell(ctx, tx, account, noticeEnrolled, ""); err != nil {
		return outcome{}, err
	}
	err = audit.Append(ctx, tx, audit.Entry{
		Actor: audit.Actor{Account: account, Session: o.session}, Action: "auth.enroll", Subject: accountSubject(account),
	})
	return outcome{opened: o}, err
}

// putRecoveryCodes replaces an account's recovery codes.
func (s *Service) putRecoveryCodes(ctx context.Context, tx pgx.Tx, account ids.AccountID, hashes [][]byte) error {
	if _, err := s.q.DropRecoveryCodes(ctx, tx, account.UUID); err != nil {
		return fmt.Errorf("voiding recovery codes: %w", err)
	}
	if err := s.q.InsertRecoveryCodes(ctx, tx, db.InsertRecoveryCodesParams{AccountID: account.UUID, Hashes: hashes}); err != nil {
		return fmt.Errorf("storing recovery codes: %w", err)
	}
	return nil
}
