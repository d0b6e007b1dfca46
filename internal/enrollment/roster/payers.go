package roster

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/bedside-health/bedside/internal/audit"
	"github.com/bedside-health/bedside/internal/enrollment/roster/db"
	"github.com/bedside-health/bedside/internal/enrollment/x12"
	"github.com/bedside-health/bedside/internal/errs"
	"github.com/bedside-health/bedside/internal/ids"
	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
)

// Payer is an insurer, and how its files are to be read.
type Payer struct {
	// Name is unique, whatever its case.
	Name string
	// Identifiers are what the payer calls itself in N1*IN (N104). A file that
	// names none of them is refused.
	Identifiers []string
	// MemberIDQualifier is the REF that carries the subscriber's number where
	// there is no REF*0F; "WH" if empty.
	MemberIDQualifier string
	// OwnIDQualifier says where a person's own number stands: "NM1" for NM109
	// under ZZ (the default), a REF qualifier, or "-" for nowhere.
	OwnIDQualifier string
	// AcceptWrongCounts makes a wrong count in a trailer a warning.
	AcceptWrongCounts bool
	// EndsExclusive says that an end is the first day without coverage.
	EndsExclusive bool
	// NamesSwapped says that NM103 holds first names and NM104 last names.
	NamesSwapped bool
	// DependentNumbers says that each dependent carries a number of their own
	// where the subscriber's belongs, and stands behind the subscriber.
	DependentNumbers bool
	// IDSeparator cuts what a sender packs behind an identifier in a REF, such
	// as ";"; empty for nothing.
	IDSeparator string
}

// PutPayer makes a payer, or changes how its files are read.
func (s *Service) PutPayer(ctx context.Context, actor audit.Actor, p Payer) (uuid.UUID, error) {
	p.Name = strings.TrimSpace(p.Name)
	var wrong []errs.Field
	if n := len(p.Name); n < 2 || n > 200 {
		wrong = append(wrong, errs.Field{Name: "name", Reason: "length"})
	}
	if n := len(p.Identifiers); n < 1 || n > 50 || slices.ContainsFunc(p.Identifiers, func(id string) bool { return strings.TrimSpace(id) == "" }) {
		wrong = append(wrong, errs.Field{Name: "identifiers", Reason: "required"})
	}
	qualifier := func(name, v string) {
		if !isQualifier(v) {
			wrong = append(wrong, errs.Field{Name: name, Reason: "malformed"})
		}
	}
	qualifier("member_id_qualifier", p.MemberIDQualifier)
	qualifier("own_id_qualifier", strings.TrimPrefix(p.OwnIDQualifier, "-"))
	if len(p.IDSeparator) > 1 || isQualifier(p.IDSeparator) && p.IDSeparator != "" {
		wrong = append(wrong, errs.Field{Name: "id_separator", Reason: "malformed"})
	}
	if len(wrong) > 0 {
		return uuid.Nil, errs.InvalidFields(wrong...)
	}
	switch p.OwnIDQualifier {
	case "":
		p.OwnIDQualifier = "NM1"
	case "-":
		p.OwnIDQualifier = ""
	}
	if p.MemberIDQualifier == "" {
		p.MemberIDQualifier = "WH"
	}
	var row db.EnrollmentPayer
	err := s.db.W.Tx(ctx, func(ctx context.Context, tx pgx.Tx) error {
		var err error
		row, err = s.q.PutPayer(ctx, tx, db.PutPayerParams{
			PayerID: ids.NewUUID(), Name: p.Name, Identifiers: p.Identifiers, MemberIDQualifier: p.MemberIDQualifier,
			OwnIDQualifier: p.OwnIDQualifier, AcceptWrongCounts: p.AcceptWrongCounts,
			EndsExclusive: p.EndsExclusive, NamesSwapped: p.NamesSwapped, IDSeparator: p.IDSeparator,
			DependentNumbers: p.DependentNumbers,
		})
		if err != nil {
			return fmt.Errorf("keeping a payer: %w", err)
		}
		return audit.Append(ctx, tx, audit.Entry{Actor: actor, Action: "payer.put", Subject: "payer/" + row.PayerID.String()})
	})
	return row.PayerID, err
}

// isQualifier says whether v has the shape of a REF qualifier; empty is one.
func isQualifier(v string) bool {
	return len(v) <= 3 && !strings.ContainsFunc(v, func(r rune) bool { return (r < '0' || r > '9') && (r < 'A' || r > 'Z') })
}

// PayerNamed returns the settings of a payer, by its name.
func (s *Service) PayerNamed(ctx context.Context, name string) (Payer, error) {
	p, err := s.payerNamed(ctx, name)
	if err != nil {
		return Payer{}, err
	}
	return payerOf(p), nil
}

// Payers lists the settings of all payers, by name.
func (s *Service) Payers(ctx context.Context) ([]Payer, error) {
	all, err := s.q.AllPayers(ctx, s.db.W.DB())
	if err != nil {
		return nil, fmt.Errorf("listing payers: %w", err)
	}
	out := make([]Payer, len(all))
	for i, p := range all {
		out[i] = payerOf(p)
	}
	return out, nil
}

func payerOf(p db.EnrollmentPayer) Payer {
	own := p.OwnIDQualifier
	if own == "" {
		own = "-"
	}
	return Payer{
		Name: p.Name, Identifiers: p.Identifiers, MemberIDQualifier: p.MemberIDQualifier, OwnIDQualifier: own,
		AcceptWrongCounts: p.AcceptWrongCounts, EndsExclusive: p.EndsExclusive, NamesSwapped: p.NamesSwapped, IDSeparator: p.IDSeparator,
		DependentNumbers: p.DependentNumbers,
	}
}

// payerNamed finds a payer, or says which there are.
func (s *Service) payerNamed(ctx context.Context, name string) (db.EnrollmentPayer, error) {
	p, err := s.q.PayerByName(ctx, s.db.W.DB(), strings.TrimSpace(name))
	if !errors.Is(err, pgx.ErrNoRows) {
		if err != nil {
			return p, fmt.Errorf("looking for the payer: %w", err)
		}
		return p, nil
	}
	all, err := s.q.ListPayers(ctx, s.db.W.DB())
	if err != nil {
		return p, fmt.Errorf("listing payers: %w", err)
	}
	known := make([]string, len(all))
	for i, a := range all {
		known[i] = a.Name
	}
	message := "There is no payer of that name, and none at all yet."
	if len(known) > 0 {
		message = "There is no payer of that name. Known: " + strings.Join(known, ", ") + "."
	}
	return p, errs.New(errs.NotFound, "payer_unknown", message)
}

// isFrom says whether a transaction names this payer.
func isFrom(p db.EnrollmentPayer, t *x12.Transaction) bool {
	same := func(a, b string) bool { return strings.EqualFold(strings.TrimSpace(a), strings.TrimSpace(b)) }
	return slices.ContainsFunc(t.Payers, func(in x12.Party) bool {
		if in.ID == "" {
			return in.Name != "" && same(in.Name, p.Name)
		}
		return slices.ContainsFunc(p.Identifiers, func(id string) bool { return same(id, in.ID) })
	})
}
