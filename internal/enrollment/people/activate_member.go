package people

import (
	"context"

	"github.com/bedside-health/bedside/internal/ids"
)

// Proof is what somebody has shown on another way than by link or by typed
// details: that they are a member, and that a mailbox is theirs.
type Proof struct {
	// ID names the proof to auth: the same proof makes the same ticket.
	ID              string
	Member          ids.MemberID
	Email, Language string
}

// Activated answers a proof: a ticket to sign in with, or the reference of a
// case where staff must look.
type Activated struct {
	Ticket, Reference string
	Patient           ids.PatientID
}

// ActivateMember makes a proven adult member a patient with an account.
// Repeating it with the same proof repeats its answer.
func (s *Service) ActivateMember(ctx context.Context, p Proof) (Activated, error) {
	a, err := s.activate(ctx, proof{id: p.ID, member: p.Member.UUID, email: p.Email, language: p.Language})
	return Activated{Ticket: a.ticket, Reference: a.reference, Patient: a.patient}, err
}
