// Package principal says on whose behalf a request runs, and holds the short
// tokens that carry it: signed by auth alone (Ed25519), verified by any
// process without a call.
package principal

import (
	"context"
	"slices"
	"time"

	rpcv1 "github.com/bedside-health/bedside/internal/gen/bedside/rpc/v1"
	"github.com/bedside-health/bedside/internal/ids"
	"github.com/google/uuid"
)

// Principal is a signed-in account, another service, or (as the zero value)
// nobody.
type Principal struct {
	Account ids.AccountID
	Session ids.SessionID
	Roles   []rpcv1.Role
	// Service is set for a call that another service makes on nobody's
	// behalf.
	Service string
	Expires time.Time
}

// Anonymous says that nobody is signed in and no service calls.
func (p Principal) Anonymous() bool { return p.Service == "" && p.Account.UUID == uuid.Nil }

// Has says whether the account was signed in with this role.
func (p Principal) Has(role rpcv1.Role) bool { return slices.Contains(p.Roles, role) }

// Key names the principal for idempotency keys.
func (p Principal) Key() string {
	if p.Service != "" {
		return "service:" + p.Service
	}
	return "account:" + p.Account.String()
}

type contextKey struct{}

// With puts the principal in a context; rpc and web do this, nobody else.
func With(ctx context.Context, p Principal) context.Context {
	return context.WithValue(ctx, contextKey{}, p)
}

// From returns the principal of a request; the zero value is nobody.
func From(ctx context.Context) Principal {
	p, _ := ctx.Value(contextKey{}).(Principal)
	return p
}
