package conversation

import (
	"fmt"
	"slices"
	"strings"

	"luminousnix/internal/intent"
	"luminousnix/internal/operation"
)

// reference is a part of a sentence that refers to things.
type reference struct {
	from, to  int // words of the sentence
	pronoun   bool
	plural    bool
	selection selection
}

// farthest is the last word at which a reference may begin.
const farthest = 6

// replace reads a request that refers to something: "install it", "delete the last two".
// The reference is replaced by a name, and the whole is read as any sentence is.
func (c *Conversation) replace(s *sentence) (Step, bool) {
	ref, ok := c.find(s)
	if !ok {
		return Step{}, false
	}
	things, unsure, wrong := c.resolve(ref)
	bare := ref.from <= 2 && ref.to == len(s.tokens) && s.is("needs", s.tokens[0].low)
	switch {
	case wrong != "" && (bare || !ref.pronoun):
		return words(wrong)
	case wrong != "":
		return Step{}, false
	case len(unsure) > 0:
		return c.offer(s, ref, unsure)
	case ref.to == len(s.tokens) && s.is("show", plain(s.tokens[:ref.from])):
		return c.showThings(things)
	}
	return c.readWith(s, ref, things)
}

// find finds the first reference that comes after a verb and before "and" or "then",
// which begin another request.
func (c *Conversation) find(s *sentence) (reference, bool) {
	for i := 1; i < len(s.tokens) && i <= farthest; i++ {
		before := s.tokens[i-1]
		if before.comma || s.is("and", before.low) || before.low == "then" || before.low == "if" {
			return reference{}, false
		}
		rest := s.tokens[i:]
		if n := max(s.prefix("one", rest), s.prefix("many", rest)); n > 0 && s.endsAt(i+n) {
			return reference{from: i, to: i + n, pronoun: true, plural: s.prefix("many", rest) == n}, true
		}
		selected, n := s.selectionAt(rest)
		if n > 0 && s.endsAt(i+n) && (selected.marked || c.countsRows(s, i, n)) {
			return reference{from: i, to: i + n, selection: selected}, true
		}
	}
	return reference{}, false
}

// endsAt reports whether a reference may end before a word.
func (s *sentence) endsAt(i int) bool {
	return i == len(s.tokens) || s.is("tail", s.tokens[i].low)
}

// countsRows reports whether numbers without "the" are those of rows, as in "install 2":
// there must be such rows, which have no numbers of their own, and nothing else be said.
func (c *Conversation) countsRows(s *sentence, from, n int) bool {
	kind := c.list.kind()
	for _, t := range s.tokens[from:] {
		if !s.is("and", t.low) && (t.low[0] < '0' || t.low[0] > '9') {
			return false // "add two and two"
		}
	}
	return (kind == packageKind || kind == optionKind) && from == 1 && from+n == len(s.tokens) && s.is("byrow", s.tokens[0].low)
}

// resolve finds the things of a reference; see [selection.from].
func (c *Conversation) resolve(ref reference) (things, unsure []thing, wrong string) {
	switch {
	case !ref.pronoun && c.list == nil:
		return nil, nil, "There is no list that this could be about. Search for something, or list something, first."
	case !ref.pronoun:
		return ref.selection.from(c.list)
	case len(c.focus) == 1 || len(c.focus) > 1 && ref.plural:
		return c.focus, nil, ""
	case len(c.focus) > 1:
		return nil, c.focus, ""
	case c.list == nil || len(c.list.things) == 0:
		return nil, nil, "I do not know what that refers to."
	case ref.plural:
		return nil, nil, fmt.Sprintf("There are %d of them. Say which, as in: the first two, 1 and 3, all of them.", len(c.list.things))
	}
	return nil, c.list.things[c.list.page:], ""
}

// with is the sentence with things in the place of the reference.
func (s *sentence) with(ref reference, things []thing) string {
	name := called(things)
	if things[0].kind == generationKind && strings.HasPrefix(s.tokens[ref.from-1].low, "generation") {
		_, name, _ = strings.Cut(name, " ")
	}
	parts := []string{written(s.tokens[:ref.from]), name, written(s.tokens[ref.to:])}
	return strings.TrimSpace(strings.Join(parts, " "))
}

// readWith reads the sentence with things in the place of the reference.
func (c *Conversation) readWith(s *sentence, ref reference, things []thing) (Step, bool) {
	text := s.with(ref, things)
	reading, err := intent.UnderstandIn(c.Language, text, s.now)
	if failed := operation.AsError(err); failed != nil && len(failed.Alternatives) > 0 && about(failed.Alternatives[0].Operation, things) {
		return Step{Sentence: text, Err: failed}, true
	}
	if err != nil || !isAbout(reading, things) || ref.pronoun && !s.is("needs", s.tokens[0].low) && risks(reading) {
		if ref.pronoun && !s.is("needs", s.tokens[0].low) {
			return Step{}, false // "it" may be anything: the sentence is read as it is
		}
		return Step{Sentence: text, Err: unclear(s, ref, things)}, true
	}
	for i := range reading.Operations {
		fillProfile(&reading.Operations[i], things[0])
	}
	return Step{Sentence: text, Reading: reading}, true
}

// risks reports a change that takes something away and is not read surely enough to be made
// of a sentence that only names "it": "shake it off".
func risks(reading intent.Reading) bool {
	const surely = 0.95
	return reading.Confidence < surely && slices.ContainsFunc(reading.Operations, func(op operation.Operation) bool {
		spec, _ := operation.Lookup(op.Name)
		return spec.Risk == operation.Destructive
	})
}

// unclear is the error of a request of which only the reference was understood.
func unclear(s *sentence, ref reference, things []thing) *operation.Error {
	return operation.Errorf(operation.CodeNotUnderstood, "by %q I take you to mean %s, but the rest I did not understand",
		written(s.tokens[ref.from:ref.to]), called(things)).WithHint("Say it in other words, such as: " + sayFor(things[0].kind))
}

// sayFor is what can be said of a kind of thing.
func sayFor(k kind) string {
	switch k {
	case generationKind:
		return "switch to it, compare it, pin it"
	case jobKind:
		return "attach it, cancel it"
	case optionKind:
		return "show it, set it to true"
	}
	return "show it, try it, install it, remove it"
}

// isAbout reports whether something of what would be done is about the things.
func isAbout(reading intent.Reading, things []thing) bool {
	return slices.ContainsFunc(reading.Operations, func(op operation.Operation) bool { return about(op, things) })
}

// about reports whether an operation is about all of the things.
func about(op operation.Operation, things []thing) bool {
	return !slices.ContainsFunc(things, func(t thing) bool { return !mentions(op, t) })
}

// fillProfile has the operation be about the profile that the generation is of.
func fillProfile(op *operation.Operation, t thing) {
	if spec, _ := operation.Lookup(op.Name); t.profile != "" && op.Arguments.Profile == "" && spec.Takes("profile") {
		op.Arguments.Profile = t.profile
	}
}

// mostOffered is how many choices are offered at once.
const mostOffered = 5

// offer asks which of several things is meant.
func (c *Conversation) offer(s *sentence, ref reference, things []thing) (Step, bool) {
	err := operation.Errorf(operation.CodeAmbiguous, "which one is %q?", written(s.tokens[ref.from:ref.to])).
		WithHint("Say its number.")
	for _, t := range things {
		step, ok := c.readWith(s, ref, []thing{t})
		if !ok || step.Err != nil || len(step.Reading.Operations) != 1 {
			return Step{}, false
		}
		if len(err.Alternatives) < mostOffered {
			err.Alternatives = append(err.Alternatives, operation.Alternative{Operation: step.Reading.Operations[0], Confidence: 1 / float64(len(things)), Say: step.Sentence})
		}
	}
	return Step{Err: err}, true
}
