package intent

import (
	"slices"

	"luminousnix/internal/operation"
)

// What stands in the other clauses of a sentence and speaks against doing at once what one of
// them asks for.

// needsFirst reports something that has to be done before a change and that nobody here can do:
// "make a backup, delete generation 12".
func (s *sentence) needsFirst(op operation.Operation) bool {
	return (gone(op) || switches(op) || op.Name == operation.UpdateSystem) && len(op.Arguments.Packages) == 0 && s.anyWord(0, "backup", "backups") &&
		!s.anyWord(0, "already", "have", "has", "made", "done")
}

// endsAsking reports a question mark at the end.
func (s *sentence) endsAsking() bool {
	return len(s.tokens) > 0 && s.tokens[len(s.tokens)-1].after == '?'
}

// asksAfter reports a question behind a request that asks what somebody thinks of it: "remove vim,
// is that sensible?"
func (s *sentence) asksAfter() bool {
	if !s.endsAsking() {
		return false
	}
	clauses := s.statements()
	last := clauses[len(clauses)-1]
	if len(clauses) < 2 || s.word(last.start+1) == "you" && s.word(last.start) != "what" {
		return false
	}
	switch s.word(last.start) {
	case "is", "was", "would", "does", "should", "or", "what", "good", "bad", "safe", "wise", "sensible":
		return !s.begins(last.start+1) || s.word(last.start) == "or"
	}
	return false
}

// endsTelling reports a sentence that asks for nothing before it ends with what somebody has done:
// "my disk was full so I deleted old generations".
func (s *sentence) endsTelling() bool {
	clauses := s.statements()
	last := clauses[len(clauses)-1]
	i := last.start
	for s.word(i) == "so" || s.word(i) == "and" || s.word(i) == "then" {
		i++
	}
	if len(clauses) < 2 || !somebody(s.word(i)) || s.word(i) == "you" || !past(s.word(i+1)) {
		return false
	}
	return !slices.ContainsFunc(clauses[:len(clauses)-1], func(c span) bool { return s.begins(c.start) })
}

// labelled reports a beginning that says where the rest is from, and a colon: "yesterday: …",
// "here is the log: …".
func (s *sentence) labelled() bool {
	end := s.first(func(i int) bool { return s.tokens[i].after == ':' })
	return s.first(func(i int) bool {
		if i > end { // -1 where there is no colon
			return false
		}
		switch s.word(i) {
		case "from", "avoid", "wrong":
			return i == 0 && s.word(i) == "from" || i == end
		case "log", "yesterday", "notes", "history", "todo", "docs", "manual", "readme", "tutorial", "article", "wrote", "typed", "said", "says":
			return true
		}
		return false
	}) >= 0
}
