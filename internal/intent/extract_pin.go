package intent

import (
	"strings"

	"luminousnix/internal/operation"
)

// withPinName gives a pin the name and the note that stand in the sentence: "pin 41 as stable",
// "call it stable, note: before the fair".
func (s *sentence) withPinName(op operation.Operation) operation.Operation {
	a := &op.Arguments
	if op.Name != operation.PinGeneration || a.PinName != "" || a.Note != "" {
		return op
	}
	a.PinName = s.behindFirst(namesIt, int(a.Generation))
	if i := s.first(func(i int) bool { return strings.HasPrefix(s.word(i), "name=") }); i >= 0 {
		a.PinName = strings.TrimPrefix(s.tokens[i].text, "name=")
	}
	a.Note = s.behindFirst(notesIt, 0)
	return op
}

// behindFirst is what stands behind the first word that says so: what is in quotation marks, or all
// to the end of the part; not the number of the generation.
func (s *sentence) behindFirst(says func(*sentence, int) bool, generation int) string {
	i := s.first(func(i int) bool { return says(s, i) })
	if i < 0 {
		return ""
	}
	for i++; ; i++ {
		if i < len(s.tokens) && generation > 0 && s.tokens[i].number == generation {
			continue
		}
		switch s.word(i) {
		case "it", "this", "that", "as", "is", "the", "of", "a", "name", "generation", "version", "one":
			continue
		}
		break
	}
	end := i
	for end < len(s.tokens) && s.tokens[end].text != "" && !(end > i && (joining(s.word(end)) || s.begun(end) && !s.tokens[i].quoted || namesIt(s, end) || notesIt(s, end))) {
		end++
		if s.tokens[end-1].after != 0 && !s.tokens[i].quoted {
			break
		}
	}
	if i >= end || !s.tokens[i].quoted && (joining(s.word(i)) || somebody(s.word(i)) || thing(s.word(i))) {
		return ""
	}
	return strings.Trim(s.text(i, end), `"'“”`)
}

// namesIt reports a word behind which comes a name: "named", "call it", "as" but not "as soon as".
func namesIt(s *sentence, i int) bool {
	switch s.word(i) {
	case "named", "called", "call", "name", "titled", "title", "labelled", "labeled", "label", "tagged":
		return i > 0 || s.word(0) == "call" || s.word(0) == "name" || s.word(0) == "label"
	case "as":
		next := s.word(i + 1)
		return i > 0 && next != "soon" && next != "long" && next != "well" && next != "it" && next != "if" && next != "is"
	}
	return false
}

// notesIt reports a word behind which comes a note.
func notesIt(s *sentence, i int) bool {
	return i > 0 && (s.word(i) == "note" || s.word(i) == "comment")
}
