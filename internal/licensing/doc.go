// Package licensing is who may treat whom, where and how: physicians, their
// licenses, and the rules of every state. It owns the facts; it does not decide.
// The decision is jurisdiction.Decide, which each neighbor asks on its own copy;
// TryRules asks it about nobody, to show officers what the rules of a day mean.
//
// # A license
//
// A license is a chain of dated rows. A row is never changed (a trigger refuses
// it); an officer writes a newer row that corrects it, and the head of the chain
// moves. The newest row is what the board says now:
//
//	             ┌──────────┐  correct   ┌───────────┐  correct   ┌─────────┐
//	AddLicense ─▶│ row 1    │───────────▶│ row 2     │───────────▶│ row 3   │◀─ head
//	             │ pending  │            │ active    │            │ expired │
//	             └──────────┘            └───────────┘            └─────────┘
//
// Its status may go from any to any other, for boards reinstate and officers
// mistype; whether it may be used follows from status and dates alone:
//
//	pending      not yet            active       from valid_from to valid_to
//	suspended    no, and nothing    revoked      no, and nothing else in
//	             else in that state              that state either
//	expired      no                 surrendered  no
//
// A compact-issued license in a state that is not known to be in the compact is
// written with needs_confirmation and is unusable until an officer confirms it:
//
//	needs_confirmation ── CorrectLicense{confirm} ──▶ confirmed_at
//	        ▲                                              │
//	        └── a correction of state, number, board or basis
//
// # The neighbors
//
// Each write locks the physician's row, takes the next version of their facts
// and appends them to the feed "physicians" in the same transaction, with the
// current rows of all licenses. The rule files of this binary are published to
// the feed "rules" at start, each state whose content changed. scheduling
// follows both; web asks for lists and forms; nobody else calls. licensing calls
// nobody.
//
// # How it fails
//
//   - Two officers correct one row: the physician's lock puts them in order, the
//     second gets errs.Conflict "license_corrected" and reads the new row first.
//   - A repeated request: once gives the stored answer, nothing is written.
//   - licensing is away: neighbors go on with what they last heard. A suspension
//     that was entered is in the feed; it reaches them when licensing is back.
//   - A rule file that cannot be read: the process does not start. A neighbor
//     that cannot read a published one keeps the old and raises an alarm.
//   - Two binaries with different rule files: the one started last decides, and
//     every version that ever held stays in the table rules, so that a stored
//     decision can be explained.
//   - The clock of a process is wrong: dates that authorize are judged by the
//     neighbors against the time of the visit, not against now; only "expiring"
//     and "expired" of the list depend on the database's clock.
package licensing
