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
// how it compares names, numbers and days. OnMembersChanged locks members, then patients, in id order; so does an activation. Neither can
// therefore miss what the other has just written.
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
