package app

import (
	"strings"
	"time"

	enrollmentv1 "github.com/bedside-health/bedside/internal/gen/bedside/enrollment/v1"
	"github.com/bedside-health/bedside/internal/ids"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/timestamppb"
)

// letterMail is where the member who got a letter wants to be reached.
const letterMail = "philippa.quillfeather@roster.test"

// whoMayPersons is the part of whoMay about what staff do about people, and
// about letters.
func whoMayPersons() map[string]string {
	return map[string]string{
		"/bedside.enrollment.v1.PersonsService/ListDuplicates":   "staff",
		"/bedside.enrollment.v1.PersonsService/GetDuplicate":     "staff",
		"/bedside.enrollment.v1.PersonsService/MergeDuplicate":   "staff *",
		"/bedside.enrollment.v1.PersonsService/UndoMerge":        "staff *",
		"/bedside.enrollment.v1.PersonsService/DismissDuplicate": "staff *",

		"/bedside.enrollment.v1.InvitationService/InvitationOverview": "staff",
		"/bedside.enrollment.v1.InvitationService/StartWave":          "staff *",
		"/bedside.enrollment.v1.InvitationService/SteerWave":          "staff *",
		"/bedside.enrollment.v1.InvitationService/ListUndeliverable":  "staff",
		"/bedside.enrollment.v1.InvitationService/MarkUndeliverable":  "staff *",
		"/bedside.enrollment.v1.InvitationService/ClearUndeliverable": "staff *",

		"/bedside.enrollment.v1.LetterService/LetterOverview": "staff",
		"/bedside.enrollment.v1.LetterService/MakeLetters":    "staff *",
		"/bedside.enrollment.v1.LetterService/PrintLetters":   "staff *",
		"/bedside.enrollment.v1.LetterService/SettleLetters":  "staff *",
		"/bedside.enrollment.v1.LetterService/RequestLetter":  "anybody",
		"/bedside.enrollment.v1.LetterService/OpenLetter":     "anybody",
		"/bedside.enrollment.v1.LetterService/NameEmail":      "anybody",
		"/bedside.enrollment.v1.LetterService/ConfirmLetter":  "anybody",
	}
}

// personsSteps are what staff do about people, and a member whom only a letter
// reaches.
func personsSteps() []step {
	return append(append(duplicateSteps(), waveSteps()...), letterSteps()...)
}

// pairUp makes two patients who look alike; the search finds them.
func (j *journey) pairUp() {
	for range 2 {
		id := ids.NewUUID()
		j.db.Exec(j.t, `INSERT INTO enrollment.patients (patient_id, given_name, family_name, birth_date, language, details_source)
			VALUES ($1, 'Hester', 'Thistlewood', '1966-07-08', 'en', 'patient')`, id)
		j.db.Exec(j.t, `INSERT INTO enrollment.duplicate_queue (patient_id) VALUES ($1)`, id)
	}
}

func duplicateSteps() []step {
	decide := func(name, call string, req func(j *journey) proto.Message) step {
		return step{name: name, call: "enrollment.v1.PersonsService/" + call, as: staff, req: req}
	}
	return []step{
		{name: "patients who look alike are found", call: "enrollment.v1.PersonsService/ListDuplicates", as: staff, req: func(j *journey) proto.Message {
			j.pairUp()
			return &enrollmentv1.ListDuplicatesRequest{State: "open"}
		}, done: func(res proto.Message) bool {
			return len(res.(*enrollmentv1.ListDuplicatesResponse).GetDuplicates()) == 1
		},
			keep: keepMet("pair", func(res *enrollmentv1.ListDuplicatesResponse) string { return res.GetDuplicates()[0].GetDuplicateId() })},
		{name: "a pair is compared", call: "enrollment.v1.PersonsService/GetDuplicate", as: staff, req: func(j *journey) proto.Message {
			return &enrollmentv1.GetDuplicateRequest{DuplicateId: j.met["pair"]}
		}, keep: keepMet("survivor", func(res *enrollmentv1.GetDuplicateResponse) string {
			return res.GetDuplicate().GetFirst().GetPatientId()
		})},
		decide("they are merged", "MergeDuplicate", func(j *journey) proto.Message {
			return &enrollmentv1.MergeDuplicateRequest{DuplicateId: j.met["pair"], SurvivorId: j.met["survivor"], IdempotencyKey: ids.NewUUID().String()}
		}),
		decide("the merge is undone", "UndoMerge", func(j *journey) proto.Message {
			return &enrollmentv1.UndoMergeRequest{DuplicateId: j.met["pair"], IdempotencyKey: ids.NewUUID().String()}
		}),
		decide("they are two people", "DismissDuplicate", func(j *journey) proto.Message {
			return &enrollmentv1.DismissDuplicateRequest{DuplicateId: j.met["pair"], IdempotencyKey: ids.NewUUID().String()}
		}),
	}
}

func waveSteps() []step {
	return []step{
		{name: "invitations are counted", call: "enrollment.v1.InvitationService/InvitationOverview", as: staff},
		{name: "a wave is set up", call: "enrollment.v1.InvitationService/StartWave", as: staff, req: func(j *journey) proto.Message {
			return &enrollmentv1.StartWaveRequest{PayerId: j.met["payer"], Audience: "again", PerMinute: 10, IdempotencyKey: ids.NewUUID().String()}
		}, keep: keepMet("wave", (*enrollmentv1.StartWaveResponse).GetWaveId)},
		{name: "an address is marked", call: "enrollment.v1.InvitationService/MarkUndeliverable", as: staff, req: func(*journey) proto.Message {
			return &enrollmentv1.MarkUndeliverableRequest{Email: typedMail, IdempotencyKey: ids.NewUUID().String()}
		}},
		{name: "marked addresses are listed", call: "enrollment.v1.InvitationService/ListUndeliverable", as: staff,
			keep: keepMet("address", func(res *enrollmentv1.ListUndeliverableResponse) string { return res.GetAddresses()[0].GetAddressId() })},
		{name: "an address is used again", call: "enrollment.v1.InvitationService/ClearUndeliverable", as: staff, req: func(j *journey) proto.Message {
			return &enrollmentv1.ClearUndeliverableRequest{AddressId: j.met["address"], IdempotencyKey: ids.NewUUID().String()}
		}},
	}
}

// letterSteps make a letter, and open an account by it. They come with another
// wave, that is stopped before it begins.
func letterSteps() []step {
	return []step{
		{name: "a wave for later is set up", call: "enrollment.v1.InvitationService/StartWave", as: staff, req: func(j *journey) proto.Message {
			payer := ids.NewUUID()
			j.met["letter payer"] = payer.String()
			j.db.Exec(j.t, `INSERT INTO enrollment.payers (payer_id, name, identifiers) VALUES ($1, 'Quillfeather by Post', '{QUILL-POST}')`, payer)
			member := ids.NewUUID()
			j.db.Exec(j.t, `INSERT INTO enrollment.members (member_id, payer_id, subscriber_no, person_key, is_subscriber, relationship, given_name, family_name,
				given_search, family_search, name_search, birth_date, language, address1, city, state, zip, version)
				VALUES ($1, $2, 'QP1', 'PHILIPPA', true, '18', 'PHILIPPA', 'QUILLFEATHER', 'PHILIPPA', 'QUILLFEATHER', 'QUILLFEATHER PHILIPPA',
				'1958-03-04', 'en', '9 GABLE ROW', 'PITTSBURGH', 'PA', '15201', 1)`, member, payer)
			j.db.Exec(j.t, `INSERT INTO enrollment.coverages (coverage_id, member_id, line, starts, version) VALUES ($1, $2, 'HMO', '2026-01-01', 1)`, ids.NewUUID(), member)
			return &enrollmentv1.StartWaveRequest{PayerId: payer.String(), Audience: "new", PerMinute: 10, StartsAt: timestamppb.New(time.Now().AddDate(0, 0, 10)), IdempotencyKey: ids.NewUUID().String()}
		}, keep: keepMet("wave", (*enrollmentv1.StartWaveResponse).GetWaveId)},
		{name: "it is stopped", call: "enrollment.v1.InvitationService/SteerWave", as: staff, req: func(j *journey) proto.Message {
			return &enrollmentv1.SteerWaveRequest{WaveId: j.met["wave"], Action: "stop", IdempotencyKey: ids.NewUUID().String()}
		}},
		{name: "letters are counted", call: "enrollment.v1.LetterService/LetterOverview", as: staff},
		{name: "a letter is asked for", call: "enrollment.v1.LetterService/RequestLetter", req: func(j *journey) proto.Message {
			return &enrollmentv1.RequestLetterRequest{ActivationId: j.met["activation"], Address: j.address()}
		}},
		{name: "letters are made", call: "enrollment.v1.LetterService/MakeLetters", as: staff, req: func(j *journey) proto.Message {
			return &enrollmentv1.MakeLettersRequest{PayerId: j.met["letter payer"], Audience: "everybody", Most: 10, IdempotencyKey: ids.NewUUID().String()}
		}, keep: keepMet("batch", (*enrollmentv1.MakeLettersResponse).GetBatchId)},
		{name: "letters are printed", call: "enrollment.v1.LetterService/PrintLetters", as: staff, req: func(j *journey) proto.Message {
			return &enrollmentv1.PrintLettersRequest{BatchId: j.met["batch"]}
		}, keep: keepMet("letter code", func(res *enrollmentv1.PrintLettersResponse) string { return res.GetLetters()[0].GetCode() })},
		{name: "letters are mailed", call: "enrollment.v1.LetterService/SettleLetters", as: staff, req: func(j *journey) proto.Message {
			return &enrollmentv1.SettleLettersRequest{BatchId: j.met["batch"], State: "mailed", IdempotencyKey: ids.NewUUID().String()}
		}},
		{name: "a letter is opened", call: "enrollment.v1.LetterService/OpenLetter", req: func(j *journey) proto.Message {
			return &enrollmentv1.OpenLetterRequest{Code: strings.ToLower(j.met["letter code"]), BirthDate: "1958-03-04", Language: "en", Address: j.address()}
		}, keep: keepMet("by letter", (*enrollmentv1.OpenLetterResponse).GetActivationId)},
		{name: "an address is named", call: "enrollment.v1.LetterService/NameEmail", req: func(j *journey) proto.Message {
			return &enrollmentv1.NameEmailRequest{ActivationId: j.met["by letter"], Email: letterMail, Address: j.address()}
		}},
		{name: "the code there opens the account", call: "enrollment.v1.LetterService/ConfirmLetter", req: func(j *journey) proto.Message {
			return &enrollmentv1.ConfirmLetterRequest{ActivationId: j.met["by letter"], Code: j.code(letterMail, "code to open"), Address: j.address()}
		}, keep: keepMet("letter ticket", (*enrollmentv1.ConfirmLetterResponse).GetTicket)},
	}
}
