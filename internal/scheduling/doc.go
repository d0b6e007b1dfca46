// Package scheduling is what is free, and taking it: availability, holds,
// appointments.
//
// # The state machine
//
//	           ┌── extend (twice)
//	           ▼
//	search ─▶ held ──book──▶ converted        booked ──▶ canceled
//	           │                  └────────────▶ │ ├───▶ moved
//	           ├── release ──▶ released          └─────▶ closed
//	           └── time ─────▶ expired ──book, if still free──▶ booked
//
// Moving an appointment books a new row at the new time before the old row
// becomes moved, in one transaction: whoever loses the new time still has the
// old one, untouched. The old row names the new one (moved_to); the new one
// names the first (origin), whose id is the visit's UID in calendars, and has
// a higher version than any row before it. Reference, sealed answers, consent
// and payment go along; license and coverage are decided anew for the new day.
//
// Holds and appointments are rows of one table, reservations, because they
// compete for the same time. Two EXCLUDE constraints over held and booked rows
// decide, never an isolation level and never a check before the insert: one
// over the physician's occupied time (buffers included), one over the time of
// the patient. A hold has no patient yet: a choice that is not finished does
// not keep anybody from booking elsewhere.
//
// # Taking time without deadlocks
//
// Whoever takes time first expires stale holds in the way (rows that another
// transaction works on are skipped), then inserts with ON CONFLICT DO NOTHING:
// no row means lost, and the transaction lives on to store that answer.
// Locks are taken in this order, and in id order within a step:
//
//  1. the idempotency key
//  2. the projected row (physician, state), shared; to move, of both physicians
//  3. the browser's own hold, or the appointment to move; then its patient, as
//     two visits of one patient may be moved into each other's time
//  4. calendars of physicians, only to exchange one time for another
//  5. the insert, which waits for rivals
//  6. heads of the feed, by key
//
// # What comes between a visit and its day
//
// A license that no longer allows the visit and hours that no longer hold it
// are rows of affected; a coverage that no longer covers its day is a row of
// coverage_notices. Neither touches the visit, which stays booked: only people
// cancel it. A row is found where the news is applied, in the same transaction
// as the job that mails the patient, so that it is told once; what nobody has
// noticed, such as a coverage that ended in the moment of booking, a sweep
// finds. It is resolved by the return of what was missing, by moving, by
// canceling or by another payment, and staff see it until then. Of hours the
// patient is not told: the physician saw the visit before saving, and may well
// keep it.
//
// # Staff at the desk
//
// Every call has a reach, own or desk (desk.go), and ownership stands in the
// statements behind it: the account's patients, or the one patient whom staff
// have on the phone. Staff cannot sign for anybody. Where the patient has not
// agreed in writing before, staff read the words aloud and record that they
// were agreed to (consent_method verbal). Such an appointment is decided as if
// the consent in writing were there, as holds are, and says that it is due:
// whoever lets a patient into a visit must refuse while the consent is due, for
// no state is known to allow less. SignConsent ends that. What a guardian agreed
// to is good until the patient comes of age: from then on nothing is booked with
// it, and what was booked before is due to be signed by the young adult. A
// caregiver's consent is good, as the adult has asked them to act. What staff
// typed for a patient they can read until it is booked, and never again.
//
// # Who acts for whom
//
// The view scheduling.acting has who may act for whom today, and every statement
// about a patient's things asks it. When a day begins, and a minor's guardians
// are out while the young adult is in, is the rule of package ofage.
//
// # Who calls it, and whom it hears
//
// Web calls it. It follows the feeds of licensing (physicians, rules)
// and enrollment (patients) into projections, and its own feed (calendar) into
// the availability index in memory. The row (physician, state) is locked by
// booking FOR SHARE and by the follower FOR UPDATE, so that every appointment
// is either decided by the new facts or found by the search for affected ones.
//
// # How it fails
//
//   - licensing or enrollment away: it goes on with what it last knew; only a
//     patient or physician it has never heard of has to wait.
//   - The index not ready, or stale: search answers from SQL, bounded; a stale
//     time ends in an honest "just taken" with the nearest three.
//   - Redis away: the feed is polled, throttles count in the process.
//   - The process dies in a booking: the transaction, with its audit row, its
//     mail job and its idempotency key, is there once or not at all.
package scheduling
