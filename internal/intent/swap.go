package intent

import (
	"strings"

	"luminousnix/internal/operation"
)

// readSwap reads "swap nano for micro", "replace vlc with mpv", "chrome out, firefox in":
// one package goes and another one comes.
func (s *sentence) readSwap() (Reading, bool) {
	out, in := -1, -1
	request, _ := s.trimPolite()
	verb := s.first(func(i int) bool { return swaps(s.word(i)) && request.word(0) == s.word(i) })
	for i := range s.tokens {
		switch {
		case verb >= 0 && i > verb && out < 0 && s.isName(i) && s.word(i) != "out":
			out = i
		case verb >= 0 && out >= 0 && i > out && in < 0 && s.isName(i) && betweenSwapped(s.word(i-1)):
			in = i
		case verb < 0 && s.word(i) == "out" && i > 0 && s.isName(i-1):
			out = i - 1
		case verb < 0 && s.word(i) == "in" && i > 0 && s.isName(i-1):
			in = i - 1
		}
	}
	if out < 0 || in < 0 || s.plainWords(nil) != nil || s.conditional(0, len(s.tokens)) || s.otherName(out, in) {
		return Reading{}, false
	}
	reading := Reading{Confidence: 0.8}
	steps := []struct {
		name operation.Name
		at   int
	}{{operation.RemovePackages, out}, {operation.InstallPackages, in}}
	if verb < 0 && in < out {
		steps[0], steps[1] = steps[1], steps[0]
	}
	for _, step := range steps {
		name := operation.PackageName(strings.ToLower(s.tokens[step.at].text))
		op := operation.New(step.name, operation.Arguments{Packages: []operation.PackageName{name}})
		if op.Validate() != nil {
			return Reading{}, false
		}
		reading.Operations = append(reading.Operations, op)
	}
	return reading, true
}

func swaps(word string) bool {
	switch word {
	case "swap", "replace", "trade", "exchange", "substitute", "swapping", "replacing":
		return true
	}
	return false
}

func betweenSwapped(word string) bool {
	switch word {
	case "for", "with", "by", "against":
		return true
	}
	return false
}

// otherName reports a name beside the two that are swapped, which nothing is known about.
func (s *sentence) otherName(out, in int) bool {
	return s.first(func(i int) bool {
		return i != out && i != in && s.isName(i) && !swaps(s.word(i)) && s.word(i) != "out" && s.word(i) != "in" && i < max(out, in)
	}) >= 0
}
