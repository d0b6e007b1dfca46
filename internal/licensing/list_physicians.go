package licensing

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/bedside-health/bedside/internal/errs"
	licensingv1 "github.com/bedside-health/bedside/internal/gen/bedside/licensing/v1"
	"github.com/bedside-health/bedside/internal/licensing/db"
	"github.com/google/uuid"
)

const (
	pageSize = 50
	maxQuery = 100
	maxWords = 6
	// An NPI is searched from this many digits on.
	minDigits = 3
)

func filters() []string { return []string{"", "expiring", "expired", "suspended", "unconfirmed"} }

// listPhysicians lists a page of physicians by name with their current
// licenses. Filter and state speak about one and the same license; "suspended"
// includes revoked ones. The cursor is the last physician's id.
func (s *Service) listPhysicians(ctx context.Context, req *licensingv1.ListPhysiciansRequest) (*licensingv1.ListPhysiciansResponse, error) {
	params, err := s.readListRequest(req)
	if err != nil {
		return nil, err
	}
	from := s.db.R.DB(ctx)
	rows, err := s.q.ListPhysicians(ctx, from, params)
	if err != nil {
		return nil, fmt.Errorf("listing physicians: %w", err)
	}
	res := &licensingv1.ListPhysiciansResponse{}
	if len(rows) > 0 {
		res.Total = rows[0].Total
	}
	if len(rows) > pageSize {
		rows = rows[:pageSize]
		res.Next = rows[pageSize-1].PhysicianID.String()
	}
	who := make([]uuid.UUID, len(rows))
	for i, r := range rows {
		who[i] = r.PhysicianID
	}
	licenses, err := s.q.CurrentLicenses(ctx, from, who)
	if err != nil {
		return nil, fmt.Errorf("listing licenses: %w", err)
	}
	for _, r := range rows {
		res.Physicians = append(res.Physicians, factsOf(db.PhysicianRow{
			PhysicianID: r.PhysicianID, AccountID: r.AccountID, Npi: r.Npi, GivenName: r.GivenName, FamilyName: r.FamilyName,
			Credential: r.Credential, Specialties: r.Specialties, Languages: r.Languages,
			TimeZone: r.TimeZone, PracticeState: r.PracticeState, Version: r.Version,
		}, licenses))
	}
	return res, nil
}

func (s *Service) readListRequest(req *licensingv1.ListPhysiciansRequest) (db.ListPhysiciansParams, error) {
	var f fields
	out := db.ListPhysiciansParams{
		State: strings.ToUpper(strings.TrimSpace(req.GetState())), Filter: req.GetFilter(), Page: pageSize + 1, Patterns: []string{},
	}
	if out.State != "" && !slices.Contains(s.states, out.State) {
		f.add("state", faultUnknown)
	}
	if !slices.Contains(filters(), out.Filter) {
		f.add("filter", faultUnknown)
	}
	if a := req.GetAfter(); a != "" {
		id, err := uuid.Parse(a)
		if err != nil {
			f.add("after", faultMalformed)
		}
		out.After = &id
	}
	words := strings.Fields(fold(f.text("query", req.GetQuery(), maxQuery, false)))
	if len(words) > maxWords {
		f = append(f, errs.Field{Name: "query", Reason: faultTooLong})
		words = nil
	}
	for _, w := range words {
		if len(w) >= minDigits && strings.Trim(w, "0123456789") == "" {
			out.NpiPrefix = w
			continue
		}
		out.Patterns = append(out.Patterns, "%"+escapeLike(w)+"%")
	}
	return out, f.err()
}

func escapeLike(s string) string {
	return strings.NewReplacer(`\`, `\\`, `%`, `\%`, `_`, `\_`).Replace(s)
}
