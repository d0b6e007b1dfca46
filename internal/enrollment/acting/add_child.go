package acting

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/bedside-health/bedside/internal/audit"
	"github.com/bedside-health/bedside/internal/enrollment/acting/db"
	"github.com/bedside-health/bedside/internal/enrollment/names"
	"github.com/bedside-health/bedside/internal/enrollment/people"
	"github.com/bedside-health/bedside/internal/errs"
	enrollmentv1 "github.com/bedside-health/bedside/internal/gen/bedside/enrollment/v1"
	"github.com/bedside-health/bedside/internal/ids"
	"github.com/bedside-health/bedside/internal/once"
	"github.com/bedside-health/bedside/internal/principal"
	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
)

// How often an account may ask for children, and a number be typed, in an hour.
const (
	childrenPerAccount = 10
	childrenPerNumber  = 5
)

// request is a child with the words that somebody vouches with.
type request struct {
	child
	version, language string
	hash              []byte
}

// checkRequest refuses what cannot be a request for a minor. It knows of no
// member, so it may say which field it means.
func (s *Service) checkRequest(req *enrollmentv1.AddChildRequest) (request, error) {
	r := request{version: req.GetAttestationVersion(), language: req.GetAttestationLanguage(), child: child{
		givenName: strings.TrimSpace(req.GetGivenName()), familyName: strings.TrimSpace(req.GetFamilyName()),
		number: people.FoldNumber(req.GetMemberNo()),
	}}
	var faults []errs.Field
	refuse := func(name, reason string) { faults = append(faults, errs.Field{Name: name, Reason: reason}) }
	if !isName(r.givenName) {
		refuse("given_name", "length")
	}
	if !isName(r.familyName) {
		refuse("family_name", "length")
	}
	if n := len(r.number); len(req.GetMemberNo()) > 200 || n > 80 || strings.TrimSpace(req.GetMemberNo()) != "" && n < 2 {
		refuse("member_no", "length")
	}
	var ok bool
	if r.birthDate, ok = people.ParseBirthDate(req.GetBirthDate(), s.today()); !ok {
		refuse("birth_date", "date")
	} else if !r.birthDate.After(people.AdultIfBornBy(s.today())) {
		refuse("birth_date", "adult")
	}
	if r.hash, ok = s.d.Document(attestation, r.version, r.language); !ok {
		refuse("attestation_version", "unknown")
	}
	if len(faults) > 0 {
		return request{}, errs.InvalidFields(faults...)
	}
	return r, nil
}

// isName refuses what no roster and no person would call a name.
func isName(s string) bool {
	n := utf8.RuneCountInString(s)
	return n >= 1 && n <= 100 && names.Fold(s) != "" && !strings.ContainsFunc(s, unicode.IsControl)
}

// addChild lets the actor act for a child at once where the rule is certain,
// and asks staff where it is not.
func (s *Service) addChild(ctx context.Context, actor audit.Actor, req *enrollmentv1.AddChildRequest) (*enrollmentv1.AddChildResponse, error) {
	r, err := s.checkRequest(req)
	if err != nil {
		return nil, err
	}
	if err := s.allow(ctx, "child", actor.Account.String(), childrenPerAccount); err != nil {
		return nil, err
	}
	if r.number != "" {
		hash := hex.EncodeToString(s.d.Seal.Hash("enrollment.member_number", r.number))
		if err := s.allow(ctx, "number", hash, childrenPerNumber); err != nil {
			return nil, err
		}
	}
	var res *enrollmentv1.AddChildResponse
	for try := 0; ; try++ {
		err = s.d.DB.W.Tx(ctx, func(ctx context.Context, tx pgx.Tx) (err error) {
			key := principal.From(ctx).Key()
			res, err = once.Do(ctx, tx, "AddChild", req.GetIdempotencyKey(), req, key, func() (*enrollmentv1.AddChildResponse, error) {
				return s.place(ctx, tx, actor, r)
			})
			return err
		})
		if try == 0 && errors.Is(err, errEndedMeanwhile) {
			continue
		}
		break
	}
	if err != nil {
		return nil, err
	}
	s.d.Ring()
	return res, nil
}

// errEndedMeanwhile rolls back: staff ended the right while it was given again.
var errEndedMeanwhile = errors.New("the right was ended in the meantime")

// place decides, and writes what was decided.
func (s *Service) place(ctx context.Context, tx pgx.Tx, actor audit.Actor, r request) (*enrollmentv1.AddChildResponse, error) {
	own, err := s.own(ctx, tx, actor.Account)
	if err != nil {
		return nil, err
	}
	children, err := s.q.ChildrenOf(ctx, tx, db.ChildrenOfParams{Account: actor.Account.UUID, Today: s.today()})
	if err != nil {
		return nil, fmt.Errorf("reading the children of an account: %w", err)
	}
	if len(children) >= maxChildren {
		return nil, errTooManyChildren()
	}
	var member *uuid.UUID
	var why string
	var patient ids.PatientID
	if r.number == "" {
		var known *uuid.UUID
		if known, why = among(children, r.child); known != nil {
			return &enrollmentv1.AddChildResponse{PatientId: known.String()}, nil
		}
	} else if member, why, err = s.match(ctx, tx, actor.Account, own.PatientID, r.child); err != nil {
		return nil, err
	}
	ended, err := s.q.EndedByStaff(ctx, tx, db.EndedByStaffParams{Account: actor.Account.UUID, BirthDate: r.birthDate})
	if err != nil {
		return nil, fmt.Errorf("reading what staff ended: %w", err)
	}
	if why == "" && ended {
		why = whyEnded
	}
	if why != "" {
		return s.ask(ctx, tx, actor, own, r, why)
	}
	if member != nil {
		patient, err = s.d.PatientOf(ctx, tx, *member, own.Language)
	} else {
		patient, err = s.insertChild(ctx, tx, r.child, own.Language)
	}
	if err != nil {
		return nil, err
	}
	id, _, err := s.insertRequest(ctx, tx, actor, own, r, db.InsertRequestParams{State: stateApproved, MemberID: member, PatientID: &patient.UUID})
	if err != nil {
		return nil, err
	}
	if err := s.begin(ctx, tx, actor, actor.Account, patient, id); err != nil {
		return nil, err
	}
	// Whoever ends the right at this moment was waited for by now.
	ended, err = s.q.EndedByStaff(ctx, tx, db.EndedByStaffParams{Account: actor.Account.UUID, BirthDate: r.birthDate})
	if err != nil {
		return nil, fmt.Errorf("reading what staff ended: %w", err)
	}
	if ended {
		return nil, errEndedMeanwhile
	}
	return &enrollmentv1.AddChildResponse{PatientId: patient.String()}, nil
}

// among finds a child without a plan whom the account acts for already. Who may
// be that child, or another of the same day, is for staff.
func among(children []db.ChildrenOfRow, c child) (known *uuid.UUID, why string) {
	for i := range children {
		switch alike(c, children[i].GivenName, children[i].FamilyName, children[i].BirthDate) {
		case same:
			return &children[i].PatientID, ""
		case uncertain:
			why = whyNameDiffers
		case different:
		}
	}
	return nil, why
}

func (s *Service) insertChild(ctx context.Context, tx pgx.Tx, c child, language string) (ids.PatientID, error) {
	patient := ids.New[ids.PatientID]()
	err := s.q.InsertChild(ctx, tx, db.InsertChildParams{
		PatientID: patient.UUID, GivenName: c.givenName, FamilyName: c.familyName, BirthDate: c.birthDate, Language: language,
	})
	if err != nil {
		return ids.PatientID{}, fmt.Errorf("inserting a child: %w", err)
	}
	return patient, nil
}

// match looks for the one member who is the child.
func (s *Service) match(ctx context.Context, tx pgx.Tx, account ids.AccountID, own uuid.UUID, c child) (*uuid.UUID, string, error) {
	rows, err := s.q.ChildCandidates(ctx, tx, db.ChildCandidatesParams{
		OwnPatient: own, Today: s.today(), Account: account.UUID, Number: c.number, Most: maxCandidates,
	})
	if err != nil {
		return nil, "", fmt.Errorf("looking for a child: %w", err)
	}
	candidates := make([]candidate, len(rows))
	for i, r := range rows {
		candidates[i] = candidate{
			member: r.MemberID, givenName: r.GivenName, middleName: r.MiddleName, familyName: r.FamilyName, birthDate: r.BirthDate,
			sameFamily: r.SameFamily, hasAccount: r.HasAccount, otherGuardian: r.OtherGuardian, ended: r.Ended,
		}
	}
	found, why := judge(candidates, c)
	if found == nil {
		return nil, why, nil
	}
	return &found.member, "", nil
}

// ask opens a request for staff, or finds the one that is open already.
func (s *Service) ask(ctx context.Context, tx pgx.Tx, actor audit.Actor, own db.OwnPatientRow, r request, why string) (*enrollmentv1.AddChildResponse, error) {
	was, err := s.q.RequestByChild(ctx, tx, db.RequestByChildParams{
		Account: actor.Account.UUID, BirthDate: r.birthDate, GivenName: r.givenName, FamilyName: r.familyName,
	})
	if err == nil {
		return &enrollmentv1.AddChildResponse{Reference: was}, nil
	}
	if !errors.Is(err, pgx.ErrNoRows) {
		return nil, fmt.Errorf("looking for an open request: %w", err)
	}
	id, reference, err := s.insertRequest(ctx, tx, actor, own, r, db.InsertRequestParams{State: stateRequested, Why: why})
	if err != nil {
		return nil, err
	}
	if err := s.tell(ctx, tx, notice{What: noticeAsked, To: actor.Account.UUID, Reference: reference, Key: id}); err != nil {
		return nil, err
	}
	return &enrollmentv1.AddChildResponse{Reference: reference}, nil
}

// insertRequest keeps what was asked and vouched for, and what was decided.
func (s *Service) insertRequest(
	ctx context.Context, tx pgx.Tx, actor audit.Actor, own db.OwnPatientRow, r request, row db.InsertRequestParams,
) (uuid.UUID, string, error) {
	row.RequestID, row.AccountID, row.OwnPatientID = ids.NewUUID(), actor.Account.UUID, own.PatientID
	row.GivenName, row.FamilyName, row.BirthDate, row.MemberNo = r.givenName, r.familyName, r.birthDate, r.number
	row.AttestationVersion, row.AttestationLanguage, row.AttestationHash = r.version, r.language, r.hash
	for range 3 {
		row.Reference = ids.Reference()
		n, err := s.q.InsertRequest(ctx, tx, row)
		if err != nil {
			return uuid.UUID{}, "", fmt.Errorf("inserting a request: %w", err)
		}
		if n == 0 {
			continue
		}
		detail := map[string]string{"version": r.version, "language": r.language}
		if row.Why != "" {
			detail["why"] = row.Why
		}
		return row.RequestID, row.Reference, audit.Append(ctx, tx, audit.Entry{
			Actor: actor, Patient: ids.PatientID{UUID: own.PatientID}, Action: "guardian.request", Subject: requestSubject(row.RequestID), Detail: detail,
		})
	}
	return uuid.UUID{}, "", errors.New("three references in a row were taken")
}

// begin makes an account the guardian of a child, publishes it, and tells them.
// Where the account is that already, it changes nothing.
func (s *Service) begin(ctx context.Context, tx pgx.Tx, actor audit.Actor, account ids.AccountID, patient ids.PatientID, request uuid.UUID) error {
	if err := s.d.Hold(ctx, tx, []uuid.UUID{patient.UUID}); err != nil {
		return fmt.Errorf("locking the child: %w", err)
	}
	n, err := s.q.InsertGuardian(ctx, tx, db.InsertGuardianParams{
		ActsForID: ids.NewUUID(), Account: account.UUID, Patient: patient.UUID, Today: s.today(),
	})
	if err != nil {
		return fmt.Errorf("inserting a guardian: %w", err)
	}
	if n == 0 {
		return nil
	}
	err = audit.Append(ctx, tx, audit.Entry{
		Actor: actor, Patient: patient, Action: "guardian.begin", Subject: requestSubject(request),
		Detail: map[string]string{"account": account.String()},
	})
	if err != nil {
		return err
	}
	if err := s.tell(ctx, tx, notice{What: noticeBegun, To: account.UUID, About: patient.UUID, Key: request}); err != nil {
		return err
	}
	if err := s.tellGuardians(ctx, tx, account, patient); err != nil {
		return err
	}
	if err := s.tellRoster(ctx, tx, patient, request); err != nil {
		return err
	}
	return s.d.Publish(ctx, tx, []uuid.UUID{patient.UUID})
}

// tellGuardians tells whoever else is the child's guardian that there is one
// more, not who.
func (s *Service) tellGuardians(ctx context.Context, tx pgx.Tx, account ids.AccountID, patient ids.PatientID) error {
	others, err := s.q.OtherGuardiansOf(ctx, tx, db.OtherGuardiansOfParams{Patient: patient.UUID, Account: account.UUID, Today: s.today()})
	if err != nil {
		return fmt.Errorf("reading the other guardians: %w", err)
	}
	for _, other := range others {
		if err := s.tell(ctx, tx, notice{What: noticeAnother, To: other, About: patient.UUID, Key: ids.NewUUID()}); err != nil {
			return err
		}
	}
	return nil
}

func requestSubject(id uuid.UUID) string { return "guardian_request/" + id.String() }
