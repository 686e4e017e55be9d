package intent

import (
	"slices"

	"luminousnix/internal/operation"
)

// binds reports a condition or a later time behind a request: "if it is broken",
// "tomorrow". Politeness such as "if you can" is none.
func (s *sentence) binds(op operation.Operation) bool {
	if op.Name == operation.RecoverSwitch {
		return false // it says what happened when, and is wanted at once
	}
	return s.first(func(i int) bool { return i > 0 && (s.conditionAt(i, op) || s.laterAt(i, op)) }) >= 0
}

// conditionAt reports a word that makes what is asked for depend on something.
func (s *sentence) conditionAt(i int, op operation.Operation) bool {
	switch s.word(i) {
	case "until", "till":
		return op.Name != operation.CleanUp && !starts(op)
	case "once":
		return s.word(i+1) != "more" && s.word(i-1) != "at" && op.Name != operation.TryPackages && (!s.polite(i) || s.word(i+2) == "say")
	case "provided", "assuming", "supposing":
		return true
	case "after":
		return gone(op) && i+1 < len(s.tokens) && !s.begun(i) && s.word(i-1) != "look"
	case "if", "unless", "whenever":
		return !s.polite(i)
	case "when", "while":
		return !starts(op) && !s.polite(i) && (!s.begun(i) || s.word(i) == "when" && thing(s.word(i+1)))
	case "in":
		return s.word(i+1) == "case"
	case "nothing":
		return i == 1
	}
	return false
}

// starts reports an operation that is about the next start of the machine: until when, or from
// when on.
func starts(op operation.Operation) bool {
	return op.Name == operation.BootSystem || op.Name == operation.TestSystem
}

// thing reports a word for what has just been spoken of.
func thing(word string) bool {
	switch word {
	case "it", "that", "this", "there", "they":
		return true
	}
	return false
}

// laterAt reports a time to come.
func (s *sentence) laterAt(i int, op operation.Operation) bool {
	if starts(op) {
		return false
	}
	next := &token{}
	if i+1 < len(s.tokens) {
		next = &s.tokens[i+1]
	}
	switch s.word(i) {
	case "tomorrow":
		return true
	case "tonight", "later", "midnight":
		return untimed(op) && (i+1 == len(s.tokens) || s.begun(i+1) || joining(next.word))
	case "on", "at", "in":
		return untimed(op) && (next.sense.weekday > 0 || next.word == "night" || next.word == "midnight" || s.word(i+2) == "hour" || s.word(i+2) == "hours")
	case "next":
		return next.sense.days > 0 || next.sense.weekday > 0 || untimed(op) && (next.word == "week" || next.word == "month" || next.word == "year" || next.word == "weekend")
	}
	return false
}

// untimed reports an operation for which a time to come says when it is to be done.
func untimed(op operation.Operation) bool {
	switch op.Name {
	case operation.UpdateSystem, operation.InstallPackages, operation.RemovePackages, operation.CollectGarbage, operation.SwitchSystem:
		return true
	}
	return false
}

// polite reports a condition that is none: "if you can", "when you have a minute", "it would
// be nice if", "if it's no trouble".
func (s *sentence) polite(i int) bool {
	switch s.word(i - 1) {
	case "great", "good", "nice", "best", "lovely", "wonderful", "cool", "fantastic":
		return true
	}
	if s.word(i+1) == "it" && (s.word(i+2) == "is" && (s.word(i+3) == "no" || s.word(i+3) == "there" || s.word(i+3) == "installed") || s.word(i+2) == "exists") {
		return true
	}
	switch s.word(i + 1) {
	case "you", "possible", "needed", "necessary", "that", "i", "at", "so":
		return true
	}
	return false
}

// supposes reports a part that begins with a condition: what comes behind it is asked for only
// then.
func (s *sentence) supposes() bool {
	switch s.word(0) {
	case "if", "unless", "whenever", "else", "otherwise", "should", "supposing", "provided":
		return true
	case "in":
		return s.word(1) == "case"
	case "when", "once", "as":
		return thing(s.word(1)) || s.word(0) == "when" && !somebody(s.word(1)) && s.anyWord(2, "is", "are", "gets", "becomes")
	}
	return false
}

// withoutConditions is the sentence without its "if it is ok", which bind nothing among
// several requests.
func (s *sentence) withoutConditions() *sentence {
	p := s.part(0, len(s.tokens))
	var kept []token
	for i := range s.tokens {
		if !slices.ContainsFunc(s.class(s.grammar.className("success"), true), func(sp span) bool { return sp.start <= i && i < sp.end }) {
			kept = append(kept, s.tokens[i])
		}
	}
	p.tokens = kept
	return p
}
