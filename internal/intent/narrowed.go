package intent

import (
	"slices"
	"strings"

	"luminousnix/internal/intent/learn"
	"luminousnix/internal/operation"
)

// narrowed takes the arguments of a change from the clauses of the sentence that ask for it, where
// others say something else: in "41 is good, delete 42" only the latter is to be deleted. A clause
// of nothing but names goes on with the list before it, or begins the one behind it.
func (l *learned) narrowed(reading Reading) Reading {
	if reading.Explained || len(reading.Operations) != 1 || !changing(reading.Operations[0]) && !seeks(reading.Operations[0]) || reading.Operations[0].Name == operation.TryPackages {
		return reading
	}
	op, clauses := reading.Operations[0], l.statements()
	first, last := l.asking(clauses, op)
	if first < 0 || first == 0 && last == len(clauses)-1 || seeks(op) && !l.onlyStates(slices.Concat(clauses[:first], clauses[last+1:])) {
		return reading
	}
	part := l.part(clauses[first].start, clauses[last].end)
	request := part.learn(part.match())
	found, err := request.readFree()
	if err != nil || len(found.Operations) != 1 || found.Operations[0].Name != op.Name || !request.surelyNames(found.Operations[0]) || !l.leavesOut(op, found.Operations[0]) {
		return reading
	}
	reading.Operations = found.Operations
	return reading
}

// completed adds for whom something is asked, and how it is called, where a pattern has left that
// out.
func (l *learned) completed(reading Reading) Reading {
	if len(reading.Operations) == 1 && reading.Operations[0].Name == operation.PinGeneration {
		reading.Operations = []operation.Operation{l.withPinName(reading.Operations[0])}
	}
	if len(reading.Operations) != 1 || reading.Operations[0].Arguments.Scope != "" || reading.Operations[0].Arguments.Profile != "" {
		return reading
	}
	switch reading.Operations[0].Name {
	case operation.InstallPackages, operation.RemovePackages, operation.ListPackages:
		e := &extraction{sentence: l.sentence}
		reading.Operations = slices.Clone(reading.Operations)
		reading.Operations[0].Arguments.Scope = e.scopeArgument()
	}
	return reading
}

// onlyStates reports clauses that ask for nothing, each by itself.
func (s *sentence) onlyStates(clauses []span) bool {
	return !slices.ContainsFunc(clauses, func(c span) bool {
		part := s.part(c.start, c.end)
		if len(part.tokens) == 0 || part.onlyTells() {
			return false
		}
		guess := part.guess()
		return guess.Operation != operation.None || guess.Probability < 0.5
	})
}

// seeks reports a search, of which what else is said is not sought.
func seeks(op operation.Operation) bool {
	return op.Name == operation.SearchPackages || op.Name == operation.SearchOptions
}

// statements are the clauses between punctuation, and words that tell why.
func (s *sentence) statements() (all []span) {
	start := 0
	for i := 1; i < len(s.tokens); i++ {
		if s.tokens[i-1].after == 0 && !s.begun(i) && s.word(i) != "because" && s.word(i) != "so" && s.word(i) != "but" && s.word(i) != "since" {
			continue
		}
		all = append(all, span{start: start, end: i})
		start = i
		if s.tokens[i-1].after == 0 && !s.begun(i) {
			start++ // the word that joins
		}
	}
	if start < len(s.tokens) {
		all = append(all, span{start: start, end: len(s.tokens)})
	}
	return all
}

// asking are the first and the last of the clauses that ask for an operation; -1 where none does
// by itself, or others stand between them.
func (l *learned) asking(clauses []span, op operation.Operation) (first, last int) {
	if len(clauses) < 2 {
		return -1, -1
	}
	tags := l.look.Tags(op.Name)
	first, last = -1, -1
	for i, c := range clauses {
		switch {
		case l.asksAlone(c, op):
			if first >= 0 && last < i-1 {
				return -1, -1
			}
			if first < 0 {
				first = i
			}
			last = i
		case first >= 0 && last == i-1 && (l.onlyNames(c, tags) || l.listsOn(c, tags)):
			last = i
		}
	}
	for first > 0 && (l.onlyNames(clauses[first-1], tags) || l.listsOn(clauses[first], tags)) {
		first--
	}
	return first, last
}

// asksAlone reports a clause that asks for an operation by itself.
func (s *sentence) asksAlone(c span, op operation.Operation) bool {
	part := s.part(c.start, c.end)
	if len(part.tokens) == 0 || part.supposes() || part.onlyTells() || part.tells(op) {
		return false
	}
	guess := part.guess()
	return guess.Operation == op.Name && guess.Probability >= enoughToOverrule
}

// listsOn reports a clause that goes on with the list which the clause before it ends with: it
// begins with a name or a number behind one, and states nothing.
func (s *sentence) listsOn(c span, tags []learn.Tags) bool {
	listed := func(i int) bool {
		return i >= 0 && i < len(tags) && (s.tokens[i].number > 0 || tags[i][learn.Package] >= 0.5)
	}
	i := c.start
	for i < c.end && joins(s.word(i)) {
		i++
	}
	if !listed(i) || c.start == 0 || s.tokens[c.start-1].after != ',' || !listed(c.start-1) {
		return false
	}
	for ; i < c.end; i++ {
		if t := &s.tokens[i]; !listed(i) && t.kind != filler && !joins(t.word) && !s.aside(i) {
			return false
		}
	}
	return true
}

// aside reports a word behind a list that says nothing of it: a preposition, and what is behind it,
// or one that nobody knows.
func (s *sentence) aside(i int) bool {
	switch s.word(i) {
	case "can", "go", "be", "please", "installed", "removed", "deleted", "thrown", "away":
		return true
	}
	for k := i; k >= 0 && k >= i-3 && (k == i || s.tokens[k].after == 0); k-- {
		if preposition(s.word(k)) {
			return true
		}
	}
	return len(s.tokens[i].words) == 0 && s.tokens[i].number < 0
}

// counted reports a word for what numbers are of, or politeness.
func (s *sentence) counted(i int) bool {
	switch s.word(i) {
	case "generations", "numbers", "versions", "please":
		return true
	}
	return s.namesGeneration(i)
}

func preposition(word string) bool {
	switch word {
	case "for", "by", "on", "to", "onto", "with", "from", "in", "into":
		return true
	}
	return false
}

// onlyNames reports a clause of names and numbers, and what joins them.
func (s *sentence) onlyNames(c span, tags []learn.Tags) bool {
	for i := c.start; i < c.end; i++ {
		t := &s.tokens[i]
		if t.number < 0 && !startsWithDigit(t.word) && t.kind != filler && !joining(t.word) && !s.counted(i) && tags[i][learn.Package] < 0.5 {
			return false
		}
	}
	return c.end > c.start
}

// leavesOut reports a reading of a part of the sentence that has what the whole has, but less of
// it: what is only spoken of elsewhere, such as what "it" is, is not to be lost.
func (s *sentence) leavesOut(whole, part operation.Operation) bool {
	a, b := whole.Arguments, part.Arguments
	since := s.anyWord(0, "since", "update", "upgrade") // which nobody goes back to
	switch {
	case part.Validate() != nil, len(a.Packages) > 0 && len(b.Packages) == 0, len(a.Generations) > 0 && len(b.Generations) == 0:
		return false
	case a.Generation > 0 && b.Generation == 0 && !since && !(part.Name != operation.SwitchGeneration && s.anyWord(0, "this", "current")), a.Channel != "" && b.Channel == "" && !since:
		return false
	case a.Date != "" && b.Date == "", a.Steps > 0 && b.Steps == 0, a.Job != "" && b.Job == "", a.Scope != b.Scope, a.Keep != b.Keep, a.Query != "" && b.Query == "":
		return false
	}
	return a.Option == b.Option && (a.Value == b.Value || isSwitch(a.Value) && isSwitch(b.Value))
}

// isSwitch reports a value that is on or off.
func isSwitch(value string) bool { return value == "true" || value == "false" }

// surelyNames reports that the packages of an operation are words that are likely names.
func (l *learned) surelyNames(op operation.Operation) bool {
	tags := l.look.Tags(op.Name)
	return !slices.ContainsFunc(op.Arguments.Packages, func(p operation.PackageName) bool {
		return l.first(func(i int) bool { return tags[i][learn.Package] > 0.4 && strings.EqualFold(l.nameAt(i), string(p)) }) < 0
	})
}
