package web

import (
	"context"
	"strings"
	"sync"

	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/bedside-health/bedside/internal/errs"
	licensingv1 "github.com/bedside-health/bedside/internal/gen/bedside/licensing/v1"
	"github.com/bedside-health/bedside/internal/gen/bedside/licensing/v1/licensingv1connect"
)

const (
	testPhysician = "0198a000-0000-7000-8000-00000000d001"
	fineLicense   = "0198a000-0000-7000-8000-00000000e001"
	oldLicense    = "0198a000-0000-7000-8000-00000000e002"
	newerLicense  = "0198a000-0000-7000-8000-00000000e003"
	compact       = "0198a000-0000-7000-8000-00000000e004"
)

// officeLicensing has a few physicians with every kind of license.
type officeLicensing struct {
	licensingv1connect.LicensingServiceClient
	mu        sync.Mutex
	asked     []*licensingv1.ListPhysiciansRequest
	added     []*licensingv1.AddPhysicianRequest
	licensed  []*licensingv1.AddLicenseRequest
	corrected []*licensingv1.CorrectLicenseRequest
	refuse    error
	needs     bool
	// bare leaves the signed-in physician without any license.
	bare bool
}

func newOfficeLicensing() *officeLicensing { return &officeLicensing{} }

func person(id, given, family, npi string, specialty string) *licensingv1.Physician {
	return &licensingv1.Physician{
		PhysicianId: id, Npi: npi, GivenName: given, FamilyName: family, Credential: "MD", Specialties: []string{specialty},
		Languages: []string{"en", "es"}, TimeZone: "America/New_York", PracticeState: "PA",
	}
}

func paper(id, state, number, status, from, to string) *licensingv1.License {
	at := timestamppb.New(testNow().AddDate(0, 0, -3))
	return &licensingv1.License{
		LicenseId: id, PhysicianId: testPhysician, State: state, Number: number, Board: state + " Board of Medicine", Basis: "full",
		Status: status, ValidFrom: from, ValidTo: to, Source: "board website", VerifiedAt: at, RecordedAt: at, Current: true,
	}
}

func papers() []*licensingv1.License {
	newer, old := paper(newerLicense, "NJ", "25MA-77", "suspended", "2024-01-01", "2027-06-30"), paper(oldLicense, "NJ", "25MA-77", "active", "2024-01-01", "2027-06-30")
	newer.Corrects, newer.Note, old.Current = oldLicense, "The board suspended it on Nov 18.", false
	imlc := paper(compact, "SC", "C-5512", "active", "2026-01-01", "2027-12-31")
	imlc.Basis, imlc.NeedsConfirmation = "imlc", true
	return []*licensingv1.License{
		newer, imlc, paper(fineLicense, "PA", "MD-99120", "active", "2024-01-01", "2027-12-31"), old,
		paper("0198a000-0000-7000-8000-00000000e005", "DE", "C1-0042", "active", "2024-01-01", "2026-12-20"),
		paper("0198a000-0000-7000-8000-00000000e006", "NY", "310-221", "active", "2022-01-01", "2026-10-31"),
	}
}

func (l *officeLicensing) ListPhysicians(_ context.Context, q *licensingv1.ListPhysiciansRequest) (*licensingv1.ListPhysiciansResponse, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.asked = append(l.asked, q)
	if len(q.GetQuery()) > 60 {
		return nil, errs.InvalidFields(errs.Field{Name: "query", Reason: "too_long"})
	}
	if q.GetQuery() == "nobody" {
		return &licensingv1.ListPhysiciansResponse{}, nil
	}
	var current []*licensingv1.License
	for _, p := range papers() {
		if p.GetCurrent() {
			current = append(current, p)
		}
	}
	fine := paper(fineLicense, "OH", "35.0099", "active", "2024-01-01", "2027-12-31")
	return &licensingv1.ListPhysiciansResponse{Total: 60, Next: "0198a000-0000-7000-8000-00000000d003", Physicians: []*licensingv1.PhysicianFacts{
		{Physician: person(testPhysician, "Maya", "Okafor", "9999000017", "207Q00000X"), Licenses: current},
		{Physician: person("0198a000-0000-7000-8000-00000000d002", "Samuel", "Brightwater", "9999000025", "2084P0800X"), Licenses: []*licensingv1.License{fine}},
		{Physician: person("0198a000-0000-7000-8000-00000000d003", "Lin", "Zhao", "9999000033", "207R00000X")},
	}}, nil
}

func (l *officeLicensing) GetPhysician(_ context.Context, q *licensingv1.GetPhysicianRequest) (*licensingv1.GetPhysicianResponse, error) {
	if q.GetPhysicianId() != testPhysician {
		return nil, errs.New(errs.NotFound, "no_physician", "That physician is not on file.")
	}
	return &licensingv1.GetPhysicianResponse{Physician: person(testPhysician, "Maya", "Okafor", "9999000017", "207Q00000X"), Licenses: papers()}, nil
}

// GetMyLicenses is what Dr. Okafor sees: the newest rows.
func (l *officeLicensing) GetMyLicenses(context.Context, *licensingv1.GetMyLicensesRequest) (*licensingv1.GetMyLicensesResponse, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	res := &licensingv1.GetMyLicensesResponse{Physician: person(testPhysician, "Maya", "Okafor", "9999000017", "207Q00000X")}
	for _, p := range papers() {
		if p.GetCurrent() && !l.bare {
			res.Licenses = append(res.Licenses, p)
		}
	}
	return res, l.refuse
}

func (l *officeLicensing) AddPhysician(_ context.Context, q *licensingv1.AddPhysicianRequest) (*licensingv1.AddPhysicianResponse, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.refuse != nil {
		return nil, l.refuse
	}
	l.added = append(l.added, q)
	return &licensingv1.AddPhysicianResponse{PhysicianId: testPhysician}, nil
}

func (l *officeLicensing) AddLicense(_ context.Context, q *licensingv1.AddLicenseRequest) (*licensingv1.AddLicenseResponse, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.refuse != nil {
		return nil, l.refuse
	}
	l.licensed = append(l.licensed, q)
	return &licensingv1.AddLicenseResponse{LicenseId: fineLicense, NeedsConfirmation: l.needs}, nil
}

func (l *officeLicensing) CorrectLicense(_ context.Context, q *licensingv1.CorrectLicenseRequest) (*licensingv1.CorrectLicenseResponse, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.refuse != nil {
		return nil, l.refuse
	}
	l.corrected = append(l.corrected, q)
	return &licensingv1.CorrectLicenseResponse{LicenseId: newerLicense}, nil
}

func (l *officeLicensing) ListRules(context.Context, *licensingv1.ListRulesRequest) (*licensingv1.ListRulesResponse, error) {
	topic := func(name, value, detail, citation, source, asOf, basis string) *licensingv1.RuleTopic {
		return &licensingv1.RuleTopic{Topic: name, Value: value, Detail: detail, Citation: citation, Source: source, AsOf: asOf, Basis: basis}
	}
	pa := &licensingv1.StateRules{State: "PA", Name: "Pennsylvania", RuleVersion: strings.Repeat("ab12", 16), Topics: []*licensingv1.RuleTopic{
		topic("imlc_membership", "member_non_spl", "Could not serve as a State of Principal License in 2024.", "", "a list of compact states", "2024-10-29", "secondary"),
		topic("telehealth_consent", "unknown", "", "", "", "", "unknown"),
		topic("controlled_prescribing", "registration", "Registration before the first prescription.", "49 Pa. Code 1.1", "Pennsylvania Code", "2026", "statute"),
		topic("recording_consent", "all_party", "On a working list; the statute was not read.", "", "general knowledge", "", "unverified"),
		topic("time_zones", "America/New_York", "", "", "counted from a table", "", "secondary"),
		topic("a_new_topic", "some_new_value", "", "", "", "2026-01", "inferred"),
	}}
	pa.Topics[2].EffectiveFrom, pa.Topics[2].EffectiveTo = "2026-01-01", "2027-12-31"
	us := &licensingv1.StateRules{State: "US", Name: "United States", RuleVersion: "c0ffee", Topics: pa.GetTopics()[2:3]}
	return &licensingv1.ListRulesResponse{States: []*licensingv1.StateRules{pa, us}}, nil
}
