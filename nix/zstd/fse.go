package zstd

import "math/bits"

// state is what to do in a state of finite state entropy: the symbol, and how the next
// state comes of so many bits.
type state struct {
	symbol uint8
	bits   uint8
	base   uint16
}

// fse is a table of states.
type fse struct {
	states []state
	log    int // of how many states there are
}

// readFSE reads the description of a table, of symbols up to last, and returns how many
// bytes it has.
func (t *fse) read(data []byte, last, maxLog int) (used int, err error) {
	f := forward{data: data}
	log := f.peek(4) + 5
	f.at += 4
	if log > maxLog {
		return 0, corrupt("a table is too large")
	}
	var shares [256]int16
	symbols := 0
	for left := 1 << log; left > 0; {
		if symbols > last {
			return 0, corrupt("a table has too many symbols")
		}
		share := f.share(left)
		shares[symbols] = int16(share)
		symbols++
		left -= max(share, -share)
		for again := share == 0; again; {
			zeros := f.peek(2)
			f.at += 2
			symbols += zeros
			again = zeros == 3
			if symbols > last+1 {
				return 0, corrupt("a table has too many symbols")
			}
		}
	}
	used, ok := f.used()
	if !ok {
		return 0, corrupt("a table is cut short")
	}
	return used, t.build(shares[:symbols], log)
}

// share reads the share of a symbol, where so many states are left: -1 stands for less than
// one. Values that are too large to be needed at their full length are written one bit
// shorter.
func (f *forward) share(left int) int {
	width := bits.Len(uint(left + 1))
	value := f.peek(width)
	low := 1<<(width-1) - 1
	threshold := 1<<width - 1 - (left + 1)
	if value&low < threshold {
		f.at += width - 1
		return value&low - 1
	}
	f.at += width
	if value > low {
		value -= threshold
	}
	return value - 1
}

// build spreads the symbols over the states by their shares.
func (t *fse) build(shares []int16, log int) error {
	size := 1 << log
	if cap(t.states) < size {
		t.states = make([]state, size)
	}
	t.states, t.log = t.states[:size], log
	var next [256]uint16
	high := size
	for symbol, share := range shares {
		next[symbol] = uint16(max(share, 1))
		if share == -1 {
			if high--; high < 0 {
				return corrupt("a table is impossible")
			}
			t.states[high].symbol = uint8(symbol)
		}
	}
	step, mask, at := size>>1+size>>3+3, size-1, 0
	for symbol, share := range shares {
		for range max(share, 0) {
			t.states[at].symbol = uint8(symbol)
			for at = (at + step) & mask; at >= high && high > 0; {
				at = (at + step) & mask
			}
		}
	}
	if at != 0 {
		return corrupt("a table is impossible")
	}
	for i := range t.states {
		s := &t.states[i]
		x := next[s.symbol]
		next[s.symbol]++
		s.bits = uint8(log + 1 - bits.Len16(x))
		s.base = uint16(int(x)<<s.bits - size)
	}
	return nil
}

// only makes the table of one symbol, which takes no bits.
func (t *fse) only(symbol uint8) {
	t.states, t.log = append(t.states[:0], state{symbol: symbol}), 0
}
