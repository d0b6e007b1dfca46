package desk

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/bedside-health/bedside/internal/enrollment/desk/db"
	"github.com/bedside-health/bedside/internal/enrollment/names"
	"github.com/bedside-health/bedside/internal/enrollment/people"
	enrollmentv1 "github.com/bedside-health/bedside/internal/gen/bedside/enrollment/v1"
	"github.com/bedside-health/bedside/internal/pg"
	"github.com/google/uuid"
	"google.golang.org/protobuf/types/known/timestamppb"
)

// members are rows of rosters with their coverages.
func (s *Service) members(ctx context.Context, from pg.DBTX, rows []db.MembersRow) ([]*enrollmentv1.DeskMember, error) {
	var out []*enrollmentv1.DeskMember
	by := map[uuid.UUID]*enrollmentv1.DeskMember{}
	for _, m := range rows {
		one := &enrollmentv1.DeskMember{
			MemberId: m.MemberID.String(), GivenName: names.Proper(m.GivenName), FamilyName: names.Proper(m.FamilyName),
			BirthDate: m.BirthDate.Format(time.DateOnly), PayerName: m.PayerName, Number: m.SubscriberNo, OwnNumber: m.OwnNo,
			Subscriber: m.IsSubscriber, Email: m.Email, Phone: m.Phone, HomeState: m.State, Zip: m.Zip, Language: m.Language,
			NotInvitable: notInvitable(m),
		}
		out, by[m.MemberID] = append(out, one), one
	}
	coverages, err := s.q.Coverages(ctx, from, memberIDs(rows))
	if err != nil {
		return nil, fmt.Errorf("reading coverages: %w", err)
	}
	for _, c := range coverages {
		m := by[c.MemberID]
		m.Coverages = append(m.GetCoverages(), &enrollmentv1.DeskCoverage{
			CoverageId: c.CoverageID.String(), Plan: c.Plan, Line: c.Line, From: c.Starts.Format(time.DateOnly), To: people.DateOrEmpty(c.Ends),
		})
	}
	return out, nil
}

// notInvitable says why no invitation may go out; empty if one may. What can
// never be mended by waiting comes first.
func notInvitable(m db.MembersRow) string {
	switch {
	case m.Active:
		return "active"
	case m.Minor:
		return "minor"
	case m.Email == "":
		return "no_email"
	case m.Shared:
		return "shared_email"
	case m.Queued:
		return "queued"
	case m.AskedToday:
		return "too_soon"
	}
	return ""
}

// wayIn reads how members were invited and how they tried to activate.
func (s *Service) wayIn(ctx context.Context, from pg.DBTX, rows []db.MembersRow) ([]*enrollmentv1.DeskInvitation, []*enrollmentv1.DeskAttempt, error) {
	if len(rows) == 0 {
		return nil, nil, nil
	}
	sent, err := s.q.Invitations(ctx, from, memberIDs(rows))
	if err != nil {
		return nil, nil, fmt.Errorf("reading invitations: %w", err)
	}
	var invitations []*enrollmentv1.DeskInvitation
	for _, i := range sent {
		invitations = append(invitations, &enrollmentv1.DeskInvitation{
			State: i.State, Email: i.Email, MadeAt: stamp(&i.CreatedAt), SentAt: stamp(i.SentAt), AcceptedAt: stamp(i.AcceptedAt), ExpiresAt: stamp(&i.ExpiresAt),
		})
	}
	var numbers [][]byte
	for _, m := range rows {
		numbers = append(numbers, s.d.NumberHash(m.SubscriberNo))
		if m.OwnNo != "" {
			numbers = append(numbers, s.d.NumberHash(m.OwnNo))
		}
	}
	tried, err := s.q.Attempts(ctx, from, db.AttemptsParams{Numbers: numbers, Members: memberIDs(rows)})
	if err != nil {
		return nil, nil, fmt.Errorf("reading attempts to activate: %w", err)
	}
	var attempts []*enrollmentv1.DeskAttempt
	for _, a := range tried {
		attempts = append(attempts, &enrollmentv1.DeskAttempt{
			At: stamp(&a.At), Reference: a.Reference, State: a.State, Reason: a.Reason, Open: a.Open, WrongCodes: int32(a.Tries),
		})
	}
	return invitations, attempts, nil
}

func memberIDs(rows []db.MembersRow) []uuid.UUID {
	out := make([]uuid.UUID, len(rows))
	for i, m := range rows {
		out[i] = m.MemberID
	}
	return out
}

func fullName(given, family string) string {
	return strings.TrimSpace(names.Proper(given) + " " + names.Proper(family))
}

func stamp(t *time.Time) *timestamppb.Timestamp {
	if t == nil {
		return nil
	}
	return timestamppb.New(*t)
}
