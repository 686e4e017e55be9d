// Package plainfile reads the plain text files that are part of the program: answers,
// shapes of errors, words of personas and of conversations. Lines that are empty, or begin
// with #, say nothing in any of them.
package plainfile

import (
	"embed"
	"iter"
	"strings"
)

// Must is the text of a file that is part of the program.
func Must(files embed.FS, name string) string {
	text, err := files.ReadFile(name)
	if err != nil {
		panic(err) // a file of the program is missing in the program
	}
	return string(text)
}

// Lines are the lines of a text in two parts: before and after the first separator. What
// has none is all before it.
func Lines(text, separator string) iter.Seq2[string, string] {
	return func(yield func(before, after string) bool) {
		for line := range strings.Lines(text) {
			if line = strings.TrimSpace(line); line == "" || line[0] == '#' {
				continue
			}
			if before, after := Cut(line, separator); !yield(before, after) {
				return
			}
		}
	}
}

// Cut parts a line at the first separator.
func Cut(line, separator string) (before, after string) {
	before, after, _ = strings.Cut(line, separator)
	return strings.TrimSpace(before), strings.TrimSpace(after)
}

// Pairs are the lines of a text by what is before the separator; of two that have the same
// there the later one counts.
func Pairs(text, separator string) map[string]string {
	pairs := map[string]string{}
	for name, say := range Lines(text, separator) {
		pairs[name] = say
	}
	return pairs
}

// Blocks reads blocks such as
//
//	[name] title
//	  word  what it says
//
// It calls open at the head of each, and add for each line below, which goes to that.
func Blocks(text string, open func(name, title string), add func(word, rest string)) {
	opened := false
	for word, rest := range Lines(text, " ") {
		switch {
		case word[0] == '[':
			name, title := Cut(strings.TrimSpace(word + " " + rest)[1:], "]")
			open(name, title)
			opened = true
		case opened:
			add(word, rest)
		}
	}
}
