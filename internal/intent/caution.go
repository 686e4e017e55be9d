package intent

import (
	"strings"

	"luminousnix/internal/intent/learn"
	"luminousnix/internal/operation"
)

// A change that was read is asked about, however sure the reading is, where words stand
// beside it that may take it back, bind it to something, or turn it round. These words are
// of English; what is lost by asking once too often is little.

// cautious reports such words beside an operation that is asked about. A pattern that
// explains every word has counted what is kept rightly.
func (s *sentence) cautious(op operation.Operation, explained bool) bool {
	if op.Name == operation.CancelJob {
		return s.stopsElse() || s.binds(op) || s.retracts(op) || s.isReport(op) || s.anyWord(1, "but", "except")
	}
	if op.Name == operation.Undo && s.anyWord(1, "but", "except", "keep") {
		return true
	}
	if !confirmed(op) && op.Name != operation.ConfirmSwitch {
		return namesGenerations(op) && (s.retracts(op) || s.neighbour(op) || s.leavesNumber(op) || s.isReport(op))
	}
	if op.Arguments.Keep > mostKept {
		return true // rather the number of a generation
	}
	explained = explained && (op.Arguments.Keep > 0 || op.Arguments.OlderThanDays > 0)
	if !explained && (s.excludes(op) || s.miscounts(op)) {
		return true
	}
	switch {
	case s.putsOff(op), s.retracts(op), s.binds(op), s.weighs(op), s.prevents(op), s.elsewhere(op), s.negatesTwice(op):
		return true
	case s.onlyAsks(), s.speaks(), s.tells(op), s.endsTelling(), s.asksAfter(), s.complains(op), s.doubts(1):
		return true
	case op.Name != operation.RecoverSwitch && s.either(), s.neighbour(op), s.leavesNumber(op), s.misvalued(op), s.needsFirst(op):
		return true
	}
	return s.scattered(op) || s.turnsInto(op) // which look longest
}

// mostKept is how many generations anybody keeps.
const mostKept = 30

// stopsElse reports something that is to be stopped and is no job: "stop talking".
func (s *sentence) stopsElse() bool {
	return s.first(func(i int) bool {
		word := s.word(i)
		if i == 0 || s.word(i-1) != "stop" || !strings.HasSuffix(word, "ing") {
			return false
		}
		switch word {
		case "building", "updating", "upgrading", "downloading", "installing", "compiling", "rebuilding", "running", "fetching",
			"switching", "cleaning", "collecting", "working", "doing", "everything", "anything":
			return false
		}
		return true
	}) >= 0
}

// anyWord is whether one of the words is in the sentence, from a token on.
func (s *sentence) anyWord(from int, words ...string) bool {
	return s.first(func(i int) bool {
		if i < from {
			return false
		}
		for _, word := range words {
			if s.word(i) == word {
				return true
			}
		}
		return false
	}) >= 0
}

// putsOff reports a request that begins with a word that puts off, or drops, what follows.
func (s *sentence) putsOff(op operation.Operation) bool {
	switch s.word(0) {
	case "skip", "forget", "ignore", "postpone", "delay", "pause", "abort", "rather", "cancel":
		return op.Name != operation.CancelJob && op.Name != operation.UnpinGeneration && op.Name != operation.Undo
	case "hold":
		return s.word(1) == "off"
	case "drop":
		return s.word(1) == "the" && s.word(2) == "idea"
	}
	return false
}

// begun reports a token at which a part of the sentence begins, behind punctuation or a
// dash, but not the sentence.
func (s *sentence) begun(i int) bool {
	if i == 0 || i >= len(s.tokens) {
		return false
	}
	between := s.source[s.tokens[i-1].end:s.tokens[i].start]
	return strings.ContainsAny(between, ",.;:!?-–—(")
}

// either reports names or numbers of which one is meant.
func (s *sentence) either() bool {
	return s.first(func(i int) bool {
		return s.word(i) == "either" || s.word(i) == "or" && i > 0 && i+1 < len(s.tokens) &&
			(s.isName(i-1) && s.isName(i+1) || s.tokens[i-1].number >= 0 && s.tokens[i+1].number >= 0)
	}) >= 0
}

// onlyAsks reports a question that does not ask somebody to do it.
func (s *sentence) onlyAsks() bool {
	const short = 2
	last := len(s.tokens) - 1
	if strings.HasSuffix(strings.TrimRight(s.source, " "), "??") || s.endsAsking() && len(s.tokens) <= short && !s.begins(0) && (surelyOn(s.word(last)) || surelyOff(s.word(last))) {
		return true // "ssh on?"
	}
	switch s.word(0) {
	case "is", "are", "was", "were", "does", "did", "why", "has":
		return !s.goesOn()
	case "have":
		return !s.goesOn() && (somebody(s.word(1)) || s.endsAsking()) // unlike "have it ready for the next boot"
	case "would", "will":
		return s.word(1) != "you" && s.word(1) != "love" && s.word(1) != "like" && s.word(1) != "appreciate"
	}
	return s.anyWord(1, "whether") || s.anyWord(0, "wonder", "wondering") && !s.anyWord(0, "mind", "could") || s.word(0) == "i" && s.word(1) == "want" && s.word(3) == "know"
}

// speaks reports words that are said of a request rather than making one.
func (s *sentence) speaks() bool {
	switch s.word(0) {
	case "dry":
		return s.word(1) != "activate"
	case "echo", "example", "todo", "note", "notes", "warn", "remind", "reminder", "remember", "simulate", "pretend":
		return true
	case "preview":
		return !s.anyWord(1, "activation", "switch", "build")
	case "my":
		return s.word(1) == "notes"
	}
	return s.labelled() || s.anyWord(1, "example", "typed") || !s.goesOn() && s.anyWord(1, "says", "said") || strings.Contains(s.source, "dry run") || strings.Contains(s.source, "dry-run")
}

// worksAgain reports that there is nothing to go back from: "the sound works again since the update".
func (s *sentence) worksAgain(op operation.Operation) bool {
	return op.Name == operation.Rollback && s.first(func(i int) bool {
		return (s.word(i) == "works" || s.word(i) == "fine" || s.word(i) == "fixed") && (s.word(i+1) == "again" || s.word(i-2) == "now" || s.word(i+1) == "now")
	}) >= 0
}

// isReport reports a statement of one clause about what an operation is on: "the update is done", "I
// have vlc and mpv", "I'm still on generation 38", "the pin on 41 is gone".
func (s *sentence) isReport(op operation.Operation) bool {
	if s.goesOn() {
		return false
	}
	switch op.Name {
	case operation.UpdateSystem:
		i := one(s.word(0) == "the" || s.word(0) == "my")
		if s.word(i) != "update" && s.word(i) != "updates" && s.word(i) != "upgrade" {
			return false
		}
		switch next := s.word(i + 1); next {
		case "is", "was", "were", "are", "went", "done", "complete", "has", "took", "available":
			return true
		default:
			return past(next)
		}
	case operation.InstallPackages:
		return s.describes()
	case operation.DeleteGenerations:
		return (s.states() || s.anyWord(1, "have", "has", "been", "see", "lost")) && !s.anyWord(0, "to", "can", "should", "must", "may", "need", "want")
	case operation.SwitchGeneration:
		return (s.states() || s.anyWord(0, "boots", "runs", "running", "currently", "happy")) && !s.anyWord(0, "to", "use", "want", "need", "back", "one")
	case operation.CancelJob:
		return s.states()
	case operation.UnpinGeneration, operation.PinGeneration:
		return s.states() || s.word(1) == "has" || s.word(2) == "has"
	}
	return false
}

// prevents reports a word that keeps a change from being made: "stop deleting".
func (s *sentence) prevents(op operation.Operation) bool {
	if !gone(op) && op.Name != operation.Rollback {
		return false
	}
	if s.anyWord(0, "stop", "abort", "prevent", "refrain", "postpone", "halt", "interrupt", "delay", "avoid") || s.word(0) == "undo" && op.Name != operation.Rollback {
		return true
	}
	if s.word(0) == "cancel" || strings.Contains(s.source, "by no means") {
		return true
	}
	return s.anyWord(1, "not", "never") && s.anyWord(1, "removed", "deleted", "uninstalled", "lost", "touched", "collected")
}

// tells reports a statement of one clause: "bob deleted generation 5".
func (s *sentence) tells(op operation.Operation) bool {
	first := 0
	if s.word(0) == "already" || s.word(0) == "just" {
		first = 1
	}
	if past(s.word(first)) && !timeless(s.word(first)) && op.Name != operation.SetOption && !s.pronouns && !s.goesOn() {
		return true
	}
	if op.Name == operation.SetOption && op.Arguments.Option != "" && (s.word(1) == "had" || s.word(2) == "has") {
		return true
	}
	if !s.goesOn() && s.word(0) == "removal" && s.anyWord(1, "is", "are", "was", "were", "worked", "failed") {
		return true // "removal companies are expensive"
	}
	if !s.goesOn() && s.states() && s.anyWord(2, "removed", "deleted", "pinned", "installed", "updated", "up", "gone") && !s.anyWord(1, "to", "can", "could") {
		return true // "generation 4 is deleted"
	}
	if s.worksAgain(op) || s.isReport(op) {
		return true
	}
	if s.goesOn() || s.begins(0) || op.Name == operation.Rollback || op.Name == operation.Undo || op.Name == operation.RecoverSwitch {
		return false
	}
	if inflection(s.word(0)) == learn.Gerund && s.anyWord(1, "is", "are", "was", "takes", "feels", "makes") {
		return true
	}
	if op.Name == operation.UpdateSystem && s.anyWord(1, "than") {
		return true
	}
	for i := range s.tokens {
		switch word := s.word(i); {
		case word == "got" || word == "was" || word == "were" || word == "itself" || word == "disappeared" || word == "broke":
			return true
		case i == 1 && !s.pronouns && past(word) && s.tokens[0].kind == content && op.Name != operation.SetOption:
			return true
		}
	}
	clause := s.statements()[0]
	return op.Name == operation.SetOption && s.part(clause.start, clause.end).states()
}
