// Package feed is how services tell each other what changed. A service writes
// (key, version, transaction id, payload) in the transaction of the change
// itself; neighbors ask for everything at or above their cursor.
//
// The cursor is a transaction id, never a sequence or a timestamp: it only
// advances to the xmin of the snapshot that a round was read with, so every
// transaction below it has ended and a late commit is never skipped. Rows at
// or above xmin come again in the next round; versions, gapless per key, make
// repeats harmless. Redis only says "look now"; without it a round comes twice
// a second.
//
//	writer:    Append ──commit──▶ feed row ──▶ bell
//	source:    Changes(cursor) ── waits for a bell, a tick or the deadline
//	follower:  version ≤ own: seen    version = own+1: apply
//	           version > own+1: a gap: reread the key, then apply
//
// A follower keeps its cursor and the versions that it applied in the schema
// of its own service (tables feed_cursors and feed_applied), in the same
// transaction as what it applied. Several processes may follow under one name:
// the row lock on the cursor lets one at a time apply a page. A follower that
// fills memory instead of tables keeps nothing and starts from the beginning.
package feed
