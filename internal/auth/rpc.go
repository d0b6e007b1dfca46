package auth

import (
	"context"

	"github.com/bedside-health/bedside/internal/audit"
	authv1 "github.com/bedside-health/bedside/internal/gen/bedside/auth/v1"
	"github.com/bedside-health/bedside/internal/gen/bedside/auth/v1/authv1connect"
	feedv1 "github.com/bedside-health/bedside/internal/gen/bedside/feed/v1"
	"github.com/bedside-health/bedside/internal/ids"
	"github.com/bedside-health/bedside/internal/principal"
	"github.com/google/uuid"
	"google.golang.org/protobuf/types/known/timestamppb"
)

var _ authv1connect.AuthServiceHandler = (*Service)(nil)

// RequestCode implements the contract of that name.
func (s *Service) RequestCode(ctx context.Context, r *authv1.RequestCodeRequest) (*authv1.RequestCodeResponse, error) {
	id, err := s.requestCode(ctx, r.GetEmail(), r.GetLanguage(), clientOf(r.GetClient()))
	if err != nil {
		return nil, err
	}
	return &authv1.RequestCodeResponse{ChallengeId: id.String()}, nil
}

// SignInWithCode implements the contract of that name.
func (s *Service) SignInWithCode(ctx context.Context, r *authv1.SignInWithCodeRequest) (*authv1.SignInWithCodeResponse, error) {
	// What is no id at all is an unknown one: the nil id has no row.
	challenge, err := uuid.Parse(r.GetChallengeId())
	if err != nil {
		challenge = uuid.Nil
	}
	o, err := s.signInWithCode(ctx, challenge, r.GetCode(), clientOf(r.GetClient()))
	if err != nil {
		return nil, err
	}
	session, err := s.session(ctx, o)
	if err != nil {
		return nil, err
	}
	return &authv1.SignInWithCodeResponse{Session: session}, nil
}

// SignInWithPassword implements the contract of that name.
func (s *Service) SignInWithPassword(ctx context.Context, r *authv1.SignInWithPasswordRequest) (*authv1.SignInWithPasswordResponse, error) {
	o, totpNeeded, err := s.signInWithPassword(ctx, r.GetEmail(), r.GetPassword(), r.GetTotp(), clientOf(r.GetClient()))
	if err != nil {
		return nil, err
	}
	if totpNeeded {
		return &authv1.SignInWithPasswordResponse{TotpNeeded: true}, nil
	}
	session, err := s.session(ctx, o)
	if err != nil {
		return nil, err
	}
	return &authv1.SignInWithPasswordResponse{Session: session}, nil
}

// SignInWithTicket implements the contract of that name.
func (s *Service) SignInWithTicket(ctx context.Context, r *authv1.SignInWithTicketRequest) (*authv1.SignInWithTicketResponse, error) {
	o, err := s.signInWithTicket(ctx, r.GetTicket(), clientOf(r.GetClient()))
	if err != nil {
		return nil, err
	}
	session, err := s.session(ctx, o)
	if err != nil {
		return nil, err
	}
	return &authv1.SignInWithTicketResponse{Session: session}, nil
}

// SignInDemo implements the contract of that name.
func (s *Service) SignInDemo(ctx context.Context, r *authv1.SignInDemoRequest) (*authv1.SignInDemoResponse, error) {
	o, err := s.signInDemo(ctx, r.GetRole(), clientOf(r.GetClient()))
	if err != nil {
		return nil, err
	}
	session, err := s.session(ctx, o)
	if err != nil {
		return nil, err
	}
	return &authv1.SignInDemoResponse{Session: session}, nil
}

// Renew implements the contract of that name.
func (s *Service) Renew(ctx context.Context, r *authv1.RenewRequest) (*authv1.RenewResponse, error) {
	t, err := s.renew(ctx, r.GetSecret())
	if err != nil {
		return nil, err
	}
	return &authv1.RenewResponse{
		Token: t.text, TokenExpiresAt: timestamppb.New(t.expires), Roles: rolesFrom(t.roles),
	}, nil
}

// SignOut implements the contract of that name.
func (s *Service) SignOut(ctx context.Context, _ *authv1.SignOutRequest) (*authv1.SignOutResponse, error) {
	p := principal.From(ctx)
	if err := s.revokeOne(ctx, audit.ActorFrom(ctx), p.Account, p.Session, "auth.sign_out"); err != nil {
		return nil, err
	}
	return &authv1.SignOutResponse{}, nil
}

// ListSessions implements the contract of that name.
func (s *Service) ListSessions(ctx context.Context, _ *authv1.ListSessionsRequest) (*authv1.ListSessionsResponse, error) {
	p := principal.From(ctx)
	devices, err := s.listDevices(ctx, p.Account)
	if err != nil {
		return nil, err
	}
	res := &authv1.ListSessionsResponse{}
	for _, d := range devices {
		res.Devices = append(res.Devices, &authv1.Device{
			SessionId: d.session.String(), UserAgent: d.userAgent,
			SignedInAt: timestamppb.New(d.signedIn), LastSeenAt: timestamppb.New(d.seenAt),
			Current: d.session == p.Session.UUID,
		})
	}
	return res, nil
}

// RevokeSession implements the contract of that name.
func (s *Service) RevokeSession(ctx context.Context, r *authv1.RevokeSessionRequest) (*authv1.RevokeSessionResponse, error) {
	session, err := ids.Parse[ids.SessionID](r.GetSessionId())
	if err != nil {
		return nil, err
	}
	if err := s.revokeOne(ctx, audit.ActorFrom(ctx), principal.From(ctx).Account, session, "auth.session_revoke"); err != nil {
		return nil, err
	}
	return &authv1.RevokeSessionResponse{}, nil
}

// RevokeAllSessions implements the contract of that name.
func (s *Service) RevokeAllSessions(ctx context.Context, r *authv1.RevokeAllSessionsRequest) (*authv1.RevokeAllSessionsResponse, error) {
	p := principal.From(ctx)
	keep := ids.SessionID{}
	if r.GetKeepCurrent() {
		keep = p.Session
	}
	n, err := s.revokeAll(ctx, audit.ActorFrom(ctx), p.Account, keep)
	if err != nil {
		return nil, err
	}
	return &authv1.RevokeAllSessionsResponse{Revoked: int32(n)}, nil //nolint:gosec // a person has few devices
}

// challengeOf reads a challenge's id. What is no id at all is an unknown one: the
// nil id has no row.
func challengeOf(id string) uuid.UUID {
	challenge, err := uuid.Parse(id)
	if err != nil {
		return uuid.Nil
	}
	return challenge
}

// SetPassword implements the contract of that name.
func (s *Service) SetPassword(ctx context.Context, r *authv1.SetPasswordRequest) (*authv1.SetPasswordResponse, error) {
	err := s.setPassword(ctx, principal.From(ctx), r.GetPassword(), freshProof{
		password: r.GetOldPassword(), passwordField: "old_password", totp: r.GetTotp(),
		challenge: challengeOf(r.GetChallengeId()), code: r.GetCode(), from: clientOf(r.GetClient()),
	})
	if err != nil {
		return nil, err
	}
	return &authv1.SetPasswordResponse{}, nil
}

// EnsureAccount implements the contract of that name.
func (s *Service) EnsureAccount(ctx context.Context, r *authv1.EnsureAccountRequest) (*authv1.EnsureAccountResponse, error) {
	e, err := s.ensureAccount(ctx, r.GetEmail(), r.GetRole(), r.GetLanguage(), r.GetProof())
	if err != nil {
		return nil, err
	}
	return &authv1.EnsureAccountResponse{AccountId: e.account.String(), Ticket: e.ticket, Created: e.created}, nil
}

// Keys implements the contract of that name.
func (s *Service) Keys(ctx context.Context, _ *authv1.KeysRequest) (*authv1.KeysResponse, error) {
	keys, _, err := s.keys.all(ctx)
	if err != nil {
		return nil, err
	}
	res := &authv1.KeysResponse{}
	for _, k := range keys {
		res.Keys = append(res.Keys, &authv1.Key{Kid: k.kid, Public: k.public})
	}
	return res, nil
}

// Changes implements the contract of that name.
func (s *Service) Changes(ctx context.Context, r *feedv1.ChangesRequest) (*feedv1.ChangesResponse, error) {
	return s.source.Changes(ctx, r)
}

// ReadKeys implements the contract of that name.
func (s *Service) ReadKeys(ctx context.Context, r *feedv1.ReadKeysRequest) (*feedv1.ReadKeysResponse, error) {
	return s.source.ReadKeys(ctx, r)
}

// session answers a sign-in: the secret for the browser, and a first token.
func (s *Service) session(ctx context.Context, o opened) (*authv1.Session, error) {
	t, err := s.mint(ctx, o)
	if err != nil {
		return nil, err
	}
	return &authv1.Session{
		Secret: o.secret, Token: t.text, TokenExpiresAt: timestamppb.New(t.expires),
		SessionId: o.session.String(), AccountId: o.account.String(),
		Roles: rolesFrom(o.roles), EndsAt: timestamppb.New(o.endsAt),
	}, nil
}

func clientOf(c *authv1.Client) client {
	return client{address: c.GetAddress(), userAgent: c.GetUserAgent()}
}
