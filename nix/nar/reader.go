package nar

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math"
)

// Reader reads the entries of an archive one after the other: a directory comes
// before what is in it. Next goes to the next entry; Read then gives the content
// of a regular file.
//
// A Reader takes no byte beyond the end of the archive from its source, so that
// an archive can stand within a longer stream. It reads in small pieces: give it
// a bufio.Reader.
type Reader struct {
	// Whole says that the source must end where the archive does. Set it before
	// the first call.
	Whole bool

	in     io.Reader
	offset int64 // of the next byte of in
	err    error // what every later call returns

	started bool
	file    bool  // a regular file is open: its content, padding and end follow
	left    int64 // bytes of content that were not read
	padding int
	path    string
	open    []directory // outermost first
	buf     [maxTarget + align]byte
}

// NewReader returns a Reader of the archive in r.
func NewReader(r io.Reader) *Reader { return &Reader{in: r} }

// Next goes to the next entry, skipping what was not read of the present file.
// Its error is io.EOF at the end of the archive, and an [*Error] otherwise.
func (r *Reader) Next() (*Header, error) {
	if r.err != nil {
		return nil, r.err
	}
	h, err := r.next()
	if err != nil {
		r.err = err
		return nil, err
	}
	return h, nil
}

// Read reads the content of the present regular file; the others have none. Its
// error is io.EOF at the end of the content, and an [*Error] otherwise.
func (r *Reader) Read(p []byte) (int, error) {
	if r.err != nil {
		return 0, r.err
	}
	if r.left == 0 {
		return 0, io.EOF
	}
	n, err := r.in.Read(p[:min(int64(len(p)), r.left)])
	r.offset += int64(n)
	r.left -= int64(n)
	if err != nil && (r.left > 0 || !errors.Is(err, io.EOF)) {
		r.err = r.sourceError(r.offset, err)
		return n, r.err
	}
	return n, nil
}

func (r *Reader) next() (*Header, error) {
	if !r.started {
		r.started = true
		if err := r.expect(magic); err != nil {
			return nil, err
		}
		return r.node()
	}
	if r.file {
		if err := r.endFile(); err != nil {
			return nil, err
		}
	}
	for len(r.open) > 0 {
		d := &r.open[len(r.open)-1]
		r.path = d.path
		start := r.offset
		word, err := r.word()
		if err != nil {
			return nil, err
		}
		switch word {
		case "entry":
			return r.entry(d)
		case ")":
			r.open = r.open[:len(r.open)-1]
			if err := r.endEntry(); err != nil {
				return nil, err
			}
		default:
			return nil, r.wrong(start, "%q stands where entry or ) is needed", word)
		}
	}
	return nil, r.end()
}

// entry reads an entry of d up to the content of its file.
func (r *Reader) entry(d *directory) (*Header, error) {
	if err := r.expect("(", "name"); err != nil {
		return nil, err
	}
	start := r.offset
	name, err := r.text("name", maxName)
	if err != nil {
		return nil, err
	}
	path, why := d.enter(string(name))
	if why != "" {
		return nil, r.wrong(start, "%s", why)
	}
	r.path = path
	if err := r.expect("node"); err != nil {
		return nil, err
	}
	return r.node()
}

// node reads a file, a link whole, of the others only the beginning.
func (r *Reader) node() (*Header, error) {
	if err := r.expect("(", "type"); err != nil {
		return nil, err
	}
	start := r.offset
	word, err := r.word()
	if err != nil {
		return nil, err
	}
	h := &Header{Path: r.path, Type: Type(word)}
	switch h.Type {
	case Directory:
		r.open = append(r.open, directory{path: r.path})
		return h, nil
	case Symlink:
		return h, r.symlink(h)
	case Regular:
		return h, r.regular(h)
	}
	return nil, r.wrong(start, "%q is no type of file", word)
}

func (r *Reader) symlink(h *Header) error {
	if err := r.expect("target"); err != nil {
		return err
	}
	start := r.offset
	target, err := r.text("target", maxTarget)
	if err != nil {
		return err
	}
	h.Target = string(target)
	if why := checkTarget(h.Target); why != "" {
		return r.wrong(start, "%s", why)
	}
	return r.endNode()
}

func (r *Reader) regular(h *Header) error {
	start := r.offset
	word, err := r.word()
	if err != nil {
		return err
	}
	if word == "executable" {
		h.Executable = true
		if err := r.expect(""); err != nil {
			return err
		}
		start = r.offset
		if word, err = r.word(); err != nil {
			return err
		}
	}
	if word != "contents" {
		return r.wrong(start, "%q stands where contents is needed", word)
	}
	start = r.offset
	size, err := r.number()
	if err != nil {
		return err
	}
	if size > math.MaxInt64-align {
		return r.wrong(start, "a file cannot have %d bytes", size)
	}
	h.Size = int64(size)
	r.file, r.left, r.padding = true, h.Size, paddingOf(h.Size)
	return nil
}

func (r *Reader) endFile() error {
	n, err := io.CopyN(io.Discard, r.in, r.left)
	r.offset += n
	if err != nil {
		return r.sourceError(r.offset, err)
	}
	r.file, r.left = false, 0
	if err := r.zeros(r.padding); err != nil {
		return err
	}
	return r.endNode()
}

func (r *Reader) endNode() error {
	if err := r.expect(")"); err != nil {
		return err
	}
	return r.endEntry()
}

// endEntry reads the end of the entry around a node, which the root has not.
func (r *Reader) endEntry() error {
	if len(r.open) == 0 {
		return nil
	}
	return r.expect(")")
}

func (r *Reader) end() error {
	r.path = ""
	if !r.Whole {
		return io.EOF
	}
	switch _, err := io.ReadFull(r.in, r.buf[:1]); {
	case err == nil:
		return r.wrong(r.offset, "more follows the end of the archive")
	case errors.Is(err, io.EOF):
		return io.EOF
	default:
		return r.sourceError(r.offset, err)
	}
}

// expect reads strings that must be there.
func (r *Reader) expect(words ...string) error {
	for _, want := range words {
		start := r.offset
		word, err := r.word()
		if err != nil {
			return err
		}
		if word != want {
			return r.wrong(start, "%q stands where %q is needed", word, want)
		}
	}
	return nil
}

// word reads one of the format's own strings.
func (r *Reader) word() (string, error) {
	text, err := r.text("word", len(magic))
	if err != nil {
		return "", err
	}
	// The cases need no memory of their own.
	switch string(text) {
	case "(":
		return "(", nil
	case ")":
		return ")", nil
	case "type":
		return "type", nil
	case "entry":
		return "entry", nil
	case "name":
		return "name", nil
	case "node":
		return "node", nil
	case "regular":
		return "regular", nil
	case "contents":
		return "contents", nil
	}
	return string(text), nil
}

// text reads a string of at most limit bytes, which stays valid until the next.
func (r *Reader) text(what string, limit int) ([]byte, error) {
	start := r.offset
	size, err := r.number()
	if err != nil {
		return nil, err
	}
	if size > uint64(limit) {
		return nil, r.wrong(start, "a %s has %d bytes, more than %d", what, size, limit)
	}
	padding := paddingOf(int64(size))
	body := r.buf[:int(size)+padding]
	if err := r.full(body); err != nil {
		return nil, err
	}
	return body[:size], r.checkZeros(body[size:])
}

func (r *Reader) number() (uint64, error) {
	b := r.buf[:align]
	err := r.full(b)
	return binary.LittleEndian.Uint64(b), err
}

func (r *Reader) zeros(count int) error {
	b := r.buf[:count]
	if err := r.full(b); err != nil {
		return err
	}
	return r.checkZeros(b)
}

// checkZeros checks the padding that was read last.
func (r *Reader) checkZeros(padding []byte) error {
	for i, b := range padding {
		if b != 0 {
			return r.wrong(r.offset-int64(len(padding)-i), "the padding has 0x%02x, not zero", b)
		}
	}
	return nil
}

func (r *Reader) full(b []byte) error {
	n, err := io.ReadFull(r.in, b)
	r.offset += int64(n)
	if err != nil {
		return r.sourceError(r.offset, err)
	}
	return nil
}

func (r *Reader) sourceError(offset int64, err error) error {
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		return &Error{Offset: offset, Path: r.path, Why: "the archive ends too early", Err: io.ErrUnexpectedEOF}
	}
	return &Error{Offset: offset, Path: r.path, Why: err.Error(), Err: err}
}

func (r *Reader) wrong(offset int64, format string, args ...any) error {
	return &Error{Offset: offset, Path: r.path, Why: fmt.Sprintf(format, args...)}
}
