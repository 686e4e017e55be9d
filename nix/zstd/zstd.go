// Package zstd reads what is compressed with Zstandard (RFC 8878): any number of frames,
// skippable ones among them, as a stream. It does not know dictionaries, and does not
// compress.
//
// It makes no tables before they are needed, so that a program which hardly ever reads such
// a file pays nothing for it at its start.
package zstd

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
)

// Reader gives the content of the frames that it reads. It is not safe for concurrent use.
type Reader struct {
	in        *source
	maxWindow int
	err       error // for every Read from now on

	out  []byte // what was decoded last: the window, and what is not read yet
	next int    // of out, that is not read yet

	inFrame   bool
	window    int // bytes that matches may reach back
	checksum  bool
	size      int64 // that the content of the frame should have, -1 if that is not told
	decoded   int64 // of the frame
	hash      digest
	literals  []byte
	tables    tables
	lastBlock bool
}

// NewReader reads frames from in, of which none may ask for a larger window than so many
// bytes. Nothing is read before the first Read.
//
// An error is io.ErrUnexpectedEOF where the input ends within a frame, wraps [ErrCorrupt]
// where it cannot be what anybody has compressed, and [ErrUnsupported] for a dictionary or
// a window that is too large.
func NewReader(in io.Reader, maxWindow int) *Reader {
	return &Reader{in: &source{r: in}, maxWindow: maxWindow}
}

var (
	// ErrCorrupt is of input that is damaged.
	ErrCorrupt = errors.New("damaged zstd data")
	// ErrUnsupported is of input that may be whole.
	ErrUnsupported = errors.New("zstd data that is not read here")
)

func corrupt(what string) error { return fmt.Errorf("%w: %s", ErrCorrupt, what) }

// maxBlock is the largest that a block may become.
const maxBlock = 128 << 10

// Magic numbers of frames. The lowest four bits of a skippable one are free.
const (
	magic         = 0xFD2FB528
	skippable     = 0x184D2A50
	skippableMask = 0xFFFFFFF0
)

// Read gives content, or io.EOF after the last frame.
func (r *Reader) Read(p []byte) (int, error) {
	for r.next == len(r.out) {
		if r.err != nil {
			return 0, r.err
		}
		if len(p) == 0 {
			return 0, nil
		}
		r.err = r.advance()
	}
	n := copy(p, r.out[r.next:])
	r.next += n
	return n, nil
}

// advance begins a frame, or decodes a block.
func (r *Reader) advance() error {
	if !r.inFrame {
		return r.beginFrame()
	}
	r.slide()
	before := len(r.out)
	if err := r.readBlock(); err != nil {
		if errors.Is(err, io.EOF) {
			err = io.ErrUnexpectedEOF
		}
		r.out = r.out[:before]
		return err
	}
	r.decoded += int64(len(r.out) - before)
	if r.checksum {
		r.hash.write(r.out[before:])
	}
	if r.lastBlock {
		return r.endFrame()
	}
	return nil
}

// slide lets go of what no match can reach any more, now and then. All was read.
func (r *Reader) slide() {
	if room := max(r.window, 1<<20) + maxBlock; len(r.out) > r.window+room {
		kept := copy(r.out, r.out[len(r.out)-r.window:])
		r.out = r.out[:kept]
	}
	r.next = len(r.out)
}

// beginFrame reads the header of a frame, or passes over a skippable one.
func (r *Reader) beginFrame() error {
	first, err := r.in.bytes(4)
	if err != nil {
		return err // io.EOF only if there is nothing at all
	}
	number := binary.LittleEndian.Uint32(first)
	if number&skippableMask == skippable {
		size, err := r.in.number(4)
		if err == nil {
			err = r.in.skip(int64(size))
		}
		return whole(err)
	}
	if number != magic {
		return corrupt("a frame does not begin as it should")
	}
	return whole(r.readHeader())
}

// whole makes an end that comes too early of any.
func whole(err error) error {
	if errors.Is(err, io.EOF) {
		return io.ErrUnexpectedEOF
	}
	return err
}

func (r *Reader) readHeader() error {
	descriptor, err := r.in.number(1)
	if err != nil {
		return err
	}
	if descriptor&(1<<3) != 0 {
		return fmt.Errorf("%w: a frame of another form", ErrUnsupported)
	}
	single := descriptor&(1<<5) != 0
	window := uint64(0)
	if !single {
		b, err := r.in.number(1)
		if err != nil {
			return err
		}
		base := uint64(1) << (10 + b>>3)
		window = base + base/8*(b&7)
	}
	dictionary, err := r.in.number([...]int{0, 1, 2, 4}[descriptor&3])
	if err != nil {
		return err
	}
	if dictionary != 0 {
		return fmt.Errorf("%w: it needs a dictionary", ErrUnsupported)
	}
	if err := r.readSize(descriptor>>6, single); err != nil {
		return err
	}
	if single {
		window = uint64(r.size)
	}
	if window > uint64(r.maxWindow) {
		return fmt.Errorf("%w: it needs a window of %d bytes", ErrUnsupported, window)
	}
	r.window, r.checksum, r.inFrame, r.decoded = int(window), descriptor&(1<<2) != 0, true, 0
	r.out, r.next = r.out[:0], 0
	r.hash.reset()
	r.tables.reset()
	return nil
}

// readSize reads the size of the content, which has one of four lengths or is not there.
func (r *Reader) readSize(flag uint64, single bool) error {
	length := [...]int{0, 2, 4, 8}[flag]
	if flag == 0 && single {
		length = 1
	}
	if length == 0 {
		r.size = -1
		return nil
	}
	size, err := r.in.number(length)
	if length == 2 {
		size += 256
	}
	if err == nil && size > 1<<62 {
		err = corrupt("a frame of impossible size")
	}
	r.size = int64(size)
	return err
}

// endFrame checks what a frame says of its content.
func (r *Reader) endFrame() error {
	r.inFrame = false
	if r.size >= 0 && r.decoded != r.size {
		return corrupt("a frame has not the size that it tells")
	}
	if !r.checksum {
		return nil
	}
	sum, err := r.in.number(4)
	if err != nil {
		return whole(err)
	}
	if uint32(sum) != uint32(r.hash.sum()) {
		return corrupt("the checksum of a frame is another one")
	}
	return nil
}

// readBlock appends the content of the next block to out.
func (r *Reader) readBlock() error {
	header, err := r.in.number(3)
	if err != nil {
		return err
	}
	r.lastBlock = header&1 != 0
	size := int(header >> 3)
	limit := min(maxBlock, max(r.window, 1))
	switch kind := header >> 1 & 3; {
	case kind == 3, size > limit && kind != 2, size > maxBlock:
		return corrupt("a block of impossible form")
	case kind == 1:
		b, err := r.in.number(1)
		for range size {
			r.out = append(r.out, byte(b))
		}
		return err
	case kind == 0:
		content, err := r.in.bytes(size)
		r.out = append(r.out, content...)
		return err
	}
	content, err := r.in.bytes(size)
	if err != nil {
		return err
	}
	return r.decodeBlock(content)
}

// source reads whole pieces of the input.
type source struct {
	r       io.Reader
	scratch []byte
}

// bytes reads so many bytes, which hold until the next read. The error is io.EOF if there
// are none at all.
func (s *source) bytes(n int) ([]byte, error) {
	if cap(s.scratch) < n {
		s.scratch = make([]byte, n)
	}
	piece := s.scratch[:n]
	_, err := io.ReadFull(s.r, piece)
	return piece, err
}

// number reads a number of so many bytes, the lowest first.
func (s *source) number(n int) (number uint64, err error) {
	piece, err := s.bytes(n)
	if err != nil {
		return 0, err
	}
	for i, b := range piece {
		number |= uint64(b) << (8 * i)
	}
	return number, nil
}

func (s *source) skip(n int64) error {
	_, err := io.CopyN(io.Discard, s.r, n)
	return err
}
