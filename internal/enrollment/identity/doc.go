// Package identity is the side of enrollment that keeps how sure we are who
// somebody is: accounts that people open with an address of their own, and the
// cases in which staff look at papers.
//
// # An account with an address of one's own
//
//	StartRegistration ─▶ waiting ── right code ──▶ confirmed
//	                        └────── 15 minutes ──▶ forgotten after a day
//
// Without an activation it is a registration without a plan: the patient typed
// who they are, pays for visits, and has full rights to what is theirs. Beside
// an activation that could not be certain it is limited: the account books, and
// sees what it has booked itself and no coverage, here and in scheduling.
//
// Who has an account already claims the plan from there: their rights stay what
// they are, and staff get the same case.
//
// A start answers the same, writes the same row and queues the same job whoever
// has the address; only the mailbox learns that it has an account. A limited
// confirmation does so whether the details fit somebody or not.
//
// # The case
//
//	open ── check passed, then linked ──▶ linked: coverage, full rights
//	  └──── closed with a reason ───────▶ closed: as it was
//
// A check is of the claimant of that moment: a new limited account beside the
// same activation needs a new one. What staff change carries the version of
// the case that they saw; of two at once one wins and the other is told. A
// member who is somebody else already is never linked here: that is the work of
// who merges duplicates. Nobody under 18 is linked: a guardian acts for them.
//
// Somebody who cannot read their mail any more is a case as well (lost_mailbox):
// after a check of the last hour that passed, ReplaceEmail marks the case, has
// auth mail a link to the new address, and the case ends. What a colleague does
// to the case as it was before the mark is refused, be it a check that failed.
// Who works here is an administrator's to help, and the case stays open. The
// address changes when the link is opened; auth tells the old one, voids the
// password, and ends every session.
//
// # How it fails
//
//   - Auth away: the code stays good and works again.
//   - The process dies between account and patient: repeating finds the account
//     by the proof, as in package people.
//   - A link locks the case, then the member, then the patient; a roster's
//     change locks member and patient in the same order.
//   - Mail away: jobs are repeated.
package identity
