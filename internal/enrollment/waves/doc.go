// Package waves sends invitations in waves that staff start, and keeps which
// addresses mail does not reach.
//
//	running ◀──▶ paused        running ── nobody is left, or enough ──▶ done
//	   └────────────┴── stopped by staff ──▶ stopped
//
// A wave is a row. A loop looks for those that are due, locks one, chooses the
// next few members, and lets people.Invite make their invitations in the same
// transaction, which also moves the wave forward. So nobody is chosen twice and
// nobody is lost, wherever a process dies: the next one goes on from the row.
//
// # Pace
//
// The wave's own pace stands in its row (next_at): neither a second process nor
// a restart sends faster, and time in which nothing ran is not made up for.
// Whatever waves and the button of an import queue together leaves at the pace
// of the service, which stands in a row as well (people). A wave waits while
// more than a few seconds of mail are queued, so that pausing it takes effect
// at once.
//
// # Who
//
// "new" are adults with an address and no account who were never invited.
// "again" are those who did not answer in a week, or whose mail never left
// while the relay was away: a reminder ends the link before. At most three invitations are mailed to one
// person ever, counted by address and birth date over all rosters.
//
// # Addresses
//
// An address that a mail server refused for good (5xx to RCPT TO) is kept, with
// the class of the refusal and never its words, and is not mailed to again until
// staff clear it. Staff may add one by hand: reports that come later by mail
// (delivery status notifications) are not read.
//
// # How it fails
//
//   - Mail away: invitations wait as jobs; the wave waits for them.
//   - Staff stop a wave: what is queued by then still leaves.
package waves
