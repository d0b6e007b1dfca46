package desk

import (
	"context"
	"encoding/hex"
	"strconv"
	"strings"
	"time"

	"github.com/bedside-health/bedside/internal/audit"
	"github.com/bedside-health/bedside/internal/errs"
	enrollmentv1 "github.com/bedside-health/bedside/internal/gen/bedside/enrollment/v1"
	"github.com/bedside-health/bedside/internal/ids"
	"github.com/bedside-health/bedside/internal/principal"
	"github.com/google/uuid"
)

// How often one account may search: well above what somebody does who talks to
// each person that they look for, well below what it takes to copy a roster.
const (
	searchesPerHour = 120
	searchesPerDay  = 600
)

// purposeSearch separates the hashes of what was searched for from all others.
const purposeSearch = "enrollment.desk_search"

// allowSearch counts a search of the account that calls. That it was stopped is
// recorded: somebody should ask why.
func (s *Service) allowSearch(ctx context.Context) error {
	account := principal.From(ctx).Account.String()
	for _, l := range []struct {
		name   string
		most   int
		window time.Duration
	}{{"hour", searchesPerHour, time.Hour}, {"day", searchesPerDay, 24 * time.Hour}} {
		ok, retry := s.d.Throttle.Allow(ctx, "desk:search:"+l.name+":"+account, l.most, l.window)
		if ok {
			continue
		}
		refusal := errs.TooManyTries(retry)
		refusal.Reason = "too_many_searches"
		if err := s.d.Audit.Record(ctx, audit.Entry{
			Actor: audit.ActorFrom(ctx), Action: "patient.search_stopped", Detail: map[string]string{"window": l.name},
		}); err != nil {
			return err
		}
		return refusal
	}
	return nil
}

// recordSearch notes a search, and whom it showed: a read of each of them. What
// was searched for is kept as keyed hashes alone, so that whoever has the key
// can tell also who looked for somebody and did not find them.
func (s *Service) recordSearch(ctx context.Context, who identifiers, res *enrollmentv1.FindPeopleResponse) error {
	actor := audit.ActorFrom(ctx)
	detail := map[string]string{
		"by": strings.Join(who.kinds, " "), "found": strconv.Itoa(len(res.GetPeople())), "more": strconv.FormatBool(res.GetMore()),
	}
	for kind, value := range who.searched() {
		if value != "" {
			detail[kind+"_hash"] = hex.EncodeToString(s.d.Seal.Hash(purposeSearch, kind+"\n"+value))
		}
	}
	entries := []audit.Entry{{Actor: actor, Action: "patient.search", Detail: detail}}
	for _, p := range res.GetPeople() {
		e := audit.Entry{Actor: actor, Action: "member.found", Subject: "member/" + p.GetMemberId()}
		if patient, err := uuid.Parse(p.GetPatientId()); err == nil {
			e = audit.Entry{Actor: actor, Action: "patient.found", Patient: ids.PatientID{UUID: patient}}
		}
		entries = append(entries, e)
	}
	return s.d.Audit.Record(ctx, entries...)
}

// searched is what was typed in the form in which it is compared; empty for
// what was not.
func (who identifiers) searched() map[string]string {
	out := map[string]string{
		"family_name": who.family, "member_number": who.number, "email": who.email, "phone": who.phone, "zip": who.zip,
	}
	if who.birth != nil {
		out["birth_date"] = who.birth.Format(time.DateOnly)
	}
	return out
}
