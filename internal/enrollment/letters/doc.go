// Package letters reaches members whom no mail reaches: staff print letters
// with a code, and the code opens an account.
//
// A batch:
//
//	made ── printed by whoever made it, for a day ──▶ mailed
//	  └──── thrown away ──▶ discarded: its codes open nothing
//
// A letter:
//
//	open ── code + birth date, own e-mail, code there ──▶ used
//	  ├── 60 days, five wrong birth dates, another address on the roster
//	  └── a new letter, or thrown away ──▶ closed
//
// The code is twelve characters without those that are misread. Its keyed hash
// finds the letter; the code itself is sealed until the batch is marked as
// mailed, and for a day at most. It proves the postal address that it was sent
// to: if the roster has another one by then, the letter is of no use.
//
// # Who gets one
//
// Covered adults without an account, with a postal address, who have no e-mail
// address or one that mail does not reach; and whoever asked for one after
// typing their details. Asking answers the same whoever asks and writes a row
// either way; the letter comes with the next batch, at most one in 14 days.
//
// # How it fails
//
//   - The printer jams: the same person prints the batch again, within a day.
//     After that it is thrown away and made again.
//   - Auth away: the mailed code stays good, and works again.
//   - The process dies between account and letter: repeating the code finds the
//     account by its proof.
//   - The e-mail address belongs to somebody else's account: staff get a case,
//     as with every other activation.
package letters
