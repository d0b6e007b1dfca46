// Package people is the side of enrollment that turns members of rosters into
// patients, and keeps who acts for them, how they are reached and what they
// agreed to. The other side (package roster) owns members and coverages.
//
// # Becoming a patient
//
// By link:
//
//	Invite ─▶ queued ── mailed ──▶ sent ── link + birth date ──▶ accepted
//	            │                   └── 30 days, or active by other means ─▶ expired
//	            └── mail away for days, or the address refused for good ─▶ failed
//
// By typed member number, last name and birth date:
//
//	started ── mailed ──▶ code_sent ── right code ──▶ confirmed
//	   │                     │  └──── account taken ──▶ to_staff
//	   │                     └─────── 15 minutes ─────▶ expired
//	   └── nobody, or nobody for certain (from the first) ─▶ to_staff
//
// Both end in activate: the mailbox is proven, auth makes the account (a call),
// and one transaction makes the patient, links the member, says that the
// account is the patient, keeps contact points, writes the audit entry, queues
// a mail to the roster's address and publishes the patient's facts.
//
// Who is not certain goes to staff with a reference and is never guessed:
// minors, several that fit, members without an address of their own (an adult
// dependent's mail never goes to the subscriber), accounts that are somebody
// else's. A typed attempt answers the same in every case, does the same work,
// and takes the same time; the case, or the mail, tells the difference.
//
// # How it fails
//
//   - Auth away: the proof stays good; the same link or code works again.
//   - The process dies between account and patient: the account stands without
//     a patient, which shows nobody anything. Repeating finds it by the proof.
//   - Repeats and races: the member's row is locked; acts_for holds by
//     exclusion that an account is one person and a person has one account.
//     Whoever comes second gets a reference, not an error.
//   - Mail away: jobs are repeated; an invitation's token stays sealed in its
//     row until the mail has left, then only its hash is there.
//   - A roster's change during an activation: both lock the member first, then
//     the patient; the later one publishes what both wrote.
//   - A roster that suddenly describes another person under the same number
//     does not rename the patient: that is a case (details_differ).
//
// # Who acts for others
//
// Package acting decides which guardians and caregivers enter acts_for, beside
// self; this one judges by it, on the day that package ofage counts. A guardian's end is set from the first, and moves
// when a roster corrects the birth date. Mail goes to an address that the
// patient proved, and to nobody for a minor: scheduling writes to the guardians
// of the day instead.
//
// # What comes on top
//
// A patient may be several members or none; contact points may come from the
// patient. Accounts with limited rights are opened by package identity; here
// they see no coverage.
//
// Patients may turn out to be one human (package duplicates). Then whoever acts
// for one acts for all of them, Me names the one who goes on, and publishing one
// publishes all: see persons.go.
package people
