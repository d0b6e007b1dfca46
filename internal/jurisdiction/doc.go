// Package jurisdiction decides whether a physician may treat a patient who is
// in a given state, at a given time, in a given way. It is pure: facts about
// the physician, the state's rules and the question go in, a Decision comes
// out. There is one evaluator and many users: licensing owns facts and rules
// and publishes them; scheduling, visits and prescribing keep a projection, ask
// Decide, and store the Decision beside the row that it authorizes.
//
// # What it stands on
//
// Care happens where the patient is, and under that state's board. So:
//
//   - Unknown denies the exception, never the rule. Where nothing more is known
//     about a state, an active full or compact-issued license is enough, by live
//     video, with written consent, without controlled substances. Registrations
//     and waivers count only where the state's own entry grants them and that
//     entry rests on a statute or a secondary source. Limited exceptions (so
//     many days or patients a year) need a ledger that does not exist yet, so
//     they are always denied.
//   - A state without a rule file denies everything.
//   - A suspended or revoked license in the state denies, whatever else the
//     physician holds there.
//   - A compact-issued license that an officer still has to confirm denies. A
//     state that leaves the compact on a date takes the whole class with it from
//     that date: only confirmations made since then count.
//   - The first visit is by live video everywhere. Written consent is needed
//     everywhere, whatever lesser form a state accepts.
//   - Controlled substances need both the federal rule of the day and an entry
//     of the state that grants them.
//
// # Days
//
// Licenses and rules are valid for whole calendar days, both ends included, of
// the place where the patient is. A state may span several time zones, and the
// patient's choice of zone must not change the law: every date that the
// encounter touches in any zone of the state is judged, and each must be
// allowed. Consecutive dates may stand on different licenses; the Decision
// names the license of the first. Intervals lists the allowed dates of a
// physician in a state, and Rules.Window turns them into instants by the same
// reading, so that an index built on them agrees with Decide to the second.
//
// # Failure
//
// Nothing here returns an error while deciding: a question that makes no sense
// is denied with ReasonInvalidAsk. Parse and FactsOf do return errors, and a
// consumer that cannot read an update keeps what it had and raises an alarm;
// it never falls back to an empty rule, which would deny, nor to a guess.
package jurisdiction
