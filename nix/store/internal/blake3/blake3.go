// Package blake3 is the BLAKE3 hash function with a digest of 32 bytes, unkeyed.
//
// It is plain Go: the libraries with vector instructions find out at every start
// of a program what the processor can do, which takes longer than ask-nix does
// for most answers, whether or not anything is hashed. The specification is
// https://github.com/BLAKE3-team/BLAKE3-specs.
package blake3

import (
	"encoding/binary"
	"hash"
	"math/bits"
)

// Size is the length of a digest in bytes.
const Size = 32

const (
	blockSize = 64
	chunkSize = 1024

	flagChunkStart = 1 << 0
	flagChunkEnd   = 1 << 1
	flagParent     = 1 << 2
	flagRoot       = 1 << 3

	// maxDepth is the height of the tree over 2^64 bytes.
	maxDepth = 54
)

type words = [8]uint32

var iv = words{0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a, 0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19}

// order is where each word of a block comes from in the next round.
var order = [16]uint8{2, 6, 3, 10, 7, 0, 4, 13, 1, 11, 12, 5, 9, 14, 15, 8}

// node is what a chaining value or the digest is made of: the last block of a
// chunk, or the two children of a parent.
type node struct {
	chain   words
	block   [16]uint32
	counter uint64
	length  uint32
	flags   uint32
}

// compress mixes the node; the first half of the result is its chaining value,
// or the digest if it is the root.
func (n *node) compress() words {
	m := n.block
	v := [16]uint32{
		n.chain[0], n.chain[1], n.chain[2], n.chain[3], n.chain[4], n.chain[5], n.chain[6], n.chain[7],
		iv[0], iv[1], iv[2], iv[3], uint32(n.counter), uint32(n.counter >> 32), n.length, n.flags,
	}
	for round := 0; ; round++ {
		mix(&v, 0, 4, 8, 12, m[0], m[1])
		mix(&v, 1, 5, 9, 13, m[2], m[3])
		mix(&v, 2, 6, 10, 14, m[4], m[5])
		mix(&v, 3, 7, 11, 15, m[6], m[7])
		mix(&v, 0, 5, 10, 15, m[8], m[9])
		mix(&v, 1, 6, 11, 12, m[10], m[11])
		mix(&v, 2, 7, 8, 13, m[12], m[13])
		mix(&v, 3, 4, 9, 14, m[14], m[15])
		if round == 6 {
			break
		}
		before := m
		for i := range m {
			m[i] = before[order[i]]
		}
	}
	var out words
	for i := range out {
		out[i] = v[i] ^ v[i+8]
	}
	return out
}

func mix(v *[16]uint32, a, b, c, d int, x, y uint32) {
	v[a] += v[b] + x
	v[d] = bits.RotateLeft32(v[d]^v[a], -16)
	v[c] += v[d]
	v[b] = bits.RotateLeft32(v[b]^v[c], -12)
	v[a] += v[b] + y
	v[d] = bits.RotateLeft32(v[d]^v[a], -8)
	v[c] += v[d]
	v[b] = bits.RotateLeft32(v[b]^v[c], -7)
}

func parent(left, right words) node {
	n := node{chain: iv, length: blockSize, flags: flagParent}
	copy(n.block[:8], left[:])
	copy(n.block[8:], right[:])
	return n
}

// hasher holds the present chunk and the chaining values of the finished
// subtrees to its left, the largest first.
type hasher struct {
	chain  words // of the present chunk
	chunk  uint64
	block  [blockSize]byte
	filled int // of the present block
	blocks int // of the present chunk that were compressed

	stack [maxDepth]words
	depth int
}

// New returns a hash that computes BLAKE3.
func New() hash.Hash {
	h := &hasher{}
	h.Reset()
	return h
}

func (h *hasher) Reset()         { *h = hasher{chain: iv} }
func (h *hasher) Size() int      { return Size }
func (h *hasher) BlockSize() int { return blockSize }

func (h *hasher) Write(p []byte) (int, error) {
	written := len(p)
	for len(p) > 0 {
		if h.filled == blockSize {
			h.finishBlock()
		}
		n := copy(h.block[h.filled:], p)
		h.filled += n
		p = p[n:]
	}
	return written, nil
}

// finishBlock makes room for more: what is full is known not to be the last
// block, and so not to belong to the root.
func (h *hasher) finishBlock() {
	last := h.lastBlock()
	h.filled, h.blocks = 0, h.blocks+1
	h.block = [blockSize]byte{}
	if h.blocks < chunkSize/blockSize {
		h.chain = last.compress()
		return
	}
	h.addChunk(last.compress())
	h.chain, h.blocks = iv, 0
}

// addChunk joins the finished chunk with as many subtrees as it completes: one
// for each time that the number of chunks can be halved.
func (h *hasher) addChunk(value words) {
	h.chunk++
	for total := h.chunk; total&1 == 0; total >>= 1 {
		h.depth--
		n := parent(h.stack[h.depth], value)
		value = n.compress()
	}
	h.stack[h.depth] = value
	h.depth++
}

// lastBlock is the present block as the last one of its chunk, or the one before
// if more follows.
func (h *hasher) lastBlock() node {
	n := node{chain: h.chain, counter: h.chunk, length: uint32(h.filled)}
	for i := range n.block {
		n.block[i] = binary.LittleEndian.Uint32(h.block[4*i:])
	}
	if h.blocks == 0 {
		n.flags |= flagChunkStart
	}
	if h.blocks == chunkSize/blockSize-1 {
		n.flags |= flagChunkEnd
	}
	return n
}

// Sum appends the digest of what was written so far; more may be written.
func (h *hasher) Sum(b []byte) []byte {
	root := h.lastBlock()
	root.flags |= flagChunkEnd
	for depth := h.depth - 1; depth >= 0; depth-- {
		root = parent(h.stack[depth], root.compress())
	}
	root.flags |= flagRoot
	root.counter = 0
	for _, word := range root.compress() {
		b = binary.LittleEndian.AppendUint32(b, word)
	}
	return b
}
