package intent

import (
	"slices"

	"luminousnix/internal/operation"
)

// retracts reports "no, …", "sorry", "I mean" and the like behind what was asked for, and
// "not" behind it at the end.
func (s *sentence) retracts(op operation.Operation) bool {
	last := len(s.tokens) - 1
	if op.Name != operation.Undo && slices.ContainsFunc(s.class(s.grammar.className("retract"), false), func(sp span) bool { return sp.start > 0 && s.literally(sp) }) {
		return true
	}
	for i := 1; i <= last; i++ {
		switch s.word(i) {
		case "no", "wait", "stop", "not", "nope", "nah":
			if s.word(i) == "not" && s.word(i+1) == "to" && op.Name == operation.TryPackages || s.word(i) == "stop" && op.Name == operation.DryActivateSystem {
				continue
			}
			if s.word(i) == "no" && (s.sparesAnyway(op) && i < last && s.tokens[i].after == 0 || op.Name == operation.SetOption && i == last && s.isSetTo(i) || s.lacks(i, op)) {
				continue // "no switch", what an option is set to, "no wifi any more"
			}
			if s.contrasts(i, op) || s.deniesOnly(i, op) || s.word(i) == "not" && startsNext(op) && untilThen(s.word(i+1)) || s.word(i) == "stop" && op.Name == operation.CancelJob {
				continue
			}
			if s.word(i) == "no" && (s.word(i+1) == "not" || s.word(i+1) == "wait" || s.tokens[i-1].number > 0 && i < last && s.tokens[i+1].number > 0) || s.begun(i) || i == last && s.word(i) != "wait" && s.word(i) != "stop" || s.word(i) == "no" && s.isName(i-1) && i < last && s.isName(i+1) {
				return true
			}
		case "never":
			if s.word(i+1) == "mind" {
				return true
			}
		case "er", "uh", "erm":
			if s.hesitates(i, op) {
				return true
			}
		case "sorry", "oops":
			if op.Name != operation.Undo {
				return true
			}
		case "kidding", "joking", "nevermind":
			return true
		case "mean", "meant":
			if s.word(i-1) == "i" {
				return true
			}
		case "forget", "actually":
			if s.begun(i) || s.word(i) == "actually" && (i == last || s.word(i-1) == "or") {
				return true
			}
		}
	}
	return false
}

// hesitates reports a word between two numbers or names of which the second one is meant: "6 er 7".
func (s *sentence) hesitates(i int, op operation.Operation) bool {
	if i+1 >= len(s.tokens) {
		return false
	}
	return s.tokens[i-1].number > 0 && s.tokens[i+1].number > 0 || s.isOneOf(i-1, op.Arguments.Packages) && i+2 == len(s.tokens)
}

// deniesOnly reports a "no" that takes back nothing: "no space", "no need for it".
func (s *sentence) deniesOnly(i int, op operation.Operation) bool {
	if s.word(i) != "no" || s.tokens[i].after != 0 {
		return false
	}
	switch s.word(i + 1) {
	case "space", "sound", "internet", "prompts", "questions", "problem", "problems", "rush", "confirmation", "doubt", "thanks", "issue", "issues", "trouble", "errors", "complaints", "worries":
		return true
	case "more":
		return i+2 < len(s.tokens) || op.Name == operation.CleanUp && op.Arguments.Keep+op.Arguments.OlderThanDays > 0
	case "need", "longer":
		return i+2 < len(s.tokens) || op.Name == operation.UnpinGeneration
	}
	return false
}

// isSetTo reports what an option is set to: "driver: no", "PermitRootLogin = no".
func (s *sentence) isSetTo(i int) bool {
	if isOption(s.tokens[i-1].text) || s.tokens[i-1].after == ':' {
		return true
	}
	switch s.word(i - 1) {
	case "to", "is", "be", "on", "value", "=":
		return true
	}
	return false
}

// lacks reports a "no" that tells what is missing since a system was changed: "no picture
// since the update, go back".
func (s *sentence) lacks(i int, op operation.Operation) bool {
	return switches(op) && s.word(i+1) != "wait" && i+1 < len(s.tokens) && s.tokens[i].after == 0 && s.tokens[i+1].kind == content && s.tokens[i+1].number < 0
}

// untilThen reports when a system that is for the next start is not to be started.
func untilThen(word string) bool {
	return word == "now" || word == "before" || word == "during" || word == "earlier" || word == "today"
}

// negatesTwice reports an option that is set by a negation and a word that is one, too.
func (s *sentence) negatesTwice(op operation.Operation) bool {
	if op.Name != operation.SetOption {
		return false
	}
	negations := 0
	for i := range s.tokens {
		if s.begun(i) {
			negations = 0
		}
		if turnsOff(s.word(i)) || s.word(i) == "not" || s.word(i) == "never" {
			if negations++; negations > 1 {
				return true
			}
		}
	}
	return false
}
