package picker

import "github.com/charmbracelet/x/ansi"

// style makes text stand out or stand back where that is wanted. It never carries a
// meaning of its own.
type style struct{ on bool }

func (s style) wrap(code, text string) string {
	if !s.on || text == "" {
		return text
	}
	return "\x1b[" + code + "m" + text + "\x1b[0m"
}

func (s style) none(text string) string { return text }
func (s style) bold(text string) string { return s.wrap("1", text) }
func (s style) dim(text string) string  { return s.wrap("2", text) }

// A row is a line of the screen that is filled from the left.
type row struct {
	text string
	left int // columns
}

// add puts a clean text behind what is there, as much of it as fits.
func (r *row) add(paint func(string) string, text string) {
	text = cut(text, r.left)
	r.left -= ansi.StringWidth(text)
	r.text += paint(text)
}
