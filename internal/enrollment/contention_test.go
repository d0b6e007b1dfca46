package enrollment_test

import (
	"context"
	"errors"
	"sync"
	"testing"

	"github.com/bedside-health/bedside/internal/errs"
	authv1 "github.com/bedside-health/bedside/internal/gen/bedside/auth/v1"
	enrollmentv1 "github.com/bedside-health/bedside/internal/gen/bedside/enrollment/v1"
	rpcv1 "github.com/bedside-health/bedside/internal/gen/bedside/rpc/v1"
	"github.com/bedside-health/bedside/internal/ids"
	"github.com/bedside-health/bedside/internal/principal"
	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
)

// owners knows one address.
type owners struct{ email string }

func (o *owners) SignInEmail(context.Context, *authv1.SignInEmailRequest) (*authv1.SignInEmailResponse, error) {
	return &authv1.SignInEmailResponse{Email: o.email}, nil
}

// tx runs something in a transaction of the service.
func (b *bundle) tx(do func(ctx context.Context, tx pgx.Tx) error) error {
	return b.db.W.Tx(b.t.Context(), do)
}

// cares gives a caregiver a right and returns it.
func (b *bundle) cares(patient string) (account ids.AccountID, right uuid.UUID, err error) {
	account, right = ids.New[ids.AccountID](), ids.NewUUID()
	_, err = b.db.W.DB().Exec(b.t.Context(), `INSERT INTO enrollment.acts_for (acts_for_id, account_id, patient_id, relation, from_date)
		VALUES ($1, $2, $3::text::uuid, 'caregiver', '2026-01-01')`, right, account.UUID, patient)
	return account, right, err
}

// calls are those of the services themselves, not over a client: an error keeps
// its cause.
func (b *bundle) calls(role rpcv1.Role, account ids.AccountID) context.Context {
	return principal.With(b.t.Context(), principal.Principal{Account: account, Session: ids.New[ids.SessionID](), Roles: []rpcv1.Role{role}})
}

// Everything that locks a patient, at once, on two who are one human and then are
// not: nobody waits for each other in a circle. A machine that is busy may let
// somebody wait for too long; they try again.
func TestWhoLocksPatientsTakesTurns(t *testing.T) {
	t.Parallel()
	const rounds = 12
	b := setup(t)
	one, two, _, second := b.pair()
	pair := b.found()[0].GetDuplicateId()
	must(t, b.merge(&enrollmentv1.MergeDuplicateRequest{DuplicateId: pair, SurvivorId: one, AccountOf: two}))
	first, last := uuid.MustParse(one), uuid.MustParse(two)
	var members []ids.MemberID
	for _, patient := range []uuid.UUID{first, last} {
		var member uuid.UUID
		must(t, b.db.W.DB().QueryRow(t.Context(), `SELECT member_id FROM enrollment.members WHERE patient_id = $1`, patient).Scan(&member))
		members = append(members, ids.MemberID{UUID: member})
	}
	own, staff := b.calls(rpcv1.Role_ROLE_PATIENT, second), b.calls(rpcv1.Role_ROLE_STAFF, ids.New[ids.AccountID]())
	language := func(patient string) func() error {
		return func() error {
			_, err := b.people.SetLanguage(own, &enrollmentv1.SetLanguageRequest{PatientId: patient, Language: "en"})
			return err
		}
	}
	phone := func(patient string) func() error {
		return func() error {
			_, err := b.contacts.SetPhone(own, &enrollmentv1.SetPhoneRequest{PatientId: patient, Phone: "402 555 0177", IdempotencyKey: key()})
			return err
		}
	}
	consent := func(patient string) func() error {
		return func() error {
			_, err := b.people.RecordConsent(own, &enrollmentv1.RecordConsentRequest{PatientId: patient, Kind: "telehealth", Version: "2026-11", Language: "en", IdempotencyKey: key()})
			return err
		}
	}
	ended := func(patient string) func() error {
		return func() error {
			account, right, err := b.cares(patient)
			if err != nil {
				return err
			}
			_, err = b.acting.EndActing(b.calls(rpcv1.Role_ROLE_PATIENT, account), &enrollmentv1.EndActingRequest{ActsForId: right.String(), IdempotencyKey: key()})
			return err
		}
	}
	steps := map[string][]func() error{
		"languages": {language(two), language(one)}, "phones": {phone(one), phone(two)}, "consents": {consent(two), consent(one)},
		"a caregiver of one": {ended(one)}, "a caregiver of two": {ended(two)},
		"an address": {func() error {
			_, err := b.contacts.FollowSignInEmail(own, &enrollmentv1.FollowSignInEmailRequest{AccountId: second.String()})
			return err
		}},
		"rosters of both": {func() error {
			return b.tx(func(ctx context.Context, tx pgx.Tx) error { return b.people.OnMembersChanged(ctx, tx, members) })
		}},
		"facts of two": {func() error {
			return b.tx(func(ctx context.Context, tx pgx.Tx) error { return b.people.Publish(ctx, tx, []uuid.UUID{last}) })
		}},
		"a merge, undone and done": {func() error {
			_, err := b.duplicates.UndoMerge(staff, &enrollmentv1.UndoMergeRequest{DuplicateId: pair, IdempotencyKey: key()})
			return err
		}, func() error {
			_, err := b.duplicates.MergeDuplicate(staff, &enrollmentv1.MergeDuplicateRequest{DuplicateId: pair, SurvivorId: one, AccountOf: two, IdempotencyKey: key()})
			return err
		}},
		"a look at duplicates": {func() error { return b.duplicates.Find(t.Context()) }},
	}
	var racing sync.WaitGroup
	for name, all := range steps {
		racing.Go(func() {
			for i := range rounds * len(all) {
				if err := patiently(all[i%len(all)]); err != nil {
					t.Errorf("%s: %v", name, err)
					return
				}
			}
		})
	}
	racing.Wait()
}

// patiently tries until the server is not too busy. While the merge is undone,
// the second account is not the first patient. A circle is what it gives back.
func patiently(do func() error) error {
	for range 100 {
		err := do()
		refusal, circle := errors.AsType[*pgconn.PgError](err)
		switch {
		case circle && refusal.Code == "40P01":
			return err
		case errs.CodeOf(err) == errs.Unavailable: // not in time
			continue
		case errs.ReasonOf(err) == "patient_unknown":
			return nil
		}
		return err
	}
	return errors.New("the server is busy for too long")
}
