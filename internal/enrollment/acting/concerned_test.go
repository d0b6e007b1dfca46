package acting

import (
	"context"
	"testing"

	"github.com/bedside-health/bedside/internal/errs"
	enrollmentv1 "github.com/bedside-health/bedside/internal/gen/bedside/enrollment/v1"
	rpcv1 "github.com/bedside-health/bedside/internal/gen/bedside/rpc/v1"
	"github.com/bedside-health/bedside/internal/rpc"
)

// working is somebody at work who is a patient as well.
func (b *bundle) working(who placed) context.Context {
	return rpc.WithToken(b.t.Context(), rpcv1.Role_ROLE_STAFF.String()+":"+who.account.String())
}

func (b *bundle) luis() placed {
	return b.person(human{given: "LUIS", family: "DELGADO", born: "1979-02-01", number: "PM-100", mailbox: "luis@example.test"})
}

// A parent who is staff neither ends the other parent's right nor their own that
// way, also when their own has ended.
func TestAParentDoesNotEndTheOther(t *testing.T) {
	t.Parallel()
	b := setup(t)
	rosa, _, luis := b.rosa(), b.mateo(), b.luis()
	for _, parent := range []placed{rosa, luis} {
		_, err := b.addChild(parent, mateoTyped())
		must(t, err)
	}
	his, hers := b.list(luis).GetActedFor()[0].GetActsForId(), b.list(rosa).GetActedFor()[0].GetActsForId()
	end := func(right string) error {
		_, err := b.acting.EndGuardian(b.working(rosa), &enrollmentv1.EndGuardianRequest{ActsForId: right, Reason: "court_order", IdempotencyKey: b.key()})
		return err
	}
	refused(t, end(his), errs.Precondition, "own_request")
	refused(t, end(hers), errs.Precondition, "own_request")
	_, err := b.acting.EndGuardian(b.asStaff(), &enrollmentv1.EndGuardianRequest{ActsForId: hers, Reason: "court_order", IdempotencyKey: b.key()})
	must(t, err)
	refused(t, end(his), errs.Precondition, "own_request")
	if mine := b.mine(luis); len(mine) != 2 {
		t.Errorf("Luis acts for %v", mine)
	}
	// Whoever the guardian is to the one at work counts as well.
	ivor := b.stranger()
	b.exec(`INSERT INTO enrollment.acts_for (acts_for_id, account_id, patient_id, relation, from_date) VALUES (gen_random_uuid(), $1, $2, 'caregiver', '2026-01-01')`,
		ivor.account.UUID, luis.patient.UUID)
	_, err = b.acting.EndGuardian(b.working(ivor), &enrollmentv1.EndGuardianRequest{ActsForId: his, Reason: "other", IdempotencyKey: b.key()})
	refused(t, err, errs.Precondition, "own_request")
	_, err = b.acting.EndGuardian(b.asStaff(), &enrollmentv1.EndGuardianRequest{ActsForId: his, Reason: "other", IdempotencyKey: b.key()})
	must(t, err)
}

// A parent who is staff decides no request about their child, whatever was typed
// about it and whomever they choose.
func TestAParentDoesNotDecideAboutTheOther(t *testing.T) {
	t.Parallel()
	b := setup(t)
	rosa, mateo, ivor := b.rosa(), b.mateo(), b.stranger()
	_, err := b.addChild(rosa, mateoTyped())
	must(t, err)
	decide := func(reference string, approve bool, member string) error {
		_, err := b.acting.DecideGuardianRequest(b.working(rosa), &enrollmentv1.DecideGuardianRequestRequest{
			RequestId: b.requestID(reference), Approve: approve, MemberId: member, Note: "Papers seen.", IdempotencyKey: b.key(),
		})
		return err
	}
	for name, change := range map[string]func(*enrollmentv1.AddChildRequest){
		"as it is":              func(*enrollmentv1.AddChildRequest) {},
		"with another number":   func(r *enrollmentv1.AddChildRequest) { r.GivenName, r.MemberNo = "Matteo", "NO-SUCH" },
		"with another birthday": func(r *enrollmentv1.AddChildRequest) { r.BirthDate = "2014-09-04" },
	} {
		req := mateoTyped()
		change(req)
		asked, err := b.addChild(ivor, req)
		must(t, err)
		for _, approve := range []bool{true, false} {
			if err := decide(asked.GetReference(), approve, ""); errs.ReasonOf(err) != "own_request" {
				t.Errorf("%s, approved %v: %v", name, approve, err)
			}
		}
	}
	req := mateoTyped()
	req.GivenName, req.BirthDate, req.MemberNo = "Nora", "2016-06-06", "NO-SUCH"
	asked, err := b.addChild(ivor, req)
	must(t, err)
	refused(t, decide(asked.GetReference(), true, mateo.member.String()), errs.Precondition, "own_request")
	must(t, decide(asked.GetReference(), true, ""))
}

// The list is bounded, and says how many wait beyond it.
func TestTheListSaysHowManyWait(t *testing.T) {
	t.Parallel()
	b := setup(t)
	ivor := b.stranger()
	b.exec(`INSERT INTO enrollment.guardian_requests (request_id, reference, account_id, own_patient_id, given_name, family_name, birth_date,
		attestation_version, attestation_language, attestation_hash, state, why, attested_at)
		SELECT gen_random_uuid(), 'REF-' || n, $1, $2, 'Child ' || n, 'Delgado', '2014-09-03', '2026-11', 'en', sha256('x'), 'requested', 'no_match',
		       clock.now() + n * interval '1 second'
		FROM generate_series(1, $3) n`, ivor.account.UUID, ivor.patient.UUID, maxListed+3)
	res, err := b.acting.ListGuardianRequests(b.asStaff(), &enrollmentv1.ListGuardianRequestsRequest{})
	must(t, err)
	if len(res.GetRequests()) != maxListed || res.GetWaiting() != maxListed+3 || res.GetRequests()[0].GetReference() != "REF-1" {
		t.Errorf("%d listed of %d", len(res.GetRequests()), res.GetWaiting())
	}
	b.exec(`DELETE FROM enrollment.guardian_requests WHERE reference <> 'REF-5'`)
	res, err = b.acting.ListGuardianRequests(b.asStaff(), &enrollmentv1.ListGuardianRequestsRequest{})
	must(t, err)
	if len(res.GetRequests()) != 1 || res.GetWaiting() != 1 {
		t.Errorf("%d listed of %d", len(res.GetRequests()), res.GetWaiting())
	}
}
