package eval

import (
	"slices"
	"strings"
)

// Frame is one step of the trail of an error: what was being evaluated when it
// happened.
type Frame struct {
	Position Position // of what was being evaluated; no File if nobody knows
	Text     string   // "while evaluating …"
	// Custom frames are those of builtins.addErrorContext, with which an
	// expression explains itself.
	Custom bool
}

// Position is where the error happened or, where it has no place of its own, what
// was being evaluated nearest to it; without a File if nobody knows.
func (e *Error) Position() Position { return e.positions.position(e.place()) }

func (e *Error) place() Pos {
	pos := e.pos
	if pos != noPos {
		return pos
	}
	for f := e.trace; f != nil; f = f.inside {
		if f.pos != noPos {
			pos = f.pos
		}
	}
	return pos
}

// Trail is what was being evaluated, innermost first: what is nearest to the error
// comes first. Steps that look the same are in it once.
func (e *Error) Trail() []Frame {
	var trail []Frame
	seen := make(map[frameKey]bool)
	for f := e.trace; f != nil; f = f.inside {
		key := frameKey{f.pos, f.text}
		if f.text == "" || seen[key] {
			continue
		}
		seen[key] = true
		trail = append(trail, Frame{e.positions.position(f.pos), f.text, f.custom})
	}
	slices.Reverse(trail)
	return trail
}

// Suggestions are names that may have been meant, best first.
func (e *Error) Suggestions() []string { return e.suggestions }

// Excerpt is the line of source at Position with its neighbours and a caret,
// without a line end at its end; "" where there is none.
func (e *Error) Excerpt() string {
	s, offset := e.positions.find(e.place())
	if s == nil {
		return ""
	}
	var lines []string
	for line := range strings.Lines(s.file.Excerpt(offset)) {
		lines = append(lines, strings.TrimRight(strings.TrimPrefix(line, "       "), "\n"))
	}
	return strings.Join(lines, "\n")
}
