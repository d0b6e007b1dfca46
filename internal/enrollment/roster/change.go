package roster

import (
	"bytes"
	"slices"
	"time"

	"github.com/bedside-health/bedside/internal/enrollment/names"
	"github.com/bedside-health/bedside/internal/enrollment/roster/db"
)

// member is somebody on file, or about to be, while records are applied.
type member struct {
	db.EnrollmentMember
	coverages    []*coverage
	isNew, dirty bool
}

// family is everybody under one subscriber's number.
type family struct{ members []*member }

// outcome is what became of one record.
type outcome struct {
	// action is added, changed, ended, or "" where nothing changed.
	action string
	// refused is the reason why the record was not applied.
	refused string
	member  *member
	effect
}

// applyRecord applies one record to a family. It is pure: what changed is
// marked on the members, and said in the outcome.
func applyRecord(f *family, r *db.EnrollmentStagedMember, hds []db.EnrollmentStagedCoverage) outcome {
	if !slices.Contains([]string{codeAdd, codeChange, codeDelete, codeEnd, codeReinstate, codeCorrection, codeAudit, codeNoEffect}, r.Code) {
		return outcome{refused: "not_supported"}
	}
	m := f.find(r)
	out := outcome{effect: effect{before: map[string]any{}}}
	switch {
	case m == nil && r.Code != codeAdd && r.Code != codeAudit:
		out.refused = "not_on_file"
	case m == nil && r.BirthDate == nil:
		out.refused = "no_birth_date"
	case m == nil && r.Pass == passDependents && !f.hasSubscriber(r):
		out.refused = "no_subscriber"
	case m == nil:
		m = newMember(r)
	}
	if out.refused != "" {
		return out
	}
	if out.refused = f.clash(m, r); out.refused != "" {
		return out
	}
	out.member = m
	if (!m.isNew || m.Version > 0) && r.Code != codeNoEffect {
		out.details(m, r)
	}
	out.applyCoverages(m, r, hds)
	out.conclude(f, m, r)
	return out
}

func (f *family) find(r *db.EnrollmentStagedMember) *member {
	for _, m := range f.members {
		if m.MemberID == *r.MemberID {
			return m
		}
	}
	return nil
}

func (f *family) hasSubscriber(r *db.EnrollmentStagedMember) bool {
	return r.SubscriberMemberID != nil && slices.ContainsFunc(f.members, func(m *member) bool {
		return m.IsSubscriber && m.MemberID == *r.SubscriberMemberID
	})
}

// clash says why a record cannot be: it would make two people of a family one,
// or give a family two subscribers.
func (f *family) clash(m *member, r *db.EnrollmentStagedMember) string {
	key := personKey(merged(m.EnrollmentMember, r))
	for _, o := range f.members {
		switch {
		case o == m:
		case o.IsSubscriber && m.IsSubscriber:
			return "subscriber_taken"
		case o.PersonKey == key:
			return "same_person_twice"
		}
	}
	return ""
}

// personKey tells people of one family apart.
func personKey(m db.EnrollmentMember) string {
	if m.OwnNo != nil {
		return "I:" + *m.OwnNo
	}
	return "N:" + m.GivenSearch + ":" + m.BirthDate.Format(time.DateOnly)
}

func newMember(r *db.EnrollmentStagedMember) *member {
	return &member{isNew: true, EnrollmentMember: merged(db.EnrollmentMember{
		MemberID: *r.MemberID, SubscriberNo: r.SubscriberNo, IsSubscriber: r.Pass == passSubscribers,
		SubscriberMemberID: r.SubscriberMemberID, Relationship: r.Relationship,
	}, r)}
}

// merged returns a member with what a record says about it. What the record
// leaves out stays: absence means nothing.
func merged(m db.EnrollmentMember, r *db.EnrollmentStagedMember) db.EnrollmentMember {
	take := func(to *string, v string) {
		if v != "" {
			*to = v
		}
	}
	take(&m.GivenName, r.GivenName)
	take(&m.MiddleName, r.MiddleName)
	take(&m.FamilyName, r.FamilyName)
	take(&m.Gender, r.Gender)
	take(&m.Email, r.Email)
	take(&m.Phone, r.Phone)
	take(&m.Language, r.Language)
	take(&m.GroupNo, r.GroupNo)
	if !m.IsSubscriber {
		take(&m.Relationship, r.Relationship)
	}
	if r.Address1 != "" || r.City != "" || r.Zip != "" {
		m.Address1, m.Address2, m.City, m.State, m.Zip = r.Address1, r.Address2, r.City, r.StateCode, r.Zip
	}
	if r.BirthDate != nil {
		m.BirthDate = *r.BirthDate
	}
	if r.OwnNo != nil {
		m.OwnNo = r.OwnNo
	}
	if len(r.SsnHash) > 0 {
		m.SsnHash = r.SsnHash
	}
	m.GivenSearch, m.FamilySearch = names.Fold(m.GivenName), names.Fold(m.FamilyName)
	m.NameSearch = names.Search(m.FamilyName, m.GivenName)
	m.PersonKey = personKey(m)
	return m
}

// details takes over what the record says about the person.
func (o *outcome) details(m *member, r *db.EnrollmentStagedMember) {
	next := merged(m.EnrollmentMember, r)
	if len(m.SsnHash) > 0 && !bytes.Equal(m.SsnHash, next.SsnHash) {
		o.say(kindWarning, "ssn_changed", nil)
	}
	for _, d := range differences(m.EnrollmentMember, next) {
		o.notes = append(o.notes, d.name)
		if d.was != nil {
			o.before[d.name] = d.was
		}
	}
	m.EnrollmentMember = next
}

// difference is one detail that a record changed, and what it was.
type difference struct {
	name string
	was  any
}

func differences(a, b db.EnrollmentMember) []difference {
	var out []difference
	text := func(name, was, is string) {
		if was != is {
			out = append(out, difference{name, was})
		}
	}
	text("given_name", a.GivenName, b.GivenName)
	text("middle_name", a.MiddleName, b.MiddleName)
	text("family_name", a.FamilyName, b.FamilyName)
	text("birth_date", a.BirthDate.Format(time.DateOnly), b.BirthDate.Format(time.DateOnly))
	text("gender", a.Gender, b.Gender)
	text("email", a.Email, b.Email)
	text("phone", a.Phone, b.Phone)
	text("language", a.Language, b.Language)
	text("relationship", a.Relationship, b.Relationship)
	text("group_no", a.GroupNo, b.GroupNo)
	text("own_no", deref(a.OwnNo), deref(b.OwnNo))
	text("address1", a.Address1, b.Address1)
	text("address2", a.Address2, b.Address2)
	text("city", a.City, b.City)
	text("state", a.State, b.State)
	text("zip", a.Zip, b.Zip)
	if !bytes.Equal(a.SsnHash, b.SsnHash) {
		// The hash itself is of no use to a reader of the history.
		out = append(out, difference{name: "ssn"})
	}
	return out
}

func deref(s *string) string {
	if s == nil {
		return ""
	}
	return *s
}

// applyCoverages does what the record says about coverages. Without an HD only
// an end, a reinstatement and a deletion mean the coverages as a whole.
func (o *outcome) applyCoverages(m *member, r *db.EnrollmentStagedMember, hds []db.EnrollmentStagedCoverage) {
	for i := range hds {
		m.coverages = applyCoverage(m.coverages, r, &hds[i], &o.effect)
	}
	if len(hds) > 0 {
		return
	}
	switch r.Code {
	case codeEnd:
		var open []*coverage
		for _, h := range m.coverages {
			if !h.Voided {
				open = append(open, h)
			}
		}
		day := firstDay(r.Ends, r.Effective)
		if len(open) == 0 && day != nil {
			return
		}
		endCoverages(open, day, nil, &o.effect)
	case codeReinstate:
		m.coverages = reinstateAll(m.coverages, r, &o.effect)
	case codeDelete:
		voidAll(m.coverages, &o.effect)
	case codeNoEffect:
		o.say(kindWarning, "no_effect", nil)
	}
}

// conclude says what became of the record as a whole.
func (o *outcome) conclude(f *family, m *member, r *db.EnrollmentStagedMember) {
	fresh := m.isNew && m.Version == 0
	switch {
	case fresh:
		o.action = "added"
		o.notes = append([]string{"member"}, o.notes...)
		f.members = append(f.members, m)
	case len(o.notes) == 0:
		return
	case o.ended > 0 && (r.Code == codeEnd || o.added+o.changed == 0):
		o.action = "ended"
	default:
		o.action = "changed"
	}
	m.Version++
	m.dirty = true
}
