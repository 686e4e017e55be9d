// Package diagnosis explains errors of Nix and NixOS: what happened, why that usually
// is so, and what helps, from the text that was printed.
//
// It knows the shapes of errors that errors.txt lists, which tells its form at its top.
// A text is compared with all of them; what it does not know it says, and guesses
// nothing. The shapes are read when the first error is explained, which takes less than
// a millisecond; starting the program costs nothing.
package diagnosis

import (
	_ "embed"
	"slices"
	"strings"
	"sync"

	"luminousnix/internal/operation"
	"luminousnix/internal/plainfile"
)

//go:embed errors.txt
var errorsText string

// A Shape is a kind of error.
type Shape struct {
	ID      string
	Subject string // what it is about, such as build or boot
	vague   bool   // says that something failed, and not why
	matches []pattern
	whats   []string // the first that can be filled counts
	cause   string
	fixes   []fix
}

// fix is a line that helps, with names in braces. word is run, add or do.
type fix struct{ word, text, say string }

var shapes = sync.OnceValue(func() []Shape { return parse(errorsText) })

// Shapes are all that are known, those nearer to a cause first. The slice is shared.
func Shapes() []Shape { return shapes() }

// longest is how much of a text is looked at; of a longer one what [Read] keeps.
const longest = 64 << 10

// Explain finds the shape of an error. Without one Known is false, and only the line
// that tells most is given.
func Explain(text string) operation.Explanation {
	if len(text) > longest {
		text, _ = Read(strings.NewReader(text)) // which cannot fail
	}
	lines := clean(text)
	found := operation.Explanation{Error: telling(lines), Fixes: []operation.Fix{}}
	if s, values := best(lines); s != nil {
		s.explain(&found, values)
	}
	return found
}

// best finds the shape of the errors among the lines. Where these say that something
// failed, and not why, a warning may; where nothing else is known anything counts.
func best(lines []string) (*Shape, map[string]string) {
	errors := slices.DeleteFunc(slices.Clone(lines), isWarning)
	s, values := find(errors)
	if s != nil && !s.vague {
		return s, values
	}
	final := slices.DeleteFunc(slices.Clone(lines), func(line string) bool { return strings.Contains(line, "; retrying in ") })
	for _, some := range [][]string{final, lines} {
		if other, found := find(some); other != nil && (s == nil || !other.vague) {
			return other, found
		} else if s != nil {
			break
		}
	}
	if s == nil && len(lines) == 1 {
		// A line that somebody typed, or that a shell has taken the quotes from.
		return findIn(newText([]string{strings.ReplaceAll(lines[0], "'", "")}), pattern.bare)
	}
	return s, values
}

func isWarning(line string) bool {
	for _, prefix := range []string{"warning: ", "evaluation warning: ", "trace: warning: "} { // the last one until nixpkgs 24.05
		if strings.HasPrefix(line, prefix) {
			return true
		}
	}
	return false
}

// find compares with all shapes.
func find(lines []string) (*Shape, map[string]string) {
	return findIn(newText(lines), func(p pattern) pattern { return p })
}

func findIn(t text, form func(pattern) pattern) (*Shape, map[string]string) {
	all := shapes()
	for i := range all {
		for _, p := range all[i].matches {
			if values, ok := form(p).match(t); ok {
				return &all[i], values
			}
		}
	}
	return nil, nil
}

func (s *Shape) explain(e *operation.Explanation, values map[string]string) {
	e.Known, e.ID, e.Subject, e.Cause = true, s.ID, s.Subject, s.cause
	for _, what := range s.whats {
		if text, ok := fill(what, values, false); ok {
			e.What = text
			break
		}
	}
	for _, f := range s.fixes {
		text, ok := fill(f.text, values, f.word == "run")
		if !ok {
			continue
		}
		say, ok := fill(f.say, values, false)
		if !ok {
			continue
		}
		switch f.word {
		case "run":
			e.Fixes = append(e.Fixes, operation.Fix{Command: text, Say: say})
		case "add":
			e.Fixes = append(e.Fixes, operation.Fix{Line: text, Say: say})
		default:
			e.Fixes = append(e.Fixes, operation.Fix{Say: text})
		}
	}
}

// Hint is what helps first against an error, in a line: "" where the error is not
// known.
func Hint(text string) string {
	e := Explain(text)
	if !e.Known {
		return ""
	}
	return e.What + " " + e.First()
}

// parse reads the file of shapes.
func parse(file string) (all []Shape) {
	plainfile.Blocks(file,
		func(id, subject string) {
			subject, vague := strings.CutSuffix(subject, ", vague")
			all = append(all, Shape{ID: id, Subject: subject, vague: vague})
		},
		func(word, rest string) { all[len(all)-1].add(word, rest) })
	return all
}

func (s *Shape) add(word, rest string) {
	switch word {
	case "match":
		s.matches = append(s.matches, newPattern(rest))
	case "what":
		s.whats = append(s.whats, rest)
	case "cause":
		s.cause = rest
	case "do":
		s.fixes = append(s.fixes, fix{word, rest, ""})
	default:
		text, say := plainfile.Cut(rest, " | ")
		s.fixes = append(s.fixes, fix{word, text, say})
	}
}

// Commands are all that explanations may advise to run, with names in braces.
func Commands() []string {
	var commands []string
	for _, s := range shapes() {
		for _, f := range s.fixes {
			if f.word == "run" {
				commands = append(commands, f.text)
			}
		}
	}
	return commands
}
