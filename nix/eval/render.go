package eval

import (
	"fmt"
	"strings"

	"luminousnix/nix/syntax"
)

// Render returns the error as nix-instantiate shows it: its trace, outermost
// first, and the message, with the lines of source that they are about. Without
// showTrace the trace is cut short.
func (e *Error) Render(showTrace bool) string { return e.render("error: ", showTrace) }

// render is Render with another word before the message.
func (e *Error) render(prefix string, showTrace bool) string {
	r := renderer{e: e, showTrace: showTrace, seen: make(map[frameKey]bool)}
	r.trace()
	first := prefix
	if r.out.Len() > 0 {
		first = strings.TrimRight(prefix, " ")
		r.out.WriteString("\n" + prefix)
	}
	r.out.WriteString(e.Message + "\n")
	r.position(e.pos)
	if line := didYouMean(e.suggestions); line != "" {
		r.out.WriteString(line + "\n")
	}
	text := strings.TrimRight(r.out.String(), "\n \t\r")
	indent := strings.Repeat(" ", len(prefix))
	text = first + indentRest(text, indent)
	if e.endsWithLine() {
		text += "\n" + indent
	}
	return syntax.ExpandTabs(text)
}

// endsWithLine says whether the message ends with a line end that is shown. Nix
// cuts it off unless a text in colour, which nothing is here, ends with it: what
// the parser of TOML says does.
func (e *Error) endsWithLine() bool {
	return e.Kind == KindEval && e.pos == noPos && strings.HasSuffix(e.Message, "\n")
}

// indentRest indents the lines but the first that are not empty.
func indentRest(text, indent string) string {
	lines := strings.Split(text, "\n")
	for i, line := range lines {
		if i > 0 && line != "" {
			lines[i] = indent + line
		}
	}
	return strings.Join(lines, "\n")
}

// renderer writes an error.
type renderer struct {
	e         *Error
	showTrace bool
	out       strings.Builder
	count     int
	skipped   []*frame
	seen      map[frameKey]bool
}

// frameKey tells frames that look the same.
type frameKey struct {
	pos  Pos
	text string
}

// fewSkipped is how many repeated frames are shown nevertheless.
const fewSkipped = 5

func (r *renderer) trace() {
	const maxFrames = 3
	truncated := false
	for f := r.e.trace; f != nil; f = f.inside {
		if f.text == "" || f.detail && !r.showTrace {
			continue
		}
		if !r.showTrace && r.count > maxFrames {
			truncated = true
		}
		if truncated && !f.custom {
			continue
		}
		key := frameKey{f.pos, f.text}
		if r.seen[key] {
			r.skipped = append(r.skipped, f)
			continue
		}
		r.seen[key] = true
		r.flush()
		r.count++
		r.frame(f)
	}
	r.flush()
	if truncated {
		r.out.WriteString("\n(stack trace truncated; use '--show-trace' to show the full, detailed trace)\n")
	}
}

// flush writes the repeated frames before the next new one, or how many they are.
func (r *renderer) flush() {
	if len(r.skipped) > fewSkipped {
		fmt.Fprintf(&r.out, "\n(%d duplicate frames omitted)\n", len(r.skipped))
	} else {
		for _, f := range r.skipped {
			r.count++
			r.frame(f)
		}
	}
	r.skipped = r.skipped[:0]
}

func (r *renderer) frame(f *frame) {
	fmt.Fprintf(&r.out, "\n… %s\n", f.text)
	if f.pos != noPos {
		r.count++
		r.positionIndented(f.pos, "  ")
	}
}

func (r *renderer) position(pos Pos) { r.positionIndented(pos, "") }

func (r *renderer) positionIndented(pos Pos, indent string) {
	s, offset := r.e.positions.find(pos)
	if s == nil {
		return
	}
	fmt.Fprintf(&r.out, "%sat %s:\n", indent, r.e.positions.position(pos))
	for line := range strings.Lines(s.file.Excerpt(offset)) {
		r.out.WriteString(strings.TrimPrefix(line, "       "))
	}
	r.out.WriteByte('\n')
}
