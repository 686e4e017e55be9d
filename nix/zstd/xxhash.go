package zstd

import (
	"encoding/binary"
	"math/bits"
)

// The primes of XXH64.
const (
	prime1 = 0x9E3779B185EBCA87
	prime2 = 0xC2B2AE3D27D4EB4F
	prime3 = 0x165667B19E3779F9
	prime4 = 0x85EBCA77C2B2AE63
	prime5 = 0x27D4EB2F165667C5
)

// digest is XXH64 without a seed, with which frames are checked.
type digest struct {
	lanes [4]uint64
	total uint64
	tail  [32]byte
	held  int // bytes of tail
}

func (d *digest) reset() {
	first := uint64(prime1)
	*d = digest{lanes: [4]uint64{first + prime2, prime2, 0, -first}}
}

func (d *digest) write(p []byte) {
	d.total += uint64(len(p))
	if d.held > 0 {
		n := copy(d.tail[d.held:], p)
		d.held, p = d.held+n, p[n:]
		if d.held < len(d.tail) {
			return
		}
		d.stripe(d.tail[:])
		d.held = 0
	}
	for ; len(p) >= len(d.tail); p = p[len(d.tail):] {
		d.stripe(p)
	}
	d.held = copy(d.tail[:], p)
}

func (d *digest) stripe(p []byte) {
	for i := range d.lanes {
		d.lanes[i] = round(d.lanes[i], binary.LittleEndian.Uint64(p[8*i:]))
	}
}

func round(lane, value uint64) uint64 { return bits.RotateLeft64(lane+value*prime2, 31) * prime1 }

func (d *digest) sum() uint64 {
	h := d.lanes[2] + prime5
	if d.total >= 32 {
		h = bits.RotateLeft64(d.lanes[0], 1) + bits.RotateLeft64(d.lanes[1], 7) +
			bits.RotateLeft64(d.lanes[2], 12) + bits.RotateLeft64(d.lanes[3], 18)
		for _, lane := range d.lanes {
			h = (h^round(0, lane))*prime1 + prime4
		}
	}
	h += d.total
	rest := d.tail[:d.held]
	for ; len(rest) >= 8; rest = rest[8:] {
		h = bits.RotateLeft64(h^round(0, binary.LittleEndian.Uint64(rest)), 27)*prime1 + prime4
	}
	if len(rest) >= 4 {
		h = bits.RotateLeft64(h^uint64(binary.LittleEndian.Uint32(rest))*prime1, 23)*prime2 + prime3
		rest = rest[4:]
	}
	for _, b := range rest {
		h = bits.RotateLeft64(h^uint64(b)*prime5, 11) * prime1
	}
	h = (h ^ h>>33) * prime2
	h = (h ^ h>>29) * prime3
	return h ^ h>>32
}
