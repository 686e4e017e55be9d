package zstd

import "encoding/binary"

// Symbols of the three tables of sequences, and how large these may be.
const (
	lastLiteralCode, maxLiteralLog = 35, 9
	lastOffsetCode, maxOffsetLog   = 31, 8
	lastMatchCode, maxMatchLog     = 52, 9
)

// tables are what later blocks of a frame may use again.
type tables struct {
	tree                     huffman
	literals, offsets, match table
	recent                   [3]int // offsets
	scratch                  fse
}

// table is one of them, if there is one.
type table struct {
	fse
	made bool
}

func (t *tables) reset() {
	t.tree.bits = 0
	t.literals.made, t.offsets.made, t.match.made = false, false, false
	t.recent = [3]int{1, 4, 8}
}

// decodeBlock appends the content of a compressed block to out.
func (r *Reader) decodeBlock(data []byte) error {
	rest, err := r.readLiterals(data)
	if err != nil {
		return err
	}
	before := len(r.out)
	if err := r.readSequences(rest); err != nil {
		return err
	}
	if len(r.out)-before > maxBlock {
		return corrupt("a block is too large")
	}
	return nil
}

// readLiterals reads the literals of a block and returns what follows.
func (r *Reader) readLiterals(data []byte) (rest []byte, err error) {
	if len(data) == 0 {
		return nil, corrupt("an empty block")
	}
	kind, format := data[0]&3, data[0]>>2&3
	if kind < 2 {
		return r.plainLiterals(data, kind == 1, format)
	}
	length := [...]int{3, 3, 4, 5}[format]
	if len(data) < length {
		return nil, corrupt("literals are cut short")
	}
	var header [8]byte
	copy(header[:], data[:length])
	number := binary.LittleEndian.Uint64(header[:]) >> 4
	width := [...]int{10, 10, 14, 18}[format]
	size, compressed := int(number&(1<<width-1)), int(number>>width&(1<<width-1))
	data = data[length:]
	if size > maxBlock || compressed > len(data) {
		return nil, corrupt("literals are too large")
	}
	part, rest := data[:compressed], data[compressed:]
	tree := &r.tables.tree
	if kind == 2 {
		used, err := tree.read(part, &r.tables.scratch)
		if err != nil {
			return nil, err
		}
		part = part[used:]
	}
	if tree.bits == 0 {
		return nil, corrupt("there is no tree to use again")
	}
	if format == 0 {
		r.literals, err = tree.decode(r.literals[:0], part, size)
		return rest, err
	}
	return rest, r.fourStreams(part, size)
}

// plainLiterals reads literals that are not compressed, or one that is repeated.
func (r *Reader) plainLiterals(data []byte, repeated bool, format byte) (rest []byte, err error) {
	var size, length int
	switch format {
	case 0, 2:
		size, length = int(data[0]>>3), 1
	case 1:
		length = 2
	case 3:
		length = 3
	}
	if len(data) < length {
		return nil, corrupt("literals are cut short")
	}
	for i := 0; length > 1 && i < length; i++ {
		size |= int(data[i]) << (8 * i)
	}
	if length > 1 {
		size >>= 4
	}
	data = data[length:]
	stored := size
	if repeated {
		stored = 1
	}
	if size > maxBlock || stored > len(data) {
		return nil, corrupt("literals are too large")
	}
	r.literals = append(r.literals[:0], data[:stored]...)
	for repeated && len(r.literals) < size {
		r.literals = append(r.literals, data[0])
	}
	if repeated && size == 0 {
		r.literals = r.literals[:0]
	}
	return data[stored:], nil
}

// fourStreams decodes literals that are in four parts, so that others can decode them at
// once. The sizes of the first three stand before them.
func (r *Reader) fourStreams(data []byte, size int) (err error) {
	if len(data) < 6 {
		return corrupt("literals are cut short")
	}
	sizes, data := data[:6], data[6:]
	each := (size + 3) / 4
	if 3*each > size {
		return corrupt("too few literals for four streams")
	}
	r.literals = r.literals[:0]
	for i := range 4 {
		part, count := data, size-3*each
		if i < 3 {
			length := int(binary.LittleEndian.Uint16(sizes[2*i:]))
			if length > len(data) {
				return corrupt("literals are cut short")
			}
			part, data, count = data[:length], data[length:], each
		}
		if r.literals, err = r.tables.tree.decode(r.literals, part, count); err != nil {
			return err
		}
	}
	return nil
}

// readSequences reads the sequences of a block: each takes so many literals, and repeats
// what was there so far back. Literals that are left come last.
func (r *Reader) readSequences(data []byte) error {
	count, data, err := sequenceCount(data)
	if err != nil {
		return err
	}
	if count == 0 {
		if len(data) > 0 {
			return corrupt("something follows the last literal")
		}
		r.out = append(r.out, r.literals...)
		return nil
	}
	if len(data) == 0 || data[0]&3 != 0 {
		return corrupt("sequences of unknown form")
	}
	modes, t := data[0], &r.tables
	data = data[1:]
	if data, err = t.literals.read(data, modes>>6, lastLiteralCode, maxLiteralLog, literalShares); err != nil {
		return err
	}
	if data, err = t.offsets.read(data, modes>>4&3, lastOffsetCode, maxOffsetLog, offsetShares); err != nil {
		return err
	}
	if data, err = t.match.read(data, modes>>2&3, lastMatchCode, maxMatchLog, matchShares); err != nil {
		return err
	}
	return r.sequences(data, count)
}

func sequenceCount(data []byte) (count int, rest []byte, err error) {
	switch {
	case len(data) >= 1 && data[0] < 128:
		return int(data[0]), data[1:], nil
	case len(data) >= 2 && data[0] < 255:
		return int(data[0]-128)<<8 | int(data[1]), data[2:], nil
	case len(data) >= 3:
		return int(data[1]) + int(data[2])<<8 + 0x7F00, data[3:], nil
	}
	return 0, nil, corrupt("sequences are cut short")
}

// read settles which table is used: one that everybody knows, one of a single symbol, a new
// one, or the last one again.
func (t *table) read(data []byte, mode byte, last, maxLog int, usual func() ([]int16, int)) (rest []byte, err error) {
	switch mode {
	case 0:
		err = t.build(usual())
	case 1:
		if len(data) == 0 || int(data[0]) > last {
			return nil, corrupt("a table of an unknown symbol")
		}
		t.only(data[0])
		data = data[1:]
	case 2:
		var used int
		if used, err = t.fse.read(data, last, maxLog); err == nil {
			data = data[used:]
		}
	case 3:
		if !t.made {
			err = corrupt("there is no table to use again")
		}
	}
	t.made = err == nil
	return data, err
}

// sequences carries out so many.
func (r *Reader) sequences(data []byte, count int) error {
	var in backward
	if !in.begin(data) {
		return corrupt("sequences without end")
	}
	t := &r.tables
	literals := r.literals
	literal, offset, match := in.read(t.literals.log), in.read(t.offsets.log), in.read(t.match.log)
	before := len(r.out)
	for n := range count {
		l, o, m := t.literals.states[literal], t.offsets.states[offset], t.match.states[match]
		value := int(1<<o.symbol | in.read(int(o.symbol)))
		length := matchLength(m.symbol, &in)
		take := literalLength(l.symbol, &in)
		if n < count-1 {
			literal = uint64(l.base) + in.read(int(l.bits))
			match = uint64(m.base) + in.read(int(m.bits))
			offset = uint64(o.base) + in.read(int(o.bits))
		}
		if in.over() || take > len(literals) {
			return corrupt("sequences are cut short")
		}
		r.out = append(r.out, literals[:take]...)
		literals = literals[take:]
		if err := r.repeat(t.offset(value, take == 0), length); err != nil {
			return err
		}
		if len(r.out)-before > maxBlock {
			return corrupt("a block is too large")
		}
	}
	if !in.ended() {
		return corrupt("sequences do not end where they should")
	}
	r.out = append(r.out, literals...)
	return nil
}

// offset is how far back a value means: the first three are the last offsets, or, where no
// literals come before, the two but last and one less than the last.
func (t *tables) offset(value int, noLiterals bool) (offset int) {
	recent := &t.recent
	if value > 3 {
		*recent = [3]int{value - 3, recent[0], recent[1]}
		return value - 3
	}
	if noLiterals {
		value++
	}
	switch value {
	case 1:
	case 2:
		*recent = [3]int{recent[1], recent[0], recent[2]}
	case 3:
		*recent = [3]int{recent[2], recent[0], recent[1]}
	case 4:
		*recent = [3]int{recent[0] - 1, recent[0], recent[1]}
	}
	return recent[0]
}

// repeat appends so many bytes from so far back.
func (r *Reader) repeat(offset, length int) error {
	if offset <= 0 || offset > len(r.out) || offset > r.reach() {
		return corrupt("something is repeated that was not there")
	}
	for length > 0 {
		from := len(r.out) - offset
		piece := min(length, offset)
		r.out = append(r.out, r.out[from:from+piece]...)
		length -= piece
	}
	return nil
}

// reach is how far back a match may reach: the window, and in it at least all of a small
// frame.
func (r *Reader) reach() int { return max(r.window, len(r.out)-r.next) }
