package web

import (
	"context"
	"sync"
	"time"

	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/bedside-health/bedside/internal/errs"
	enrollmentv1 "github.com/bedside-health/bedside/internal/gen/bedside/enrollment/v1"
	"github.com/bedside-health/bedside/internal/gen/bedside/enrollment/v1/enrollmentv1connect"
)

const (
	openPair   = "0198a000-0000-7000-8000-00000000d001"
	mergedPair = "0198a000-0000-7000-8000-00000000d002"
	oneSide    = "0198a000-0000-7000-8000-00000000d011"
	otherSide  = "0198a000-0000-7000-8000-00000000d012"
	madeBatch  = "0198a000-0000-7000-8000-00000000e001"
	someWave   = "0198a000-0000-7000-8000-00000000f001"
	someRight  = "0198a000-0000-7000-8000-00000000f011"
)

// fakePersons has one pair that waits and one that is merged.
type fakePersons struct {
	enrollmentv1connect.PersonsServiceClient
	mu     sync.Mutex
	merged []*enrollmentv1.MergeDuplicateRequest
	undone int
}

func (f *fakePersons) pair(id string) *enrollmentv1.Duplicate {
	side := func(id, email string) *enrollmentv1.DuplicateSide {
		return &enrollmentv1.DuplicateSide{
			PatientId: id, GivenName: "Inés", FamilyName: "Quiroga", BirthDate: "1980-05-06", Language: "es", HasAccount: true,
			Emails: []string{email}, Phones: []string{"+14025550100"}, Addresses: []string{"7 Gable Row\nLincoln\nNE 68502"}, Since: timestamppb.New(testNow()),
			Coverages: []*enrollmentv1.Coverage{{PayerName: "Lanternfield Mutual", Plan: "Gold", Line: "HMO", From: "2026-01-01", To: "2026-12-31"}},
		}
	}
	d := &enrollmentv1.Duplicate{
		DuplicateId: id, State: "open", Why: []string{"name", "phone"}, FoundAt: timestamppb.New(testNow()),
		First: side(oneSide, "ines@example.test"), Second: side(otherSide, "iq@example.test"),
	}
	d.First.Unidentified = true
	d.Second.Rights = []*enrollmentv1.DuplicateRight{{ActsForId: someRight, Relation: "guardian", GivenName: "Rosa", FamilyName: "Delgado", From: "2026-05-06"}}
	if id == mergedPair {
		d.State, d.SurvivorId, d.DecidedAt = "merged", oneSide, timestamppb.New(testNow())
	}
	return d
}

// ListDuplicates lists both, each under its state.
func (f *fakePersons) ListDuplicates(_ context.Context, q *enrollmentv1.ListDuplicatesRequest) (*enrollmentv1.ListDuplicatesResponse, error) {
	if q.GetState() == "open" {
		return &enrollmentv1.ListDuplicatesResponse{Duplicates: []*enrollmentv1.Duplicate{f.pair(openPair)}, Next: openPair}, nil
	}
	return &enrollmentv1.ListDuplicatesResponse{Duplicates: []*enrollmentv1.Duplicate{f.pair(mergedPair)}}, nil
}

// GetDuplicate knows both.
func (f *fakePersons) GetDuplicate(_ context.Context, q *enrollmentv1.GetDuplicateRequest) (*enrollmentv1.GetDuplicateResponse, error) {
	if id := q.GetDuplicateId(); id != openPair && id != mergedPair {
		return nil, errs.New(errs.NotFound, "duplicate_unknown", "There is no such pair.")
	}
	return &enrollmentv1.GetDuplicateResponse{Duplicate: f.pair(q.GetDuplicateId())}, nil
}

// MergeDuplicate wants to know whose account stays, and who has the first.
func (f *fakePersons) MergeDuplicate(_ context.Context, q *enrollmentv1.MergeDuplicateRequest) (*enrollmentv1.MergeDuplicateResponse, error) {
	if q.GetAccountOf() == "" {
		return nil, errs.InvalidFields(errs.Field{Name: "account_of", Reason: "required"})
	}
	if q.GetAccountOf() == oneSide && q.GetMethod() == "" {
		return nil, errs.New(errs.Precondition, "check_missing", "Record an identity check.")
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	f.merged = append(f.merged, q)
	return &enrollmentv1.MergeDuplicateResponse{}, nil
}

// UndoMerge counts.
func (f *fakePersons) UndoMerge(context.Context, *enrollmentv1.UndoMergeRequest) (*enrollmentv1.UndoMergeResponse, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.undone++
	return &enrollmentv1.UndoMergeResponse{}, nil
}

// DismissDuplicate was too late.
func (f *fakePersons) DismissDuplicate(context.Context, *enrollmentv1.DismissDuplicateRequest) (*enrollmentv1.DismissDuplicateResponse, error) {
	return nil, errs.New(errs.Conflict, "duplicate_decided", "Somebody has decided about this pair in the meantime.")
}

// fakeInvitations has a wave at work.
type fakeInvitations struct {
	enrollmentv1connect.InvitationServiceClient
	mu      sync.Mutex
	started []*enrollmentv1.StartWaveRequest
	steered []*enrollmentv1.SteerWaveRequest
	marked  []string
}

// InvitationOverview counts one payer.
func (f *fakeInvitations) InvitationOverview(context.Context, *enrollmentv1.InvitationOverviewRequest) (*enrollmentv1.InvitationOverviewResponse, error) {
	wave := func(id, state string, most int32) *enrollmentv1.Wave {
		return &enrollmentv1.Wave{
			WaveId: id, PayerName: "Lanternfield Mutual", Audience: "new", Most: most, PerMinute: 60, StartsAt: timestamppb.New(testNow()),
			State: state, Queued: 120, Sent: 118, Accepted: 12, Failed: 2, LeftOut: 3,
		}
	}
	return &enrollmentv1.InvitationOverviewResponse{
		Payers: []*enrollmentv1.PayerInvitations{{PayerId: testPayer, PayerName: "Lanternfield Mutual", Invitable: 1840, Again: 12, Sent: 60, WithoutEmail: 31}},
		Waves:  []*enrollmentv1.Wave{wave(someWave, "running", 500), wave(openPair, "paused", 0), wave(mergedPair, "done", 5)},
	}, nil
}

// StartWave refuses a second wave to remind.
func (f *fakeInvitations) StartWave(_ context.Context, q *enrollmentv1.StartWaveRequest) (*enrollmentv1.StartWaveResponse, error) {
	if q.GetAudience() == "again" {
		return nil, errs.New(errs.Conflict, "wave_running", "Another wave of this payer is at work.")
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	f.started = append(f.started, q)
	return &enrollmentv1.StartWaveResponse{WaveId: someWave}, nil
}

// SteerWave notes what was asked.
func (f *fakeInvitations) SteerWave(_ context.Context, q *enrollmentv1.SteerWaveRequest) (*enrollmentv1.SteerWaveResponse, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.steered = append(f.steered, q)
	return &enrollmentv1.SteerWaveResponse{}, nil
}

// ListUndeliverable has one address.
func (f *fakeInvitations) ListUndeliverable(context.Context, *enrollmentv1.ListUndeliverableRequest) (*enrollmentv1.ListUndeliverableResponse, error) {
	return &enrollmentv1.ListUndeliverableResponse{Addresses: []*enrollmentv1.UndeliverableAddress{{
		AddressId: openPair, Address: "bounce.ada@example.test", Reason: "address", MarkedAt: timestamppb.New(testNow()), Members: []string{"Ada Tarn, Lanternfield Mutual"},
	}, {AddressId: mergedPair, Address: "gone@example.test", Reason: "staff", MarkedAt: timestamppb.New(testNow())}}}, nil
}

// MarkUndeliverable knows one address.
func (f *fakeInvitations) MarkUndeliverable(_ context.Context, q *enrollmentv1.MarkUndeliverableRequest) (*enrollmentv1.MarkUndeliverableResponse, error) {
	if q.GetEmail() != "ada@example.test" {
		return nil, errs.New(errs.Precondition, "address_unknown", "No roster has this address.")
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	f.marked = append(f.marked, q.GetEmail())
	return &enrollmentv1.MarkUndeliverableResponse{}, nil
}

// ClearUndeliverable always can.
func (f *fakeInvitations) ClearUndeliverable(context.Context, *enrollmentv1.ClearUndeliverableRequest) (*enrollmentv1.ClearUndeliverableResponse, error) {
	return &enrollmentv1.ClearUndeliverableResponse{}, nil
}

// fakeLetters has one batch, whose letter opens an account.
type fakeLetters struct {
	enrollmentv1connect.LetterServiceClient
	mu      sync.Mutex
	settled []string
	asked   int
}

// LetterOverview lists a batch in each state.
func (f *fakeLetters) LetterOverview(context.Context, *enrollmentv1.LetterOverviewRequest) (*enrollmentv1.LetterOverviewResponse, error) {
	batch := func(id, state string, printable bool) *enrollmentv1.LetterBatch {
		return &enrollmentv1.LetterBatch{BatchId: id, PayerName: "Lanternfield Mutual", Letters: 2, MadeAt: timestamppb.New(testNow()), State: state, Printable: printable}
	}
	return &enrollmentv1.LetterOverviewResponse{
		Payers:  []*enrollmentv1.PayerLetters{{PayerId: testPayer, PayerName: "Lanternfield Mutual", Waiting: 31, Requested: 2}},
		Batches: []*enrollmentv1.LetterBatch{batch(madeBatch, "made", true), batch(openPair, "made", false), batch(mergedPair, "mailed", false)},
	}, nil
}

// MakeLetters finds nobody who asked.
func (f *fakeLetters) MakeLetters(_ context.Context, q *enrollmentv1.MakeLettersRequest) (*enrollmentv1.MakeLettersResponse, error) {
	if q.GetAudience() == "requested" {
		return &enrollmentv1.MakeLettersResponse{}, nil
	}
	return &enrollmentv1.MakeLettersResponse{BatchId: madeBatch, Letters: 2}, nil
}

// PrintLetters gives two letters of one batch.
func (f *fakeLetters) PrintLetters(_ context.Context, q *enrollmentv1.PrintLettersRequest) (*enrollmentv1.PrintLettersResponse, error) {
	if q.GetBatchId() != madeBatch {
		return nil, errs.New(errs.Precondition, "batch_not_printable", "Only who made a batch can print it.")
	}
	one := func(lang, code string) *enrollmentv1.Letter {
		return &enrollmentv1.Letter{
			GivenName: "Inés", FamilyName: "Quiroga", Address: []string{"7 GABLE ROW", "LINCOLN, NE 68502"}, Language: lang, Code: code,
			ExpiresAt: timestamppb.New(testNow().Add(60 * 24 * time.Hour)),
		}
	}
	return &enrollmentv1.PrintLettersResponse{
		PayerName: "Lanternfield Mutual", MadeAt: timestamppb.New(testNow()),
		Letters: []*enrollmentv1.Letter{one("es", "K7QM-2D9F-4R8T"), one("en", "WXYZ-2345-6789")},
	}, nil
}

// SettleLetters notes what became of them.
func (f *fakeLetters) SettleLetters(_ context.Context, q *enrollmentv1.SettleLettersRequest) (*enrollmentv1.SettleLettersResponse, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.settled = append(f.settled, q.GetState())
	return &enrollmentv1.SettleLettersResponse{}, nil
}

// RequestLetter always answers the same.
func (f *fakeLetters) RequestLetter(context.Context, *enrollmentv1.RequestLetterRequest) (*enrollmentv1.RequestLetterResponse, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.asked++
	return &enrollmentv1.RequestLetterResponse{}, nil
}

// OpenLetter knows one code.
func (f *fakeLetters) OpenLetter(_ context.Context, q *enrollmentv1.OpenLetterRequest) (*enrollmentv1.OpenLetterResponse, error) {
	if q.GetCode() != "K7QM-2D9F-4R8T" || q.GetBirthDate() != "1980-05-06" {
		return nil, errs.New(errs.Invalid, "letter_wrong", "That code and date of birth do not go together.")
	}
	return &enrollmentv1.OpenLetterResponse{ActivationId: openPair}, nil
}

// NameEmail wants an address.
func (f *fakeLetters) NameEmail(_ context.Context, q *enrollmentv1.NameEmailRequest) (*enrollmentv1.NameEmailResponse, error) {
	if q.GetEmail() == "no address" {
		return nil, errs.InvalidFields(errs.Field{Name: "email", Reason: "malformed"})
	}
	return &enrollmentv1.NameEmailResponse{}, nil
}

// ConfirmLetter knows one code, and hands another to staff.
func (f *fakeLetters) ConfirmLetter(_ context.Context, q *enrollmentv1.ConfirmLetterRequest) (*enrollmentv1.ConfirmLetterResponse, error) {
	switch q.GetCode() {
	case "48291357":
		return &enrollmentv1.ConfirmLetterResponse{Ticket: "ticket"}, nil
	case "11111111":
		return &enrollmentv1.ConfirmLetterResponse{Reference: "K7QM-2D9F"}, nil
	}
	return nil, errs.New(errs.Invalid, "code_wrong", "That code is not right.")
}
