package app

import (
	"path"
	"strings"

	enrollmentv1 "github.com/bedside-health/bedside/internal/gen/bedside/enrollment/v1"
	"github.com/bedside-health/bedside/internal/ids"
	"google.golang.org/protobuf/proto"
)

// actingSteps let the one who typed their details act for two children, one of
// them no more; staff refuse a third. The other patient acts for them for a
// while.
func actingSteps() []step {
	key := func() string { return ids.NewUUID().String() }
	child := func(name, given, number string, keep func(*journey, proto.Message)) step {
		return step{name: name, call: "enrollment.v1.ActingService/AddChild", as: typed, keep: keep, req: func(j *journey) proto.Message {
			return &enrollmentv1.AddChildRequest{
				GivenName: given, FamilyName: "Quillfeather", BirthDate: "2019-02-03", MemberNo: number,
				AttestationVersion: j.met["attestation"], AttestationLanguage: "en", IdempotencyKey: key(),
			}
		}}
	}
	people := func(name string, keep func(j *journey, res *enrollmentv1.ListPeopleResponse)) step {
		return step{name: name, call: "enrollment.v1.ActingService/ListPeople", as: typed, keep: func(j *journey, res proto.Message) {
			keep(j, res.(*enrollmentv1.ListPeopleResponse))
		}}
	}
	end := func(name, right string) step {
		return step{name: name, call: "enrollment.v1.ActingService/EndActing", as: typed, req: func(j *journey) proto.Message {
			return &enrollmentv1.EndActingRequest{ActsForId: j.met[right], IdempotencyKey: key()}
		}}
	}
	steps := []step{
		{name: "the words of a guardian are read", call: "enrollment.v1.PeopleService/ReadConsent", req: func(*journey) proto.Message {
			return &enrollmentv1.ReadConsentRequest{Kind: "guardian", Language: "en"}
		}, keep: keepMet("attestation", (*enrollmentv1.ReadConsentResponse).GetVersion)},
		child("a child without a plan is added", "Perpetua", "", keepMet("child", (*enrollmentv1.AddChildResponse).GetPatientId)),
		people("whom they act for", func(j *journey, res *enrollmentv1.ListPeopleResponse) {
			j.met["right"] = res.GetActedFor()[0].GetActsForId()
		}),
		child("another is added", "Ambrosia", "", keepMet("former child", (*enrollmentv1.AddChildResponse).GetPatientId)),
		people("both of them", func(j *journey, res *enrollmentv1.ListPeopleResponse) {
			for _, p := range res.GetActedFor() {
				if p.GetPatientId() == j.met["former child"] {
					j.met["former right"] = p.GetActsForId()
				}
			}
		}),
		end("the right for one ends", "former right"),
		child("a third is added", "Hyacintha", "", keepMet("lost child", (*enrollmentv1.AddChildResponse).GetPatientId)),
		people("all that are left", func(j *journey, res *enrollmentv1.ListPeopleResponse) {
			for _, p := range res.GetActedFor() {
				if p.GetPatientId() == j.met["lost child"] {
					j.met["lost right"] = p.GetActsForId()
				}
			}
		}),
		child("a child is nowhere to be found", "Persimmon", "QF7999999", keepMet("asked", (*enrollmentv1.AddChildResponse).GetReference)),
		child("nor is another", "Peregrine", "QF7999999", nil),
	}
	return append(append(steps, guardianSteps(key)...), caregiverSteps(key, people, end)...)
}

func guardianSteps(key func() string) []step {
	return []step{
		{name: "staff lists what waits", call: "enrollment.v1.ActingService/ListGuardianRequests", as: staff, keep: func(j *journey, res proto.Message) {
			for _, r := range res.(*enrollmentv1.ListGuardianRequestsResponse).GetRequests() {
				j.met["waiting"] = r.GetRequestId()
				if r.GetReference() == j.met["asked"] {
					j.met["request"] = r.GetRequestId()
				}
			}
		}},
		{name: "staff reads one", call: "enrollment.v1.ActingService/GetGuardianRequest", as: staff, req: func(j *journey) proto.Message {
			return &enrollmentv1.GetGuardianRequestRequest{RequestId: j.met["request"]}
		}},
		{name: "staff ends a guardian's right", call: "enrollment.v1.ActingService/EndGuardian", as: staff, req: func(j *journey) proto.Message {
			return &enrollmentv1.EndGuardianRequest{ActsForId: j.met["lost right"], Reason: "asked_by_guardian", IdempotencyKey: key()}
		}},
		{name: "staff refuses it", call: "enrollment.v1.ActingService/DecideGuardianRequest", as: staff, req: func(j *journey) proto.Message {
			return &enrollmentv1.DecideGuardianRequestRequest{RequestId: j.met["request"], Note: "No such child.", IdempotencyKey: key()}
		}},
	}
}

func caregiverSteps(
	key func() string, people func(string, func(*journey, *enrollmentv1.ListPeopleResponse)) step, end func(name, right string) step,
) []step {
	invite := func(name, to, keep string) step {
		return step{name: name, call: "enrollment.v1.ActingService/InviteCaregiver", as: typed, req: func(*journey) proto.Message {
			return &enrollmentv1.InviteCaregiverRequest{Email: to, Language: "en", IdempotencyKey: key()}
		}, keep: keepMet(keep, (*enrollmentv1.InviteCaregiverResponse).GetInvitationId)}
	}
	return []step{
		invite("the other is invited", invitedMail, "invited"),
		{name: "the other opens the link", call: "enrollment.v1.ActingService/OpenCaregiverInvitation", req: func(j *journey) proto.Message {
			for _, link := range j.letter(invitedMail, "asks for your help").Links {
				if strings.Contains(link, "/people/accept/") {
					j.met["care"] = path.Base(link)
				}
			}
			return &enrollmentv1.OpenCaregiverInvitationRequest{Token: j.met["care"], Address: j.address()}
		}},
		{name: "the other accepts", call: "enrollment.v1.ActingService/AcceptCaregiverInvitation", as: other, req: func(j *journey) proto.Message {
			return &enrollmentv1.AcceptCaregiverInvitationRequest{Token: j.met["care"]}
		}},
		people("who acts for them", func(j *journey, res *enrollmentv1.ListPeopleResponse) {
			j.met["care right"] = res.GetCaregivers()[0].GetActsForId()
		}),
		{name: "the other acts for two", call: "enrollment.v1.PeopleService/Me", as: other, keep: func(j *journey, res proto.Message) {
			if all := res.(*enrollmentv1.MeResponse).GetPatients(); len(all) != 2 || len(all[1].GetActsFor()) != 1 {
				j.t.Fatalf("the other acts for %v", all)
			}
		}},
		end("the caregiver's right ends", "care right"),
		invite("somebody else is invited", newcomerMail, "withdrawn"),
		{name: "and that is taken back", call: "enrollment.v1.ActingService/WithdrawCaregiverInvitation", as: typed, req: func(j *journey) proto.Message {
			return &enrollmentv1.WithdrawCaregiverInvitationRequest{InvitationId: j.met["withdrawn"]}
		}},
		invite("a third stays open", newcomerMail, "open"),
	}
}

// actingClaims are tries at people who are acted for: by strangers, by who was
// a caregiver, and by who was a guardian.
func (j *journey) actingClaims() []claim {
	key := func() string { return ids.NewUUID().String() }
	language := func(id string) proto.Message { return &enrollmentv1.SetLanguageRequest{PatientId: id, Language: "es"} }
	consent := func(id string) proto.Message {
		return &enrollmentv1.RecordConsentRequest{PatientId: id, Kind: "telehealth", Version: j.met["consent"], Language: "en", IdempotencyKey: key()}
	}
	ending := func(id string) proto.Message {
		return &enrollmentv1.EndActingRequest{ActsForId: id, IdempotencyKey: key()}
	}
	return []claim{
		{"sets a child's language", "enrollment.v1.PeopleService/SetLanguage", other, j.met["child"], language},
		{"agrees for a child", "enrollment.v1.PeopleService/RecordConsent", other, j.met["child"], consent},
		{"ends a guardian's right", "enrollment.v1.ActingService/EndActing", other, j.met["right"], ending},
		{"ends a right that is over", "enrollment.v1.ActingService/EndActing", other, j.met["care right"], ending},
		{"sets the language of whom they cared for", "enrollment.v1.PeopleService/SetLanguage", other, j.patients[typed], language},
		{"sets the language of whom they were guardian of", "enrollment.v1.PeopleService/SetLanguage", typed, j.met["former child"], language},
		{"agrees for whom they were guardian of", "enrollment.v1.PeopleService/RecordConsent", typed, j.met["former child"], consent},
		{"takes an invitation back", "enrollment.v1.ActingService/WithdrawCaregiverInvitation", other, j.met["open"], func(id string) proto.Message {
			return &enrollmentv1.WithdrawCaregiverInvitationRequest{InvitationId: id}
		}},
	}
}

// whoMayAct is whoMay for the service of people who act for others.
func whoMayAct() map[string]string {
	return map[string]string{
		"/bedside.enrollment.v1.ActingService/ListPeople":                  "patient",
		"/bedside.enrollment.v1.ActingService/AddChild":                    "patient",
		"/bedside.enrollment.v1.ActingService/EndActing":                   "patient",
		"/bedside.enrollment.v1.ActingService/InviteCaregiver":             "patient",
		"/bedside.enrollment.v1.ActingService/WithdrawCaregiverInvitation": "patient",
		"/bedside.enrollment.v1.ActingService/OpenCaregiverInvitation":     "anybody",
		"/bedside.enrollment.v1.ActingService/AcceptCaregiverInvitation":   "patient",
		"/bedside.enrollment.v1.ActingService/ListGuardianRequests":        "staff",
		"/bedside.enrollment.v1.ActingService/GetGuardianRequest":          "staff",
		"/bedside.enrollment.v1.ActingService/DecideGuardianRequest":       "staff *",
		"/bedside.enrollment.v1.ActingService/EndGuardian":                 "staff *",
	}
}
