package rpc

import (
	"context"

	"connectrpc.com/connect/v2"
	"github.com/bedside-health/bedside/internal/errs"
	rpcv1 "github.com/bedside-health/bedside/internal/gen/bedside/rpc/v1"
	"github.com/bedside-health/bedside/internal/principal"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"
)

// Access says who may call a method: the method's option, in Go.
type Access struct {
	Roles                      []rpcv1.Role
	Anonymous, Service, Strict bool
}

// accessOf reads the option; the zero value refuses everybody.
func accessOf(spec connect.Spec) Access {
	m, ok := spec.Schema.(protoreflect.MethodDescriptor)
	if !ok {
		return Access{}
	}
	a, ok := proto.GetExtension(m.Options(), rpcv1.E_Access).(*rpcv1.Access)
	if !ok || a == nil {
		return Access{}
	}
	return Access{Roles: a.GetRoles(), Anonymous: a.GetAnonymous(), Service: a.GetService(), Strict: a.GetStrict()}
}

// allow checks a principal against the access of a method.
func (a Access) allow(p principal.Principal) error {
	if a.Anonymous {
		return nil
	}
	if p.Service != "" {
		if a.Service {
			return nil
		}
		return errs.New(errs.Forbidden, "not_for_services", "This call is for people, not for services.")
	}
	if p.Anonymous() {
		return errs.New(errs.Unauthenticated, "sign_in_needed", "Please sign in first.")
	}
	for _, r := range a.Roles {
		if p.Has(r) {
			return nil
		}
	}
	return errs.New(errs.Forbidden, "not_allowed", "Your account may not do this.")
}

// identify finds out who calls, from the headers. Whoever it is, one of our own
// processes must have made the call.
func (n *Network) identify(ctx context.Context, procedure string, h *connect.Header, a Access) (principal.Principal, error) {
	name, err := n.checkProof(procedure, h.Get(headerFrom))
	if err != nil {
		return principal.Principal{}, err
	}
	if h.Get(headerService) != "" {
		return principal.Principal{Service: name}, nil
	}
	token := h.Get(headerToken)
	if token == "" {
		return principal.Principal{}, nil
	}
	if n.verifier == nil {
		return principal.Principal{}, errs.New(errs.Unavailable, "starting", "This part of Bedside is still starting. Please try again.")
	}
	p, err := n.verifier.Verify(ctx, token, a.Strict)
	if err != nil && a.Anonymous {
		// A stale token must not keep anybody from what everybody may do.
		return principal.Principal{}, nil
	}
	if err != nil {
		return principal.Principal{}, err
	}
	return p, nil
}
