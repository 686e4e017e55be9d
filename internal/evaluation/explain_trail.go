package evaluation

import (
	"fmt"
	"strings"

	"luminousnix/nix/eval"
)

// origin says what of the reader's own led to an error that happened elsewhere: the
// nearest place in a file of theirs, and the option that was being evaluated. It is
// "" where the message has a file of theirs already.
func (r Reader) origin(e *eval.Error, message string) string {
	if r.own(e.Position().File) || len(r.Library) == 0 {
		return ""
	}
	var own, option string
	const near = 8 // steps: further away are the options that need the wrong one
	for i, frame := range e.Trail() {
		if own == "" && r.own(frame.Position.File) {
			own = strings.TrimSuffix(place(frame.Position), ": ")
		}
		words := backticked(frame.Text)
		switch {
		case !frame.Custom || len(words) == 0:
		case own == "" && strings.Contains(frame.Text, "definitions from") && r.own(words[0]):
			own = words[0]
		case option == "" && i < near && strings.Contains(frame.Text, "the option"):
			option = words[0]
		}
	}
	var parts []string
	if option != "" && !strings.Contains(message, option) {
		parts = append(parts, "for the option "+option)
	}
	if file, _, _ := strings.Cut(own, ":"); own != "" && !strings.Contains(message, file) {
		parts = append(parts, "from "+own)
	}
	if len(parts) == 0 {
		return ""
	}
	return " (" + strings.Join(parts, ", ") + ")"
}

// details are the excerpt of the source, the rest of the message, and the trail:
// the steps nearest to the error and those that are about files of the reader or
// explain themselves.
func (r Reader) details(e *eval.Error) []string {
	out := trimIndent(e.Excerpt())
	if rest := lines(e.Message); len(rest) > 1 {
		out = append(out, rest...)
	}
	const few = 3
	trail := e.Trail()
	near, own, custom, shown := 0, 0, 0, 0
	count := func(n *int) bool {
		*n++
		return *n <= few
	}
	for _, frame := range trail {
		switch {
		case r.Full:
		case frame.Custom && count(&custom), r.own(frame.Position.File) && count(&own), !frame.Custom && count(&near):
		default:
			continue
		}
		shown++
		out = append(out, step(frame))
	}
	if left := len(trail) - shown; left > 0 {
		out = append(out, fmt.Sprintf("(%d more steps led to it; --debug shows all)", left))
	}
	return out
}

// step is a line of the trail.
func step(frame eval.Frame) string {
	line := "… " + strings.TrimSuffix(oneLine(frame.Text), ":")
	if frame.Position.File != "" {
		line += " (" + strings.TrimSuffix(place(frame.Position), ": ") + ")"
	}
	return line
}
