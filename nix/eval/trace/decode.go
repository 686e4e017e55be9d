package trace

import (
	"encoding/binary"
	"errors"
	"fmt"
	"math"
)

// ErrMalformed means that bytes are not a trace, or one of another version.
var ErrMalformed = errors.New("malformed trace")

// leastInput is the length of the shortest input: kind, shared, length of the rest,
// failure.
const leastInput = 4

// UnmarshalBinary implements encoding.BinaryUnmarshaler. Its errors match
// [ErrMalformed].
func (t *Trace) UnmarshalBinary(data []byte) error {
	d := decoder{rest: data}
	if v := d.byte(); v != version {
		return fmt.Errorf("%w: version %d", ErrMalformed, v)
	}
	count := d.number(uint64(len(data) / leastInput))
	inputs := make([]input, 0, count)
	for range count {
		in := d.input()
		if d.failed {
			break
		}
		if len(inputs) > 0 && compareInputs(inputs[len(inputs)-1], in) >= 0 {
			return fmt.Errorf("%w: not sorted", ErrMalformed)
		}
		inputs = append(inputs, in)
	}
	if d.failed {
		return fmt.Errorf("%w at byte %d", ErrMalformed, len(data)-len(d.rest))
	}
	if len(d.rest) > 0 {
		return fmt.Errorf("%w: %d bytes too many", ErrMalformed, len(d.rest))
	}
	*t = Trace{inputs: inputs}
	return nil
}

// decoder reads from the front of rest. After a failure, everything is zero.
type decoder struct {
	rest   []byte
	name   []byte // the last one
	last   string // the same
	failed bool
}

func (d *decoder) fail() { d.failed, d.rest = true, nil }

func (d *decoder) bytes(n int) []byte {
	if n > len(d.rest) {
		d.fail()
		return nil
	}
	b := d.rest[:n]
	d.rest = d.rest[n:]
	return b
}

func (d *decoder) byte() byte {
	if b := d.bytes(1); b != nil {
		return b[0]
	}
	return 0
}

// number reads a varint of at most limit.
func (d *decoder) number(limit uint64) uint64 {
	v, n := binary.Uvarint(d.rest)
	if n <= 0 || v > limit {
		d.fail()
		return 0
	}
	d.rest = d.rest[n:]
	return v
}

func (d *decoder) string() []byte {
	return d.bytes(int(d.number(uint64(len(d.rest)))))
}

func (d *decoder) int64() int64 {
	if b := d.bytes(8); b != nil {
		return int64(binary.LittleEndian.Uint64(b))
	}
	return 0
}

func (d *decoder) input() input {
	in := input{kind: Kind(d.byte())}
	if in.kind < Entry || in.kind > URL {
		d.fail()
		return in
	}
	in.name = d.nextName()
	if in.kind != URL {
		in.failure = failure(d.number(uint64(denied)))
	}
	if in.failure != 0 || d.failed {
		return in
	}
	switch in.kind {
	case Entry:
		in.file = fileType(d.byte())
		if in.file == noFile || in.file >= fileTypes {
			d.fail()
		}
	case Link:
		in.target = string(d.string())
	case Variable, URL:
		d.sum(&in.sum)
	case Content, Listing:
		d.sum(&in.sum)
		in.stat = d.identity()
	}
	return in
}

// nextName reads a name. Names often are the same as the one before.
func (d *decoder) nextName() string {
	shared := int(d.byte())
	rest := d.string()
	if shared > len(d.name) {
		d.fail()
		return ""
	}
	if len(rest) == 0 && shared == len(d.name) {
		return d.last
	}
	d.name = append(d.name[:shared], rest...)
	d.last = string(d.name)
	return d.last
}

func (d *decoder) sum(s *sum) { copy(s[:], d.bytes(len(s))) }

func (d *decoder) identity() identity {
	switch d.byte() {
	case 0:
		return identity{}
	case 1:
	default:
		d.fail()
		return identity{}
	}
	id := identity{size: int64(d.number(math.MaxInt64))}
	id.mtime = d.int64()
	id.ctime = d.int64()
	id.inode = d.number(math.MaxUint64)
	id.mode = uint32(d.number(math.MaxUint32))
	if !id.known() {
		d.fail()
	}
	return id
}
