package people

import (
	"context"
	"fmt"
	"strconv"
	"time"

	"github.com/bedside-health/bedside/internal/audit"
	"github.com/bedside-health/bedside/internal/enrollment/people/db"
	"github.com/bedside-health/bedside/internal/ids"
	"github.com/bedside-health/bedside/internal/ofage"
	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/riverqueue/river"
)

// Invite queues invitation mails to those of the members who may have one:
// adults with an address of their own, no account and no open invitation. It
// returns how many; all of them count as considered (members.invited_at). The
// mails leave one after the other, at the service's pace, after those that wait
// already.
func (s *Service) Invite(ctx context.Context, tx pgx.Tx, actor audit.Actor, members []ids.MemberID) (int, error) {
	bare := bareIDs(members)
	if err := s.q.EndInvitations(ctx, tx, bare); err != nil {
		return 0, fmt.Errorf("ending old invitations: %w", err)
	}
	if err := s.q.MarkInvited(ctx, tx, bare); err != nil {
		return 0, fmt.Errorf("marking members as considered: %w", err)
	}
	today := s.today()
	who, err := s.q.Invitable(ctx, tx, db.InvitableParams{Members: bare, AdultIfBornBy: ofage.BornBy(today), Today: today})
	if err != nil {
		return 0, fmt.Errorf("choosing whom to invite: %w", err)
	}
	if len(who) == 0 {
		return 0, nil
	}
	rows, err := s.invitations(ctx, tx, who)
	if err != nil {
		return 0, err
	}
	made, err := s.q.InsertInvitations(ctx, tx, rows)
	if err != nil {
		return 0, fmt.Errorf("inserting invitations: %w", err)
	}
	mails := make([]river.InsertManyParams, 0, len(made))
	for _, m := range made {
		opts := &river.InsertOpts{}
		// Scheduled jobs wait for the queue's next round: the first do not.
		if m.SendAt.Sub(rows.Now) >= time.Second {
			// The queue runs by the machine's clock, which tests do not move.
			opts.ScheduledAt = m.SendAt.Add(-s.clock.Moved())
		}
		mails = append(mails, river.InsertManyParams{Args: invitationMail{Invitation: m.InvitationID, Actor: actor}, InsertOpts: opts})
	}
	if err := s.jobs.InsertMany(ctx, tx, mails); err != nil {
		return 0, fmt.Errorf("queueing invitation mails: %w", err)
	}
	err = audit.Append(ctx, tx, audit.Entry{Actor: actor, Action: "invitation.queue", Detail: map[string]string{"count": strconv.Itoa(len(made))}})
	if err != nil {
		return 0, err
	}
	return len(made), nil
}

// invitations makes the rows: a secret each, spaced in time.
func (s *Service) invitations(ctx context.Context, tx pgx.Tx, who []db.InvitableRow) (db.InsertInvitationsParams, error) {
	now := s.clock.Now()
	last, err := s.q.LastSend(ctx, tx)
	if err != nil {
		return db.InsertInvitationsParams{}, fmt.Errorf("looking when the newest mail leaves: %w", err)
	}
	at := now
	if next := last.Add(s.step); next.After(at) {
		at = next
	}
	rows := db.InsertInvitationsParams{Now: now}
	for _, m := range who {
		id, token := ids.NewUUID(), newToken()
		sealed, err := s.seal.SealSecret(purposeTokenOf(id), []byte(token))
		if err != nil {
			return db.InsertInvitationsParams{}, fmt.Errorf("sealing an invitation's token: %w", err)
		}
		rows.Invitations = append(rows.Invitations, id)
		rows.Members = append(rows.Members, m.MemberID)
		rows.Hashes = append(rows.Hashes, s.tokenHash(token))
		rows.Sealed = append(rows.Sealed, sealed)
		rows.Emails = append(rows.Emails, m.Email)
		rows.Languages = append(rows.Languages, languageOr(m.Language, ""))
		rows.Sends = append(rows.Sends, at)
		rows.Ends = append(rows.Ends, at.Add(invitationLifetime))
		at = at.Add(s.step)
	}
	return rows, nil
}

func bareIDs(members []ids.MemberID) []uuid.UUID {
	out := make([]uuid.UUID, len(members))
	for i, m := range members {
		out[i] = m.UUID
	}
	return out
}
