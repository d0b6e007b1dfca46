// Package x12 reads X12 834 rosters (005010X220A1, and the exchange form
// 005010X307) as a stream.
//
// A Reader takes bytes and gives events, in the order of the file:
//
//	Interchange (Group (Transaction Member* TransactionEnd)*)*
//
// with a Finding wherever something was odd and was mended or left out. Memory
// is constant: one segment and one member at a time, both bounded.
//
// Three things may be wrong with a file, and they end differently:
//
//   - The file as a whole cannot be believed: another kind of file, another
//     version, cut off, a trailer that is missing or does not fit. Next returns
//     a *Refusal and nothing after it. Whoever reads must not act on anything
//     before the io.EOF that says that every trailer was there.
//   - One member cannot be understood: its event carries a Fault that is Fatal.
//   - Something is odd but clear: a Fault that is not fatal, or a Finding.
//
// Every one of them says where (byte offset, segment number, segment, element),
// what was wrong, and what was done.
//
// The reader forgives what real senders do: a byte order mark, line ends and
// indentation between segments, a newline as terminator, padding inside
// elements, control numbers without their zeros, Latin-1 letters, segments in
// an unusual place. It knows no payer and no member on file: matching, linking
// and effect belong to package roster.
package x12
