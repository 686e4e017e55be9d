package intent

import (
	"slices"
	"strings"

	"luminousnix/internal/operation"
)

// contrasts reports a word that says what is not meant, behind which comes what the operation has
// nothing to do with anyway: "switch to 64, not 46", "delete 10 and 11 but leave 13", "install it
// for me, not for everyone", "pin 41, it must not be deleted".
func (s *sentence) contrasts(i int, op operation.Operation) bool {
	switch s.word(i) {
	case "not", "never":
		return op.Name != operation.RemovePackages && s.otherThan(i+1, op) || s.lasts(i, op)
	case "leave", "spare", "keep", "leaving", "keeping":
		return op.Name != operation.InstallPackages && s.otherThan(i+1, op) || op.Name == operation.UpdateSystem && len(op.Arguments.Packages) > 0 && (s.word(i+1) == "the" && s.word(i+2) == "rest" || s.word(i+1) == "everything") ||
			op.Name == operation.CleanUp && strings.HasPrefix(s.word(i+1), "pinned")
	}
	return false
}

// otherThan reports that behind a word comes the number or the name of something else than what
// the operation is about, and nothing but that.
func (s *sentence) otherThan(i int, op operation.Operation) bool {
	a := &op.Arguments
	if a.Scope != "" {
		for k := i; k < i+3; k++ {
			switch s.word(k) {
			case "everyone", "everybody", "others", "other", "all", "system", "whole":
				return true
			}
		}
	}
	for s.word(i) == "generation" || s.word(i) == "the" || s.word(i) == "number" {
		i++
	}
	if i >= len(s.tokens) || i+1 < len(s.tokens) && s.tokens[i].after == 0 {
		return false
	}
	switch n := operation.GenerationNumber(s.tokens[i].number); {
	case n > 0 && len(a.Generations) > 0:
		return !slices.Contains(a.Generations, n)
	case n > 0 && a.Generation > 0:
		return a.Generation != n
	case n > 0 && op.Name == operation.SetOption:
		return a.Value != "" && a.Value != s.tokens[i].text
	}
	return len(a.Packages) > 0 && s.tokens[i].kind == content && !s.isOneOf(i, a.Packages)
}

// lasts reports "not" before what the operation does not do: what is pinned is not deleted, what
// is tested does not stay, what is switched to does not wait for a restart.
func (s *sentence) lasts(i int, op operation.Operation) bool {
	switch op.Name {
	case operation.PinGeneration:
		for k := i + 1; k < i+4; k++ {
			if takesAway(s.word(k)) || takesAway(strings.TrimSuffix(s.word(k), "d")) || takesAway(strings.TrimSuffix(s.word(k), "ed")) {
				return true
			}
		}
	case operation.TestSystem:
		switch s.word(i + 1) {
		case "persistent", "permanent", "permanently", "persistently", "forever", "past", "to", "beyond", "as", "for", "longer":
			return true
		}
	case operation.SwitchSystem:
		return (s.word(i+1) == "after" || s.word(i+1) == "at" || s.word(i+1) == "on") && s.speaksOfStart(i)
	}
	return false
}
