// Package audit writes who did what. A write's entry goes into the same
// transaction as the write; a read of health data is recorded before the
// answer leaves, in batches. Nobody may read, change or delete entries through
// a service's own login: audit.append() is the only right that it has.
package audit

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/bedside-health/bedside/internal/ids"
	"github.com/bedside-health/bedside/internal/pg"
	"github.com/bedside-health/bedside/internal/principal"
	"github.com/google/uuid"
)

// Actor is who did it: an account, a service by itself, or somebody at a
// command line.
type Actor struct {
	Account ids.AccountID `json:"account,omitzero"`
	Session ids.SessionID `json:"session,omitzero"`
	Service string        `json:"service,omitempty"`
	OSUser  string        `json:"os_user,omitempty"`
}

// ActorFrom takes the actor from the principal of a request.
func ActorFrom(ctx context.Context) Actor {
	p := principal.From(ctx)
	return Actor{Account: p.Account, Session: p.Session, Service: p.Service}
}

// Empty says that nobody is named.
func (a Actor) Empty() bool {
	return a.Account.UUID == uuid.Nil && a.Service == "" && a.OSUser == ""
}

// Entry is one thing that was done.
type Entry struct {
	Actor   Actor
	Patient ids.PatientID
	// Action is dotted and lower case, such as "appointment.book".
	Action string
	// Subject is the id of what it was done to.
	Subject string
	// Detail holds codes and ids; never health data, never names.
	Detail map[string]string
}

// ErrNoActor refuses an entry that names nobody.
var ErrNoActor = errors.New("audit: no write without an actor")

const appendSQL = `SELECT audit.append($1, $2, $3, $4, $5, $6, $7, $8)`

// Append writes an entry in the transaction of the change itself.
func Append(ctx context.Context, tx pg.DBTX, e Entry) error {
	args, err := e.args()
	if err != nil {
		return err
	}
	if _, err := tx.Exec(ctx, appendSQL, args...); err != nil {
		return fmt.Errorf("writing the audit entry %s: %w", e.Action, err)
	}
	return nil
}

func (e Entry) args() ([]any, error) {
	if e.Actor.Empty() {
		return nil, ErrNoActor
	}
	detail, err := e.detailJSON()
	if err != nil {
		return nil, err
	}
	return []any{
		orNull(e.Actor.Account.UUID), orNull(e.Actor.Session.UUID), e.Actor.Service, e.Actor.OSUser,
		orNull(e.Patient.UUID), e.Action, e.Subject, detail,
	}, nil
}

// detailJSON is the entry's detail as JSON.
func (e Entry) detailJSON() (string, error) {
	if len(e.Detail) == 0 {
		return "{}", nil
	}
	b, err := json.Marshal(e.Detail)
	if err != nil {
		return "", fmt.Errorf("encoding an audit detail: %w", err)
	}
	return string(b), nil
}

func orNull(id uuid.UUID) *uuid.UUID {
	if id == uuid.Nil {
		return nil
	}
	return &id
}
