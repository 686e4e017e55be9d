package intent

import (
	"slices"
	"strings"

	"luminousnix/internal/operation"
)

// miscounts reports numbers, ages or days that have become something else, or nothing.
func (s *sentence) miscounts(op operation.Operation) bool {
	a := op.Arguments
	switch op.Name {
	case operation.DeleteGenerations:
		return s.countsThem() || s.onlyNamesThem() || len(a.Generations) == 1 && (s.anyWord(0, "from") && !s.anyWord(0, "list", "menu") || s.anyWord(0, "starting", "onward", "onwards", "upward", "upwards")) || s.anyWord(0, "newer", "older", "younger", "before", "below", "above", "under", "recent", "oldest", "newest", "last", "first", "days", "weeks", "hours", "months", "year", "years", "week", "month", "least", "most", "up", "lower", "later", "since", "less", "minus", "everything", "about", "million") ||
			s.first(func(i int) bool {
				const aYear = 1970
				return s.tokens[i].number > 0 && (strings.HasPrefix(s.word(i+1), "generations") || s.word(i+1) == "old") || s.tokens[i].number > aYear && s.word(i-1) == "from"
			}) >= 0
	case operation.CleanUp:
		keeps := a.Keep > 0 && s.keepsCounted(a.Keep)
		ages := s.anyWord(0, "older", "old", "before", "ago", "over", "more", "beyond", "past", "age", "since", "longer", "exceeding", "exceed") || s.anyWord(0, "keep") && s.anyWord(0, "last")
		return a.Keep == 1 && s.anyWord(0, "current", "running") && s.keepsMore() || a.Keep > 0 && (!keeps || s.namesOne(0) || s.anyWord(0, "oldest", "first", "before") || a.Keep > 10 && !s.anyWord(0, "last", "latest", "newest", "recent", "generations", "versions", "most", "systems")) || a.OlderThanDays > 0 && (!ages || s.unclearAge()) ||
			s.anyWord(0, "hour", "hours", "minute", "minutes") || a.Keep > 0 && a.OlderThanDays > 0 && s.anyWord(0, "or") ||
			a.Keep == 0 && a.OlderThanDays == 0 && a.EnsureFree == 0 && (s.dated() || s.anyWord(0, "only", "previous", "yesterday"))
	case operation.SetOption:
		return s.anyWord(0, "port", "ports") && s.first(func(i int) bool {
			return s.tokens[i].number > 0 && s.first(func(k int) bool { return k > i && s.tokens[k].number > 0 && s.tokens[k].number != s.tokens[i].number }) >= 0
		}) >= 0
	case operation.Rollback, operation.SwitchGeneration:
		if s.anyWord(0, "ago") && s.anyWord(0, "minute", "minutes", "hour", "hours") || s.anyWord(0, "anything") && s.anyWord(0, "but", "older") || a.Generation > 0 && a.Steps > 0 || s.first(func(i int) bool { return i+1 < len(s.tokens) && s.word(i) == "before" && s.isGeneration(i+1) }) >= 0 {
			return true
		}
		return a.Generation == 0 && a.Steps == 0 && a.Date == "" && a.Channel == "" && a.Text == "" && s.dated() ||
			string(a.Date) > s.now.Format("2006-01-02")
	}
	return false
}

// keepsCounted reports that so many generations are to be kept: "keep 3", "down to 3", "3 at most".
func (s *sentence) keepsCounted(keep int) bool {
	if s.anyWord(0, "keep", "keeping", "leave", "leaving", "except", "but", "bar", "retain", "save", "apart", "preserve") {
		return true
	}
	return s.first(func(i int) bool {
		if s.tokens[i].number != keep {
			return false
		}
		k := i - 1
		for s.word(k) == "the" || s.word(k) == "last" || s.word(k) == "newest" || s.word(k) == "latest" {
			k--
		}
		return s.word(k) == "to" || s.word(k) == "only" || s.word(k) == "most" && s.word(k-1) == "at" || s.word(k) == "than" && s.word(k-1) == "more" || s.word(i+1) == "at" && s.word(i+2) == "most"
	}) >= 0
}

// unclearAge reports an age of two parts, or one that is a day: "a year and a half", "from two
// weeks ago".
func (s *sentence) unclearAge() bool {
	if s.anyWord(0, "from") && s.anyWord(0, "ago") && !s.anyWord(0, "more", "over", "before") {
		return true
	}
	return s.first(func(i int) bool {
		return s.word(i) == "half" && s.word(i-2) == "and" || s.word(i) == "and" && i+2 < len(s.tokens) && s.tokens[i+1].number > 0 && s.tokens[i+2].sense.days > 0
	}) >= 0
}

// dated reports a number, a day of the month, a weekday or a length of time.
func (s *sentence) dated() bool {
	return s.first(func(i int) bool {
		t := &s.tokens[i]
		return t.number > 1 || t.sense.weekday > 0 || t.sense.month > 0 && t.word != "may" || s.grammar.ordinalOf(t) > 2 || t.word == "several" || t.word == "zero"
	}) >= 0
}

// countsThem reports numbers that say how many generations are to go rather than which: "2 of
// them", "a couple".
func (s *sentence) countsThem() bool {
	return s.first(func(i int) bool {
		switch s.word(i) {
		case "of":
			return i > 0 && s.tokens[i-1].number > 0
		case "couple", "few", "dozen", "hundred", "thousand", "max", "thirds", "half":
			return true
		}
		t := &s.tokens[i]
		return t.number > 0 && t.end+1 < len(s.source) && s.source[t.end] == ',' && digit(s.source[t.end+1])
	}) >= 0 || s.backwards()
}

// backwards reports "20 to 10".
func (s *sentence) backwards() bool {
	return s.first(func(i int) bool {
		return s.plays(i, roleThrough) && i > 0 && i+1 < len(s.tokens) && s.tokens[i-1].number > s.tokens[i+1].number && s.tokens[i+1].number > 0
	}) >= 0
}

// leavesNumber reports the number of a generation that has become nothing, where it does not stand
// in a clause that only states something: "delete 6 and also 7".
func (s *sentence) leavesNumber(op operation.Operation) bool {
	a := &op.Arguments
	if !namesGenerations(op) || switches(op) || a.Generation == 0 && len(a.Generations) == 0 || s.pronouns {
		return false
	}
	for _, c := range s.statements() {
		part := s.part(c.start, c.end)
		if part.anyWord(0, "is", "are", "was", "were", "has", "had", "works", "work", "name", "named", "called", "note", "crashes", "on") {
			continue
		}
		for i := range part.tokens {
			n := operation.GenerationNumber(part.tokens[i].number)
			if part.isGeneration(i) && n != a.Generation && !slices.Contains(a.Generations, n) && part.unitDays(i+1) == 0 && !part.contrastsAt(i, op) {
				return true
			}
		}
	}
	return false
}

// contrastsAt reports a number behind a word that says that it is not meant.
func (s *sentence) contrastsAt(i int, op operation.Operation) bool {
	for k := i - 1; k >= max(0, i-3); k-- {
		if s.contrasts(k, op) {
			return true
		}
	}
	return false
}

// onlyNamesThem reports generations of which something is said, but not that they are to go: "10 to
// 20 should be kept", "the menu shows 12 to 40".
func (s *sentence) onlyNamesThem() bool {
	return s.anyWord(0, "kept", "needed", "good", "fine", "shows", "show", "menu", "have", "has", "exist", "exists", "boot", "boots", "start", "works", "broken", "left") &&
		s.first(func(i int) bool { return takesAway(s.word(i)) || deletes(s.word(i)) }) < 0
}

// deletes reports a word for deleting.
func deletes(word string) bool {
	switch word {
	case "del", "rm", "kill", "toss", "bin", "trash", "rid", "nuke", "discard", "wipe", "out", "away", "go", "goes", "off", "clear", "clean", "chuck", "dump", "scrap", "axe", "gone",
		"deleting", "removing", "deleted", "removed", "dropped", "vanish", "yeet", "ditch", "cut", "eliminate", "shed":
		return true
	}
	return false
}
