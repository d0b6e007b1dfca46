package index

// window is what a service needs of a calendar, in steps: open for minutes
// from the start on, and nothing taken from before it until after it.
type window struct{ minutes, before, after int }

// maxWindows bounds memory. Services are few; should there ever be more, the
// oldest window is computed anew when it is next asked for.
const maxWindows = 32

// reach is how many words a window looks back and ahead.
func (w window) reach() (back, ahead int) {
	return words(w.before), words(w.minutes + w.after)
}

func words(steps int) int { return (steps + wordBits - 1) / wordBits }

// addWindow computes the masks of a window that is asked for the first time.
func (x *Index) addWindow(w window) int {
	n := len(x.windows)
	if n < maxWindows {
		x.windows = append(x.windows, w)
		x.masks = append(x.masks, make([]uint64, len(x.open)))
	} else {
		n = x.oldest
		x.oldest = (x.oldest + 1) % maxWindows
		delete(x.windowAt, x.windows[n])
		x.windows[n] = w
	}
	x.windowAt[w] = n
	for _, slot := range x.order {
		x.fitWords(slot, n, x.first(), x.end())
	}
	return n
}

// refresh recomputes every mask where a change of the steps [from, to) can
// show: from a visit's length before it until a buffer's length after it.
func (x *Index) refresh(e *entry, from, to int64) {
	for n, w := range x.windows {
		x.fitWords(e.slot, n, from-int64(w.minutes+w.after), to+int64(w.before))
	}
	x.version++
}

// fitWords recomputes the words of mask n that hold a physician's steps
// [from, to).
func (x *Index) fitWords(slot, n int, from, to int64) {
	from, to = x.clip(from, to)
	if from >= to {
		return
	}
	w := x.windows[n]
	back, ahead := w.reach()
	first := from / wordBits
	length := int((to-1)/wordBits - first + 1)
	size := back + length + ahead
	if len(x.scratch) < 2*size {
		x.scratch = make([]uint64, 2*size)
	}
	open, free := x.scratch[:size], x.scratch[size:2*size]
	x.copyOut(open, x.row(x.open, slot), first-int64(back))
	x.copyOut(free, x.row(x.taken, slot), first-int64(back))
	for i := range free {
		free[i] = ^free[i]
	}
	keepRuns(open, w.minutes)
	// free[s] after the shift: nothing taken in [s-before, s+minutes+after).
	keepRuns(free, w.before+w.minutes+w.after)
	shiftUp(free, w.before)
	mask := x.row(x.masks[n], slot)
	for i := range length {
		mask[x.at(first+int64(i))] = open[back+i] & free[back+i]
	}
}
