package activation

import (
	"bytes"
	"fmt"
	"io"
	"math"
	"os"
	"time"

	"golang.org/x/sys/unix"

	"luminousnix/internal/operation"
)

// mostOutput is the number of last lines of an activation that a report keeps.
const mostOutput = 40

// outputPause is how often it is looked whether an activation has said more.
const outputPause = 30 * time.Millisecond

// newOutput makes the file that an activation writes to: one in memory, which needs no
// disk. It is not a pipe to this process, so that the activation goes on when this
// process is killed.
func newOutput() (*os.File, error) {
	fd, err := unix.MemfdCreate("activation", unix.MFD_CLOEXEC)
	if err != nil {
		return nil, fmt.Errorf("making a file for the output of the activation: %w", err)
	}
	return os.NewFile(uintptr(fd), "activation"), nil
}

// tell tells the observer each line that is written to a file, until the function is
// called that it returns, which returns the last lines.
func (t *transaction) tell(file *os.File) (end func() []string) {
	stop, done := make(chan struct{}), make(chan []string)
	go func() {
		l := &liner{to: t.observer}
		written := io.NewSectionReader(file, 0, math.MaxInt64) // the writer's own position stays
		for stopped := false; ; {
			_, err := io.Copy(l, written)
			if stopped || err != nil {
				l.flush()
				done <- l.last
				return
			}
			select {
			case <-stop:
				stopped = true // once more, for what came meanwhile
			case <-time.After(outputPause):
			}
		}
	}()
	return func() []string {
		close(stop)
		return <-done
	}
}

// liner makes events of the lines that are written to it.
type liner struct {
	to   operation.Observer
	rest []byte
	last []string
}

// mostLine is the length from which a line is told in pieces.
const mostLine = 64 << 10

func (l *liner) Write(p []byte) (int, error) {
	l.rest = append(l.rest, p...)
	for {
		line, rest, ok := bytes.Cut(l.rest, []byte("\n"))
		if !ok {
			break
		}
		l.line(string(line))
		l.rest = rest
	}
	if len(l.rest) > mostLine {
		l.flush()
	}
	return len(p), nil
}

func (l *liner) flush() {
	if len(l.rest) > 0 {
		l.line(string(l.rest))
		l.rest = nil
	}
}

func (l *liner) line(text string) {
	l.last = append(l.last, text)
	l.last = l.last[max(0, len(l.last)-mostOutput):]
	l.to.Observe(operation.Event{Kind: operation.EventLog, Text: text})
}
