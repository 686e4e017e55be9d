package daemon

import (
	"bufio"
	"encoding/binary"
	"fmt"
	"io"
)

// maxString bounds a single string from the daemon, so that a wrong length
// cannot ask for all the memory there is.
const maxString = 64 << 20

// wire reads and writes the primitives of the protocol: unsigned 64-bit little
// endian numbers, and strings padded with zeros to a multiple of 8 bytes.
type wire struct {
	r *bufio.Reader
	w *bufio.Writer
}

func newWire(rw io.ReadWriter) *wire {
	return &wire{bufio.NewReaderSize(rw, 64<<10), bufio.NewWriterSize(rw, 16<<10)}
}

func (w *wire) writeUint(n uint64) {
	var b [8]byte
	binary.LittleEndian.PutUint64(b[:], n)
	w.w.Write(b[:]) // bufio keeps the error for Flush
}

func (w *wire) writeString(s string) {
	w.writeUint(uint64(len(s)))
	w.w.WriteString(s)
	var zeros [8]byte
	w.w.Write(zeros[:padding(len(s))])
}

func (w *wire) flush() error { return w.w.Flush() }

func (w *wire) readUint() (uint64, error) {
	var b [8]byte
	if _, err := io.ReadFull(w.r, b[:]); err != nil {
		return 0, err
	}
	return binary.LittleEndian.Uint64(b[:]), nil
}

func (w *wire) readBool() (bool, error) {
	n, err := w.readUint()
	return n != 0, err
}

func (w *wire) readString() (string, error) {
	n, err := w.readUint()
	if err != nil {
		return "", err
	}
	if n > maxString {
		return "", &ProtocolError{fmt.Sprintf("a string of %d bytes", n)}
	}
	padded := int(n) + padding(int(n))
	b, err := readGrowing(w.r, padded)
	if err != nil {
		return "", err
	}
	for _, zero := range b[n:] {
		if zero != 0 {
			return "", &ProtocolError{"padding that is not zero"}
		}
	}
	return string(b[:n]), nil
}

// readGrowing reads n bytes, taking memory only as they arrive.
func readGrowing(r io.Reader, n int) ([]byte, error) {
	const step = 64 << 10
	b := make([]byte, 0, min(n, step))
	for len(b) < n {
		want := min(n-len(b), step)
		start := len(b)
		b = append(b, make([]byte, want)...)
		if _, err := io.ReadFull(r, b[start:]); err != nil {
			return nil, err
		}
	}
	return b, nil
}

func (w *wire) readStrings() ([]string, error) {
	n, err := w.readUint()
	if err != nil {
		return nil, err
	}
	var list []string
	for range n {
		s, err := w.readString()
		if err != nil {
			return nil, err
		}
		list = append(list, s)
	}
	return list, nil
}

func padding(n int) int { return (8 - n%8) % 8 }
