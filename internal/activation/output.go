package activation

import (
	"bytes"
	"io"
	"os"
	"time"

	"luminousnix/internal/operation"
)

// mostOutput is the number of last lines of an activation that a report keeps.
const mostOutput = 40

// outputPause is how often it is looked whether an activation has said more.
const outputPause = 30 * time.Millisecond

// tell tells the observer each line that is written to a file, until the function is
// called that it returns, which returns the last lines. The activation writes into a
// file and not to this process, so that it goes on when this process is killed.
func (t *transaction) tell(name string) (end func() []string) {
	file, err := os.Open(name)
	if err != nil {
		return func() []string { return []string{"what was said is not known: " + err.Error()} }
	}
	stop, done := make(chan struct{}), make(chan []string)
	go func() {
		defer file.Close()
		l := &liner{to: t.observer}
		for stopped := false; ; {
			_, err := io.Copy(l, file)
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
