package desk

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/bedside-health/bedside/internal/enrollment/desk/db"
	"github.com/bedside-health/bedside/internal/enrollment/names"
	"github.com/bedside-health/bedside/internal/enrollment/people"
	"github.com/bedside-health/bedside/internal/errs"
	enrollmentv1 "github.com/bedside-health/bedside/internal/gen/bedside/enrollment/v1"
	"github.com/bedside-health/bedside/internal/mail"
	"github.com/bedside-health/bedside/internal/pg"
	"github.com/google/uuid"
)

const (
	// mostFound is how many people one answer shows.
	mostFound = 20
	// mostNear bounds the patients whose names are compared in Go.
	mostNear = 2000
	// needed is how many identifiers a search takes.
	needed = 2
)

// identifiers is a search in the form in which it can be compared.
type identifiers struct {
	family, number, email, phone, zip string
	birth                             *time.Time
	byAppointment                     bool
	patient                           *uuid.UUID
	// kinds are the identifiers that were given, for the audit trail.
	kinds []string
}

// FindPeople implements enrollmentv1connect.DeskServiceHandler. It returns
// errs.Invalid for what cannot be searched for, errs.Precondition
// "two_identifiers" for less than two, and errs.Throttled "too_many_searches".
func (s *Service) FindPeople(ctx context.Context, req *enrollmentv1.FindPeopleRequest) (*enrollmentv1.FindPeopleResponse, error) {
	who, err := readIdentifiers(req)
	if err != nil {
		return nil, err
	}
	if err := s.allowSearch(ctx); err != nil {
		return nil, err
	}
	var found []*enrollmentv1.FoundPerson
	if !who.byAppointment || who.patient != nil {
		if found, err = s.find(ctx, who); err != nil {
			return nil, err
		}
	}
	res := &enrollmentv1.FindPeopleResponse{People: found}
	if len(found) > mostFound {
		res.People, res.More = found[:mostFound], true
	}
	return res, s.recordSearch(ctx, who, res)
}

// readIdentifiers folds what was typed; what is empty does not count.
func readIdentifiers(req *enrollmentv1.FindPeopleRequest) (identifiers, error) {
	var who identifiers
	var faults []errs.Field
	refuse := func(field, reason string) { faults = append(faults, errs.Field{Name: field, Reason: reason}) }
	take := func(kind, typed string, read func() bool) {
		if strings.TrimSpace(typed) == "" {
			return
		}
		who.kinds = append(who.kinds, kind)
		if len(typed) > 200 || !read() {
			refuse(kind, "unreadable")
		}
	}
	take("family_name", req.GetFamilyName(), func() bool {
		who.family = names.Fold(req.GetFamilyName())
		return len([]rune(who.family)) >= 2
	})
	take("birth_date", req.GetBirthDate(), func() bool {
		born, err := time.Parse(time.DateOnly, req.GetBirthDate())
		who.birth = &born
		return err == nil
	})
	take("member_number", req.GetMemberNumber(), func() bool {
		who.number = people.FoldNumber(req.GetMemberNumber())
		return len(who.number) >= 2
	})
	take("email", req.GetEmail(), func() bool {
		var ok bool
		who.email, ok = mail.Address(req.GetEmail())
		return ok
	})
	take("phone", req.GetPhone(), func() bool {
		who.phone = lastTen(req.GetPhone())
		return len(who.phone) == 10
	})
	take("zip", req.GetZip(), func() bool {
		who.zip = digits(req.GetZip())
		if len(who.zip) == 9 {
			who.zip = who.zip[:5]
		}
		return len(who.zip) == 5
	})
	if req.GetByAppointment() {
		who.byAppointment, who.kinds = true, append(who.kinds, "appointment")
		if id, err := uuid.Parse(req.GetPatientId()); err == nil {
			who.patient = &id
		}
	}
	if len(faults) > 0 {
		return who, errs.InvalidFields(faults...)
	}
	if len(who.kinds) < needed {
		return who, errs.New(errs.Precondition, "two_identifiers", "Give two of these: one alone may be many people's.")
	}
	return who, nil
}

// find asks rosters and patients. One human is one line, however many rosters
// they are on, and however many patients they were.
func (s *Service) find(ctx context.Context, who identifiers) ([]*enrollmentv1.FoundPerson, error) {
	from, today := s.d.DB.R.DB(ctx), s.d.Today()
	patients, err := s.q.FindPatients(ctx, from, db.FindPatientsParams{
		Today: today, Birth: who.birth, Patient: who.patient, Email: who.email, Phone: who.phone, Zip: who.zip, Number: who.number, Most: mostNear,
	})
	if err != nil {
		return nil, fmt.Errorf("looking for patients: %w", err)
	}
	var out []*enrollmentv1.FoundPerson
	seen := map[uuid.UUID]*enrollmentv1.FoundPerson{}
	near := 0
	for _, p := range patients {
		if !strings.HasPrefix(names.Fold(p.FamilyName), who.family) {
			continue
		}
		near++
		if seen[p.SurvivorID] == nil {
			seen[p.SurvivorID] = &enrollmentv1.FoundPerson{
				PatientId: p.SurvivorID.String(), GivenName: names.Proper(p.GivenName), FamilyName: names.Proper(p.FamilyName),
				BirthDate: p.BirthDate.Format(time.DateOnly), PayerName: p.PayerName, HomeState: p.State, HasAccount: p.HasAccount,
			}
			out = append(out, seen[p.SurvivorID])
		}
	}
	// More members than fit may be patients who are in the list already.
	members, err := s.q.FindMembers(ctx, from, db.FindMembersParams{
		Today: today, Family: who.family, Birth: who.birth, Number: who.number, Email: who.email, Phone: who.phone, Zip: who.zip,
		Patient: who.patient, Most: int32(mostFound + 1 + near),
	})
	if err != nil {
		return nil, fmt.Errorf("looking for members: %w", err)
	}
	for _, m := range members {
		one := &enrollmentv1.FoundPerson{
			MemberId: m.MemberID.String(), GivenName: names.Proper(m.GivenName), FamilyName: names.Proper(m.FamilyName),
			BirthDate: m.BirthDate.Format(time.DateOnly), PayerName: m.PayerName, HomeState: m.State, HasAccount: m.HasAccount,
		}
		if patient := cmp.Or(m.SurvivorID, m.PatientID); patient != nil {
			if seen[*patient] != nil {
				continue
			}
			seen[*patient], one.PatientId = one, patient.String()
		}
		out = append(out, one)
	}
	if err := s.nameWhoGoesOn(ctx, from, seen); err != nil {
		return nil, err
	}
	slices.SortStableFunc(out, func(a, b *enrollmentv1.FoundPerson) int {
		return cmp.Or(cmp.Compare(names.Search(a.GetFamilyName(), a.GetGivenName()), names.Search(b.GetFamilyName(), b.GetGivenName())),
			cmp.Compare(a.GetBirthDate(), b.GetBirthDate()))
	})
	return out, nil
}

// nameWhoGoesOn shows whoever goes on for others as they are themselves, though
// an absorbed one was what fitted.
func (s *Service) nameWhoGoesOn(ctx context.Context, from pg.DBTX, found map[uuid.UUID]*enrollmentv1.FoundPerson) error {
	rows, err := s.q.GoOn(ctx, from, db.GoOnParams{Today: s.d.Today(), Patients: slices.Collect(maps.Keys(found))})
	if err != nil {
		return fmt.Errorf("reading who goes on for others: %w", err)
	}
	for _, r := range rows {
		one := found[r.PatientID]
		one.GivenName, one.FamilyName = names.Proper(r.GivenName), names.Proper(r.FamilyName)
		one.BirthDate, one.PayerName, one.HomeState, one.HasAccount = r.BirthDate.Format(time.DateOnly), r.PayerName, r.State, r.HasAccount
	}
	return nil
}

func digits(s string) string {
	return strings.Map(func(r rune) rune {
		if r >= '0' && r <= '9' {
			return r
		}
		return -1
	}, s)
}

// lastTen is a phone number as enrollment.fold_phone() has it.
func lastTen(phone string) string {
	d := digits(phone)
	return d[max(0, len(d)-10):]
}
