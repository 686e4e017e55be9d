package intent

import (
	"strings"

	"luminousnix/internal/operation"
)

// neighbour reports a generation that is named by another one, or by a day: "the one before 40".
func (s *sentence) neighbour(op operation.Operation) bool {
	if op.Name == operation.PinGeneration && op.Arguments.Generation == 0 && s.first(s.namesEarlier) >= 0 {
		return s.anyWord(0, "one", "generation", "generations", "version", "system")
	}
	return namesGenerations(op) && s.first(func(i int) bool {
		return (s.word(i) == "before" || s.word(i) == "after") && i > 0 && i+1 < len(s.tokens) && (s.isGeneration(i+1) || op.Arguments.Generation > 0 && somebody(s.word(i+1)))
	}) >= 0
}

// namesGenerations reports an operation on generations that are named.
func namesGenerations(op operation.Operation) bool {
	return op.Name == operation.PinGeneration || op.Name == operation.UnpinGeneration || op.Name == operation.DeleteGenerations || switches(op)
}

// namesEarlier reports a word for a time that a generation is from.
func (s *sentence) namesEarlier(i int) bool {
	switch s.word(i) {
	case "ago", "previous", "other", "yesterday":
		return true
	case "before":
		return i+1 == len(s.tokens) || s.begun(i+1)
	}
	return s.tokens[i].sense.weekday > 0 || s.tokens[i].number > 1 && strings.HasPrefix(s.word(i+1), "generation")
}
