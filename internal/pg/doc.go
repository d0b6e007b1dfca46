// Package pg reaches Postgres. It alone builds pools; a writer and a reader are
// different types, so that a replica read is visible in the code, and a
// decision that leads to a write can only ask the primary.
//
// Positions: every write transaction remembers the WAL position after its
// commit in the Position of its context. Reader hands out a replica only if
// that replica has replayed the caller's position, within a budget of 20 ms;
// otherwise, and while a replica is away, it hands out the primary. So a caller
// always sees its own writes, and a dead replica stalls nobody.
package pg
