// Package index answers "when, and with whom" from memory: the free times of
// every physician for the next sixty days, for any service, state and zone. It
// is pure: it is told what is open, taken and licensed, and asks nobody. It
// may be stale; the booking transaction is the judge of every time offered.
//
// # Layout
//
// Time is cut into absolute steps of 5 minutes since 1970 in UTC, so that a
// change of clocks is nothing here: local days are looked up only when a query
// names them. A physician has one bit a step, 288 a day, in a ring of day
// pages. Two pages are nine words, so pages need not begin on words, but the
// ring as a whole does: the word of a step is (step/64) mod words.
//
//	          guard   yesterday   today    tomorrow          today+61
//	           page     page      page      page               page
//	      ...┬───────┬─────────┬─────────┬─────────┬── ~ ──┬─────────┬──(around)
//	word     │ always│    4½   │    4½   │    4½   │       │    4½   │
//	         │ closed│  words  │  words  │  words  │       │  words  │
//	      ...┴───────┴─────────┴─────────┴─────────┴── ~ ──┴─────────┴──
//	                 ^ base    ^ searched from now on       end ^
//
// A plane is one such row for every physician, one row after another, so that
// a search walks memory forward:
//
//	open     slot 0 ▕000001111111100000…▏ slot 1 ▕…▏ slot 2 ▕…▏ …
//	taken    slot 0 ▕000000001100000000…▏ slot 1 ▕…▏ slot 2 ▕…▏ …
//	mask 15  slot 0 ▕000001000010000000…▏ slot 1 ▕…▏ …      a mask for each
//	mask 10  slot 0 ▕000001100011000000…▏ slot 1 ▕…▏ …      service window
//
//	mask[s] = open for all of  [s,          s+minutes      )
//	      and taken for none of [s-before,   s+minutes+after)
//
// Runs are found by doubling (a run of 12 is two runs of 6), a word of 64
// steps at a time. A mask is made when its window (minutes, before, after) is
// first asked for, and from then on kept up to date by every change, of which
// it recomputes only the words that the change can reach. Alignment, lead
// time, daily maximum and licenses are no part of a mask; queries apply them.
//
//	may["NY"][date]          ▕1011…▏  a bit a slot: licensed on that date
//	specialists["207Q00000X"] ▕1110…▏ a bit a slot: has that specialty
//	speakers["es"]            ▕0110…▏ a bit a slot: speaks that language
//
// A search cuts its time by local day, intersects these sets into "who" for
// each, ORs the rows of who, and picks physicians only for the starts that
// remain. Taken ranges are also kept as they were given, sorted: Free has to
// leave alone a step that a neighbor touches, the daily maximum counts them,
// and those beyond the ring are painted when their page comes.
//
// A physician costs 2.3 KB a plane: with six services 2,000 physicians take
// about 37 MB and 16 bytes for every taken range.
//
// # Rounding
//
// Open time is rounded inward to steps, taken time outward, visits and buffers
// up. So a range that lies unevenly may hide a free time, and never offers one
// that is not.
//
// # One lock
//
// A sync.RWMutex over everything, rather than copies on write. A search of
// 2,000 physicians holds it for some tens to hundreds of microseconds, a change
// for a few, so neither waits long, and a thousand bookings a second (far more
// than the database makes) do not slow searches measurably:
// BenchmarkSearchAmongWriters. Copies would cost tens of kilobytes of garbage
// for every hold, and the planes could not lie in one piece. The two long
// writes are rare: Advance over a midnight (milliseconds), and the first query
// for a new window, which makes its mask.
//
// # Feeding it
//
//	x := index.New(index.Options{})
//	x.Advance(now)                  // before anything else
//	x.SetPhysician(id, ...)         // Open: pattern.Expand over x.Window()
//	x.Take(id, occupied)            // or Reset, with all of them
//	x.SetReady(true)                // once the snapshot and what is newer are in
//
// and then, on a timer, room := x.Advance(now) and, unless room is empty,
// AddOpen(id, pattern.Expand(room.From, room.To)) for every physician. Take and
// Free may be repeated, but not reordered for one physician: whoever feeds them
// follows versions.
package index
