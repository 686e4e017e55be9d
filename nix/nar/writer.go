package nar

import (
	"bufio"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"sync"
)

// ErrTooLong is the error of writing more content than the header said.
var ErrTooLong = errors.New("nar: the content is longer than its header says")

// Writer writes an archive. WriteHeader begins an entry, beginning with the
// root, whose path is ""; Write then takes exactly the Size bytes of a regular
// file. A directory comes before its entries, which follow in the order of their
// names' bytes, each with all that is below it. Close ends the archive.
type Writer struct {
	out     *bufio.Writer
	err     error // what every later call returns
	started bool
	file    bool
	left    int64 // bytes of content that must still come
	padding int
	path    string // of the present entry
	open    []directory
}

// bufferSize is small enough for a processor's cache; larger pieces of content
// pass by the buffer.
const bufferSize = 64 << 10

// NewWriter returns a Writer to w, which is written in large pieces.
func NewWriter(w io.Writer) *Writer {
	out := buffers.Get().(*bufio.Writer)
	out.Reset(w)
	return &Writer{out: out}
}

// buffers are those of writers that were closed.
var buffers = sync.Pool{New: func() any { return bufio.NewWriterSize(nil, bufferSize) }}

// WriteHeader begins the next entry. Its error is a [*HeaderError] when the
// entry is not one or cannot stand here, and the destination's otherwise; no
// call after that will succeed.
func (w *Writer) WriteHeader(h *Header) error {
	if w.err == nil {
		w.err = w.writeHeader(h)
	}
	return w.err
}

func (w *Writer) writeHeader(h *Header) error {
	if why := checkHeader(h); why != "" {
		return &HeaderError{h.Path, why}
	}
	if err := w.endFile(); err != nil {
		return err
	}
	if err := w.enter(h.Path); err != nil {
		return err
	}
	w.path = h.Path
	w.strings("(", "type", string(h.Type))
	switch h.Type {
	case Directory:
		w.open = append(w.open, directory{path: h.Path})
	case Symlink:
		w.strings("target", h.Target)
		w.endNode()
	case Regular:
		if h.Executable {
			w.strings("executable", "")
		}
		w.strings("contents")
		w.number(uint64(h.Size))
		w.file, w.left, w.padding = true, h.Size, paddingOf(h.Size)
	}
	return w.flushed()
}

func checkHeader(h *Header) string {
	switch h.Type {
	case Regular:
		if h.Size < 0 {
			return fmt.Sprintf("a file cannot have %d bytes", h.Size)
		}
	case Symlink:
		return checkTarget(h.Target)
	case Directory:
	default:
		return fmt.Sprintf("%q is no type of file", string(h.Type))
	}
	return ""
}

// enter ends the directories that path is not in and begins its entry.
func (w *Writer) enter(path string) error {
	if !w.started {
		if path != "" {
			return &HeaderError{path, "the first entry must be the root"}
		}
		w.started = true
		w.strings(magic)
		return nil
	}
	parent, name := splitPath(path)
	for len(w.open) > 0 && w.open[len(w.open)-1].path != parent {
		w.endDirectory()
	}
	if len(w.open) == 0 {
		return &HeaderError{path, fmt.Sprintf("no directory %q is open", parent)}
	}
	entered, why := w.open[len(w.open)-1].enter(name)
	if why == "" && entered != path {
		why = "the path is not clean"
	}
	if why != "" {
		return &HeaderError{path, why}
	}
	w.strings("entry", "(", "name", name, "node")
	return nil
}

// Write writes content of the present file. Its error is [ErrTooLong] or the
// destination's.
func (w *Writer) Write(p []byte) (int, error) {
	if w.err != nil {
		return 0, w.err
	}
	fits := p[:min(int64(len(p)), w.left)]
	n, err := w.out.Write(fits)
	w.left -= int64(n)
	switch {
	case err != nil:
		w.err = fmt.Errorf("nar: %w", err)
	case len(fits) < len(p):
		w.err = fmt.Errorf("entry %q: %w", w.path, ErrTooLong)
	}
	return n, w.err
}

// Close ends the archive and writes what is buffered. The destination stays
// open. Closing twice does no harm.
func (w *Writer) Close() error {
	if errors.Is(w.err, errClosed) {
		return nil
	}
	if w.err == nil {
		w.err = w.close()
	}
	if w.err == nil {
		w.err = errClosed
		w.out.Reset(nil)
		buffers.Put(w.out)
		w.out = nil
		return nil
	}
	return w.err
}

var errClosed = errors.New("nar: the writer is closed")

func (w *Writer) close() error {
	if !w.started {
		return &HeaderError{"", "there is no root"}
	}
	if err := w.endFile(); err != nil {
		return err
	}
	for len(w.open) > 0 {
		w.endDirectory()
	}
	if err := w.out.Flush(); err != nil {
		return fmt.Errorf("nar: %w", err)
	}
	return nil
}

func (w *Writer) endFile() error {
	if !w.file {
		return nil
	}
	if w.left > 0 {
		return &HeaderError{w.path, fmt.Sprintf("%d bytes of its content are missing", w.left)}
	}
	w.file = false
	var zeros [align]byte
	w.out.Write(zeros[:w.padding])
	w.endNode()
	return w.flushed()
}

func (w *Writer) endDirectory() {
	w.open = w.open[:len(w.open)-1]
	w.endNode()
}

// endNode ends a node, and the entry around it, which the root has not.
func (w *Writer) endNode() {
	w.strings(")")
	if len(w.open) > 0 {
		w.strings(")")
	}
}

// strings and number leave errors to flushed: bufio.Writer keeps them.
func (w *Writer) strings(items ...string) {
	var zeros [align]byte
	for _, s := range items {
		w.number(uint64(len(s)))
		w.out.WriteString(s)
		w.out.Write(zeros[:paddingOf(int64(len(s)))])
	}
}

func (w *Writer) number(n uint64) {
	var b [8]byte
	binary.LittleEndian.PutUint64(b[:], n)
	w.out.Write(b[:])
}

// flushed returns the error that the destination gave to earlier writes.
func (w *Writer) flushed() error {
	if _, err := w.out.Write(nil); err != nil {
		return fmt.Errorf("nar: %w", err)
	}
	return nil
}
