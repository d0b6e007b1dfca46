package auth

import (
	"context"
	"fmt"
	"slices"

	"github.com/bedside-health/bedside/internal/audit"
	"github.com/bedside-health/bedside/internal/auth/db"
	"github.com/bedside-health/bedside/internal/errs"
	authv1 "github.com/bedside-health/bedside/internal/gen/bedside/auth/v1"
	rpcv1 "github.com/bedside-health/bedside/internal/gen/bedside/rpc/v1"
	"github.com/bedside-health/bedside/internal/ids"
	"github.com/bedside-health/bedside/internal/once"
	"github.com/bedside-health/bedside/internal/principal"
	"github.com/jackc/pgx/v5"
)

// workRoles spells roles that an administrator gives: any but patient, which
// only enrollment proves.
func workRoles(roles []rpcv1.Role) ([]string, error) {
	names, err := roleNames(roles)
	if err != nil {
		return nil, err
	}
	if len(names) == 0 || slices.Contains(names, rolePatient) {
		return nil, errs.InvalidFields(errs.Field{Name: "roles", Reason: "missing"})
	}
	return names, nil
}

// inviteAccount gives an address roles and mails it a link to set up its
// sign-in. A patient's account stays the same person's; one that works here
// already is a conflict.
func (s *Service) inviteAccount(ctx context.Context, req *authv1.InviteAccountRequest) (*authv1.InviteAccountResponse, error) {
	email, err := normalizeEmail(req.GetEmail())
	if err != nil {
		return nil, err
	}
	roles, err := workRoles(req.GetRoles())
	if err != nil {
		return nil, err
	}
	if err := s.allowAdmin(ctx); err != nil {
		return nil, err
	}
	l, err := s.newLink()
	if err != nil {
		return nil, err
	}
	var res *authv1.InviteAccountResponse
	err = s.db.W.Tx(ctx, func(ctx context.Context, tx pgx.Tx) (err error) {
		key := principal.From(ctx).Key()
		res, err = once.Do(ctx, tx, "InviteAccount", req.GetIdempotencyKey(), req, key, func() (*authv1.InviteAccountResponse, error) {
			if err := s.stillAdministers(ctx, tx); err != nil {
				return nil, err
			}
			account, err := s.invite(ctx, tx, audit.ActorFrom(ctx), email, language(req.GetLanguage()), roles, l)
			if err != nil {
				return nil, err
			}
			return &authv1.InviteAccountResponse{AccountId: account.String()}, s.mailLink(ctx, tx, l)
		})
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("inviting an account: %w", err)
	}
	return res, nil
}

// invite finds or makes the account, adds the roles and stores the link.
func (s *Service) invite(ctx context.Context, tx pgx.Tx, actor audit.Actor, email, lang string, roles []string, l freshLink) (ids.AccountID, error) {
	fresh := ids.New[ids.AccountID]()
	made, err := s.q.InsertAccount(ctx, tx, db.InsertAccountParams{AccountID: fresh.UUID, Email: email, Roles: roles, Language: lang})
	if err != nil {
		return ids.AccountID{}, fmt.Errorf("inserting an account: %w", err)
	}
	row, err := s.q.LockAccountByEmail(ctx, tx, email)
	if err != nil {
		return ids.AccountID{}, fmt.Errorf("locking an account: %w", err)
	}
	account := ids.AccountID{UUID: row.AccountID}
	switch {
	case row.DisabledAt != nil, made == 0 && needsSecondFactor(row.Roles):
		return ids.AccountID{}, errs.New(errs.Conflict, "works_here", "That person works here already. Change their roles instead.")
	case made == 0:
		if err := s.q.SetRoles(ctx, tx, db.SetRolesParams{AccountID: account.UUID, Roles: union(row.Roles, roles)}); err != nil {
			return ids.AccountID{}, fmt.Errorf("adding roles: %w", err)
		}
	}
	err = audit.Append(ctx, tx, audit.Entry{
		Actor: actor, Action: "auth.account_invite", Subject: accountSubject(account),
		Detail: map[string]string{"roles": join(roles)},
	})
	if err != nil {
		return ids.AccountID{}, fmt.Errorf("recording an invitation: %w", err)
	}
	return account, s.storeEnrollLink(ctx, tx, account, l)
}

// storeEnrollLink makes a link the only one that sets up the account.
func (s *Service) storeEnrollLink(ctx context.Context, tx pgx.Tx, account ids.AccountID, l freshLink) error {
	if err := s.endLinks(ctx, tx, account, linkEnroll); err != nil {
		return err
	}
	err := s.q.InsertEnrollLink(ctx, tx, db.InsertEnrollLinkParams{LinkID: l.id, AccountID: account.UUID, TokenHash: l.hash})
	if err != nil {
		return fmt.Errorf("inserting a link: %w", err)
	}
	return nil
}

// InviteAdministrator makes the first administrator of a portal, for a command
// at the machine itself, and returns the link that sets up their sign-in
// instead of mailing it. For somebody who was invited and has not come yet, it
// makes a new link.
func (s *Service) InviteAdministrator(ctx context.Context, actor audit.Actor, rawEmail, lang string) (string, error) {
	email, err := normalizeEmail(rawEmail)
	if err != nil {
		return "", err
	}
	l, err := s.newLink()
	if err != nil {
		return "", err
	}
	err = s.db.W.Tx(ctx, func(ctx context.Context, tx pgx.Tx) error {
		row, err := s.q.LockAccountByEmail(ctx, tx, email)
		if err == nil && row.DisabledAt == nil && slices.Contains(row.Roles, roleAdministrator) {
			return s.reinvite(ctx, tx, actor, ids.AccountID{UUID: row.AccountID}, l)
		}
		_, err = s.invite(ctx, tx, actor, email, language(lang), []string{roleAdministrator}, l)
		return err
	})
	if err != nil {
		return "", fmt.Errorf("inviting an administrator: %w", err)
	}
	return s.letters.page("/sign-in/invited/", l.token), nil
}

// reinvite makes a new link for somebody who has no second factor yet.
func (s *Service) reinvite(ctx context.Context, tx pgx.Tx, actor audit.Actor, account ids.AccountID, l freshLink) error {
	enrolled, err := s.q.HasSecondFactor(ctx, tx, account.UUID)
	if err != nil {
		return fmt.Errorf("looking for a second factor: %w", err)
	}
	if enrolled {
		return errs.New(errs.Precondition, "enrolled", "That person has set up their sign-in already.")
	}
	if err := s.storeEnrollLink(ctx, tx, account, l); err != nil {
		return err
	}
	return audit.Append(ctx, tx, audit.Entry{Actor: actor, Action: "auth.account_reinvite", Subject: accountSubject(account)})
}

// union is what either list has.
func union(a, b []string) []string {
	out := slices.Concat(a, b)
	slices.Sort(out)
	return slices.Compact(out)
}
