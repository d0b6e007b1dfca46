package auth

import (
	"context"
	"fmt"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/bedside-health/bedside/internal/auth/db"
	"github.com/bedside-health/bedside/internal/errs"
	authv1 "github.com/bedside-health/bedside/internal/gen/bedside/auth/v1"
	rpcv1 "github.com/bedside-health/bedside/internal/gen/bedside/rpc/v1"
	"github.com/bedside-health/bedside/internal/ids"
	"github.com/bedside-health/bedside/internal/mail"
	"github.com/bedside-health/bedside/internal/principal"
	"google.golang.org/protobuf/types/known/timestamppb"
)

// accountsPage is how many accounts one answer has.
const accountsPage = 50

// listAccounts lists the accounts that are more than a patient's, by address.
func (s *Service) listAccounts(ctx context.Context, req *authv1.ListAccountsRequest) (*authv1.ListAccountsResponse, error) {
	query := strings.ToLower(strings.TrimSpace(req.GetQuery()))
	if len(query) > mail.MaxAddress || !utf8.ValidString(query) || strings.ContainsRune(query, 0) {
		return nil, errs.InvalidFields(errs.Field{Name: "query", Reason: "malformed"})
	}
	if len(req.GetAfter()) > mail.MaxAddress || strings.ContainsRune(req.GetAfter(), 0) {
		return nil, errs.InvalidFields(errs.Field{Name: "after", Reason: "malformed"})
	}
	role := roleName(req.GetRole())
	if role == "" && req.GetRole() != rpcv1.Role_ROLE_UNSPECIFIED {
		return nil, errs.InvalidFields(errs.Field{Name: "role", Reason: "unknown"})
	}
	// What is judged here leads to writes, and shows those just made.
	rows, err := s.q.ListAccounts(ctx, s.db.W.DB(), db.ListAccountsParams{
		Demo: s.demo, Query: query, Role: role, After: req.GetAfter(), Most: accountsPage + 1,
	})
	if err != nil {
		return nil, fmt.Errorf("listing accounts: %w", err)
	}
	res := &authv1.ListAccountsResponse{}
	if len(rows) > accountsPage {
		rows = rows[:accountsPage]
		res.Next = rows[accountsPage-1].Email
	}
	for _, r := range rows {
		res.Accounts = append(res.Accounts, accountProto(r, principal.From(ctx).Account))
	}
	return res, nil
}

// getAccount reads one of them; one that is only a patient's is not found.
func (s *Service) getAccount(ctx context.Context, account ids.AccountID) (*authv1.Account, error) {
	rows, err := s.q.ListAccounts(ctx, s.db.W.DB(), db.ListAccountsParams{Demo: s.demo, AccountID: &account.UUID, Most: 1})
	if err != nil {
		return nil, fmt.Errorf("reading an account: %w", err)
	}
	if len(rows) == 0 {
		return nil, errAccountUnknown()
	}
	return accountProto(rows[0], principal.From(ctx).Account), nil
}

func accountProto(r db.ListAccountsRow, own ids.AccountID) *authv1.Account {
	a := &authv1.Account{
		AccountId: r.AccountID.String(), Email: r.Email, Roles: rolesFrom(r.Roles), Status: "active",
		CreatedAt: timestamppb.New(r.CreatedAt), SignedInAt: timeOrNone(r.SignedInAt), InvitedUntil: timeOrNone(r.InvitedUntil),
		Own: r.AccountID == own.UUID, EmailVersion: emailVersion(r.Email, r.AddressLink), NewEmail: r.NewEmail,
	}
	switch {
	case r.DisabledAt != nil:
		a.Status, a.DisabledAt = "disabled", timestamppb.New(*r.DisabledAt)
	case !r.Enrolled:
		a.Status = "invited"
	}
	return a
}

// timeOrNone leaves out what the database gives as the beginning of time.
func timeOrNone(t time.Time) *timestamppb.Timestamp {
	if t.Unix() == 0 {
		return nil
	}
	return timestamppb.New(t)
}
