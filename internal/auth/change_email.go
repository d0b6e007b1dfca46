package auth

import (
	"context"
	"crypto/hmac"
	"errors"
	"fmt"

	"github.com/bedside-health/bedside/internal/audit"
	"github.com/bedside-health/bedside/internal/auth/db"
	"github.com/bedside-health/bedside/internal/errs"
	"github.com/bedside-health/bedside/internal/feed"
	authv1 "github.com/bedside-health/bedside/internal/gen/bedside/auth/v1"
	"github.com/bedside-health/bedside/internal/ids"
	"github.com/bedside-health/bedside/internal/principal"
	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
)

// startEmailChange mails a code to the address that the caller wants to sign in
// with. It does the same for an address that somebody has: the mail, which only
// the mailbox sees, then says so, and no code is right. A session that was left
// open is not enough: the caller proves once more who they are. Whoever has lost
// the old mailbox, and signs in by its codes alone, is helped by staff.
func (s *Service) startEmailChange(ctx context.Context, p principal.Principal, rawEmail, lang string, proof freshProof) (uuid.UUID, error) {
	email, err := normalizeEmail(rawEmail)
	if err != nil {
		return uuid.Nil, errs.InvalidFields(errs.Field{Name: "new_email", Reason: "not_an_address"})
	}
	if err := s.allow(ctx, s.attempts.changeEmail, s.seal.Hash(purposeAddress, p.Account.String()), ""); err != nil {
		return uuid.Nil, err
	}
	account, err := s.q.AccountByID(ctx, s.db.W.DB(), p.Account.UUID)
	if err != nil {
		return uuid.Nil, fmt.Errorf("reading an account: %w", err)
	}
	if !provenAll(p, account.Roles) {
		return uuid.Nil, errSecondFactorNeeded()
	}
	if account.Email == email {
		return uuid.Nil, errs.InvalidFields(errs.Field{Name: "new_email", Reason: "same"})
	}
	fresh, err := s.prove(ctx, p.Account, account.Email, proof)
	if err != nil {
		return uuid.Nil, err
	}
	code, err := newCode()
	if err != nil {
		return uuid.Nil, err
	}
	id := ids.NewUUID()
	sealed, err := s.seal.SealSecret(newEmailPurpose(id), []byte(code))
	if err != nil {
		return uuid.Nil, fmt.Errorf("sealing a code: %w", err)
	}
	err = s.db.W.Tx(ctx, func(ctx context.Context, tx pgx.Tx) error {
		if err := s.spend(ctx, tx, fresh); err != nil {
			return err
		}
		err := s.q.InsertEmailChange(ctx, tx, db.InsertEmailChangeParams{
			ChangeID: id, AccountID: p.Account.UUID, Email: email, CodeHash: s.codeHash(id, code),
		})
		if err != nil {
			return fmt.Errorf("inserting a change of address: %w", err)
		}
		if err := s.jobs.Insert(ctx, tx, newEmailMailArgs{Change: id, Code: sealed, Language: language(lang)}, nil); err != nil {
			return fmt.Errorf("queueing the code mail: %w", err)
		}
		return audit.Append(ctx, tx, audit.Entry{
			Actor: audit.ActorFrom(ctx), Action: "auth.email_change_request", Subject: accountSubject(p.Account),
		})
	})
	if err != nil {
		return uuid.Nil, fmt.Errorf("asking for another address: %w", err)
	}
	return id, nil
}

// confirmEmailChange changes the address by the mailed code. The try is
// counted, and committed, before the code is judged. Whose the change is stands
// in the statements: another account's is expired like one that never was.
func (s *Service) confirmEmailChange(ctx context.Context, p principal.Principal, change uuid.UUID, typed string) error {
	state, err := s.q.EmailChangeState(ctx, s.db.W.DB(), db.EmailChangeStateParams{ChangeID: change, AccountID: p.Account.UUID})
	if errors.Is(err, pgx.ErrNoRows) || state.Expired {
		return errCodeExpired()
	}
	if err != nil {
		return fmt.Errorf("reading a change of address: %w", err)
	}
	if state.Spent {
		return errCodeSpent()
	}
	var refusal error
	err = s.db.W.Tx(ctx, func(ctx context.Context, tx pgx.Tx) error {
		refusal, err = s.tryEmailChange(ctx, tx, p, change, cleanCode(typed))
		return err
	})
	if isUnique(err) { // somebody took the address while this one was being changed
		return errEmailTaken()
	}
	if err != nil {
		return fmt.Errorf("changing an address: %w", err)
	}
	if refusal != nil {
		return refusal
	}
	s.ringAddress()
	_, err = s.revokeAll(ctx, audit.ActorFrom(ctx), p.Account, p.Session)
	return err
}

func (s *Service) tryEmailChange(ctx context.Context, tx pgx.Tx, p principal.Principal, change uuid.UUID, code string) (refusal, err error) {
	row, err := s.q.TryEmailChange(ctx, tx, db.TryEmailChangeParams{ChangeID: change, AccountID: p.Account.UUID})
	if errors.Is(err, pgx.ErrNoRows) {
		return errCodeExpired(), nil
	}
	if err != nil {
		return nil, fmt.Errorf("counting a try: %w", err)
	}
	taken, err := s.q.EmailTaken(ctx, tx, db.EmailTakenParams{Email: row.Email, AccountID: p.Account.UUID})
	if err != nil {
		return nil, fmt.Errorf("looking for an address: %w", err)
	}
	if taken || !hmac.Equal(row.CodeHash, s.codeHash(change, code)) {
		err := audit.Append(ctx, tx, audit.Entry{
			Actor: audit.ActorFrom(ctx), Action: "auth.email_change_failed", Subject: accountSubject(p.Account),
		})
		return errCodeWrong(), err
	}
	if _, err := s.q.UseEmailChange(ctx, tx, change); err != nil {
		return nil, fmt.Errorf("ending a change of address: %w", err)
	}
	return nil, s.setEmail(ctx, tx, audit.ActorFrom(ctx), p.Account, row.Email, p.Session)
}

// setEmail changes an account's address in the caller's transaction, which also
// tells the neighbors: what was mailed to the old one is void, the old one is
// told, and all sessions end but the one to keep.
func (s *Service) setEmail(ctx context.Context, tx pgx.Tx, actor audit.Actor, account ids.AccountID, email string, keep ids.SessionID) error {
	before, err := s.q.LockAccount(ctx, tx, account.UUID)
	if err != nil {
		return fmt.Errorf("locking an account: %w", err)
	}
	if before.DisabledAt != nil {
		return errSessionEnded()
	}
	if err := s.q.SetEmail(ctx, tx, db.SetEmailParams{AccountID: account.UUID, Email: email}); err != nil {
		return fmt.Errorf("storing an address: %w", err)
	}
	if err := s.q.DropEmailChanges(ctx, tx, account.UUID); err != nil {
		return fmt.Errorf("voiding changes of address: %w", err)
	}
	if err := s.endLinks(ctx, tx, account, linkPassword, linkAddress, linkEnroll); err != nil {
		return err
	}
	if _, err := s.revokeBatch(ctx, tx, actor, account, keep); err != nil {
		return err
	}
	if err := s.tell(ctx, tx, account, noticeEmailChanged, before.Email); err != nil {
		return err
	}
	_, err = feed.Append(ctx, tx, topicAddresses, account.String(), &authv1.SignInAddress{AccountId: account.String(), Email: email})
	if err != nil {
		return fmt.Errorf("publishing an address: %w", err)
	}
	return audit.Append(ctx, tx, audit.Entry{Actor: actor, Action: "auth.email_change", Subject: accountSubject(account)})
}

// ringAddress says, after the commit, that an address has changed.
func (s *Service) ringAddress() {
	s.source.Ring(topicRevocations)
	s.source.Ring(topicAddresses)
}

const uniqueViolation = "23505"

func isUnique(err error) bool {
	e, ok := errors.AsType[*pgconn.PgError](err)
	return ok && e.Code == uniqueViolation
}
