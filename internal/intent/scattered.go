package intent

import (
	"slices"
	"strings"

	"luminousnix/internal/operation"
)

// scattered reports that what a change is done to was taken from several clauses of which one
// says more than names: "remove vim, emacs can wait".
func (s *sentence) scattered(op operation.Operation) bool {
	is := s.argumentOf(op)
	if is == nil {
		return false
	}
	with := 0
	for k, c := range s.statements() {
		holds, more := false, false
		for i := c.start; i < c.end; i++ {
			switch t := &s.tokens[i]; {
			case is(i):
				holds = true
			case t.number < 0 && t.kind != filler && !joining(t.word) && !s.aside(i) && !s.namesGeneration(i):
				more = true
			}
		}
		if holds {
			with++
			if with > 1 && more && !(k == 1 && s.part(c.start, c.end).begins(0)) {
				return true
			}
		}
	}
	return false
}

// argumentOf tells which tokens are arguments of an operation that changes several things; nil
// for others.
func (s *sentence) argumentOf(op operation.Operation) func(int) bool {
	a := &op.Arguments
	switch {
	case op.Name == operation.RemovePackages && len(a.Packages) > 1, op.Name == operation.InstallPackages && len(a.Packages) > 1:
		return func(i int) bool { return s.isOneOf(i, a.Packages) }
	case op.Name == operation.DeleteGenerations && len(a.Generations) > 1:
		return func(i int) bool {
			return slices.Contains(a.Generations, operation.GenerationNumber(s.tokens[i].number))
		}
	case op.Name == operation.SetOption && a.Query != "":
		words := strings.Fields(strings.ToLower(string(a.Query)))
		return func(i int) bool { return s.tokens[i].kind == content && slices.Contains(words, s.word(i)) }
	}
	return nil
}

// turnsInto reports a list in the middle of which another request begins: "get rid of vim get
// emacs", "I want vim installed and emacs gone".
func (s *sentence) turnsInto(op operation.Operation) bool {
	if op.Name == operation.SetOption {
		on := s.first(func(i int) bool { return surelyOn(s.word(i)) })
		off := s.first(func(i int) bool { return surelyOff(s.word(i)) })
		return on >= 0 && off >= 0 && len(s.statements()) == 1
	}
	if op.Name != operation.InstallPackages && op.Name != operation.RemovePackages || len(op.Arguments.Packages) < 2 {
		return false
	}
	if op.Name == operation.InstallPackages && s.anyWord(2, "gone", "removed", "uninstalled", "out", "off", "away") {
		return true
	}
	return s.first(func(i int) bool {
		if i == 0 || !s.isOneOf(i-1, op.Arguments.Packages) || !s.verbAt(i) || i+1 >= len(s.tokens) {
			return false
		}
		guess := s.part(i, len(s.tokens)).guess()
		return guess.Operation != op.Name && guess.Probability >= enoughToOverrule && changing(operation.Operation{Name: guess.Operation})
	}) >= 0
}
