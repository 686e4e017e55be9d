package intent

import (
	"slices"
	"strings"

	"luminousnix/internal/operation"
)

// contradicts reports a request with an exception in it that its operation cannot hold:
// "delete generations 1 to 10 but not 5", "keep what is older than a month". What is meant
// is asked, then.
func (s *sentence) contradicts(op operation.Operation) bool {
	return s.first(func(i int) bool { return i > 0 && s.excepts(i, op) }) >= 0 || s.turnsAround(op) || s.loses(op) || s.spares(op)
}

// excepts reports a word that takes something out of a request.
func (s *sentence) excepts(i int, op operation.Operation) bool {
	keeps := op.Name == operation.CleanUp && op.Arguments.Keep > 0
	if s.contrasts(i, op) {
		return false
	}
	switch s.word(i) {
	case "not", "never":
		if s.isOneOf(i+1, op.Arguments.Packages) {
			return true
		}
		before := s.word(i - 1)
		if before == "do" {
			before = s.word(i - 2)
		}
		if len(op.Arguments.Packages) > 0 && op.Name == operation.UpdateSystem && (s.word(i+1) == "all" || s.word(i+1) == "everything") {
			return false
		}
		return !s.sparesAnyway(op) && (before == "but" || before == "and" || s.tokens[i-1].after == ',' && s.word(i-1) != "do")
	case "without":
		return confirmed(op) && !s.sparesAnyway(op) && !s.goesWithout(i, op)
	case "no":
		return s.isOneOf(i+1, op.Arguments.Packages)
	case "neither":
		return true
	case "except", "excluding", "apart":
		return !keeps
	case "keep", "leave", "spare", "retain", "keeping", "leaving":
		if op.Name == operation.InstallPackages {
			return s.isOneOf(i+1, op.Arguments.Packages)
		}
		switch s.word(i - 1) {
		case "can", "may", "must", "should", "could", "paths":
			return false // "evince can leave"
		}
		return gone(op) && !s.sparesAnyway(op) && !(keeps && !s.namesOne(i+1))
	case "alone":
		return !s.sparesAnyway(op) && s.first(func(k int) bool { return s.word(k) == "leave" && !s.contrasts(k, op) }) >= 0
	}
	return false
}

// isOneOf reports a token that is the name of one of the packages.
func (s *sentence) isOneOf(i int, packages []operation.PackageName) bool {
	return i < len(s.tokens) && slices.ContainsFunc(packages, func(p operation.PackageName) bool { return strings.EqualFold(string(p), s.tokens[i].text) })
}

// spares reports a generation that is kept from what is asked for: "clean up but keep 12".
func (s *sentence) spares(op operation.Operation) bool {
	return op.Name == operation.PinGeneration && s.anyWord(0, "delete", "remove", "clean", "rid", "purge", "wipe", "collect", "others", "rest") &&
		s.first(func(i int) bool { return (s.word(i) == "not" || s.word(i) == "never") && s.lasts(i, op) }) < 0
}

// sparesAnyway reports an operation that leaves alone what else there is: what is said not to
// be touched is none of its business.
func (s *sentence) sparesAnyway(op operation.Operation) bool {
	switch op.Name {
	case operation.BuildSystem, operation.DryActivateSystem, operation.TestSystem, operation.BootSystem, operation.TryPackages,
		operation.UpdateCatalog, operation.BuildCatalog, operation.OptimiseStore, operation.RepairStore, operation.RecoverSwitch:
		return true
	case operation.CollectGarbage:
		return s.anyWord(1, "generation", "generations", "version", "versions")
	}
	return false
}

// goesWithout reports a "without" that takes nothing out of a request: "I can't live without
// vim", "apply it without a restart".
func (s *sentence) goesWithout(i int, op operation.Operation) bool {
	switch op.Name {
	case operation.InstallPackages:
		return (s.word(i-1) == "live" || s.word(i+1) == "it") && s.anyWord(0, "not")
	case operation.SwitchSystem:
		return s.anyWord(i+1, "reboot", "rebooting", "restart", "restarting", "asking")
	}
	return false
}

// namesOne reports "generation 12" from a token on.
func (s *sentence) namesOne(i int) bool {
	for ; i+1 < len(s.tokens); i++ {
		switch s.word(i) {
		case "generation", "gen", "number":
			return s.tokens[i+1].number > 0
		}
	}
	return false
}

// turnsAround reports an age that is meant the other way round.
func (s *sentence) turnsAround(op operation.Operation) bool {
	if op.Name == operation.SetOption && s.anyWord(0, "port", "ports") {
		return s.anyWord(0, "close", "closed", "block", "blocked", "shut", "deny", "closing", "blocking") ||
			op.Arguments.Value != "false" && s.first(func(i int) bool { return surelyOff(s.word(i)) }) >= 0
	}
	if op.Name != operation.CleanUp {
		return false
	}
	return s.first(func(i int) bool {
		switch s.word(i) {
		case "newer", "younger":
			return s.first(func(k int) bool { return k < i && (s.word(k) == "keep" || s.word(k) == "leave") }) < 0
		case "less", "most":
			return op.Arguments.OlderThanDays > 0 && (s.word(i+1) == "than" || s.word(i-1) == "at")
		case "within":
			return op.Arguments.OlderThanDays > 0
		case "past":
			return op.Arguments.OlderThanDays > 0 && s.word(i-1) == "the"
		case "up":
			return op.Arguments.OlderThanDays > 0 && s.word(i+1) == "to"
		case "old", "older":
			return op.Arguments.OlderThanDays > 0 && s.first(func(k int) bool { return k < i && k > i-5 && (s.word(k) == "not" || s.word(k) == "no") }) >= 0
		case "keep", "keeping":
			return op.Arguments.OlderThanDays > 0 && op.Arguments.Keep == 0 && s.anyWord(i+1, "older", "old", "before", "ago")
		}
		return false
	}) >= 0
}

// loses reports a number that a clean-up was given and has not become anything.
func (s *sentence) loses(op operation.Operation) bool {
	a := op.Arguments
	if op.Name != operation.CleanUp {
		return false
	}
	given := 0
	for i := range s.tokens {
		given += one(startsWithDigit(s.word(i)) || s.tokens[i].number > 1)
	}
	return given > one(a.Keep > 0)+one(a.OlderThanDays > 0)+one(a.EnsureFree > 0)
}

// confirmed reports an operation that is asked about.
func confirmed(op operation.Operation) bool {
	spec, _ := operation.Lookup(op.Name)
	return spec.Asks()
}

// gone reports an operation that takes something away, or brings it.
func gone(op operation.Operation) bool {
	switch op.Name {
	case operation.RemovePackages, operation.DeleteGenerations, operation.CleanUp, operation.CollectGarbage, operation.InstallPackages:
		return true
	}
	return false
}
