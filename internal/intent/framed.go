package intent

import (
	"errors"

	"luminousnix/internal/operation"
)

// ErrDeclined is the cause of the error for a sentence that was understood and asks for
// nothing: one that forbids, or tells of something.
var ErrDeclined = errors.New("the sentence asks for nothing")

// frame is what stands around the words of a request and makes it none.
type frame uint8

const (
	unframed frame = iota
	forbidden
	questioned
	told // said of somebody, at some time, or by somebody else
)

// framed tells how the request of a sentence is framed, by the phrases that the grammar
// lists: at its beginning, behind politeness, and at its end. A request behind a comma or
// "so" stands for itself: "my friend says it is better, so install signal".
func (s *sentence) framed() frame {
	if s.listed() {
		return told
	}
	part, _ := s.trimPolite()
	if part.excepted() {
		return unframed
	}
	for _, kind := range []struct {
		class string
		frame frame
	}{{"forbid", forbidden}, {"wonder", questioned}, {"tell", told}} {
		if part.opens(kind.class) && !(kind.frame == told && part.goesOn()) {
			return kind.frame
		}
	}
	if part.opens("suppose") && !part.concludes() || part.closes("doubted") {
		return told
	}
	return unframed
}

// excepted reports an opening that only looks like a frame: "how about", "if you could".
func (s *sentence) excepted() bool { return s.opens("notframe") }

// opens reports a phrase of the class at the beginning, fillers before it allowed.
func (s *sentence) opens(class string) bool {
	for _, sp := range s.class(s.grammar.className(class), false) {
		if s.fillersBefore(sp.start) && s.literally(sp) {
			return true
		}
	}
	return false
}

func (s *sentence) fillersBefore(end int) bool {
	for i := range end {
		if s.tokens[i].kind != filler {
			return false
		}
	}
	return true
}

// closes reports a phrase of the class at the end.
func (s *sentence) closes(class string) bool {
	for _, sp := range s.class(s.grammar.className(class), false) {
		if sp.end == len(s.tokens) && sp.start > 0 && s.literally(sp) {
			return true
		}
	}
	return false
}

// concludes reports "so": what follows is asked for whatever was supposed before.
func (s *sentence) concludes() bool {
	return s.first(func(i int) bool { return i > 2 && s.word(i) == "so" && s.tokens[i-1].after == ',' }) >= 0
}

// unframe keeps a reading that changes something only if nothing around it speaks against
// it; a question about a change is a question.
func (s *sentence) unframe(reading Reading) (Reading, error) {
	at := -1
	var names []operation.PackageName
	for i, op := range reading.Operations {
		if changing(op) {
			at = i
		}
		names = append(names, op.Arguments.Packages...)
	}
	if at < 0 {
		return reading, nil
	}
	if err := s.plainWords(names); err != nil {
		return Reading{}, s.explainRefusal(err)
	}
	if len(reading.Operations) == 1 && s.contradicts(reading.Operations[0]) {
		return Reading{}, ambiguous([]operation.Alternative{alternative(reading.Operations[at], enoughToOffer)})
	}
	change := alternative(reading.Operations[at], float32(reading.Confidence)/2)
	switch s.framed() {
	case forbidden:
		if len(reading.Operations) == 1 && reading.Operations[0].Name == operation.RemovePackages && s.unwanted() {
			return reading, nil
		}
		return Reading{}, notUnderstood("that says what not to do, so nothing is done", nil).WithCause(ErrDeclined)
	case questioned:
		return s.answer(enoughToShow, []operation.Alternative{change}), nil
	case told:
		return Reading{}, notUnderstood("that tells of it and does not ask for it, so nothing is done", []operation.Alternative{change}).
			WithCause(ErrDeclined)
	}
	return reading, nil
}

// unwanted reports "I do not want vim", which asks to remove it; "I do not want to …"
// does not.
func (s *sentence) unwanted() bool {
	for _, sp := range s.class(s.grammar.className("unwanted"), false) {
		if s.fillersBefore(sp.start) && s.word(sp.end) != "to" && s.word(sp.end) != "you" {
			return true
		}
	}
	return false
}
