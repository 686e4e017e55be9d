package wire

import (
	"bufio"
	"encoding/binary"
	"io"
	"maps"
	"slices"

	"luminousnix/nix/store"
)

// Writer writes primitives into a buffer; Flush sends them. An error is kept and
// returned by Flush.
type Writer struct {
	w   *bufio.Writer
	num [8]byte
}

// NewWriter returns a Writer to w.
func NewWriter(w io.Writer) *Writer { return &Writer{w: bufio.NewWriterSize(w, 32<<10)} }

// Flush sends what was written and returns the first error of all writes.
func (w *Writer) Flush() error { return w.w.Flush() }

// Write writes raw bytes.
func (w *Writer) Write(p []byte) (int, error) { return w.w.Write(p) }

// Uint writes a number.
func (w *Writer) Uint(n uint64) {
	binary.LittleEndian.PutUint64(w.num[:], n)
	w.w.Write(w.num[:])
}

// Bool writes 1 or 0.
func (w *Writer) Bool(b bool) {
	var n uint64
	if b {
		n = 1
	}
	w.Uint(n)
}

// Text writes a string.
func (w *Writer) Text(s string) {
	w.Uint(uint64(len(s)))
	w.w.WriteString(s)
	var zeros [8]byte
	w.w.Write(zeros[:padding(len(s))])
}

// Texts writes a list of strings.
func (w *Writer) Texts(list []string) {
	w.Uint(uint64(len(list)))
	for _, s := range list {
		w.Text(s)
	}
}

// Map writes a map of strings, by key.
func (w *Writer) Map(m map[string]string) {
	w.Uint(uint64(len(m)))
	for _, key := range slices.Sorted(maps.Keys(m)) {
		w.Text(key)
		w.Text(m[key])
	}
}

// Paths writes a list of store paths.
func (w *Writer) Paths(list []store.Path) {
	w.Uint(uint64(len(list)))
	for _, p := range list {
		w.Text(string(p))
	}
}
