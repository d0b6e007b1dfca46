package app

import (
	"fmt"
	"path"
	"slices"
	"strings"

	"github.com/bedside-health/bedside/internal/demo"
	authv1 "github.com/bedside-health/bedside/internal/gen/bedside/auth/v1"
	enrollmentv1 "github.com/bedside-health/bedside/internal/gen/bedside/enrollment/v1"
	feedv1 "github.com/bedside-health/bedside/internal/gen/bedside/feed/v1"
	rpcv1 "github.com/bedside-health/bedside/internal/gen/bedside/rpc/v1"
	"github.com/bedside-health/bedside/internal/ids"
	"google.golang.org/protobuf/proto"
)

// The people of the journey's own roster: names and addresses that occur
// nowhere else, so that a log that names them can be found.
const (
	typedMail    = "ottoline.quillfeather@roster.test"
	invitedMail  = "barnaby.quillfeather@roster.test"
	newcomerMail = "newcomer.pettigrew@roster.test"
	longPassword = "marmalade over quiet gables"
)

// quillfeathers is an 834 of two families; the third member has no coverage dates
// that make sense, and is rejected.
func quillfeathers() []byte {
	member := func(id, given, born, mail string, coverage ...string) []string {
		return append([]string{
			"INS*Y*18*021*28*A***FT", "REF*0F*" + id, "REF*1L*QF-1", "DTP*356*D8*20260101",
			"NM1*IL*1*QUILLFEATHER*" + given, "PER*IP**EM*" + strings.ToUpper(mail),
			"N3*7 GABLE ROW", "N4*PITTSBURGH*PA*15201", "DMG*D8*" + born + "*F",
			"HD*021**HMO*EVERYDAY HMO*EMP",
		}, coverage...)
	}
	lines := []string{
		"ISA*00*          *00*          *ZZ*QUILLFEATHER   *ZZ*BEDSIDE        *260105*0900*^*00501*000000001*0*P*:",
		"GS*BE*QUILLFEATHER*BEDSIDE*20260105*0900*1*X*005010X220A1",
		"ST*834*0001*005010X220A1", "BGN*00*QF-1*20260105*0900****2", "REF*38*QF-GROUP-1",
		"N1*P5*QUILL SCHOOLS*FI*999000311", "N1*IN*QUILLFEATHER HEALTH*FI*QUILL-834",
	}
	lines = append(lines, member("QF7000001", "OTTOLINE", "19710412", typedMail, "DTP*348*D8*20260101")...)
	lines = append(lines, member("QF7000002", "BARNABY", "19820903", invitedMail, "DTP*348*D8*20260101")...)
	lines = append(lines, member("QF7000003", "HESTER", "19931121", "hester.quillfeather@roster.test", "DTP*348*D8*21500101")...)
	lines = append(lines, fmt.Sprintf("SE*%d*0001", len(lines)-1), "GE*1*1", "IEA*1*000000001")
	return []byte(strings.Join(lines, "~\n") + "~\n")
}

// authSteps sign everybody in, in every way there is.
func authSteps() []step {
	demoAs := func(who string, role rpcv1.Role) step {
		return step{name: "the demo " + who + " signs in", call: "auth.v1.AuthService/SignInDemo", keep: keepSession(who), req: func(j *journey) proto.Message {
			return &authv1.SignInDemoRequest{Role: role, Client: j.client()}
		}}
	}
	return []step{
		demoAs(patient, rpcv1.Role_ROLE_PATIENT), demoAs(physician, rpcv1.Role_ROLE_PHYSICIAN),
		demoAs(staff, rpcv1.Role_ROLE_STAFF), demoAs(officer, rpcv1.Role_ROLE_LICENSING_OFFICER),
		{name: "a code is asked for", call: "auth.v1.AuthService/RequestCode", req: func(j *journey) proto.Message {
			return &authv1.RequestCodeRequest{Email: demo.Accounts()[0].Email, Language: "en", Client: j.client()}
		}, keep: keepMet("challenge", (*authv1.RequestCodeResponse).GetChallengeId)},
		{name: "the mailed code is typed", call: "auth.v1.AuthService/SignInWithCode", keep: keepSession("spare"), req: func(j *journey) proto.Message {
			return &authv1.SignInWithCodeRequest{ChallengeId: j.met["challenge"], Code: j.code(demo.Accounts()[0].Email, "sign-in code"), Client: j.client()}
		}},
		{name: "staff's password is not enough", call: "auth.v1.AuthService/SignInWithPassword", req: func(j *journey) proto.Message {
			return &authv1.SignInWithPasswordRequest{Email: demo.Accounts()[2].Email, Password: demo.Password, Client: j.client()}
		}},
		{name: "a patient's password is", call: "auth.v1.AuthService/SignInWithPassword", keep: keepSession("second"), req: func(j *journey) proto.Message {
			return &authv1.SignInWithPasswordRequest{Email: demo.Accounts()[0].Email, Password: demo.Password, Client: j.client()}
		}},
		{name: "a token is renewed", call: "auth.v1.AuthService/Renew", req: func(j *journey) proto.Message {
			return &authv1.RenewRequest{Secret: j.sessions[patient].GetSecret()}
		}},
		{name: "devices are listed", call: "auth.v1.AuthService/ListSessions", as: patient},
		{name: "one is signed out", call: "auth.v1.AuthService/RevokeSession", as: patient, req: func(j *journey) proto.Message {
			return &authv1.RevokeSessionRequest{SessionId: j.sessions["spare"].GetSessionId()}
		}},
		{name: "another signs itself out", call: "auth.v1.AuthService/SignOut", as: "second"},
		{name: "a neighbor asks for the keys", call: "auth.v1.AuthService/Keys", as: service},
		{name: "a neighbor asks for revocations", call: "auth.v1.AuthService/Changes", as: service, req: func(*journey) proto.Message {
			return &feedv1.ChangesRequest{Topic: "revocations"}
		}},
		{name: "a neighbor asks for one of them", call: "auth.v1.AuthService/ReadKeys", as: service, req: func(j *journey) proto.Message {
			return &feedv1.ReadKeysRequest{Topic: "revocations", Keys: []string{j.sessions["spare"].GetSessionId()}}
		}},
		{name: "a neighbor makes an account", call: "auth.v1.AuthService/EnsureAccount", as: service, req: func(*journey) proto.Message {
			return &authv1.EnsureAccountRequest{Email: newcomerMail, Role: rpcv1.Role_ROLE_PATIENT, Language: "en", Proof: "proof of the journey"}
		}, keep: keepMet("ticket", (*authv1.EnsureAccountResponse).GetTicket)},
		{name: "its ticket is redeemed", call: "auth.v1.AuthService/SignInWithTicket", keep: keepSession(newcomer), req: func(j *journey) proto.Message {
			return &authv1.SignInWithTicketRequest{Ticket: j.met["ticket"], Client: j.client()}
		}},
		{name: "another code is asked for", call: "auth.v1.AuthService/RequestCode", req: func(j *journey) proto.Message {
			return &authv1.RequestCodeRequest{Email: newcomerMail, Language: "en", Client: j.client()}
		}, keep: keepMet("proof", (*authv1.RequestCodeResponse).GetChallengeId)},
		{name: "a password is set", call: "auth.v1.AuthService/SetPassword", as: newcomer, req: func(j *journey) proto.Message {
			return &authv1.SetPasswordRequest{Password: longPassword, ChallengeId: j.met["proof"], Code: j.code(newcomerMail, "sign-in code"), Client: j.client()}
		}},
		{name: "all other devices are signed out", call: "auth.v1.AuthService/RevokeAllSessions", as: newcomer, req: func(*journey) proto.Message {
			return &authv1.RevokeAllSessionsRequest{KeepCurrent: true}
		}},
	}
}

// rosterSteps take a roster in and invite its members.
func rosterSteps() []step {
	return []step{
		{name: "payers are listed", call: "enrollment.v1.RosterService/ListPayers", as: staff,
			keep: keepMet("payer", func(res *enrollmentv1.ListPayersResponse) string {
				for _, p := range res.GetPayers() {
					if p.GetName() == "Quillfeather Health" {
						return p.GetPayerId()
					}
				}
				return ""
			})},
		{name: "an upload begins", call: "enrollment.v1.RosterService/BeginUpload", as: staff, req: func(j *journey) proto.Message {
			return &enrollmentv1.BeginUploadRequest{PayerId: j.met["payer"], FileName: "quillfeather.834", Size: int64(len(quillfeathers()))}
		}, keep: keepMet("upload", (*enrollmentv1.BeginUploadResponse).GetUploadId)},
		{name: "a chunk follows", call: "enrollment.v1.RosterService/UploadChunk", as: staff, req: func(j *journey) proto.Message {
			return &enrollmentv1.UploadChunkRequest{UploadId: j.met["upload"], Number: 0, Data: quillfeathers()}
		}},
		{name: "the upload ends", call: "enrollment.v1.RosterService/FinishUpload", as: staff, req: func(j *journey) proto.Message {
			return &enrollmentv1.FinishUploadRequest{UploadId: j.met["upload"], Chunks: 1}
		}, keep: keepMet("import", (*enrollmentv1.FinishUploadResponse).GetImportId)},
		{name: "the import comes to its end", call: "enrollment.v1.RosterService/GetImport", as: staff, req: func(j *journey) proto.Message {
			return &enrollmentv1.GetImportRequest{ImportId: j.met["import"]}
		}, done: func(res proto.Message) bool {
			return res.(*enrollmentv1.GetImportResponse).GetImport().GetFinishedAt() != nil
		}, keep: func(j *journey, res proto.Message) {
			if i := res.(*enrollmentv1.GetImportResponse).GetImport(); i.GetStatus() != "done" || i.GetMembersAdded() != 2 || i.GetRejected() != 1 {
				j.t.Fatalf("the import ended so: %v", i)
			}
		}},
		{name: "imports are listed", call: "enrollment.v1.RosterService/ListImports", as: staff, done: func(res proto.Message) bool {
			// A replica may be a moment behind what a job did.
			return !slices.ContainsFunc(res.(*enrollmentv1.ListImportsResponse).GetImports(), func(i *enrollmentv1.Import) bool { return i.GetFinishedAt() == nil })
		}},
		{name: "rejects are listed", call: "enrollment.v1.RosterService/ListRejects", as: staff, req: func(j *journey) proto.Message {
			return &enrollmentv1.ListRejectsRequest{ImportId: j.met["import"]}
		}},
		{name: "members are invited", call: "enrollment.v1.RosterService/SendInvitations", as: staff, req: func(j *journey) proto.Message {
			return &enrollmentv1.SendInvitationsRequest{ImportId: j.met["import"], Limit: 10, IdempotencyKey: ids.NewUUID().String()}
		}},
	}
}

// peopleSteps turn members into patients: one by the link of an invitation,
// one by typed details.
func peopleSteps() []step {
	me := func(who string) step {
		return step{name: "who " + who + " may act for", call: "enrollment.v1.PeopleService/Me", as: who, keep: func(j *journey, res proto.Message) {
			all := res.(*enrollmentv1.MeResponse).GetPatients()
			if len(all) != 1 || len(all[0].GetCoverages()) == 0 {
				j.t.Fatalf("%s may act for %v", who, all)
			}
			j.patients[who], j.met["coverage of "+who] = all[0].GetPatientId(), all[0].GetCoverages()[0].GetCoverageId()
		}}
	}
	consent := func(who string) step {
		return step{name: who + " agrees", call: "enrollment.v1.PeopleService/RecordConsent", as: who, req: func(j *journey) proto.Message {
			return &enrollmentv1.RecordConsentRequest{
				PatientId: j.patients[who], Kind: "telehealth", Version: j.met["consent"], Language: "en", IdempotencyKey: ids.NewUUID().String(),
			}
		}, keep: func(j *journey, res proto.Message) {
			j.consents[who] = res.(*enrollmentv1.RecordConsentResponse).GetConsentId()
		}}
	}
	ticket := func(who string) step {
		return step{name: who + " signs in", call: "auth.v1.AuthService/SignInWithTicket", keep: keepSession(who), req: func(j *journey) proto.Message {
			return &authv1.SignInWithTicketRequest{Ticket: j.met["ticket"], Client: j.client()}
		}}
	}
	steps := append(invitationSteps(), ticket(other))
	steps = append(steps, typedSteps()...)
	return append(steps, ticket(typed),
		step{name: "nobody's details are typed", call: "enrollment.v1.PeopleService/StartActivation", req: func(j *journey) proto.Message {
			return &enrollmentv1.StartActivationRequest{MemberId: "QF9999999", FamilyName: "Nobody", BirthDate: "1950-01-01", Language: "en", Address: j.address()}
		}},
		step{name: "cases are listed", call: "enrollment.v1.PeopleService/ListActivationCases", as: staff},
		me(patient), me(other), me(typed),
		step{name: "a language is chosen", call: "enrollment.v1.PeopleService/SetLanguage", as: patient, req: func(j *journey) proto.Message {
			return &enrollmentv1.SetLanguageRequest{PatientId: j.patients[patient], Language: "en"}
		}},
		step{name: "the consent is read", call: "enrollment.v1.PeopleService/ReadConsent", req: func(*journey) proto.Message {
			return &enrollmentv1.ReadConsentRequest{Kind: "telehealth", Language: "en"}
		}, keep: keepMet("consent", (*enrollmentv1.ReadConsentResponse).GetVersion)},
		consent(patient), consent(other), consent(typed),
		step{name: "a neighbor asks for patients", call: "enrollment.v1.PeopleService/Changes", as: service, req: func(*journey) proto.Message {
			return &feedv1.ChangesRequest{Topic: "patients"}
		}},
		step{name: "a neighbor asks for one of them", call: "enrollment.v1.PeopleService/ReadKeys", as: service, req: func(j *journey) proto.Message {
			return &feedv1.ReadKeysRequest{Topic: "patients", Keys: []string{j.patients[patient]}}
		}},
	)
}

func invitationSteps() []step {
	return []step{
		{name: "an invitation is opened", call: "enrollment.v1.PeopleService/OpenInvitation", req: func(j *journey) proto.Message {
			letter := j.letter(invitedMail, "invitation")
			for _, link := range letter.Links {
				if strings.Contains(link, "/activate/") {
					j.met["link"] = path.Base(link)
				}
			}
			return &enrollmentv1.OpenInvitationRequest{Token: j.met["link"], Address: j.address()}
		}},
		{name: "an invitation is accepted", call: "enrollment.v1.PeopleService/AcceptInvitation", req: func(j *journey) proto.Message {
			return &enrollmentv1.AcceptInvitationRequest{Token: j.met["link"], BirthDate: "1982-09-03", Language: "en", Address: j.address()}
		}, keep: keepMet("ticket", (*enrollmentv1.AcceptInvitationResponse).GetTicket)},
	}
}

func typedSteps() []step {
	return []step{
		{name: "details are typed", call: "enrollment.v1.PeopleService/StartActivation", req: func(j *journey) proto.Message {
			return &enrollmentv1.StartActivationRequest{
				MemberId: "QF7000001", FamilyName: "Quillfeather", BirthDate: "1971-04-12", Language: "en", Address: j.address(),
			}
		}, keep: keepMet("activation", (*enrollmentv1.StartActivationResponse).GetActivationId)},
		{name: "the mailed code opens the account", call: "enrollment.v1.PeopleService/ConfirmActivation", req: func(j *journey) proto.Message {
			return &enrollmentv1.ConfirmActivationRequest{ActivationId: j.met["activation"], Code: j.code(typedMail, "code to open"), Address: j.address()}
		}, keep: keepMet("ticket", (*enrollmentv1.ConfirmActivationResponse).GetTicket)},
	}
}
