package auth

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/bedside-health/bedside/internal/audit"
	"github.com/bedside-health/bedside/internal/auth/db"
	"github.com/bedside-health/bedside/internal/errs"
	authv1 "github.com/bedside-health/bedside/internal/gen/bedside/auth/v1"
	"github.com/bedside-health/bedside/internal/ids"
	"github.com/bedside-health/bedside/internal/once"
	"github.com/bedside-health/bedside/internal/principal"
	"github.com/jackc/pgx/v5"
	"google.golang.org/protobuf/proto"
)

// change is what an administrator does to the locked account of somebody else.
type change func(ctx context.Context, tx pgx.Tx, row db.LockAtWorkRow) error

// administer runs a change of somebody else's account once. All who administer
// are locked first, in order, and the caller must still be one of them: of two
// who take the role from each other at the same moment, the second no longer
// has it. Since nobody changes their own account, one administrator is always
// left. Whoever is only a patient is not found.
func administer[Req proto.Message, Res proto.Message](
	ctx context.Context, s *Service, name, rawID, key string, req Req, res Res, do change,
) (Res, error) {
	var none Res
	account, err := ids.Parse[ids.AccountID](rawID)
	if err != nil {
		return none, errAccountUnknown()
	}
	if err := s.allowAdmin(ctx); err != nil {
		return none, err
	}
	err = s.db.W.Tx(ctx, func(ctx context.Context, tx pgx.Tx) error {
		_, err := once.Do(ctx, tx, name, key, req, principal.From(ctx).Key(), func() (Res, error) {
			if err := s.stillAdministers(ctx, tx); err != nil {
				return none, err
			}
			row, err := s.lockAtWork(ctx, tx, account)
			if err != nil {
				return none, err
			}
			return res, do(ctx, tx, row)
		})
		return err
	})
	if err != nil {
		return none, fmt.Errorf("administering an account: %w", err)
	}
	s.source.Ring(topicRevocations)
	return res, nil
}

func (s *Service) allowAdmin(ctx context.Context) error {
	who := principal.From(ctx).Account
	return s.allow(ctx, s.attempts.administer, s.seal.Hash(purposeAddress, who.String()), "")
}

// stillAdministers locks all who administer, and refuses a caller who is no
// longer one of them: their token may be older than that.
func (s *Service) stillAdministers(ctx context.Context, tx pgx.Tx) error {
	all, err := s.q.LockAdministrators(ctx, tx, s.demo)
	if err != nil {
		return fmt.Errorf("locking the administrators: %w", err)
	}
	if !slices.Contains(all, principal.From(ctx).Account.UUID) {
		return errSessionEnded()
	}
	return nil
}

func (s *Service) lockAtWork(ctx context.Context, tx pgx.Tx, account ids.AccountID) (db.LockAtWorkRow, error) {
	row, err := s.q.LockAtWork(ctx, tx, db.LockAtWorkParams{AccountID: account.UUID, Demo: s.demo})
	if errors.Is(err, pgx.ErrNoRows) {
		return row, errAccountUnknown()
	}
	if err != nil {
		return row, fmt.Errorf("locking an account: %w", err)
	}
	if account == principal.From(ctx).Account {
		return row, errOwnAccount()
	}
	return row, nil
}

// changeRoles sets the roles of somebody else. What they are as a patient is
// not the administrator's to change. Where a role is taken away all sessions
// end; one that is added needs a new sign-in.
func (s *Service) changeRoles(ctx context.Context, req *authv1.ChangeRolesRequest) (*authv1.ChangeRolesResponse, error) {
	roles, err := workRoles(req.GetRoles())
	if err != nil {
		return nil, err
	}
	lost := false
	res, err := administer(ctx, s, "ChangeRoles", req.GetAccountId(), req.GetIdempotencyKey(), req, &authv1.ChangeRolesResponse{},
		func(ctx context.Context, tx pgx.Tx, row db.LockAtWorkRow) error {
			account, next := ids.AccountID{UUID: row.AccountID}, roles
			if slices.Contains(row.Roles, rolePatient) {
				next = union(next, []string{rolePatient})
			}
			if err := s.q.SetRoles(ctx, tx, db.SetRolesParams{AccountID: account.UUID, Roles: next}); err != nil {
				return fmt.Errorf("setting roles: %w", err)
			}
			if lost = len(intersect(row.Roles, next)) < len(row.Roles); lost {
				if err := s.endAll(ctx, tx, audit.ActorFrom(ctx), account); err != nil {
					return err
				}
			}
			return audit.Append(ctx, tx, audit.Entry{
				Actor: audit.ActorFrom(ctx), Action: "auth.roles_change", Subject: accountSubject(account),
				Detail: map[string]string{"before": join(row.Roles), "after": join(next)},
			})
		})
	if err != nil || !lost {
		return res, err
	}
	return res, s.endRest(ctx, req.GetAccountId())
}

// endRest ends what sessions an account has beyond the batch that ended with
// the change itself.
func (s *Service) endRest(ctx context.Context, rawID string) error {
	account, err := ids.Parse[ids.AccountID](rawID)
	if err != nil {
		return errAccountUnknown()
	}
	_, err = s.revokeAll(ctx, audit.ActorFrom(ctx), account, ids.SessionID{})
	return err
}

// disableAccount ends every way in of somebody else: sessions, links, sign-ins.
func (s *Service) disableAccount(ctx context.Context, req *authv1.DisableAccountRequest) (*authv1.DisableAccountResponse, error) {
	res, err := administer(ctx, s, "DisableAccount", req.GetAccountId(), req.GetIdempotencyKey(), req, &authv1.DisableAccountResponse{},
		func(ctx context.Context, tx pgx.Tx, row db.LockAtWorkRow) error {
			account := ids.AccountID{UUID: row.AccountID}
			if err := s.q.DisableAccount(ctx, tx, account.UUID); err != nil {
				return fmt.Errorf("disabling an account: %w", err)
			}
			if err := s.endAll(ctx, tx, audit.ActorFrom(ctx), account, linkEnroll, linkPassword, linkAddress); err != nil {
				return err
			}
			return audit.Append(ctx, tx, audit.Entry{
				Actor: audit.ActorFrom(ctx), Action: "auth.account_disable", Subject: accountSubject(account),
			})
		})
	if err != nil {
		return nil, err
	}
	return res, s.endRest(ctx, req.GetAccountId())
}

// enableAccount lets somebody sign in again, as before.
func (s *Service) enableAccount(ctx context.Context, req *authv1.EnableAccountRequest) (*authv1.EnableAccountResponse, error) {
	return administer(ctx, s, "EnableAccount", req.GetAccountId(), req.GetIdempotencyKey(), req, &authv1.EnableAccountResponse{},
		func(ctx context.Context, tx pgx.Tx, row db.LockAtWorkRow) error {
			if err := s.q.EnableAccount(ctx, tx, row.AccountID); err != nil {
				return fmt.Errorf("enabling an account: %w", err)
			}
			return audit.Append(ctx, tx, audit.Entry{
				Actor: audit.ActorFrom(ctx), Action: "auth.account_enable", Subject: accountSubject(ids.AccountID{UUID: row.AccountID}),
			})
		})
}

// resendInvitation mails a new link to somebody who has not come yet.
func (s *Service) resendInvitation(ctx context.Context, req *authv1.ResendInvitationRequest) (*authv1.ResendInvitationResponse, error) {
	l, err := s.newLink()
	if err != nil {
		return nil, err
	}
	return administer(ctx, s, "ResendInvitation", req.GetAccountId(), req.GetIdempotencyKey(), req, &authv1.ResendInvitationResponse{},
		func(ctx context.Context, tx pgx.Tx, row db.LockAtWorkRow) error {
			if row.DisabledAt != nil {
				return errDisabled()
			}
			if err := s.reinvite(ctx, tx, audit.ActorFrom(ctx), ids.AccountID{UUID: row.AccountID}, l); err != nil {
				return err
			}
			return s.mailLink(ctx, tx, l)
		})
}

// resetSecondFactor takes away the authenticator and the recovery codes of
// somebody whose identity was checked, ends their sessions and mails a link.
func (s *Service) resetSecondFactor(ctx context.Context, req *authv1.ResetSecondFactorRequest) (*authv1.ResetSecondFactorResponse, error) {
	if err := checkedID(req.GetIdCheck()); err != nil {
		return nil, err
	}
	l, err := s.newLink()
	if err != nil {
		return nil, err
	}
	res, err := administer(ctx, s, "ResetSecondFactor", req.GetAccountId(), req.GetIdempotencyKey(), req, &authv1.ResetSecondFactorResponse{},
		func(ctx context.Context, tx pgx.Tx, row db.LockAtWorkRow) error {
			account := ids.AccountID{UUID: row.AccountID}
			if row.DisabledAt != nil {
				return errDisabled()
			}
			if err := s.dropSecondFactor(ctx, tx, account); err != nil {
				return err
			}
			if err := s.endAll(ctx, tx, audit.ActorFrom(ctx), account, linkPassword); err != nil {
				return err
			}
			if err := s.storeEnrollLink(ctx, tx, account, l); err != nil {
				return err
			}
			if err := s.mailLink(ctx, tx, l); err != nil {
				return err
			}
			return audit.Append(ctx, tx, audit.Entry{
				Actor: audit.ActorFrom(ctx), Action: "auth.second_factor_reset", Subject: accountSubject(account),
				Detail: map[string]string{"id_check": req.GetIdCheck()},
			})
		})
	if err != nil {
		return nil, err
	}
	return res, s.endRest(ctx, req.GetAccountId())
}

func (s *Service) dropSecondFactor(ctx context.Context, tx pgx.Tx, account ids.AccountID) error {
	if err := s.q.DropTOTP(ctx, tx, account.UUID); err != nil {
		return fmt.Errorf("taking an authenticator away: %w", err)
	}
	if _, err := s.q.DropRecoveryCodes(ctx, tx, account.UUID); err != nil {
		return fmt.Errorf("voiding recovery codes: %w", err)
	}
	return nil
}

func errDisabled() *errs.Error {
	return errs.New(errs.Precondition, "account_disabled", "This account cannot be used. Please call us.")
}

func join(roles []string) string { return strings.Join(roles, " ") }
