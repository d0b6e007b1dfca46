package licensing

import (
	"slices"
	"strings"
	"time"

	licensingv1 "github.com/bedside-health/bedside/internal/gen/bedside/licensing/v1"
	"github.com/bedside-health/bedside/internal/jurisdiction"
	"github.com/bedside-health/bedside/internal/licensing/db"
)

const (
	maxNumber = 40
	maxBoard  = 120
	maxSource = 200
	maxNote   = 500
	// clockSlack is how far ahead of ours an officer's clock may run.
	clockSlack = 24 * time.Hour
)

// license is what an officer enters about a license, checked and normalized.
type license struct {
	state, number, board string
	basis                jurisdiction.Basis
	status               jurisdiction.Status
	from, to             jurisdiction.Date
	source               string
	verified             *time.Time
}

// readLicense checks what an officer entered and reports every fault. A license
// with a source but without a time counts as verified now: whoever types it in
// is looking at it.
func readLicense(l *licensingv1.License, states []string, now time.Time) (license, fields) {
	var f fields
	out := license{
		state:  strings.ToUpper(strings.TrimSpace(l.GetState())),
		number: strings.ToUpper(f.text("number", l.GetNumber(), maxNumber, true)),
		board:  f.text("board", l.GetBoard(), maxBoard, true),
		basis:  jurisdiction.Basis(l.GetBasis()),
		status: jurisdiction.Status(l.GetStatus()),
		from:   f.date("valid_from", l.GetValidFrom()),
		to:     f.date("valid_to", l.GetValidTo()),
		source: f.text("source", l.GetSource(), maxSource, false),
	}
	if !slices.Contains(states, out.state) {
		f.add("state", missingOr(out.state, faultUnknown))
	}
	if !slices.Contains(jurisdiction.Bases(), out.basis) {
		f.add("basis", missingOr(l.GetBasis(), faultUnknown))
	}
	if !slices.Contains(jurisdiction.Statuses(), out.status) {
		f.add("status", missingOr(l.GetStatus(), faultUnknown))
	}
	if out.from != 0 && out.to != 0 && out.to < out.from {
		f.add("valid_to", faultBeforeStart)
	}
	switch {
	case l.GetVerifiedAt() != nil:
		at := l.GetVerifiedAt().AsTime()
		if l.GetVerifiedAt().CheckValid() != nil {
			f.add("verified_at", faultMalformed)
		} else if at.After(now.Add(clockSlack)) {
			f.add("verified_at", faultInFuture)
		}
		out.verified = &at
	case out.source != "":
		out.verified = &now
	}
	return out, f
}

// asEntered turns a stored row back into what an officer would enter.
func asEntered(r db.LicenseRow) license {
	return license{
		state: r.State, number: r.Number, board: r.Board,
		basis: jurisdiction.Basis(r.Basis), status: jurisdiction.Status(r.Status),
		from: jurisdiction.DateOf(r.ValidFrom), to: jurisdiction.DateOf(r.ValidTo),
		source: r.Source, verified: r.VerifiedAt,
	}
}

// sameLicense reports whether an officer's confirmation of the old row still
// speaks about the new one.
func (l license) sameLicense(old db.LicenseRow) bool {
	return l.state == old.State && l.number == old.Number && l.board == old.Board && string(l.basis) == old.Basis
}
