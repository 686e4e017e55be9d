package wire

import (
	"bufio"
	"io"
)

// frameSize is the most that is sent in one frame.
const frameSize = 64 << 10

// FrameWriter sends a stream whose length is not known before, as frames: the
// length of each, its bytes without padding, and a length of 0 at the end.
type FrameWriter struct {
	w   *Writer
	buf *bufio.Writer
}

// NewFrameWriter returns a FrameWriter to w. Close ends the stream; w is not
// closed.
func NewFrameWriter(w *Writer) *FrameWriter {
	f := &FrameWriter{w: w}
	f.buf = bufio.NewWriterSize(frames{w}, frameSize)
	return f
}

// Write adds to the stream.
func (f *FrameWriter) Write(p []byte) (int, error) { return f.buf.Write(p) }

// Close sends what is buffered, and the end.
func (f *FrameWriter) Close() error {
	if err := f.buf.Flush(); err != nil {
		return err
	}
	return f.Abort()
}

// Abort sends the end without what is buffered, for a peer that has told that it
// does not want the rest.
func (f *FrameWriter) Abort() error {
	f.w.Uint(0)
	return f.w.Flush()
}

// frames makes a frame of each write and sends it at once.
type frames struct{ w *Writer }

func (f frames) Write(p []byte) (int, error) {
	f.w.Uint(uint64(len(p)))
	f.w.Write(p)
	return len(p), f.w.Flush()
}

// FrameReader reads a stream of frames; io.EOF is its end.
type FrameReader struct {
	r    *Reader
	left uint64
	end  bool
}

// NewFrameReader returns a FrameReader from r.
func NewFrameReader(r *Reader) *FrameReader { return &FrameReader{r: r} }

func (f *FrameReader) Read(p []byte) (int, error) {
	if f.left == 0 && !f.end {
		f.left = f.r.Uint()
		f.end = f.left == 0
	}
	if err := f.r.Err(); err != nil {
		return 0, short(err)
	}
	if f.end {
		return 0, io.EOF
	}
	n, err := f.r.Read(p[:min(uint64(len(p)), f.left)])
	f.left -= uint64(n)
	return n, short(err)
}
