package progress_test

import (
	"fmt"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/charmbracelet/x/ansi"
)

// screen is a terminal: it understands what [progress.Live] sends, and nothing else.
type screen struct {
	t             *testing.T
	width, height int

	mu       sync.Mutex
	above    []string // what has left it at the top
	lines    [][]string
	row, col int
	hidden   bool // the cursor
	writes   int
	held     chan struct{} // if set, a write waits until it is closed
}

func newScreen(t *testing.T, width, height int) *screen {
	return &screen{t: t, width: width, height: height, lines: make([][]string, height)}
}

func (s *screen) Write(p []byte) (int, error) {
	s.mu.Lock()
	held := s.held
	s.mu.Unlock()
	if held != nil {
		<-held
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(p) > 0 {
		s.writes++
	}
	text := string(p)
	for text != "" {
		sequence, width, n, _ := ansi.DecodeSequence(text, 0, nil)
		text = text[n:]
		s.take(sequence, width)
	}
	return len(p), nil
}

func (s *screen) take(sequence string, width int) {
	switch {
	case sequence == "\r":
		s.col = 0
	case sequence == "\n": // with onlcr, as terminals have it
		s.col = 0
		s.down()
	case sequence == "\x1b[K":
		s.lines[s.row] = s.lines[s.row][:min(s.col, len(s.lines[s.row]))]
	case sequence == "\x1b[J":
		s.lines[s.row] = s.lines[s.row][:min(s.col, len(s.lines[s.row]))]
		for i := s.row + 1; i < s.height; i++ {
			s.lines[i] = nil
		}
	case sequence == "\x1b[?25l" || sequence == "\x1b[?25h":
		s.hidden = strings.HasSuffix(sequence, "l")
	case strings.HasPrefix(sequence, "\x1b[?2026"):
	case strings.HasPrefix(sequence, "\x1b[") && strings.HasSuffix(sequence, "m"):
	case strings.HasPrefix(sequence, "\x1b[") && strings.HasSuffix(sequence, "A"):
		n, err := strconv.Atoi(sequence[2 : len(sequence)-1])
		if err != nil || n < 1 {
			s.t.Errorf("%q moves nothing", sequence)
		}
		s.row = max(0, s.row-n)
	case sequence[0] < ' ' || sequence[0] == 0x7f:
		s.t.Errorf("%q is sent", sequence)
	default:
		s.put(sequence, width)
	}
}

func (s *screen) put(text string, width int) {
	if s.col+width > s.width {
		s.t.Errorf("%q is beyond the %d columns", text, s.width)
		s.col = 0
		s.down()
	}
	line := s.lines[s.row]
	for len(line) < s.col {
		line = append(line, " ")
	}
	line = append(line[:s.col], append([]string{text}, line[min(len(line), s.col+1):]...)...)
	for range width - 1 {
		line = append(line[:s.col+1], append([]string{""}, line[min(len(line), s.col+1):]...)...)
	}
	s.lines[s.row] = line
	s.col += width
}

func (s *screen) down() {
	if s.row < s.height-1 {
		s.row++
		return
	}
	s.above = append(s.above, strings.Join(s.lines[0], ""))
	s.lines = append(s.lines[1:], nil)
}

// resize is a terminal that cuts and fills lines, and keeps those at the bottom.
func (s *screen) resize(width, height int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for len(s.lines) > height {
		if s.row < len(s.lines)-1 {
			s.lines = s.lines[:len(s.lines)-1]
			continue
		}
		s.above = append(s.above, strings.Join(s.lines[0], ""))
		s.lines = s.lines[1:]
		s.row--
	}
	for len(s.lines) < height {
		s.lines = append(s.lines, nil)
	}
	for i, line := range s.lines {
		s.lines[i] = line[:min(len(line), width)]
	}
	s.width, s.height = width, height
}

func (s *screen) size() (int, int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.width, s.height
}

// String is what is seen, with what was seen before, and where the cursor is.
func (s *screen) String() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	var b strings.Builder
	for _, line := range s.above {
		fmt.Fprintf(&b, "^%s\n", strings.TrimRight(line, " "))
	}
	last := len(s.lines)
	for last > 0 && len(s.lines[last-1]) == 0 && last-1 > s.row {
		last--
	}
	for i, line := range s.lines[:last] {
		mark := " "
		if i == s.row {
			mark = ">"
			if s.hidden {
				mark = "-"
			}
		}
		b.WriteString(strings.TrimRight(mark+strings.Join(line, ""), " ") + "\n")
	}
	return b.String()
}
