// Package acting is the side of enrollment that keeps who acts for others:
// guardians of minors, and caregivers of adults. Package people owns patients,
// and judges by acts_for what anybody may do; this one decides what enters it
// and what leaves it.
//
// # Guardians
//
// Nobody under 18 activates alone. An adult with a patient of their own vouches
// that they are the child's parent or legal guardian; the version, language and
// hash of the words are kept with the request. Being the subscriber proves
// nothing, so the subscriber vouches as well.
//
//	AddChild ─┬─ no plan, or the one member who fits is of the same family ─▶ approved
//	          └─ anything less certain ─▶ requested ── staff ──▶ approved | refused
//
// The same family is the same payer and subscriber number as a member that the
// guardian is confirmed to be, with health coverage in force today. Whoever is the
// child's guardian already is told that there is another. Twins, several that fit, another family, another
// family's guardian, and nobody at all go to staff, and the answer is the same:
// it does not tell whether a roster has the child.
//
// A guardian's right ends with the day before the 18th birthday (March 1 for
// who was born on February 29), set when it begins and moved when a roster
// corrects the birth date. When a day begins is the rule of package ofage. Staff may end it before, for a reason, and whoever had
// it then gets it again through staff alone. Every statement judges the day, so nothing needs to
// run on the birthday.
//
// # Caregivers
//
//	InviteCaregiver ─▶ queued ── mailed ──▶ sent ── accepted by who is signed in ──▶ accepted
//	                     │                   └── 7 days, or withdrawn ─▶ withdrawn
//	                     └── mail refused for days ─▶ failed
//
// Either side ends the right at any time; both are told. Neither guardians nor
// caregivers learn who else acts for a person.
//
// # Mail
//
// Notices go to the proven address of the account's own patient, looked up when
// the mail leaves; so is whether they are still true, and one that was overtaken
// is not mailed. They name people by first name alone, and never health. The
// subscriber of a child, at the address on the roster, is told that the child
// has a guardian, without names; of an adult dependent a subscriber hears nothing.
//
// # How it fails
//
//   - Repeats: an idempotency key, one open request for an account and child,
//     one right for an account and patient by exclusion.
//   - Two at once: the member's row is locked first, then the patient's, as
//     everywhere in enrollment.
//   - Mail away: jobs are repeated; a link stays sealed in its row until its
//     mail has left, then only its hash is there.
package acting
