package zstd

import (
	"encoding/binary"
	"math/bits"
)

// backward reads bits from the end of a piece to its beginning, the highest first. The
// highest bit that is set in the last byte ends the stream and is not part of it.
type backward struct {
	data []byte // of which the first left bytes are not in value yet
	left int
	// value has the next bits, from its highest one on. There are count of them, or
	// fewer than none when more were read than there are: those are zeros.
	value uint64
	count int
}

// begin takes a stream; ok is false where it is none.
func (b *backward) begin(data []byte) (ok bool) {
	if len(data) == 0 || data[len(data)-1] == 0 {
		return false
	}
	*b = backward{data: data, left: len(data)}
	b.fill()
	unused := bits.LeadingZeros8(data[len(data)-1]) + 1
	b.drop(unused)
	return true
}

// fill takes bytes, so that there are at least 56 bits or all there are.
func (b *backward) fill() {
	if b.count < 0 {
		return
	}
	if b.left >= 8 {
		more := (64 - b.count) >> 3
		b.left -= more
		// The bytes that are taken are the highest of these eight that end with them.
		at := max(b.left+more-8, 0)
		value := binary.LittleEndian.Uint64(b.data[at:])
		if more > 0 {
			b.value |= value >> (64 - 8*more) << (64 - 8*more) >> b.count
			b.count += 8 * more
		}
		return
	}
	for b.count <= 56 && b.left > 0 {
		b.left--
		b.value |= uint64(b.data[b.left]) << (56 - b.count)
		b.count += 8
	}
}

// peek looks at the next n bits, from 1 to 56.
func (b *backward) peek(n int) uint64 { return b.value >> (64 - n) }

func (b *backward) drop(n int) {
	b.value <<= n
	b.count -= n
}

// read reads n bits, from 0 to 31, and fills.
func (b *backward) read(n int) uint64 {
	b.fill()
	value := b.value >> 1 >> (63 - n)
	b.drop(n)
	return value
}

// over reports whether more was read than there is; ended whether all was, and no more.
func (b *backward) over() bool  { return b.count < 0 }
func (b *backward) ended() bool { return b.count == 0 && b.left == 0 }

// forward reads bits from the beginning of a piece, the lowest first. Past the end are zeros.
type forward struct {
	data []byte
	at   int // in bits
}

func (f *forward) peek(n int) int {
	var value uint64
	for i := range 4 {
		if at := f.at>>3 + i; at < len(f.data) {
			value |= uint64(f.data[at]) << (8 * i)
		}
	}
	return int(value >> (f.at & 7) & (1<<n - 1))
}

// used is how many bytes were read, the last perhaps in part; ok is false if there are fewer.
func (f *forward) used() (n int, ok bool) {
	n = (f.at + 7) / 8
	return n, n <= len(f.data)
}
