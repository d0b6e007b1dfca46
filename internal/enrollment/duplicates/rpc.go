package duplicates

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/bedside-health/bedside/internal/audit"
	"github.com/bedside-health/bedside/internal/enrollment/duplicates/db"
	"github.com/bedside-health/bedside/internal/enrollment/identity"
	"github.com/bedside-health/bedside/internal/enrollment/names"
	"github.com/bedside-health/bedside/internal/enrollment/people"
	"github.com/bedside-health/bedside/internal/errs"
	enrollmentv1 "github.com/bedside-health/bedside/internal/gen/bedside/enrollment/v1"
	"github.com/bedside-health/bedside/internal/gen/bedside/enrollment/v1/enrollmentv1connect"
	"github.com/bedside-health/bedside/internal/ids"
	"github.com/bedside-health/bedside/internal/once"
	"github.com/bedside-health/bedside/internal/principal"
	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/timestamppb"
)

var _ enrollmentv1connect.PersonsServiceHandler = (*Service)(nil)

// listMost is how many pairs one answer holds.
const listMost = 50

// ListDuplicates lists pairs, newest first. Codes: Invalid.
func (s *Service) ListDuplicates(ctx context.Context, req *enrollmentv1.ListDuplicatesRequest) (*enrollmentv1.ListDuplicatesResponse, error) {
	if st := req.GetState(); st != "open" && st != "decided" {
		return nil, errs.InvalidFields(errs.Field{Name: "state", Reason: "unknown"})
	}
	ask := db.ListCandidatesParams{Open: req.GetState() == "open", Most: listMost + 1}
	if req.GetAfter() != "" {
		after, err := uuid.Parse(req.GetAfter())
		if err != nil {
			return nil, errs.InvalidFields(errs.Field{Name: "after", Reason: "malformed"})
		}
		ask.After = &after
	}
	rows, err := s.q.ListCandidates(ctx, s.d.DB.R.DB(ctx), ask)
	if err != nil {
		return nil, fmt.Errorf("listing pairs: %w", err)
	}
	res := &enrollmentv1.ListDuplicatesResponse{}
	if len(rows) > listMost {
		rows = rows[:listMost]
		res.Next = rows[listMost-1].CandidateID.String()
	}
	for _, r := range rows {
		res.Duplicates = append(res.Duplicates, &enrollmentv1.Duplicate{
			DuplicateId: r.CandidateID.String(), State: r.State, Why: r.Why, FoundAt: timestamppb.New(r.FoundAt), DecidedAt: instant(r.DecidedAt),
			First:  side(r.FirstID, r.FirstGiven, r.FirstFamily, r.FirstBirth),
			Second: side(r.SecondID, r.SecondGiven, r.SecondFamily, r.SecondBirth),
		})
	}
	if err := s.d.Audit.Record(ctx, audit.Entry{Actor: audit.ActorFrom(ctx), Action: "duplicate.list"}); err != nil {
		return nil, fmt.Errorf("recording a read: %w", err)
	}
	return res, nil
}

// GetDuplicate shows both patients of a pair. Codes: NotFound.
func (s *Service) GetDuplicate(ctx context.Context, req *enrollmentv1.GetDuplicateRequest) (*enrollmentv1.GetDuplicateResponse, error) {
	id, err := uuid.Parse(req.GetDuplicateId())
	if err != nil {
		return nil, errUnknown().With(err)
	}
	from := s.d.DB.R.DB(ctx)
	c, err := s.q.Candidate(ctx, from, id)
	if errors.Is(err, pgx.ErrNoRows) {
		return nil, errUnknown()
	}
	if err != nil {
		return nil, fmt.Errorf("reading a pair: %w", err)
	}
	both := []uuid.UUID{c.FirstID, c.SecondID}
	by, err := s.describe(ctx, both)
	if err != nil {
		return nil, err
	}
	var reads []audit.Entry
	for _, p := range both {
		reads = append(reads, audit.Entry{Actor: audit.ActorFrom(ctx), Patient: ids.PatientID{UUID: p}, Action: "patient.read"})
	}
	if err := s.d.Audit.Record(ctx, reads...); err != nil {
		return nil, fmt.Errorf("recording a read: %w", err)
	}
	out := &enrollmentv1.Duplicate{
		DuplicateId: c.CandidateID.String(), State: c.State, Why: c.Why, FoundAt: timestamppb.New(c.FoundAt), DecidedAt: instant(c.DecidedAt),
		First: by[c.FirstID], Second: by[c.SecondID],
	}
	if c.SurvivorID != nil {
		out.SurvivorId = c.SurvivorID.String()
	}
	if err := s.fillRights(ctx, from, c, out); err != nil {
		return nil, err
	}
	return &enrollmentv1.GetDuplicateResponse{Duplicate: out}, nil
}

// describe reads patients as staff compare them.
func (s *Service) describe(ctx context.Context, patients []uuid.UUID) (map[uuid.UUID]*enrollmentv1.DuplicateSide, error) {
	from := s.d.DB.R.DB(ctx)
	rows, err := s.q.Sides(ctx, from, db.SidesParams{Patients: patients, Today: s.today()})
	if err != nil {
		return nil, fmt.Errorf("reading both patients: %w", err)
	}
	by := make(map[uuid.UUID]*enrollmentv1.DuplicateSide, len(rows))
	for _, r := range rows {
		one := side(r.PatientID, r.GivenName, r.FamilyName, r.BirthDate)
		one.Language, one.HasAccount, one.Others, one.Since = r.Language, r.HasAccount, r.Others, timestamppb.New(r.CreatedAt)
		one.Limited, one.Unidentified = r.Limited, r.Unidentified
		by[r.PatientID] = one
	}
	contacts, err := s.q.ContactsOf(ctx, from, patients)
	if err != nil {
		return nil, fmt.Errorf("reading contact points: %w", err)
	}
	for _, c := range contacts {
		switch one := by[c.PatientID]; c.Kind {
		case "email":
			if !slices.ContainsFunc(one.GetEmails(), func(e string) bool { return strings.EqualFold(e, c.Value) }) {
				one.Emails = append(one.GetEmails(), c.Value)
			}
		case "phone":
			one.Phones = append(one.GetPhones(), c.Value)
		default:
			one.Addresses = append(one.GetAddresses(), c.Value)
		}
	}
	coverages, err := s.q.CoveragesOf(ctx, from, patients)
	if err != nil {
		return nil, fmt.Errorf("reading coverages: %w", err)
	}
	for _, c := range coverages {
		one := by[*c.PatientID]
		one.Coverages = append(one.GetCoverages(), &enrollmentv1.Coverage{
			CoverageId: c.CoverageID.String(), PayerName: c.PayerName, Plan: c.Plan, Line: c.Line,
			From: c.Starts.Format(time.DateOnly), To: people.DateOrEmpty(c.Ends), MemberId: c.MemberID.String(),
		})
	}
	return by, nil
}

// MergeDuplicate makes one person of a pair. Codes: Invalid, NotFound, Conflict,
// Precondition.
func (s *Service) MergeDuplicate(ctx context.Context, req *enrollmentv1.MergeDuplicateRequest) (*enrollmentv1.MergeDuplicateResponse, error) {
	w, err := readWish(req)
	if err != nil {
		return nil, err
	}
	return decide(ctx, s, "MergeDuplicate", req, &enrollmentv1.MergeDuplicateResponse{}, func(ctx context.Context, tx pgx.Tx) error {
		return s.merge(ctx, tx, audit.ActorFrom(ctx), w)
	})
}

func readWish(req *enrollmentv1.MergeDuplicateRequest) (wish, error) {
	var w wish
	var err error
	if w.candidate, err = uuid.Parse(req.GetDuplicateId()); err != nil {
		return w, errUnknown().With(err)
	}
	if w.survivor, err = uuid.Parse(req.GetSurvivorId()); err != nil {
		return w, errs.InvalidFields(errs.Field{Name: "survivor_id", Reason: "required"})
	}
	if req.GetAccountOf() != "" {
		if w.accountOf, err = uuid.Parse(req.GetAccountOf()); err != nil {
			return w, errs.InvalidFields(errs.Field{Name: "account_of", Reason: "malformed"})
		}
	}
	w.method, w.document = req.GetMethod(), req.GetDocument()
	if w.method != "" || w.document != "" {
		if faults := identity.CheckFaults(w.method, w.document); len(faults) > 0 {
			return w, errs.InvalidFields(faults...)
		}
	}
	w.guardians, err = readPapers(req.GetGuardians())
	return w, err
}

// UndoMerge brings back what was. Codes: NotFound, Conflict, Precondition.
func (s *Service) UndoMerge(ctx context.Context, req *enrollmentv1.UndoMergeRequest) (*enrollmentv1.UndoMergeResponse, error) {
	id, err := uuid.Parse(req.GetDuplicateId())
	if err != nil {
		return nil, errUnknown().With(err)
	}
	return decide(ctx, s, "UndoMerge", req, &enrollmentv1.UndoMergeResponse{}, func(ctx context.Context, tx pgx.Tx) error {
		return s.undo(ctx, tx, audit.ActorFrom(ctx), id)
	})
}

// DismissDuplicate says that a pair is two people. Codes: NotFound, Conflict.
func (s *Service) DismissDuplicate(ctx context.Context, req *enrollmentv1.DismissDuplicateRequest) (*enrollmentv1.DismissDuplicateResponse, error) {
	id, err := uuid.Parse(req.GetDuplicateId())
	if err != nil {
		return nil, errUnknown().With(err)
	}
	return decide(ctx, s, "DismissDuplicate", req, &enrollmentv1.DismissDuplicateResponse{}, func(ctx context.Context, tx pgx.Tx) error {
		return s.dismiss(ctx, tx, audit.ActorFrom(ctx), id)
	})
}

// keyed is a request with an idempotency key.
type keyed interface {
	proto.Message
	GetIdempotencyKey() string
}

// decide runs a decision once, and rings for what it published.
func decide[Req keyed, Res proto.Message](ctx context.Context, s *Service, method string, req Req, res Res, do func(context.Context, pgx.Tx) error) (Res, error) {
	var zero Res
	err := s.d.DB.W.Tx(ctx, func(ctx context.Context, tx pgx.Tx) error {
		_, err := once.Do(ctx, tx, method, req.GetIdempotencyKey(), req, principal.From(ctx).Key(), func() (Res, error) { return res, do(ctx, tx) })
		return err
	})
	if err != nil {
		return zero, err
	}
	s.d.Ring()
	return res, nil
}

func side(id uuid.UUID, given, family string, born time.Time) *enrollmentv1.DuplicateSide {
	return &enrollmentv1.DuplicateSide{
		PatientId: id.String(), GivenName: names.Proper(given), FamilyName: names.Proper(family), BirthDate: born.Format(time.DateOnly),
	}
}

func instant(t *time.Time) *timestamppb.Timestamp {
	if t == nil {
		return nil
	}
	return timestamppb.New(*t)
}
