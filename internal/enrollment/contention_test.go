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
	"github.com/bedside-health/bedside/internal/rpc"
	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
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

// Everything that locks a patient, at once, on two who are one human and then are
// not: nobody waits for each other in a circle. A circle ends with an error that
// says that our records are out of reach.
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
	own := b.as(rpcv1.Role_ROLE_PATIENT, second)
	// While the merge is undone, the second account is not the first patient.
	known := func(err error) error {
		if errs.ReasonOf(err) == "patient_unknown" {
			return nil
		}
		return err
	}
	language := func(patient string) error {
		_, err := b.patients.SetLanguage(own, &enrollmentv1.SetLanguageRequest{PatientId: patient, Language: "en"})
		return known(err)
	}
	phone := func(patient string) error {
		_, err := b.contacts.SetPhone(own, &enrollmentv1.SetPhoneRequest{PatientId: patient, Phone: "402 555 0177", IdempotencyKey: key()})
		return known(err)
	}
	consent := func(patient string) error {
		_, err := b.patients.RecordConsent(own, &enrollmentv1.RecordConsentRequest{PatientId: patient, Kind: "telehealth", Version: "2026-11", Language: "en", IdempotencyKey: key()})
		return known(err)
	}
	ended := func(patient string) error {
		account, right, err := b.cares(patient)
		if err != nil {
			return err
		}
		_, err = b.guardians.EndActing(b.as(rpcv1.Role_ROLE_PATIENT, account), &enrollmentv1.EndActingRequest{ActsForId: right.String(), IdempotencyKey: key()})
		return err
	}
	undone := func() error {
		_, err := b.persons.UndoMerge(b.staff(1), &enrollmentv1.UndoMergeRequest{DuplicateId: pair, IdempotencyKey: key()})
		if err != nil {
			return err
		}
		_, err = b.persons.MergeDuplicate(b.staff(1), &enrollmentv1.MergeDuplicateRequest{DuplicateId: pair, SurvivorId: one, AccountOf: two, IdempotencyKey: key()})
		return err
	}
	var racing sync.WaitGroup
	for name, do := range map[string]func() error{
		"the language of both": func() error { return errors.Join(language(two), language(one)) },
		"the phone of both":    func() error { return errors.Join(phone(one), phone(two)) },
		"consents of both":     func() error { return errors.Join(consent(two), consent(one)) },
		"an address": func() error {
			_, err := b.contacts.FollowSignInEmail(rpc.AsService(t.Context()), &enrollmentv1.FollowSignInEmailRequest{AccountId: second.String()})
			return err
		},
		"a caregiver of one": func() error { return ended(one) },
		"a caregiver of two": func() error { return ended(two) },
		"rosters of both": func() error {
			return b.tx(func(ctx context.Context, tx pgx.Tx) error { return b.people.OnMembersChanged(ctx, tx, members) })
		},
		"facts of two": func() error {
			return b.tx(func(ctx context.Context, tx pgx.Tx) error { return b.people.Publish(ctx, tx, []uuid.UUID{last}) })
		},
		"a merge, undone and done": undone,
		"a look at duplicates":     func() error { return b.duplicates.Find(t.Context()) },
	} {
		racing.Go(func() {
			for range rounds {
				if err := do(); err != nil {
					t.Errorf("%s: %v", name, err)
					return
				}
			}
		})
	}
	racing.Wait()
}
