package licensing

import (
	"context"
	"fmt"
	"slices"
	"strings"

	licensingv1 "github.com/bedside-health/bedside/internal/gen/bedside/licensing/v1"
	"github.com/bedside-health/bedside/internal/licensing/db"
	"github.com/google/uuid"
)

// concerns are why an officer should look at a license, as the view of the same
// name tells them apart; the empty one is all of them.
func concerns() []string {
	return []string{"", "suspended", "expired", "unconfirmed", "expiring_30", "expiring_60", "expiring_90", "unverified"}
}

// listLicenses lists a page of the licenses that need a look, those that end
// first before the others, with how many there are of each concern.
func (s *Service) listLicenses(ctx context.Context, req *licensingv1.ListLicensesRequest) (*licensingv1.ListLicensesResponse, error) {
	params, err := s.readLicensesRequest(req)
	if err != nil {
		return nil, err
	}
	from := s.db.R.DB(ctx)
	counts, err := s.q.ConcernCounts(ctx, from, params.State)
	if err != nil {
		return nil, fmt.Errorf("counting licenses to look at: %w", err)
	}
	res := &licensingv1.ListLicensesResponse{Counts: map[string]int32{}}
	for _, c := range counts {
		res.Counts[c.Concern] = c.Licenses
	}
	rows, err := s.q.ListLicenses(ctx, from, params)
	if err != nil {
		return nil, fmt.Errorf("listing licenses to look at: %w", err)
	}
	if len(rows) > pageSize {
		rows = rows[:pageSize]
		res.Next = rows[pageSize-1].LicenseID.String()
	}
	for _, r := range rows {
		res.Entries = append(res.Entries, &licensingv1.LicenseEntry{
			GivenName: r.GivenName, FamilyName: r.FamilyName, Credential: r.Credential,
			License: licenseProto(db.LicenseRow{
				LicenseID: r.LicenseID, PhysicianID: r.PhysicianID, Corrects: r.Corrects, State: r.State, Number: r.Number,
				Board: r.Board, Basis: r.Basis, Status: r.Status, ValidFrom: r.ValidFrom, ValidTo: r.ValidTo, Source: r.Source,
				VerifiedAt: r.VerifiedAt, NeedsConfirmation: r.NeedsConfirmation, ConfirmedAt: r.ConfirmedAt,
				RecordedAt: r.RecordedAt, Current: true,
			}),
		})
	}
	return res, nil
}

func (s *Service) readLicensesRequest(req *licensingv1.ListLicensesRequest) (db.ListLicensesParams, error) {
	var f fields
	out := db.ListLicensesParams{
		Concern: req.GetConcern(), State: strings.ToUpper(strings.TrimSpace(req.GetState())), Page: pageSize + 1,
	}
	if !slices.Contains(concerns(), out.Concern) {
		f.add("concern", faultUnknown)
	}
	if out.State != "" && !slices.Contains(s.states, out.State) {
		f.add("state", faultUnknown)
	}
	if a := req.GetAfter(); a != "" {
		id, err := uuid.Parse(a)
		if err != nil {
			f.add("after", faultMalformed)
		}
		out.After = &id
	}
	return out, f.err()
}
