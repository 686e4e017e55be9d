package diagnosis

import (
	"bufio"
	"errors"
	"io"
	"strings"
)

// What is kept of a long text: most bytes are those of its end.
const (
	mostOfEnd    = 44 << 10
	mostOfErrors = 12 << 10 // lines before that say "error:" or "fatal:", with what follows
	mostOfHints  = 4 << 10  // lines before that otherwise sound like trouble
	longestLine  = 4 << 10
	following    = 3 // lines after an error that may say more of it
)

// Read reads a text of any length, such as the output of a switch, and keeps what an
// explanation needs of it, at most 64 KiB: its end, and before that the lines that tell
// of errors. Colours are left out, and the rest of lines longer than 4 KiB. Its error is
// that of the reader.
func Read(r io.Reader) (string, error) {
	from := bufio.NewReaderSize(r, longestLine)
	var kept excerpts
	for {
		line, err := from.ReadSlice('\n')
		text := string(line)
		for errors.Is(err, bufio.ErrBufferFull) {
			_, err = from.ReadSlice('\n')
		}
		if text != "" {
			kept.add(withoutEscapes(strings.TrimRight(text, "\r\n")) + "\n")
		}
		switch {
		case errors.Is(err, io.EOF):
			return kept.text(), nil
		case err != nil:
			return "", err
		}
	}
}

// excerpts are what is kept of a text while it is read.
type excerpts struct {
	early         strings.Builder
	errors, hints int // bytes of early
	after         int // how many lines more belong to an error
	end           []string
	size          int // bytes of end
}

// add takes the next line.
func (e *excerpts) add(line string) {
	e.end = append(e.end, line)
	for e.size += len(line); e.size > mostOfEnd; {
		e.pass(e.end[0])
		e.size -= len(e.end[0])
		e.end = e.end[1:]
	}
}

// pass keeps of a line before the end what tells of an error.
func (e *excerpts) pass(line string) {
	rank := weight(strings.TrimSpace(line))
	if rank >= 3 {
		e.after = following + 1
	}
	switch {
	case e.after > 0 && e.errors+len(line) <= mostOfErrors:
		e.errors += len(line)
	case rank == 2 && e.hints+len(line) <= mostOfHints:
		e.hints += len(line)
	default:
		line = ""
	}
	e.after = max(e.after-1, 0)
	e.early.WriteString(line)
}

func (e *excerpts) text() string { return e.early.String() + strings.Join(e.end, "") }

// IsError reports a text that is the output of something that failed: one that there is
// an explanation for, or that has a line which says "error:" or "fatal:".
func IsError(text string) bool {
	explained := Explain(text)
	return explained.Known || weight(explained.Error) >= 3
}
