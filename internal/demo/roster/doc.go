// Package roster writes invented rosters: X12 834 files (005010X220A1) of
// people, employers and a payer that do not exist, as large as asked for.
//
// The same options give the same bytes on every machine, and memory does not
// grow with the number of members, so that a portal can be tried with five
// thousand members and measured with half a million. Other seeds give other
// people under other subscriber numbers and mail addresses, so that files of
// several seeds can be imported one after another.
//
// Nobody can be reached by what is in a file: telephone numbers are 555-01xx,
// mail addresses end in .test, streets are invented. Only cities, states and
// ZIP codes are real. There are no social security numbers, for any number of
// nine digits might be somebody's.
//
// Some members are faulty on purpose. Each is a subscriber without dependents,
// so that an import rejects exactly these, for three reasons in turn: a birth
// date that is no date, which the reader tells; no member number, and coverage
// that begins beyond the year 2100, which only the import can tell.
package roster
