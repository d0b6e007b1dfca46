package people

import (
	"context"
	"errors"
	"fmt"

	"github.com/bedside-health/bedside/internal/audit"
	"github.com/bedside-health/bedside/internal/enrollment/people/db"
	authv1 "github.com/bedside-health/bedside/internal/gen/bedside/auth/v1"
	rpcv1 "github.com/bedside-health/bedside/internal/gen/bedside/rpc/v1"
	"github.com/bedside-health/bedside/internal/ids"
	"github.com/bedside-health/bedside/internal/rpc"
	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
)

// proof is what somebody has shown: that they are a member, and that a mailbox
// is theirs.
type proof struct {
	// One of the two says how.
	activation, invitation *uuid.UUID
	// id names it to auth: the same proof makes the same ticket.
	id string
	// reference of the activation; an invitation gets one when it needs it.
	reference       string
	member          uuid.UUID
	email, language string
	// quiet leaves out the mail: a demo has nobody to tell.
	quiet bool
	// account is the one that the mailbox has.
	account *uuid.UUID
	// typed are the details that the activation began with.
	typed *typed
}

// activated answers an activation: a ticket to sign in with, or a reference
// to quote where staff must look.
type activated struct {
	ticket, reference string
	patient           ids.PatientID
}

// errTaken rolls back: the account is another patient's already, or the
// patient has another account.
var errTaken = errors.New("the account is taken")

// activate makes the proven member a patient with an account. The account
// comes first, by a call; everything else is one transaction. If that fails,
// the account stands without a patient, and repeating the call with the same
// proof finds it again.
func (s *Service) activate(ctx context.Context, p proof) (activated, error) {
	res, err := s.accounts.EnsureAccount(rpc.AsService(ctx), &authv1.EnsureAccountRequest{
		Email: p.email, Role: rpcv1.Role_ROLE_PATIENT, Language: p.language, Proof: serviceName + ":" + p.id,
	})
	if err != nil {
		return activated{}, fmt.Errorf("ensuring the account: %w", err)
	}
	account, err := ids.Parse[ids.AccountID](res.GetAccountId())
	if err != nil {
		return activated{}, fmt.Errorf("reading the account's id: %w", err)
	}
	var patient ids.PatientID
	err = s.db.W.Tx(ctx, func(ctx context.Context, tx pgx.Tx) (err error) {
		patient, err = s.finish(ctx, tx, p, account)
		return err
	})
	if errors.Is(err, errTaken) {
		p.account = &account.UUID
		return s.toStaff(ctx, p, reasonAccountTaken)
	}
	if c, ok := errors.AsType[*changed](err); ok {
		p.member, p.account = c.member, &account.UUID
		return s.toStaff(ctx, p, c.reason)
	}
	if err != nil {
		return activated{}, fmt.Errorf("activating a member: %w", err)
	}
	s.Ring()
	return activated{ticket: res.GetTicket(), patient: patient}, nil
}

// finish links account, patient and member. Everything that it writes, it may
// have written before.
func (s *Service) finish(ctx context.Context, tx pgx.Tx, p proof, account ids.AccountID) (ids.PatientID, error) {
	m, err := s.q.LockMember(ctx, tx, p.member)
	if err != nil {
		return ids.PatientID{}, fmt.Errorf("locking the member: %w", err)
	}
	if m.PatientID != nil {
		if err := s.Hold(ctx, tx, []uuid.UUID{*m.PatientID}); err != nil {
			return ids.PatientID{}, err
		}
	}
	patient, linked, err := s.patientFor(ctx, tx, m, account)
	if err != nil {
		return ids.PatientID{}, err
	}
	if linked {
		return patient, s.closeProof(ctx, tx, p, patient, account)
	}
	if p.typed != nil {
		if err := s.judgeAgain(ctx, tx, p); err != nil {
			return ids.PatientID{}, err
		}
	}
	if m.PatientID == nil {
		if err := s.insertPatient(ctx, tx, m, patient, p.language); err != nil {
			return ids.PatientID{}, err
		}
	}
	n, err := s.q.InsertSelf(ctx, tx, db.InsertSelfParams{
		ActsForID: ids.NewUUID(), AccountID: account.UUID, PatientID: patient.UUID, FromDate: s.today(),
	})
	if err != nil {
		return ids.PatientID{}, fmt.Errorf("inserting who acts for the patient: %w", err)
	}
	if n == 0 { // lost a race for the account
		return ids.PatientID{}, errTaken
	}
	if err := s.putContacts(ctx, tx, p, patient); err != nil {
		return ids.PatientID{}, err
	}
	if err := s.closeProof(ctx, tx, p, patient, account); err != nil {
		return ids.PatientID{}, err
	}
	actor := audit.Actor{Account: account}
	if !p.quiet {
		if err := s.TellRoster(ctx, tx, actor, p.member, patient, p.language); err != nil {
			return ids.PatientID{}, err
		}
	}
	err = audit.Append(ctx, tx, audit.Entry{
		Actor: actor, Patient: patient, Action: "patient.activate", Subject: p.id,
		Detail: map[string]string{"member": p.member.String()},
	})
	if err != nil {
		return ids.PatientID{}, err
	}
	return patient, s.Publish(ctx, tx, []uuid.UUID{patient.UUID})
}

// patientFor decides which patient the member is: the one it is linked to, or
// a new one. linked says that the account is this patient already, as after a
// repeat.
func (s *Service) patientFor(ctx context.Context, tx pgx.Tx, m db.LockMemberRow, account ids.AccountID) (_ ids.PatientID, linked bool, _ error) {
	today := s.today()
	mine, err := s.q.SelfOfAccount(ctx, tx, db.SelfOfAccountParams{Account: account.UUID, Today: today})
	if err != nil && !errors.Is(err, pgx.ErrNoRows) {
		return ids.PatientID{}, false, fmt.Errorf("reading whom the account is: %w", err)
	}
	taken := err == nil
	if taken {
		if mine, err = s.q.SurvivorOf(ctx, tx, mine); err != nil {
			return ids.PatientID{}, false, fmt.Errorf("reading who goes on: %w", err)
		}
	}
	if m.PatientID == nil {
		if taken {
			return ids.PatientID{}, false, errTaken
		}
		return ids.New[ids.PatientID](), false, nil
	}
	goesOn, err := s.q.SurvivorOf(ctx, tx, *m.PatientID)
	if err != nil {
		return ids.PatientID{}, false, fmt.Errorf("reading who goes on: %w", err)
	}
	patient := ids.PatientID{UUID: goesOn}
	if taken {
		if mine != patient.UUID {
			return ids.PatientID{}, false, errTaken
		}
		return patient, true, nil
	}
	_, err = s.q.SelfOfPatient(ctx, tx, db.SelfOfPatientParams{Patient: patient.UUID, Today: today})
	if err == nil {
		return ids.PatientID{}, false, errTaken
	}
	if !errors.Is(err, pgx.ErrNoRows) {
		return ids.PatientID{}, false, fmt.Errorf("reading the patient's account: %w", err)
	}
	return patient, false, nil
}

func (s *Service) insertPatient(ctx context.Context, tx pgx.Tx, m db.LockMemberRow, patient ids.PatientID, language string) error {
	err := s.q.InsertPatient(ctx, tx, db.InsertPatientParams{
		PatientID: patient.UUID, GivenName: m.GivenName, FamilyName: m.FamilyName, BirthDate: m.BirthDate, Language: language,
	})
	if err != nil {
		return fmt.Errorf("inserting a patient: %w", err)
	}
	if err := s.q.LinkMember(ctx, tx, db.LinkMemberParams{MemberID: m.MemberID, PatientID: &patient.UUID}); err != nil {
		return fmt.Errorf("linking the member: %w", err)
	}
	return nil
}

func (s *Service) putContacts(ctx context.Context, tx pgx.Tx, p proof, patient ids.PatientID) error {
	err := s.q.PutProvenEmail(ctx, tx, db.PutProvenEmailParams{ContactID: ids.NewUUID(), PatientID: patient.UUID, Value: p.email})
	if err != nil {
		return fmt.Errorf("keeping the proven address: %w", err)
	}
	if err := s.q.PutRosterContacts(ctx, tx, []uuid.UUID{p.member}); err != nil {
		return fmt.Errorf("keeping the roster's contact points: %w", err)
	}
	return nil
}

// closeProof notes what the proof led to; a link of the same member is of no
// more use.
func (s *Service) closeProof(ctx context.Context, tx pgx.Tx, p proof, patient ids.PatientID, account ids.AccountID) error {
	if p.activation != nil {
		err := s.q.ConfirmActivation(ctx, tx, db.ConfirmActivationParams{
			ActivationID: *p.activation, PatientID: &patient.UUID, AccountID: &account.UUID,
		})
		if err != nil {
			return fmt.Errorf("confirming the activation: %w", err)
		}
	}
	if p.invitation != nil {
		err := s.q.AcceptInvitation(ctx, tx, db.AcceptInvitationParams{
			InvitationID: *p.invitation, PatientID: &patient.UUID, AccountID: &account.UUID,
		})
		if err != nil {
			return fmt.Errorf("accepting the invitation: %w", err)
		}
	}
	if err := s.q.CloseInvitations(ctx, tx, p.member); err != nil {
		return fmt.Errorf("closing other invitations: %w", err)
	}
	return nil
}
