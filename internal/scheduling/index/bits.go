package index

import (
	"iter"
	"math/bits"
	"slices"
)

const wordBits = 64

// bitset holds one bit a slot, and grows as slots do.
type bitset []uint64

func (b bitset) has(i int) bool {
	w := i / wordBits
	return w < len(b) && b[w]>>(i%wordBits)&1 == 1
}

func (b *bitset) set(i int) {
	for len(*b) <= i/wordBits {
		*b = append(*b, 0)
	}
	(*b)[i/wordBits] |= 1 << (i % wordBits)
}

func (b bitset) clear(i int) {
	if w := i / wordBits; w < len(b) {
		b[w] &^= 1 << (i % wordBits)
	}
}

// and is the intersection, as a new set.
func (b bitset) and(c bitset) bitset {
	both := make(bitset, min(len(b), len(c)))
	for i := range both {
		both[i] = b[i] & c[i]
	}
	return both
}

// minus is b without the members of c, as a new set.
func (b bitset) minus(c bitset) bitset {
	rest := slices.Clone(b)
	for i := range min(len(b), len(c)) {
		rest[i] &^= c[i]
	}
	return rest
}

// or adds the members of c.
func (b *bitset) or(c bitset) {
	for len(*b) < len(c) {
		*b = append(*b, 0)
	}
	for i, w := range c {
		(*b)[i] |= w
	}
}

// equal reports whether b and c have the same members, whatever their length.
func (b bitset) equal(c bitset) bool {
	if len(b) > len(c) {
		b, c = c, b
	}
	for i, w := range b {
		if w != c[i] {
			return false
		}
	}
	return empty(c[len(b):])
}

// members yields every member, lowest first.
func (b bitset) members() iter.Seq[int] {
	return func(yield func(int) bool) {
		for w, word := range b {
			for ; word != 0; word &= word - 1 {
				if !yield(w*wordBits + bits.TrailingZeros64(word)) {
					return
				}
			}
		}
	}
}

func empty(words []uint64) bool {
	for _, w := range words {
		if w != 0 {
			return false
		}
	}
	return true
}

// keepRuns leaves bit s set only where the n bits from s on are all set. Bits
// past the end count as clear. A run of n is two runs of n/2, so the work grows
// with the logarithm of n: 12 word operations for a visit of six hours.
func keepRuns(words []uint64, n int) {
	for have := 1; have < n; {
		k := min(have, n-have)
		andShifted(words, k)
		have += k
	}
}

// andShifted keeps bit s only where bit s+k is set too. It runs upward, so that
// what it reads is not yet changed.
func andShifted(words []uint64, k int) {
	skip, by := k/wordBits, uint(k%wordBits)
	for j := range words {
		var w uint64
		if j+skip < len(words) {
			w = words[j+skip] >> by
		}
		// A shift by 64 is zero in Go, which is right when by is 0.
		if j+skip+1 < len(words) {
			w |= words[j+skip+1] << (wordBits - by)
		}
		words[j] &= w
	}
}

// shiftUp moves every bit s to s+k; clear bits come in from below.
func shiftUp(words []uint64, k int) {
	skip, by := k/wordBits, uint(k%wordBits)
	for j := len(words) - 1; j >= 0; j-- {
		var w uint64
		if j-skip >= 0 {
			w = words[j-skip] << by
		}
		if j-skip-1 >= 0 {
			w |= words[j-skip-1] >> (wordBits - by)
		}
		words[j] = w
	}
}
