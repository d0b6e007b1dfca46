package staff

import (
	"context"

	"github.com/bedside-health/bedside/internal/web/i18n"
	"github.com/bedside-health/bedside/internal/web/ui"
)

func refusalRows(ctx context.Context, f FindingLine) []ui.Row {
	rows := []ui.Row{{Key: i18n.T(ctx, "staff.refused_where"), Value: f.Where, Soft: f.Offset}}
	if f.Name != "" || f.Subscriber != "" {
		rows = append(rows, ui.Row{Key: i18n.T(ctx, "staff.col_who"), Value: f.Name, Soft: f.Subscriber})
	}
	return append(rows, ui.Row{Key: i18n.T(ctx, "staff.refused_done"), Value: i18n.T(ctx, "staff.refused_nothing")})
}

// inviteCard draws the eye only while there is somebody to invite.
func inviteCard(v Invite) string {
	if v.Waiting > 0 {
		return "accent"
	}
	return ""
}
