// Package roster takes X12 834 rosters from payers and keeps members and
// coverages. It is the payers' half of enrollment; package people turns members
// into patients.
//
// An import goes through these states:
//
//	        upload finished
//	             │
//	          waiting
//	             │ claimed                  a command starts here
//	             ▼                                   │
//	          reading ◄──────────────────────────────┘
//	 bytes → x12.Reader → staging, by COPY, a batch a transaction
//	             │
//	   ┌─────────┼───────────────┐
//	   ▼         ▼               ▼
//	refused   replayed        checking
//	(whole    (nothing        who is meant: linked and told apart in SQL,
//	file)     new in it)      subscribers first, then dependents
//	                             │
//	                             ▼
//	                          applying
//	                a chunk of records a transaction: members, coverages,
//	                versions, audit row, findings, cursor
//	                             │
//	                             ▼
//	                           done
//
// Nothing is believed before every trailer of the file was there: a file that
// is refused has touched staging only. From checking on, an import always ends
// in done: each chunk is one transaction of under two seconds that also moves
// the import's cursor, so a process that is killed has either applied a chunk
// and its cursor, or neither. No half of a record is ever visible; between two
// chunks of an import, earlier records are in force and later ones not yet.
//
// Who works on an import holds its lease, renews it while working, and locks
// the import's row in every step: whoever lost the lease writes nothing more.
// An import whose lease ran out is taken up where it stood by the service's
// sweep, or by the next command for the same payer. Only an import of a
// command that died while reading cannot go on, because its file is not here:
// it is refused as interrupted, without effect, and the command is run again.
//
// One import works for a payer at a time, in the order in which they came,
// because files are an order of events. Two payers never wait for each other.
//
// Transactions that were taken in leave a receipt: the same numbers with the
// same content are a replay, which changes nothing; with other content they are
// an alarm, which refuses the file.
//
// Dependents whose subscriber is not known are held: they stay in staging, and
// the import that brings the subscriber takes them up.
package roster
