// Package desk is the side of enrollment that staff use while somebody is on
// the phone: finding the person, seeing why they could not get in, sending an
// invitation again, and recording what was agreed to by word of mouth.
//
// # What staff may see
//
// Two identifiers find somebody; one alone is refused, so that nobody browses.
// A search is recorded with the kinds of identifiers, keyed hashes of what was
// typed and the number of results, and as a read of everybody whom it showed; an
// account that searches more than a desk does is stopped for a while. A
// record holds what a call needs: names, dates, how somebody is reached, who
// acts for them, coverages, consents, invitations and attempts to activate. It
// holds nothing about health.
//
// # Why somebody cannot get in
//
// Attempts by typed details name a member only where exactly one fits. One with
// a wrong spelling fits nobody, but its number was hashed: attempts are found
// again by the numbers of the member that is looked at. In a family that shares
// a number, another of them may have typed it; the page says so.
//
// # How it fails
//
//   - Two staff resend at once: the member's row is locked, the second is told
//     that a mail went out today.
//   - A mail that waits to leave is not replaced: it would be the same mail.
//   - A new invitation ends the one before; its link then leads to help.
package desk
