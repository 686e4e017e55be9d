package intent

import (
	"strings"

	"luminousnix/internal/operation"
)

// complains reports a sentence that says what does not go, or goes by itself, rather than what is
// to be done: "the firewall won't turn on".
func (s *sentence) complains(op operation.Operation) bool {
	if op.Name != operation.SetOption || s.goesOn() {
		return false
	}
	return s.first(func(i int) bool {
		switch s.word(i) {
		case "not", "never":
			switch s.word(i - 1) {
			case "will", "can", "could", "does", "would", "did":
				return true
			}
			return s.word(i) == "never" && i > 0 && strings.HasSuffix(s.word(i+1), "s")
		case "keeps", "refuses", "failed", "fails":
			return true
		case "turns", "switches", "goes", "used", "runs", "listens", "blocks", "uses", "allows", "lets", "opens":
			return i > 0
		}
		return false
	}) >= 0
}

// misvalued reports a value that is not what is written: "not true", "by 10", and an exception to
// what is switched.
func (s *sentence) misvalued(op operation.Operation) bool {
	if op.Name != operation.SetOption {
		return false
	}
	if op.Arguments.Query == "" && op.Arguments.Option == "" && !s.pronouns {
		return true // "it"
	}
	if op.Arguments.Query == "switch" || op.Arguments.Query == "turn" || strings.Contains(op.Arguments.Value, "@") {
		return true // "switch off", an address
	}
	return s.first(func(i int) bool {
		switch s.word(i) {
		case "not", "by":
			return i > 0 && i+1 < len(s.tokens) && strings.EqualFold(s.tokens[i+1].text, op.Arguments.Value) && s.tokens[i].after == 0
		case "but", "except":
			return i > 0 && !s.begunLater(i) && s.word(i+1) != "first"
		case "instead", "rather", "stays", "stay", "keep":
			return i > 1
		}
		return false
	}) >= 0
}
