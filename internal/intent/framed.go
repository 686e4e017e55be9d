package intent

import (
	"errors"
	"slices"
	"strings"

	"luminousnix/internal/intent/learn"
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
	if s.listed() || s.cites() {
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
	if part.opens("suppose") && !part.concludes() && !part.polite(0) || part.closes("doubted") {
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
		if sp.end == len(s.tokens) && sp.start > 0 && s.literally(sp) && s.word(sp.start-1) != "what" && s.word(sp.start-1) != "it" {
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
func (s *sentence) unframe(reading Reading, sure float32) (Reading, error) {
	at := slices.IndexFunc(reading.Operations, changing)
	if at < 0 {
		return reading, nil
	}
	if err := s.allowed(reading); err != nil {
		return Reading{}, err
	}
	if len(reading.Operations) == 1 && (s.contradicts(reading.Operations[0]) || s.grammar.learnt && s.cautious(reading.Operations[0], reading.Explained)) {
		return Reading{}, ambiguous([]operation.Alternative{alternative(reading.Operations[at], enoughToOffer)})
	}
	change := alternative(reading.Operations[at], float32(reading.Confidence)/2)
	frame := s.framed()
	if frame == unframed && s.laterForbids() {
		frame = forbidden
	}
	switch frame {
	case forbidden:
		if len(reading.Operations) == 1 && s.forbidsNothing(reading.Operations[0], sure, reading.Confidence) {
			return reading, nil
		}
		if other := s.otherClause(reading.Operations[at].Name); len(other.Operations) > 0 {
			return other, nil
		}
		if sure >= enoughToOverrule {
			return Reading{}, ambiguous([]operation.Alternative{change})
		}
		return Reading{}, notUnderstood("that says what not to do, so nothing is done", nil).WithCause(ErrDeclined)
	case questioned:
		if sure >= surelySafe && onlyTries(reading.Operations[at]) {
			return reading, nil
		}
		if sure >= surelyOther && s.opens("perhaps") && !destroys(reading.Operations[at]) && !s.anyWord(1, "safely") {
			return reading, nil
		}
		return s.answer(enoughToShow, []operation.Alternative{change}), nil
	case told:
		if sure >= surelySafe && s.asksSo(reading.Operations[at]) {
			return reading, nil
		}
		if sure >= enoughToOverrule {
			return Reading{}, ambiguous([]operation.Alternative{change})
		}
		return Reading{}, notUnderstood("that tells of it and does not ask for it, so nothing is done", []operation.Alternative{change}).
			WithCause(ErrDeclined)
	}
	return reading, nil
}

// framesAll reports a frame at the beginning of a sentence that holds for all requests in it:
// "is it safe to install vim and remove emacs". A question that has no request in it stands
// by itself: "what is in the cache, and clear it"; so does one that was read as a request which
// only shows something: "could I see the log, and undo that".
func (s *sentence) framesAll(reading Reading) bool {
	const near = 4
	part, _ := s.trimPolite()
	switch {
	case s.listed(), s.cites(), s.saidBy(), s.ofAnother(), part.opens("forbid"), part.opens("tell") && !part.goesOn(), s.word(0) != "before" && part.opens("suppose") && !part.concludes():
		return true
	case part.excepted():
		return false
	}
	shows, end := reading.showsFirst(), len(part.tokens)
	if cuts := part.cuts(); len(cuts) > 0 {
		end = cuts[0].before
	}
	if end < len(part.tokens) && strings.IndexByte("?.!", part.tokens[end-1].after) >= 0 {
		return false // the question has come to its end
	}
	for _, sp := range part.class(part.grammar.className("wonder"), false) {
		for i := sp.end; part.fillersBefore(sp.start) && i <= sp.end+near && i < end; i++ {
			if part.begins(i) && !(shows && !changing(operation.Operation{Name: part.part(i, end).guess().Operation})) {
				return true
			}
		}
	}
	return false
}

// showsFirst reports several requests of which the first surely shows something.
func (r *Reading) showsFirst() bool {
	return r.Confidence >= 0.9 && shows(r.Operations[0])
}

// showsLast reports several requests of which the last one shows something.
func (r *Reading) showsLast() bool { return shows(r.Operations[len(r.Operations)-1]) }

// shows reports an operation that shows something of the machine or its packages.
func shows(op operation.Operation) bool {
	switch op.Name {
	case operation.AnswerQuestion, operation.Help, operation.ExplainError:
		return false
	}
	return !changing(op)
}

// ofAnother reports what somebody else may do: "bob can install vim".
func (s *sentence) ofAnother() bool {
	switch s.word(1) {
	case "can", "could", "will", "would", "should", "may", "must":
		next := s.word(2)
		return s.tokens[0].kind == content && !s.begins(0) && next != "go" && next != "be" && next != "leave" && next != "come"
	}
	switch s.word(0) {
	case "can", "could", "may", "must", "will", "would", "should":
		return len(s.tokens) > 2 && s.tokens[1].kind == content && s.begins(2)
	}
	return s.word(0) == "let" && len(s.tokens) > 2 && s.tokens[1].kind == content && s.begins(2)
}

// saidBy reports "he said" at the end.
func (s *sentence) saidBy() bool {
	last := len(s.tokens) - 1
	if s.word(last) == "me" {
		last--
	}
	switch s.word(last) {
	case "said", "says", "told", "thinks":
		return true
	}
	return false
}

// allowed says which words of a sentence no request for a change has.
func (s *sentence) allowed(reading Reading) error {
	if !slices.ContainsFunc(reading.Operations, changing) {
		return nil
	}
	var names []operation.PackageName
	for _, op := range reading.Operations {
		names = append(names, op.Arguments.Packages...)
	}
	if err := s.plainWords(names); err != nil {
		return s.explainRefusal(err)
	}
	return nil
}

// forbidsNothing reports a request that says what not to do, and means it so: "I don't need
// vim", "never delete generation 5".
func (s *sentence) forbidsNothing(op operation.Operation, sure float32, patterned float64) bool {
	switch op.Name {
	case operation.RemovePackages:
		return (s.unwanted() || s.word(0) == "no" && s.word(1) == "need") && (sure >= 0.98 || patterned >= explained)
	case operation.UnpinGeneration:
		return (s.unwanted() || s.word(0) == "no" && s.word(1) == "need" && s.word(3) != "pin") && sure >= enoughToChangeLearned
	case operation.DeleteGenerations, operation.CleanUp:
		return s.unwanted() && sure >= enoughToChangeLearned
	case operation.BuildSystem, operation.DryActivateSystem:
		return sure >= surelyOther
	case operation.PinGeneration:
		return sure >= surelyOther && s.first(func(i int) bool { return takesAway(s.word(i)) }) >= 0
	}
	return false
}

// takesAway reports a word for what must not become of a generation that is kept.
func takesAway(word string) bool {
	switch word {
	case "delete", "remove", "lose", "collect", "touch", "drop", "throw", "forget", "purge", "erase":
		return true
	}
	return false
}

// asksSo reports an operation that is asked for by telling what is, or what is to be when: "after
// the update the sound is gone", "when I start it next".
func (s *sentence) asksSo(op operation.Operation) bool {
	switch op.Name {
	case operation.BootSystem:
		return s.speaksOfStart(0)
	case operation.RepairStore:
		return s.anyWord(0, "if")
	case operation.Rollback:
		return s.word(0) == "after" || s.word(0) == "since"
	}
	return onlyTries(op)
}

// onlyTries reports an operation with which nothing is another afterwards.
func onlyTries(op operation.Operation) bool {
	return op.Name == operation.DryActivateSystem || op.Name == operation.BuildSystem
}

func destroys(op operation.Operation) bool {
	spec, _ := operation.Lookup(op.Name)
	return spec.Risk == operation.Destructive
}

// unwanted reports "I do not want vim", which asks to remove it; "I do not want to …"
// does not.
func (s *sentence) unwanted() bool {
	for _, sp := range s.class(s.grammar.className("unwanted"), false) {
		if (s.fillersBefore(sp.start) || s.begun(sp.start)) && s.word(sp.end) != "to" && s.word(sp.end) != "you" {
			return true
		}
	}
	return false
}

// otherClause reads the parts of a sentence beside the one that forbids something: "don't
// switch now, have it ready for the next boot". Only what the whole sentence seems to ask for
// is taken.
func (s *sentence) otherClause(name operation.Name) Reading {
	if slices.ContainsFunc(s.statements(), func(c span) bool {
		part := s.part(c.start, c.end)
		return c.end-c.start < len(s.tokens) && part.forbids() && part.forbidden().Operation == name
	}) {
		return Reading{}
	}
	start := 0
	for i := range s.tokens {
		if i+1 < len(s.tokens) && !strings.ContainsRune(",.;!", rune(s.tokens[i].after)) {
			continue
		}
		part := s.part(start, i+1)
		whole := start == 0 && i+1 == len(s.tokens)
		if start = i + 1; whole || part.forbids() || part.framed() != unframed || part.declined() || part.reports() {
			continue
		}
		if reading, err := part.read(); err == nil && len(reading.Operations) == 1 && reading.Operations[0].Name == name {
			return reading
		}
	}
	return Reading{}
}

// forbidden is what a part that says what not to do is about.
func (s *sentence) forbidden() learn.Guess {
	i := s.first(func(i int) bool { return s.word(i) == "not" || s.word(i) == "never" || s.word(i) == "no" })
	if i < 0 || i+1 >= len(s.tokens) {
		return learn.Guess{}
	}
	return s.part(i+1, len(s.tokens)).guess()
}

// forbids reports a part that says what not to do.
func (s *sentence) forbids() bool {
	part, _ := s.trimPolite()
	return part.opens("forbid") || s.negated()
}

// laterForbids reports "do not" or "never" at the beginning of a later part.
func (s *sentence) laterForbids() bool {
	return s.first(func(i int) bool {
		return i > 0 && s.tokens[i-1].after != 0 && (s.word(i) == "never" || s.word(i) == "do" && s.word(i+1) == "not")
	}) >= 0
}
