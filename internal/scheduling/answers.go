package scheduling

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/bedside-health/bedside/internal/audit"
	"github.com/bedside-health/bedside/internal/errs"
	enrollmentv1 "github.com/bedside-health/bedside/internal/gen/bedside/enrollment/v1"
	schedulingv1 "github.com/bedside-health/bedside/internal/gen/bedside/scheduling/v1"
	"github.com/bedside-health/bedside/internal/ids"
	"github.com/bedside-health/bedside/internal/pg"
	"github.com/bedside-health/bedside/internal/principal"
	"github.com/bedside-health/bedside/internal/scheduling/calendar"
	"github.com/bedside-health/bedside/internal/scheduling/db"
	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"google.golang.org/protobuf/proto"
)

// maxReason bounds what a patient types, in characters.
const maxReason = 2000

// SaveAnswers makes the browser's hold the signed-in account's and keeps what
// was typed, sealed for the patient. A hold that expired keeps its answers
// too. It returns errs.Invalid with the fields to look at again, and
// errs.NotFound if there is no hold or the patient is not the caller's.
func (s *Service) SaveAnswers(ctx context.Context, req *schedulingv1.SaveAnswersRequest) (*schedulingv1.SaveAnswersResponse, error) {
	browser, err := s.browserHash(req.GetBrowserId())
	if err != nil {
		return nil, err
	}
	hold, err := s.saveAnswers(ctx, browser, s.own(ctx), req.GetAnswers())
	if err != nil {
		return nil, err
	}
	return &schedulingv1.SaveAnswersResponse{Hold: hold}, nil
}

// saveAnswers keeps answers about a patient within the caller's reach.
func (s *Service) saveAnswers(ctx context.Context, browser []byte, to reach, answers *schedulingv1.Answers) (*schedulingv1.Hold, error) {
	who := principal.From(ctx)
	patient, err := checkAnswers(answers)
	if err != nil {
		return nil, err
	}
	facts, err := s.patientFor(ctx, to, patient)
	if err != nil {
		return nil, err
	}
	if facts.GetMergedInto() != "" { // another patient goes on for this one
		return nil, noPatient()
	}
	var hold *schedulingv1.Hold
	err = s.d.DB.W.Tx(ctx, func(ctx context.Context, tx pgx.Tx) error {
		row, err := s.newestHeld(ctx, tx, browser)
		if err != nil {
			return err
		}
		if answers.GetPayment() == PayCoverage && coverageOn(facts, answers.GetCoverageId(), row) == nil {
			return errs.InvalidFields(errs.Field{Name: "coverage_id", Reason: "not_active"})
		}
		sealed, err := s.sealAnswers(ctx, tx, patient, answers)
		if err != nil {
			return err
		}
		row, err = s.q.KeepAnswers(ctx, tx, db.KeepAnswersParams{
			AccountID: &who.Account.UUID, AnswersAbout: &patient.UUID, Answers: sealed, ByDesk: to.desk(), ReservationID: row.ReservationID,
		})
		if err != nil {
			return fmt.Errorf("keeping answers: %w", err)
		}
		if err := audit.Append(ctx, tx, audit.Entry{
			Actor: audit.ActorFrom(ctx), Patient: patient, Action: "hold.answer", Subject: row.ReservationID.String(), Detail: byDesk(to, nil),
		}); err != nil {
			return err
		}
		hold, err = s.holdMessage(ctx, tx, row)
		return err
	})
	if err != nil {
		return nil, err
	}
	hold.Answers = answers
	return hold, nil
}

// checkAnswers reads the patient and refuses fields that make no sense.
func checkAnswers(a *schedulingv1.Answers) (ids.PatientID, error) {
	var bad []errs.Field
	refuse := func(field, reason string) { bad = append(bad, errs.Field{Name: field, Reason: reason}) }
	patient, err := ids.Parse[ids.PatientID](a.GetPatientId())
	if err != nil {
		refuse("patient_id", "required")
	}
	if strings.TrimSpace(a.GetReason()) == "" {
		refuse("reason", "required")
	} else if utf8.RuneCountInString(a.GetReason()) > maxReason || !utf8.ValidString(a.GetReason()) {
		refuse("reason", "too_long")
	}
	if i := a.GetInterpreter(); i != "" && !languageTag.MatchString(i) {
		refuse("interpreter", "unknown")
	}
	if p := a.GetPhone(); p != "" && !phoneNumber.MatchString(p) {
		refuse("phone", "malformed")
	}
	switch a.GetPayment() {
	case PaySelf:
	case PayCoverage:
		if a.GetCoverageId() == "" {
			refuse("coverage_id", "required")
		}
	default:
		refuse("payment", "required")
	}
	if len(bad) > 0 {
		return patient, errs.InvalidFields(bad...)
	}
	return patient, nil
}

var (
	languageTag = regexp.MustCompile(`^[a-zA-Z]{2,3}(-[a-zA-Z0-9]{2,8}){0,3}$`)
	// phoneNumber accepts how people write numbers: 10 to 15 digits with the
	// usual marks between them, and an extension.
	phoneNumber = regexp.MustCompile(`^(?i)\+?([ ().-]*[0-9]){10,15}([ ,]*(ext\.?|x|#)[ ]*[0-9]{1,6})?[ ]*$`)
)

// coverageOn is the patient's health coverage of that id if it is active on
// the day of the visit where the patient will be; nil if it is not.
func coverageOn(facts *enrollmentv1.PatientFacts, id string, r db.SchedulingReservation) *enrollmentv1.Coverage {
	zone, err := calendar.LoadZone(r.TimeZone)
	if err != nil {
		zone = time.UTC
	}
	day := calendar.DateOf(rangeOf(r.During).From, zone).String()
	for _, c := range facts.GetCoverages() {
		if c.GetCoverageId() == id && covers(c.GetLine()) && c.GetFrom() <= day && (c.GetTo() == "" || day <= c.GetTo()) {
			return c
		}
	}
	return nil
}

func (s *Service) sealAnswers(ctx context.Context, tx pgx.Tx, patient ids.PatientID, a *schedulingv1.Answers) ([]byte, error) {
	plain, err := proto.Marshal(a)
	if err != nil {
		return nil, fmt.Errorf("encoding answers: %w", err)
	}
	return s.d.Seal.Seal(ctx, tx, patient, columnAnswers, plain)
}

func (s *Service) openAnswers(ctx context.Context, dbtx pg.DBTX, r db.SchedulingReservation) (*schedulingv1.Answers, error) {
	plain, err := s.d.Seal.Open(ctx, dbtx, patientOf(r), columnAnswers, r.Answers)
	if err != nil {
		return nil, fmt.Errorf("opening the answers of %s: %w", r.ReservationID, err)
	}
	a := new(schedulingv1.Answers)
	if err := proto.Unmarshal(plain, a); err != nil {
		return nil, fmt.Errorf("decoding the answers of %s: %w", r.ReservationID, err)
	}
	return a, nil
}

// patientFor reads a patient within a reach. One that the feed has not brought
// yet, such as of an activation a moment ago, is fetched. It returns
// errs.NotFound for anybody else's patient.
func (s *Service) patientFor(ctx context.Context, to reach, patient ids.PatientID) (*enrollmentv1.PatientFacts, error) {
	facts, err := to.facts(ctx, s.d.DB.W.DB(), patient)
	if errs.CodeOf(err) != errs.NotFound {
		return facts, err
	}
	if _, err := s.patients.Fetch(ctx, patient.String()); err != nil {
		return nil, fmt.Errorf("fetching an unknown patient: %w", err)
	}
	return to.facts(ctx, s.d.DB.W.DB(), patient)
}

// actedFor reads a patient; who may act for them stands in the statement.
func (s *Service) actedFor(ctx context.Context, dbtx pg.DBTX, account ids.AccountID, patient ids.PatientID) (*enrollmentv1.PatientFacts, error) {
	row, err := s.q.PatientActedFor(ctx, dbtx, db.PatientActedForParams{PatientID: patient.UUID, AccountID: account.UUID})
	if errors.Is(err, pgx.ErrNoRows) || (err == nil && account.UUID == uuid.Nil) {
		return nil, noPatient()
	}
	if err != nil {
		return nil, fmt.Errorf("reading a patient: %w", err)
	}
	facts, err := factsOfPatient(row.Facts)
	if err == nil && row.Limited {
		facts.Coverages = nil // whose they are is not certain
	}
	return facts, err
}

func noPatient() error {
	return errs.New(errs.NotFound, "patient_missing", "We could not find that person among those you act for.")
}

func factsOfPatient(facts []byte) (*enrollmentv1.PatientFacts, error) {
	m := new(enrollmentv1.PatientFacts)
	if err := proto.Unmarshal(facts, m); err != nil {
		return nil, fmt.Errorf("decoding the facts of a patient: %w", err)
	}
	return m, nil
}
