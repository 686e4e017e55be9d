package zstd

import "math/bits"

const (
	maxHuffmanBits = 11
	maxWeightLog   = 6
	maxWeights     = 255
)

// code is the symbol that some bits begin with, and how many of them are its own.
type code struct{ symbol, bits uint8 }

// huffman is a table of all beginnings of so many bits.
type huffman struct {
	codes [1 << maxHuffmanBits]code
	bits  int // 0 is no table
}

// read reads the description of a tree and returns how many bytes it has.
func (h *huffman) read(data []byte, scratch *fse) (used int, err error) {
	if len(data) == 0 {
		return 0, corrupt("a tree is missing")
	}
	h.bits = 0
	var weights [maxWeights + 1]uint8
	var count int
	head := int(data[0])
	data = data[1:]
	if head >= 128 {
		count = head - 127
		used = (count + 1) / 2
		if used > len(data) {
			return 0, corrupt("a tree is cut short")
		}
		for i := range count {
			weights[i] = data[i/2] >> (4 * (1 - i%2)) & 15
		}
	} else {
		used = head
		if used > len(data) {
			return 0, corrupt("a tree is cut short")
		}
		if count, err = readWeights(weights[:maxWeights], data[:used], scratch); err != nil {
			return 0, err
		}
	}
	return used + 1, h.build(weights[:], count)
}

// readWeights reads weights that are compressed: two states take turns, until there are no
// bits left for one. The other says one more then.
func readWeights(weights []uint8, data []byte, table *fse) (count int, err error) {
	used, err := table.read(data, 255, maxWeightLog)
	if err != nil {
		return 0, err
	}
	var in backward
	if !in.begin(data[used:]) {
		return 0, corrupt("weights without end")
	}
	one, two := in.read(table.log), in.read(table.log)
	if in.over() {
		return 0, corrupt("weights are cut short")
	}
	for count < len(weights)-1 {
		s := table.states[one]
		weights[count] = s.symbol
		count++
		one = uint64(s.base) + in.read(int(s.bits))
		if in.over() {
			weights[count] = table.states[two].symbol
			return count + 1, nil
		}
		one, two = two, one
	}
	return 0, corrupt("too many weights")
}

// build makes the table. The weight of the last symbol is what is missing to a power of two.
func (h *huffman) build(weights []uint8, count int) error {
	var sum uint32
	for _, weight := range weights[:count] {
		if weight > maxHuffmanBits {
			return corrupt("a code is too long")
		}
		sum += 1 << weight >> 1
	}
	if sum == 0 {
		return corrupt("a tree without symbols")
	}
	width := bits.Len32(sum)
	left := uint32(1)<<width - sum
	if width > maxHuffmanBits || left&(left-1) != 0 {
		return corrupt("an impossible tree")
	}
	weights[count] = uint8(bits.Len32(left))
	at := 0
	for weight := uint8(1); int(weight) <= width; weight++ {
		for symbol, other := range weights[:count+1] {
			if other != weight {
				continue
			}
			for range 1 << (weight - 1) {
				h.codes[at] = code{uint8(symbol), uint8(width + 1 - int(weight))}
				at++
			}
		}
	}
	h.bits = width
	return nil
}

// decode appends so many symbols of a stream, which has to end with them.
func (h *huffman) decode(out, data []byte, count int) ([]byte, error) {
	var in backward
	if !in.begin(data) {
		return out, corrupt("literals without end")
	}
	for ; count >= 4; count -= 4 { // four codes have 44 bits at most
		in.fill()
		var four [4]byte
		for i := range four {
			c := h.codes[in.peek(h.bits)&(1<<maxHuffmanBits-1)]
			in.drop(int(c.bits))
			four[i] = c.symbol
		}
		out = append(out, four[:]...)
	}
	for range count {
		in.fill()
		c := h.codes[in.peek(h.bits)&(1<<maxHuffmanBits-1)]
		in.drop(int(c.bits))
		out = append(out, c.symbol)
	}
	if !in.ended() {
		return out, corrupt("literals do not end where they should")
	}
	return out, nil
}
