// Package duplicates finds patients who may be one human, and lets staff merge
// them so that it can be undone.
//
//	open ── merged by staff ──▶ merged ── undone ──▶ open
//	  └──── two people ───────▶ not_duplicates
//
// # Finding
//
// Whoever publishes a patient puts it into a queue, in the same transaction. A
// loop takes some out, writes keyed hashes of what they are recognized by (name
// and birth date; birth date and e-mail or phone; social security number), and
// joins them with those of others: by an index, never everybody with everybody.
// Twins share birth date, address and phone but no given name: they are not a
// pair. What staff decided about a pair is never asked again.
//
// # Merging
//
// Nothing is rewritten. A row in patient_merges says that two patients are one
// human, and what is published about them follows from it: whoever acts for one
// acts for both, so that old visits stay where their owner finds them; the
// survivor has the coverages and contact points of both; nothing new is booked
// for the absorbed one. One person has one account: where both patients have
// one, staff choose which stays, and the other right waits, whole, in
// suspended_rights until the merge is undone.
//
// The account that stays gets the rights of both, so somebody must have
// identified whoever has it: by a roster, or by a look at papers, which the merge
// itself may record. A limited account never stays: its case is linked first.
// A guardian's word is for the child that they added, not for another who turns
// out to be the same: unless a roster's family, a decision of staff, or papers
// that the merge itself records stand behind it, the right waits in
// suspended_rights as well, and so do those of caregivers whom an account
// invited that does not stay and that nobody has identified.
//
// Nobody decides about a pair that they are in, or act or acted for.
//
// A survivor may absorb several. It cannot be absorbed itself, nor can somebody
// be absorbed twice: that is refused, and the earlier merge is undone first.
//
// # How it fails
//
//   - Two staff at once: the pair's row is locked; the second is told that it
//     was decided. Repeats with the same key get the first answer.
//   - The loop dies: the queue's rows come back with the rollback.
//   - Undoing when an account has become somebody else's in between: refused.
//   - Both patients have visits at overlapping times from before the merge
//     (or one of them is moved there): they stay, and staff cancel one.
package duplicates
