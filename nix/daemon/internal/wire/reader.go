// Package wire has the primitives of the Nix daemon's worker protocol, and the
// records that both sides send: it is shared by the client and the test server.
//
// Numbers are unsigned, of 64 bits and little endian. Strings have their length
// before them and zeros after them, up to a multiple of 8 bytes. Lists have
// their count before them.
package wire

import (
	"bufio"
	"encoding/binary"
	"fmt"
	"io"
	"iter"

	"luminousnix/nix/store"
)

// maxString bounds a single string, so that a wrong length cannot ask for all
// the memory there is. A list of lists of paths is many strings; the longest
// single ones are error messages and environment variables.
const maxString = 64 << 20

// readStep is how much memory a string takes before more of it has come.
const readStep = 64 << 10

// A SyntaxError means that the other side sent what the protocol does not know.
type SyntaxError struct{ Why string }

func (e *SyntaxError) Error() string { return e.Why }

// Reader reads primitives. After the first error it reads nothing more and
// returns zero values, so that a record is read field by field and Err asked
// once.
type Reader struct {
	r   *bufio.Reader
	err error
	num [8]byte
}

// NewReader returns a Reader that buffers what it reads from r.
func NewReader(r io.Reader) *Reader { return &Reader{r: bufio.NewReaderSize(r, readStep)} }

// Err returns the first error.
func (r *Reader) Err() error { return r.err }

// Fail sets the error, if there is none yet.
func (r *Reader) Fail(err error) {
	if r.err == nil {
		r.err = err
	}
}

// Refuse sets a [*SyntaxError].
func (r *Reader) Refuse(format string, args ...any) {
	r.Fail(&SyntaxError{fmt.Sprintf(format, args...)})
}

// Read reads raw bytes, for what has no length before it.
func (r *Reader) Read(p []byte) (int, error) {
	if r.err != nil {
		return 0, r.err
	}
	n, err := r.r.Read(p)
	if err != nil {
		r.err = err
	}
	return n, err
}

// Buffered says whether something has come that was not read yet.
func (r *Reader) Buffered() bool { return r.r.Buffered() > 0 }

// Uint reads a number.
func (r *Reader) Uint() uint64 {
	if r.err != nil {
		return 0
	}
	if _, err := io.ReadFull(r.r, r.num[:]); err != nil {
		r.err = err
		return 0
	}
	return binary.LittleEndian.Uint64(r.num[:])
}

// Int reads a number that has to fit the non-negative half of int64.
func (r *Reader) Int() int64 {
	n := r.Uint()
	if n > 1<<63-1 {
		r.Refuse("the number %d is too large", n)
		return 0
	}
	return int64(n)
}

// Bool reads a number that is 0 or something else.
func (r *Reader) Bool() bool { return r.Uint() != 0 }

// Text reads a string.
func (r *Reader) Text() string {
	n := r.Uint()
	if n > maxString {
		r.Refuse("a string of %d bytes", n)
	}
	if r.err != nil {
		return ""
	}
	b := r.bytes(int(n) + padding(int(n)))
	if r.err != nil {
		return ""
	}
	for _, zero := range b[n:] {
		if zero != 0 {
			r.Refuse("padding that is not zero")
			return ""
		}
	}
	return string(b[:n])
}

// bytes reads n bytes, taking memory only as they arrive. What it returns is
// valid until the next read.
func (r *Reader) bytes(n int) []byte {
	if n <= r.r.Size() {
		b, err := r.r.Peek(n)
		if err != nil {
			r.err = short(err)
			return nil
		}
		r.r.Discard(n) // cannot fail: it is buffered
		return b
	}
	b := make([]byte, 0, readStep)
	for len(b) < n {
		start := len(b)
		b = append(b, make([]byte, min(n-start, readStep))...)
		if _, err := io.ReadFull(r.r, b[start:]); err != nil {
			r.err = short(err)
			return nil
		}
	}
	return b
}

// short is the error of an end within something.
func short(err error) error {
	if err == io.EOF {
		return io.ErrUnexpectedEOF
	}
	return err
}

// Items reads the count of a list and then yields that often, or until an error.
func (r *Reader) Items() iter.Seq[int] {
	return func(yield func(int) bool) {
		n := r.Int()
		for i := 0; int64(i) < n && r.err == nil; i++ {
			if !yield(i) {
				return
			}
		}
	}
}

// Texts reads a list of strings.
func (r *Reader) Texts() []string {
	var list []string
	for range r.Items() {
		list = append(list, r.Text())
	}
	return list
}

// Map reads a map of strings.
func (r *Reader) Map() map[string]string {
	m := map[string]string{}
	for range r.Items() {
		key := r.Text()
		m[key] = r.Text()
	}
	return m
}

// Path reads a store path.
func (r *Reader) Path(dir store.Dir) store.Path {
	s := r.Text()
	if r.err != nil {
		return ""
	}
	p, err := dir.Parse(s)
	if err != nil {
		r.Refuse("%v", err)
	}
	return p
}

// OptionalPath reads a store path, or "" for none.
func (r *Reader) OptionalPath(dir store.Dir) store.Path {
	s := r.Text()
	if s == "" {
		return ""
	}
	p, err := dir.Parse(s)
	if err != nil {
		r.Refuse("%v", err)
	}
	return p
}

// Paths reads a list of store paths.
func (r *Reader) Paths(dir store.Dir) []store.Path {
	var list []store.Path
	for range r.Items() {
		list = append(list, r.Path(dir))
	}
	return list
}

func padding(n int) int { return (8 - n%8) % 8 }
