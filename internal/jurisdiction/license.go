package jurisdiction

import (
	"cmp"
	"slices"
	"time"
)

// licenseReasons orders what bestLicense may say. A bar by the board outranks
// even an active license of another kind; among the rest, the one closest to
// being usable is the most useful to name.
func licenseReasons() []Reason {
	return []Reason{
		ReasonLicenseRevoked, ReasonLicenseSuspended, ReasonOK, ReasonLicenseUnconfirmed,
		ReasonLicenseNotYetValid, ReasonLicenseExpired, ReasonLicensePending,
		ReasonLicenseSurrendered, ReasonBasisNotAllowed, ReasonNoLicense,
	}
}

// bestLicense judges every license of the state and keeps the one that
// decides.
func bestLicense(licenses []License, rules Rules, day Date) verdict {
	best := verdict{reason: ReasonNoLicense, topic: TopicOutOfState, entry: rules.On(TopicOutOfState, day)}
	for i := range licenses {
		if licenses[i].State != rules.State {
			continue
		}
		if v := judgeLicense(&licenses[i], rules, day); v.before(best) {
			best = v
		}
	}
	return best
}

func (v verdict) before(w verdict) bool {
	order, bases := licenseReasons(), Bases()
	c := cmp.Compare(slices.Index(order, v.reason), slices.Index(order, w.reason))
	if c != 0 || w.license == nil {
		return c < 0
	}
	return cmp.Or(
		cmp.Compare(slices.Index(bases, v.license.Basis), slices.Index(bases, w.license.Basis)),
		cmp.Compare(w.license.ValidTo, v.license.ValidTo),
		cmp.Compare(v.license.ID, w.license.ID),
	) < 0
}

func judgeLicense(l *License, rules Rules, day Date) verdict {
	v := verdict{license: l, topic: TopicOutOfState, entry: rules.On(TopicOutOfState, day)}
	v.reason = statusReason(l, day)
	if v.reason == ReasonLicenseRevoked || v.reason == ReasonLicenseSuspended {
		return v
	}
	if !basisAllowed(l.Basis, v.entry) {
		v.reason = ReasonBasisNotAllowed
		return v
	}
	if v.reason == ReasonOK && unconfirmed(l, rules, day) {
		return v.deny(ReasonLicenseUnconfirmed, TopicIMLC, rules.On(TopicIMLC, day))
	}
	return v
}

func statusReason(l *License, day Date) Reason {
	switch l.Status {
	case StatusActive:
	case StatusSuspended:
		return ReasonLicenseSuspended
	case StatusRevoked:
		return ReasonLicenseRevoked
	case StatusSurrendered:
		return ReasonLicenseSurrendered
	case StatusPending:
		return ReasonLicensePending
	case StatusExpired:
		return ReasonLicenseExpired
	default: // a status that this version does not know grants nothing
		return ReasonLicensePending
	}
	if l.ValidFrom == 0 || day < l.ValidFrom {
		return ReasonLicenseNotYetValid
	}
	if day > l.ValidTo {
		return ReasonLicenseExpired
	}
	return ReasonOK
}

// basisAllowed: full and compact-issued licenses always; a registration or
// waiver where the state's route grants that kind on real evidence; limited
// exceptions never, because their counters are not kept.
func basisAllowed(b Basis, route Entry) bool {
	switch b {
	case BasisFull, BasisIMLC:
		return true
	case BasisRegistration:
		return route.Evidence.grants() && slices.Contains(
			[]string{valueRegistration, valueSpecialLicense, valueCertification, valueLicenseOrReg}, route.Value)
	case BasisWaiver:
		return route.Evidence.grants() && route.Value == valueWaiver
	case BasisException:
	}
	return false
}

// unconfirmed reports whether an officer still has to look at the license:
// because the row says so, or because it was issued through a compact that the
// state is known not to be in, and nobody has confirmed it since.
func unconfirmed(l *License, rules Rules, day Date) bool {
	if l.NeedsConfirmation && l.ConfirmedAt.IsZero() {
		return true
	}
	membership := rules.On(TopicIMLC, day)
	if l.Basis != BasisIMLC || membership.Value != valueNotMember || !membership.Evidence.grants() {
		return false
	}
	return l.ConfirmedAt.IsZero() || confirmedOn(l.ConfirmedAt) < membership.EffectiveFrom
}

func confirmedOn(at time.Time) Date { return DateOf(at.UTC()) }
