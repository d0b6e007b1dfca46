package contacts

import (
	"context"
	"fmt"
	"strings"

	"github.com/bedside-health/bedside/internal/audit"
	"github.com/bedside-health/bedside/internal/enrollment/contacts/db"
	enrollmentv1 "github.com/bedside-health/bedside/internal/gen/bedside/enrollment/v1"
	"github.com/bedside-health/bedside/internal/ids"
	"google.golang.org/protobuf/types/known/timestamppb"
)

// maxConsents bounds one answer of ListConsents.
const maxConsents = 200

// listContacts reads how a patient of the actor's is reached.
func (s *Service) listContacts(ctx context.Context, actor audit.Actor, patient ids.PatientID) (*enrollmentv1.ListContactsResponse, error) {
	if err := s.read(ctx, actor, patient, "contact.read"); err != nil {
		return nil, err
	}
	rows, err := s.q.BestContacts(ctx, s.DB.R.DB(ctx), patient.UUID)
	if err != nil {
		return nil, fmt.Errorf("reading contact points: %w", err)
	}
	res := &enrollmentv1.ListContactsResponse{}
	for _, r := range rows {
		own := r.Source == fromPatient
		switch r.Kind {
		case kindEmail:
			res.Email, res.EmailOwn = r.Value, own
		case kindPhone:
			res.Phone, res.PhoneOwn = r.Value, own
		case kindAddress:
			res.Address, res.AddressOwn = address(r), own
		}
	}
	return res, nil
}

// address takes the lines apart as they were joined: the last is the city.
func address(r db.BestContactsRow) *enrollmentv1.PostalAddress {
	a := &enrollmentv1.PostalAddress{State: r.State, Zip: r.Zip}
	lines := strings.Split(r.Value, "\n")
	a.City = lines[len(lines)-1]
	if len(lines) > 1 {
		a.Line1 = lines[0]
	}
	if len(lines) > 2 {
		a.Line2 = strings.Join(lines[1:len(lines)-1], ", ")
	}
	return a
}

// listConsents reads what was agreed to for a patient of the actor's.
func (s *Service) listConsents(ctx context.Context, actor audit.Actor, patient ids.PatientID) (*enrollmentv1.ListConsentsResponse, error) {
	if err := s.read(ctx, actor, patient, "consent.read"); err != nil {
		return nil, err
	}
	rows, err := s.q.ConsentsOf(ctx, s.DB.R.DB(ctx), db.ConsentsOfParams{Patient: patient.UUID, Most: maxConsents})
	if err != nil {
		return nil, fmt.Errorf("reading consents: %w", err)
	}
	res := &enrollmentv1.ListConsentsResponse{}
	for _, r := range rows {
		res.Consents = append(res.Consents, &enrollmentv1.GivenConsent{
			ConsentId: r.ConsentID.String(), Kind: r.Kind, Version: r.Version, Language: r.Language,
			GivenAt: timestamppb.New(r.GivenAt), ByCaller: r.AccountID == actor.Account.UUID,
		})
	}
	return res, nil
}
