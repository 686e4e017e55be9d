package linear

import (
	"encoding/binary"
	"math/bits"
)

// A Rice code of k is the number's k lowest bits behind the rest of it in ones and a zero.

// The codes of how many features a bucket has, and of how many classes a feature has weights for.
const (
	bucketRice = 3
	countRice  = 2
)

// gapRice is the code of how far the class of a weight is from that of the one before, where
// there are n of so many classes: at least 1, so that there are less than 32 ones.
func gapRice(n, classes int) int { return max(1, bits.Len(uint(classes*7/10/(n+1)))-1) }

// reader reads bits, the lowest of a byte first. There have to be spare bytes behind the end,
// which are read again where that is passed.
type reader struct {
	text []byte
	at   int // in bits
}

// spare is how many bytes are behind what is read.
const spare = 8

// window are the next bits, 57 of them at least.
func (r *reader) window() uint64 {
	return binary.LittleEndian.Uint64(r.text[min(r.at>>3, len(r.text)-spare):]) >> (r.at & 7)
}

// rice reads a number, of less than 32 ones.
func (r *reader) rice(k int) uint32 {
	w := r.window()
	ones := bits.TrailingZeros32(^uint32(w))
	r.at += ones + 1 + k
	return uint32(ones)<<k | uint32(w>>(ones+1))&(1<<k-1)
}

// writer writes bits as reader reads them.
type writer struct {
	text []byte
	last uint64
	n    int // bits in last
}

// at is how many bits were written.
func (w *writer) at() int { return 8*len(w.text) + w.n }

func (w *writer) write(x uint32, n int) {
	w.last |= uint64(x) << w.n
	for w.n += n; w.n >= 8; w.n -= 8 {
		w.text = append(w.text, byte(w.last))
		w.last >>= 8
	}
}

func (w *writer) rice(x uint32, k int) {
	ones := int(x >> k)
	for range ones {
		w.write(1, 1)
	}
	w.write(0, 1)
	w.write(x&(1<<k-1), k)
}

// bytes are all that was written, filled up to a byte, and the spare ones.
func (w *writer) bytes() []byte {
	if w.n > 0 {
		w.write(0, 8-w.n)
	}
	return append(w.text, make([]byte, spare)...)
}
