package picker

import (
	"bytes"
	"errors"
	"io"
	"os"

	"github.com/charmbracelet/x/ansi"
)

// quietly leaves out what bubbletea asks the terminal at its start: whether it can
// draw a frame at once, how it measures characters, and which keyboard protocol it
// speaks. Nothing here depends on the answers, and on a slow line they would arrive
// after the end, as text at the prompt of the shell. The keyboard protocols
// themselves are left out too: no key here needs them, and a terminal is worse off
// with them than with the other screen when the process is killed.
//
// A file stays a file, so that bubbletea finds the size of the terminal.
func quietly(w io.Writer) io.Writer {
	if f, ok := w.(*os.File); ok {
		return &quietFile{f}
	}
	return &quietWriter{w}
}

type quietWriter struct{ w io.Writer }

func (q *quietWriter) Write(p []byte) (int, error) { return writeQuietly(q.w, p) }

type quietFile struct{ *os.File }

func (q *quietFile) Write(p []byte) (int, error) { return writeQuietly(q.File, p) }

// writeQuietly relies on bubbletea writing whole frames: no sequence is split.
func writeQuietly(w io.Writer, p []byte) (int, error) {
	rest := p
	for _, sequence := range [...]string{
		ansi.RequestModeSynchronizedOutput, ansi.RequestModeUnicodeCore, ansi.RequestKittyKeyboard,
		ansi.SetModifyOtherKeys2, ansi.ResetModifyOtherKeys, ansi.PushKittyKeyboard(1), ansi.PopKittyKeyboard(1),
	} {
		rest = bytes.ReplaceAll(rest, []byte(sequence), nil)
	}
	if _, err := w.Write(rest); err != nil {
		return 0, err
	}
	return len(p), nil
}

// untilEnd calls ended when the input ends, after all keys before the end were
// delivered. Without it bubbletea would wait forever for more.
func untilEnd(r io.Reader, ended func()) io.Reader {
	if f, ok := r.(*os.File); ok {
		return &endingFile{File: f, ending: ending{from: f, ended: ended}}
	}
	return &ending{from: r, ended: ended}
}

type ending struct {
	from  io.Reader
	ended func()
	over  bool
	empty bool // the empty read after the end was made
}

// Read gives nothing, once, between the last bytes and the end: bubbletea takes that
// only when it is done with the bytes before.
func (e *ending) Read(p []byte) (int, error) {
	switch {
	case e.empty:
		e.ended()
		return 0, io.EOF
	case e.over:
		e.empty = true
		return 0, nil
	}
	n, err := e.from.Read(p)
	if errors.Is(err, io.EOF) {
		e.over, err = true, nil
	}
	return n, err
}

type endingFile struct {
	*os.File
	ending ending
}

func (e *endingFile) Read(p []byte) (int, error) { return e.ending.Read(p) }
