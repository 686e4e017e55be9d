package trace

import (
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
)

// The form of a marshalled trace: a byte for the version, the number of inputs,
// then the inputs in their order. Numbers are varints of encoding/binary unless
// said otherwise. An input is
//
//	kind     1 byte
//	shared   1 byte: how many bytes of the last name this one begins with
//	rest     length and bytes: what follows in the name
//	failure  except for URLs
//
// and, unless it failed,
//
//	Entry             type, 1 byte
//	Link              length and bytes of the target
//	Variable, URL     digest, 32 bytes
//	Content, Listing  digest; then 0, or 1 and the identity: size, times of
//	                  modification and change (8 bytes, little endian), inode, mode
const version = 1

// ErrNotStorable means that a trace is of no use, see [Trace.Obstacle].
var ErrNotStorable = errors.New("a result that cannot be checked is not to be stored")

// maxShared keeps what a few bytes can stand for small.
const maxShared = 255

// MarshalBinary implements encoding.BinaryMarshaler. Its error is
// [ErrNotStorable].
func (t *Trace) MarshalBinary() ([]byte, error) {
	if !t.Storable() {
		return nil, fmt.Errorf("%w: %v", ErrNotStorable, t.obstacle)
	}
	const usual = 80 // bytes an input
	b := make([]byte, 0, usual*len(t.inputs)+16)
	b = append(b, version)
	b = binary.AppendUvarint(b, uint64(len(t.inputs)))
	last := ""
	for i := range t.inputs {
		b = t.inputs[i].append(b, last)
		last = t.inputs[i].name
	}
	return b, nil
}

func (in *input) append(b []byte, last string) []byte {
	shared := 0
	for shared < min(len(last), len(in.name), maxShared) && last[shared] == in.name[shared] {
		shared++
	}
	b = append(b, byte(in.kind), byte(shared))
	b = appendString(b, in.name[shared:])
	if in.kind != URL {
		b = binary.AppendUvarint(b, uint64(in.failure))
	}
	if in.failure != 0 {
		return b
	}
	switch in.kind {
	case Entry:
		b = append(b, byte(in.file))
	case Link:
		b = appendString(b, in.target)
	case Variable, URL:
		b = append(b, in.sum[:]...)
	case Content, Listing:
		b = append(b, in.sum[:]...)
		b = in.stat.append(b)
	}
	return b
}

func (id identity) append(b []byte) []byte {
	if !id.known() {
		return append(b, 0)
	}
	b = append(b, 1)
	b = binary.AppendUvarint(b, uint64(id.size))
	b = binary.LittleEndian.AppendUint64(b, uint64(id.mtime))
	b = binary.LittleEndian.AppendUint64(b, uint64(id.ctime))
	b = binary.AppendUvarint(b, id.inode)
	return binary.AppendUvarint(b, uint64(id.mode))
}

func appendString(b []byte, s string) []byte {
	b = binary.AppendUvarint(b, uint64(len(s)))
	return append(b, s...)
}

// Digest is a digest of all that counts of t: equal for two evaluations that read
// the same.
func (t *Trace) Digest() [sha256.Size]byte {
	h := sha256.New()
	var b []byte
	last := ""
	for _, in := range t.inputs {
		in.stat = identity{}
		b = in.append(b[:0], last)
		last = in.name
		h.Write(b)
	}
	return sum(h.Sum(nil))
}
