package app

import (
	enrollmentv1 "github.com/bedside-health/bedside/internal/gen/bedside/enrollment/v1"
	"github.com/bedside-health/bedside/internal/ids"
	"google.golang.org/protobuf/proto"
)

const (
	registeredMail = "cosima.quillfeather@elsewhere.test"
	mailboxMail    = "ottoline.new@elsewhere.test"
	slipMember     = "0190a000-0000-7000-8000-0000000c0517"
)

// slip puts a member on the roster, and types their card with a slip in it.
func slip(j *journey) proto.Message {
	j.db.Exec(j.t, `INSERT INTO enrollment.members (member_id, payer_id, subscriber_no, person_key, is_subscriber, relationship,
		given_name, family_name, given_search, family_search, name_search, birth_date, version)
		VALUES ($1, $2, 'QF7000004', 'cosima', true, '18', 'COSIMA', 'QUILLFEATHER', 'COSIMA', 'QUILLFEATHER', 'QUILLFEATHER COSIMA', '1966-06-07', 1)`,
		slipMember, j.met["payer"])
	return &enrollmentv1.StartActivationRequest{MemberId: "QF7000040", FamilyName: "Quillfeather", BirthDate: "1966-06-07", Language: "en", Address: j.address()}
}

// identitySteps open a limited account beside details that fit nobody, and let
// staff find out whose it is.
func identitySteps() []step {
	var version int64
	look := func(name, reference string) step {
		return step{name: name, call: "enrollment.v1.IdentityService/GetCase", as: staff, req: func(j *journey) proto.Message {
			return &enrollmentv1.GetCaseRequest{Reference: j.met[reference]}
		}, keep: func(j *journey, res proto.Message) {
			c := res.(*enrollmentv1.GetCaseResponse).GetCase()
			if version = c.GetVersion(); len(c.GetCandidates()) != 1 || c.GetClaimant() == nil {
				j.t.Fatalf("the case is %v", c)
			}
		}}
	}
	return []step{
		{name: "a card with a slip is typed", call: "enrollment.v1.PeopleService/StartActivation", req: slip, keep: func(j *journey, res proto.Message) {
			a := res.(*enrollmentv1.StartActivationResponse)
			j.met["slip"], j.met["slip reference"] = a.GetActivationId(), a.GetReference()
		}},
		{name: "an account of one's own begins", call: "enrollment.v1.IdentityService/StartRegistration", req: func(j *journey) proto.Message {
			return &enrollmentv1.StartRegistrationRequest{
				GivenName: "Cosima", FamilyName: "Quillfeather", BirthDate: "1966-06-07", Email: registeredMail, Language: "en", Address: j.address(),
				ActivationId: j.met["slip"], IdempotencyKey: ids.NewUUID().String(),
			}
		}, keep: keepMet("registration", (*enrollmentv1.StartRegistrationResponse).GetRegistrationId)},
		{name: "its mailed code opens it", call: "enrollment.v1.IdentityService/ConfirmRegistration", req: func(j *journey) proto.Message {
			return &enrollmentv1.ConfirmRegistrationRequest{RegistrationId: j.met["registration"], Code: j.code(registeredMail, "code to open"), Address: j.address()}
		}, keep: keepMet("limited ticket", (*enrollmentv1.ConfirmRegistrationResponse).GetTicket)},
		{name: "what there is to say about plans", call: "enrollment.v1.IdentityService/MyPlans", as: patient},
		look("staff look at the case", "slip reference"),
		{name: "papers are looked at", call: "enrollment.v1.IdentityService/RecordIdentityCheck", as: staff, req: func(j *journey) proto.Message {
			return &enrollmentv1.RecordIdentityCheckRequest{
				Reference: j.met["slip reference"], Version: version, Method: "video", Document: "passport", Outcome: "passed", IdempotencyKey: ids.NewUUID().String(),
			}
		}},
		look("staff look again", "slip reference"),
		{name: "the account is linked", call: "enrollment.v1.IdentityService/LinkCase", as: staff, req: func(j *journey) proto.Message {
			return &enrollmentv1.LinkCaseRequest{Reference: j.met["slip reference"], Version: version, MemberId: slipMember, IdempotencyKey: ids.NewUUID().String()}
		}},
		{name: "another card fits nobody", call: "enrollment.v1.PeopleService/StartActivation", req: func(j *journey) proto.Message {
			return &enrollmentv1.StartActivationRequest{MemberId: "QF7000050", FamilyName: "Nobody", BirthDate: "1950-01-01", Language: "en", Address: j.address()}
		}, keep: func(j *journey, res proto.Message) {
			a := res.(*enrollmentv1.StartActivationResponse)
			j.met["claimed"], j.met["closed reference"] = a.GetActivationId(), a.GetReference()
		}},
		{name: "who has an account claims its plan", call: "enrollment.v1.IdentityService/ClaimPlan", as: patient, req: func(j *journey) proto.Message {
			return &enrollmentv1.ClaimPlanRequest{ActivationId: j.met["claimed"]}
		}},
		{name: "its case is closed", call: "enrollment.v1.IdentityService/CloseCase", as: staff, req: func(j *journey) proto.Message {
			return &enrollmentv1.CloseCaseRequest{Reference: j.met["closed reference"], Version: 2, Reason: "withdrawn", IdempotencyKey: ids.NewUUID().String()}
		}},
	}
}

// mailboxSteps help somebody who cannot read their mail any more. The link is
// never opened, so that they go on as they were.
func mailboxSteps() []step {
	return []step{
		{name: "somebody on the phone has lost their mailbox", call: "enrollment.v1.IdentityService/OpenMailboxCase", as: staff, req: func(j *journey) proto.Message {
			return &enrollmentv1.OpenMailboxCaseRequest{PatientId: j.patients[patient]}
		}, keep: keepMet("mailbox", (*enrollmentv1.OpenMailboxCaseResponse).GetReference)},
		{name: "their papers are looked at", call: "enrollment.v1.IdentityService/RecordIdentityCheck", as: staff, req: func(j *journey) proto.Message {
			return &enrollmentv1.RecordIdentityCheckRequest{
				Reference: j.met["mailbox"], Version: 1, Method: "in_person", Document: "state_id", Outcome: "passed", IdempotencyKey: ids.NewUUID().String(),
			}
		}},
		{name: "a link goes to the new address", call: "enrollment.v1.IdentityService/ReplaceEmail", as: staff, req: func(j *journey) proto.Message {
			return &enrollmentv1.ReplaceEmailRequest{Reference: j.met["mailbox"], Version: 2, Email: mailboxMail, IdempotencyKey: ids.NewUUID().String()}
		}},
	}
}

// whoMayIdentify is whoMay of the side that keeps how sure we are.
func whoMayIdentify() map[string]string {
	return map[string]string{
		"/bedside.enrollment.v1.IdentityService/StartRegistration":   "anybody",
		"/bedside.enrollment.v1.IdentityService/ConfirmRegistration": "anybody",
		"/bedside.enrollment.v1.IdentityService/ClaimPlan":           "patient",
		"/bedside.enrollment.v1.IdentityService/MyPlans":             "patient",
		"/bedside.enrollment.v1.IdentityService/GetCase":             "staff",
		"/bedside.enrollment.v1.IdentityService/RecordIdentityCheck": "staff *",
		"/bedside.enrollment.v1.IdentityService/LinkCase":            "staff *",
		"/bedside.enrollment.v1.IdentityService/CloseCase":           "staff *",
		"/bedside.enrollment.v1.IdentityService/OpenMailboxCase":     "staff *",
		"/bedside.enrollment.v1.IdentityService/ReplaceEmail":        "staff *",
	}
}
