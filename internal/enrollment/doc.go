// Package enrollment answers: who is this patient, who may act for them, are
// they covered on that date. It owns the Postgres schema "enrollment" and has
// several rooms, which share the schema and one transaction where they meet:
//
//   - roster takes X12 834 files (read by x12) from payers and keeps payers,
//     members and coverages;
//   - people turns members into patients, and is the only one that publishes
//     what others may know of them;
//   - identity keeps how sure we are who somebody is: accounts with an address
//     of one's own, and cases in which staff look at papers;
//   - acting keeps guardians and caregivers;
//   - contacts keeps how a patient is reached, as far as they say so;
//   - desk, duplicates, waves and letters are what staff do about people: find
//     them, merge them, invite them, write to those whom no mail reaches.
//
// A member is one person on one payer's roster. A patient is a person: several
// members, one, or (self-pay) none. members.patient_id says which. An account
// belongs to auth; acts_for says for whom it may act, how, and from when until
// when.
//
// # Where the rooms meet
//
//	roster: a chunk of an import ──▶ people.OnMembersChanged, same transaction
//	any room: staff invite ────────▶ people.Invite, same transaction
//	any room: facts changed ───────▶ people.Publish, same transaction; then Ring
//
// The rooms are handed these as functions. Beside that they know of people only
// how it compares names, numbers and days.
//
// # The order of locks
//
// Whoever locks more than one thing takes them in this order, so that nobody
// waits in a circle:
//
//  1. what somebody works on: a request's key, an activation case, a pair of
//     duplicates, an invitation, a letter, a guardian's request, an import
//  2. members, in id order
//  3. patients, with everybody who is the same human, in id order: people.Hold
//  4. all that belongs to a patient: rights, contact points, consents, checks,
//     activations, merges; then the queue of duplicates and the feed
//
// A foreign key's check locks the patient's row as well, so Hold comes before
// the first row that names the patient, and Publish, which holds again, finds
// nothing new. What is only looked for is passed over where it is locked (waves,
// letters, the search for duplicates), and nothing locks a single patient to
// publish it later. OnMembersChanged and an activation both lock members, then
// patients: neither can miss what the other has just written.
//
// # What others see
//
// Topic "patients" of the feed: one PatientFacts for each patient, always
// whole (names, birth date, language, contact, coverages of all linked
// members, who acts for them, consents). Coverage is given with its dates and
// is judged by the reader on the date of the visit.
//
// # How it fails
//
// Without auth nobody new activates; everybody else goes on. Without mail,
// jobs wait. A roster that is refused changes nothing; one that is killed in
// the middle goes on where its last chunk ended.
package enrollment
