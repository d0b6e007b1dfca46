package contacts

import (
	"context"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/bedside-health/bedside/internal/audit"
	"github.com/bedside-health/bedside/internal/enrollment/contacts/db"
	"github.com/bedside-health/bedside/internal/errs"
	enrollmentv1 "github.com/bedside-health/bedside/internal/gen/bedside/enrollment/v1"
	"github.com/bedside-health/bedside/internal/ids"
	"github.com/bedside-health/bedside/internal/once"
	"github.com/bedside-health/bedside/internal/principal"
	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"google.golang.org/protobuf/proto"
)

// point is one way to reach a patient, as it is stored; an empty one is none.
type point struct{ kind, value, state, zip string }

func (p point) empty() bool { return p.value == "" }

// set replaces what the patient said of a kind, once. Going back to the
// roster's is setting none.
func set[Req proto.Message, Res proto.Message](
	ctx context.Context, s *Service, name, rawPatient, key string, req Req, res Res, p point,
) (Res, error) {
	var none Res
	patient, err := ids.Parse[ids.PatientID](rawPatient)
	if err != nil {
		return none, err
	}
	actor := audit.ActorFrom(ctx)
	err = s.DB.W.Tx(ctx, func(ctx context.Context, tx pgx.Tx) error {
		_, err := once.Do(ctx, tx, name, key, req, principal.From(ctx).Key(), func() (Res, error) {
			return res, s.put(ctx, tx, actor, patient, p)
		})
		return err
	})
	if err != nil {
		return none, fmt.Errorf("keeping how a patient is reached: %w", err)
	}
	s.Ring()
	return res, nil
}

func (s *Service) put(ctx context.Context, tx pgx.Tx, actor audit.Actor, patient ids.PatientID, p point) error {
	if err := s.lockOwn(ctx, tx, actor, patient); err != nil {
		return err
	}
	if _, err := s.q.DropOwnContact(ctx, tx, db.DropOwnContactParams{Patient: patient.UUID, Kind: p.kind}); err != nil {
		return fmt.Errorf("forgetting a contact point: %w", err)
	}
	if !p.empty() {
		err := s.q.PutOwnContact(ctx, tx, db.PutOwnContactParams{
			ContactID: ids.NewUUID(), Patient: patient.UUID, Kind: p.kind, Value: p.value, State: p.state, Zip: p.zip,
		})
		if err != nil {
			return fmt.Errorf("storing a contact point: %w", err)
		}
	}
	err := audit.Append(ctx, tx, audit.Entry{Actor: actor, Patient: patient, Action: "contact.set", Detail: map[string]string{"kind": p.kind}})
	if err != nil {
		return err
	}
	return s.Publish(ctx, tx, []uuid.UUID{patient.UUID})
}

// readPhone takes a US number as people type it, and gives its ten digits.
func readPhone(typed string) (point, error) {
	out := point{kind: kindPhone}
	typed = strings.TrimSpace(typed)
	if typed == "" {
		return out, nil
	}
	digits := strings.Map(func(r rune) rune {
		switch {
		case r >= '0' && r <= '9':
			return r
		case strings.ContainsRune(" -.()+/\u00a0", r):
			return -1
		}
		return 'x'
	}, typed)
	digits = strings.TrimPrefix(digits, "1")
	if !usPhone().MatchString(digits) {
		return out, errs.InvalidFields(errs.Field{Name: "phone", Reason: "malformed"})
	}
	out.value = digits
	return out, nil
}

// usPhone is the North American plan: neither area nor exchange begins with 0
// or 1.
func usPhone() *regexp.Regexp { return regexp.MustCompile(`^[2-9][0-9]{2}[2-9][0-9]{6}$`) }

// maxLine is how long a line of an address may be, in characters.
const maxLine = 100

// readAddress takes an address of the states and territories, whole or not at
// all.
func readAddress(a *enrollmentv1.PostalAddress) (point, error) {
	out := point{kind: kindAddress}
	line1, line2, city := line(a.GetLine1()), line(a.GetLine2()), line(a.GetCity())
	state, zip := strings.ToUpper(strings.TrimSpace(a.GetState())), strings.TrimSpace(a.GetZip())
	if line1+line2+city+state+zip == "" {
		return out, nil
	}
	var faults []errs.Field
	for _, f := range []struct {
		name, value string
		optional    bool
	}{{"line1", line1, false}, {"line2", line2, true}, {"city", city, false}} {
		switch {
		case f.value == "" && !f.optional:
			faults = append(faults, errs.Field{Name: f.name, Reason: "missing"})
		case utf8.RuneCountInString(f.value) > maxLine:
			faults = append(faults, errs.Field{Name: f.name, Reason: "too_long"})
		}
	}
	if !slices.Contains(places(), state) {
		faults = append(faults, errs.Field{Name: "home_state", Reason: "unknown"})
	}
	if !regexp.MustCompile(`^[0-9]{5}(-[0-9]{4})?$`).MatchString(zip) {
		faults = append(faults, errs.Field{Name: "zip", Reason: "malformed"})
	}
	if len(faults) > 0 {
		return out, errs.InvalidFields(faults...)
	}
	lines := slices.DeleteFunc([]string{line1, line2, city}, func(s string) bool { return s == "" })
	out.value, out.state, out.zip = strings.Join(lines, "\n"), state, zip
	return out, nil
}

// line is one line of text: no control characters, single spaces.
func line(typed string) string {
	clean := strings.Map(func(r rune) rune {
		if unicode.IsControl(r) || r == utf8.RuneError {
			return ' '
		}
		return r
	}, typed)
	return strings.Join(strings.Fields(clean), " ")
}

// places lists the codes of states, DC, territories and military mail.
func places() []string {
	return strings.Fields(`AK AL AR AZ CA CO CT DC DE FL GA HI IA ID IL IN KS KY LA MA MD ME MI MN MO MS MT NC ND NE NH NJ
		NM NV NY OH OK OR PA RI SC SD TN TX UT VA VT WA WI WV WY AS GU MP PR VI AA AE AP`)
}
