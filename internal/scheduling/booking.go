package scheduling

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/bedside-health/bedside/internal/errs"
	enrollmentv1 "github.com/bedside-health/bedside/internal/gen/bedside/enrollment/v1"
	schedulingv1 "github.com/bedside-health/bedside/internal/gen/bedside/scheduling/v1"
	"github.com/bedside-health/bedside/internal/ids"
	"github.com/bedside-health/bedside/internal/ofage"
	"github.com/bedside-health/bedside/internal/principal"
	"github.com/bedside-health/bedside/internal/scheduling/db"
	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
)

// consentTelehealth is the kind of consent that a visit by video needs.
const consentTelehealth = "telehealth"

// How a consent was given.
const (
	consentWritten = "written"
	consentVerbal  = "verbal"
)

// booking is what one attempt to book carries.
type booking struct {
	who     principal.Principal
	reach   reach
	browser []byte
	consent string
	terms   Terms
	patient ids.PatientID
	// agreed says that consent was given when the visit was booked, and goes
	// along with it.
	agreed bool
	// hold as it was before the transaction: only what never changes of it is
	// used there.
	hold db.SchedulingReservation
}

// readBooking finds the caller's hold, and fetches the patient or physician
// that the feeds have not brought yet.
func (s *Service) readBooking(ctx context.Context, req *schedulingv1.BookRequest, to reach) (*booking, error) {
	b := &booking{who: principal.From(ctx), reach: to, consent: req.GetConsentId()}
	holdID, err := uuid.Parse(req.GetHoldId())
	if err != nil {
		return nil, errs.InvalidFields(errs.Field{Name: "hold_id", Reason: "malformed"})
	}
	if b.browser, err = s.browserHash(req.GetBrowserId()); err != nil {
		return nil, err
	}
	src := s.d.DB.W.DB()
	b.hold, err = s.q.HoldToBook(ctx, src, db.HoldToBookParams{ReservationID: holdID, Browser: b.browser, AccountID: &b.who.Account.UUID})
	if errors.Is(err, pgx.ErrNoRows) {
		return nil, noHold()
	}
	if err != nil {
		return nil, fmt.Errorf("reading the hold to book: %w", err)
	}
	if b.hold.Answers == nil {
		return nil, errs.New(errs.Precondition, "answers_missing", "Please tell us about the visit first.")
	}
	b.patient = patientOf(b.hold)
	if b.terms, err = s.terms(ctx, src, b.hold.ServiceID); err != nil {
		return nil, err
	}
	return b, s.learn(ctx, b)
}

// learn rereads from their owners what this booking needs and the feeds have
// not brought: a patient, a consent given a moment ago.
func (s *Service) learn(ctx context.Context, b *booking) error {
	facts, err := s.patientFor(ctx, b.reach, b.patient)
	if err != nil {
		return err
	}
	if givenConsent(facts, b.consent) == nil {
		if _, err := s.patients.Fetch(ctx, b.patient.String()); err != nil {
			return fmt.Errorf("fetching a consent: %w", err)
		}
	}
	return s.learnPhysician(ctx, ids.PhysicianID{UUID: b.hold.PhysicianID})
}

// learnPhysician fetches a physician that the feed has not brought yet.
func (s *Service) learnPhysician(ctx context.Context, physician ids.PhysicianID) error {
	_, err := s.q.PhysicianByID(ctx, s.d.DB.W.DB(), physician.UUID)
	if err == nil {
		return nil
	}
	if !errors.Is(err, pgx.ErrNoRows) {
		return fmt.Errorf("looking for a physician: %w", err)
	}
	if _, err := s.physicians.Fetch(ctx, physician.String()); err != nil {
		return fmt.Errorf("fetching an unknown physician: %w", err)
	}
	return nil
}

// givenConsent is the patient's consent of that id; nil if there is none.
func givenConsent(facts *enrollmentv1.PatientFacts, id string) *enrollmentv1.Consent {
	for _, c := range facts.GetConsents() {
		if c.GetConsentId() == id && c.GetKind() == consentTelehealth && id != "" {
			return c
		}
	}
	return nil
}

// agreement is how consent stands for a visit, and who gave it.
type agreement struct{ method, by string }

// consents says how consent stands for what is about to be booked on a day; ok
// is false where it is missing, or a guardian's for who has come of age. What
// was only said is enough at the desk, for the time being. Of a visit that is
// moved, the consent given at its booking goes along: a newer one of the
// patient's may have taken its place among the facts.
func (b *booking) consents(facts *enrollmentv1.PatientFacts, today time.Time) (agreement, bool) {
	if b.agreed {
		return agreement{}, slices.ContainsFunc(facts.GetConsents(), func(c *enrollmentv1.Consent) bool { return c.GetKind() == consentTelehealth })
	}
	c := givenConsent(facts, b.consent)
	if c == nil {
		return agreement{}, false
	}
	a := agreement{consentWritten, giver(c, facts.GetBirthDate())}
	if c.GetMethod() == consentVerbal {
		a.method = consentVerbal
	}
	return a, a.counts(facts.GetBirthDate(), today) && (a.method == consentWritten || b.reach.desk())
}

// Who gave a consent. Of some it is not known, or was another; those end with
// the minority as well.
const (
	byPatient   = "patient"
	byGuardian  = "guardian"
	byCaregiver = "caregiver"
)

// giver is who gave a consent. Where that was published before it was said, the
// day tells: for a minor, nobody but a guardian agrees.
func giver(c *enrollmentv1.Consent, birthDate string) string {
	switch {
	case c.GetGivenBy() != "":
		return c.GetGivenBy()
	case ofAge(birthDate, ofage.Day(c.GetGivenAt().AsTime())):
		return byPatient
	}
	return byGuardian
}

// counts says whether what was agreed to is good on a day: until the patient
// comes of age whoever gave it, and from then on what they gave themselves, or
// somebody whom they asked to act for them.
func (a agreement) counts(birthDate string, today time.Time) bool {
	return a.by == byPatient || a.by == byCaregiver || !ofAge(birthDate, today)
}

// ofAge says whether somebody is an adult on a day. Who was born on no date that
// can be read is not taken for a minor.
func ofAge(birthDate string, day time.Time) bool {
	born, err := time.Parse(time.DateOnly, birthDate)
	return err != nil || !born.After(ofage.BornBy(day))
}
