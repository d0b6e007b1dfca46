// Package roster writes invented rosters: X12 834 files (005010X220A1) of
// people, employers and a payer that do not exist, as large as asked for.
//
// The same options give the same bytes on every machine, and memory does not
// grow with the number of members, so that a portal can be tried with five
// thousand members and measured with half a million.
package roster
