package roster

import (
	"github.com/bedside-health/bedside/internal/enrollment/roster/db"
	"github.com/bedside-health/bedside/internal/enrollment/x12"
	"github.com/google/uuid"
)

// Kinds of findings.
const (
	kindReject  = "reject"
	kindWarning = "warning"
	kindHeld    = "held"
	kindRefusal = "refusal"
	// kindAlarm is a refusal that somebody must look into.
	kindAlarm = "alarm"
)

// finding is something that was wrong, and whom it concerns.
type finding struct {
	x12.Finding
	kind               string
	subscriberNo, name string
	// again marks a further reject of one record, which counts once.
	again bool
}

// tally counts what findings are about.
type tally struct{ rejected, held, warnings int64 }

// rows numbers findings after the last one, and counts them.
func rows(importID uuid.UUID, after int64, all []finding) ([]db.InsertFindingsParams, tally) {
	var sum tally
	out := make([]db.InsertFindingsParams, 0, len(all))
	for i, f := range all {
		switch f.kind {
		case kindReject:
			if !f.again {
				sum.rejected++
			}
		case kindHeld:
			sum.held++
		case kindWarning:
			sum.warnings++
		}
		out = append(out, db.InsertFindingsParams{
			ImportID: importID, Number: after + int64(i) + 1, Kind: f.kind, Reason: f.Reason, Message: f.Message,
			Segment: f.Pos.Segment, SegmentID: clip(f.Pos.ID, 4), Element: f.Element, ByteOffset: f.Pos.Offset,
			SubscriberNo: f.subscriberNo, MemberName: clip(f.name, 210),
		})
	}
	return out, sum
}

// controlReused is the reason of the one refusal that is an alarm.
const controlReused = "control_number_reused"

// refusalKind tells an alarm from other refusals.
func refusalKind(reason string) string {
	if reason == controlReused {
		return kindAlarm
	}
	return kindRefusal
}

// because says in plain words why a record was turned away. The reasons come
// from the checking statements and from change.go.
func because(reason string) string {
	switch reason {
	case "not_on_file":
		return "Nobody on file fits this record: number, first name and birth date (or the person's own number) must be known before a change, an end or a reinstatement. The record was rejected."
	case "no_birth_date":
		return "Somebody new needs a birth date (DMG02): without it nobody can be told from their family. The record was rejected."
	case "no_subscriber":
		return "The subscriber of this dependent is neither on file nor in this file. The record is held, and applied with the import that brings the subscriber."
	case "subscriber_rejected":
		return "The record of this dependent's subscriber was rejected, so the family on file under this number is another one. The record was rejected too."
	case "no_subscriber_no":
		return "This dependent carries no member number and follows no subscriber in the file. The record was rejected."
	case "ambiguous":
		return "More than one person fits this record (twins without own numbers, perhaps). The record was rejected rather than given to the wrong one."
	case "identity_conflict":
		return "The person's own number is on file for somebody with another first name and birth date. The record was rejected rather than given to the wrong person."
	case "role_changed":
		return "This person is on file in the other role (subscriber or dependent) under this number. The record was rejected."
	case "subscriber_taken":
		return "This number already belongs to another subscriber. The record was rejected."
	case "same_person_twice":
		return "With this change two people of one family would be the same person (first name and birth date, or own number). The record was rejected."
	case "not_supported":
		return "Bedside does not know this maintenance code yet. The record was rejected."
	case "coverage_not_on_file":
		return "No coverage of this kind and plan is on file for this member. The coverage was left as it is."
	case "coverage_overlaps":
		return "With this correction the member would have the same plan twice on one day. The coverage was left as it is."
	case "nothing_to_delete":
		return "This member has no coverage left that could be deleted (002). Nothing was changed."
	case "no_effect":
		return "The record says itself that it is not about this person (032) and names no coverage. Nothing was changed."
	case "coverage_not_supported":
		return "Bedside does not know this maintenance code for a coverage yet. The coverage was left as it is."
	case "no_date":
		return "No date says when (HD: 348 or 349; record: 303, 356 or 357). Nothing was changed by it."
	case "never_covered":
		return "The coverage ends before it begins, so it never was. Nothing was added."
	case "already_covered":
		return "The member has this coverage already, for all of these days. Nothing was changed."
	case "already_ended":
		return "The coverage has ended earlier than this says. The earlier end was kept."
	case "not_ended":
		return "The coverage to reinstate has not ended. Nothing was changed."
	case "ssn_changed":
		return "The social security number differs from the one on file. The new one was taken."
	}
	return reason
}
