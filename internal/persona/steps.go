package persona

import (
	"strconv"
	"strings"

	"luminousnix/internal/plainfile"
)

// step is a shape of steps of plans, and how it is said in everyday words.
type step struct {
	shape []string // what is between what varies, in order
	say   string
}

func parseSteps(text string) []step {
	var steps []step
	for shape, say := range plainfile.Lines(text, "|") {
		steps = append(steps, step{splitShape(shape), say})
	}
	return steps
}

// splitShape cuts "Download {1} paths" into "Download " and " paths".
func splitShape(shape string) []string {
	var parts []string
	for n := 1; ; n++ {
		before, after, found := strings.Cut(shape, "{"+strconv.Itoa(n)+"}")
		parts = append(parts, before)
		if !found {
			return parts
		}
		shape = after
	}
}

// match finds what varies in a text of this shape.
func (s step) match(text string) (varying []string, ok bool) {
	rest, ok := strings.CutPrefix(text, s.shape[0])
	if !ok {
		return nil, false
	}
	for n, part := range s.shape[1:] {
		last := n == len(s.shape)-2
		at := strings.Index(rest, part)
		if last {
			at = len(rest) - len(part)
			if !strings.HasSuffix(rest, part) {
				return nil, false
			}
		}
		if at < 1 {
			return nil, false
		}
		varying = append(varying, rest[:at])
		rest = rest[at+len(part):]
	}
	return varying, rest == ""
}

// Step says a step of a plan in everyday words; one that is not known as it is.
func Step(action string) string {
	for _, s := range inEnglish().steps {
		if varying, ok := s.match(action); ok {
			return numbered(s.say, varying)
		}
	}
	return action
}
