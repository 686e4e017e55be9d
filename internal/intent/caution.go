package intent

import (
	"slices"
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
		return s.stopsElse() || s.binds(op) || s.retracts(op)
	}
	if !confirmed(op) && op.Name != operation.ConfirmSwitch {
		return false
	}
	if op.Arguments.Keep > mostKept {
		return true // rather the number of a generation
	}
	explained = explained && (op.Arguments.Keep > 0 || op.Arguments.OlderThanDays > 0)
	if !explained && (s.excludes(op) || s.miscounts(op)) {
		return true
	}
	return s.putsOff(op) || s.weighs(op) || s.retracts(op) || s.binds(op) || s.either() || s.onlyAsks() || s.speaks() || s.prevents(op) || s.tells(op) ||
		s.elsewhere(op) || s.negatesTwice(op)
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

// retracts reports "no, …", "sorry", "I mean" and the like behind what was asked for, and
// "not" behind it at the end.
func (s *sentence) retracts(op operation.Operation) bool {
	last := len(s.tokens) - 1
	if op.Name != operation.Undo && slices.ContainsFunc(s.class(s.grammar.className("retract"), false), func(sp span) bool { return sp.start > 0 && s.literally(sp) }) {
		return true
	}
	for i := 1; i <= last; i++ {
		switch s.word(i) {
		case "no", "wait", "stop", "not", "nope", "nah":
			if s.word(i) == "no" && (s.sparesAnyway(op) && i < last && s.tokens[i].after == 0 || op.Name == operation.SetOption && i == last && isOption(s.tokens[i-1].text)) {
				continue // "no switch", what an option is set to
			}
			if s.deniesOnly(i) || s.word(i) == "not" && startsNext(op) && untilThen(s.word(i+1)) || s.word(i) == "stop" && op.Name == operation.CancelJob {
				continue
			}
			if s.word(i) == "no" && s.word(i+1) == "not" || s.begun(i) || i == last && s.word(i) != "wait" && s.word(i) != "stop" || s.word(i) == "no" && s.isName(i-1) && i < last && s.isName(i+1) {
				return true
			}
		case "sorry", "oops", "kidding", "joking", "nevermind":
			return true
		case "mean", "meant":
			if s.word(i-1) == "i" {
				return true
			}
		case "forget", "actually":
			if s.begun(i) {
				return true
			}
		}
	}
	return false
}

// deniesOnly reports a "no" that takes back nothing: "no space", "no need for it".
func (s *sentence) deniesOnly(i int) bool {
	if s.word(i) != "no" || s.tokens[i].after != 0 {
		return false
	}
	switch s.word(i + 1) {
	case "space", "sound", "internet", "prompts", "questions", "problem", "rush", "confirmation", "doubt":
		return true
	case "need", "more", "longer":
		return i+2 < len(s.tokens)
	}
	return false
}

// untilThen reports when a system that is for the next start is not to be started.
func untilThen(word string) bool {
	return word == "now" || word == "before" || word == "during" || word == "earlier" || word == "today"
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
	end := strings.TrimRight(s.source, " ")
	if strings.HasSuffix(end, "??") {
		return true
	}
	switch s.word(0) {
	case "is", "are", "was", "were", "does", "did", "why", "has", "have":
		return !s.goesOn()
	case "would", "will":
		return s.word(1) != "you"
	}
	return s.anyWord(1, "whether") || s.anyWord(0, "wonder", "wondering") || s.word(0) == "i" && s.word(1) == "want" && s.word(3) == "know"
}

// speaks reports words that are said of a request rather than making one.
func (s *sentence) speaks() bool {
	switch s.word(0) {
	case "dry":
		return s.word(1) != "activate"
	case "echo", "example", "todo", "note", "notes", "preview", "warn", "remind", "reminder", "remember", "simulate", "pretend":
		return true
	case "my":
		return s.word(1) == "notes"
	}
	return s.anyWord(1, "example") || !s.goesOn() && s.anyWord(1, "says", "said") || strings.Contains(s.source, "dry run") || strings.Contains(s.source, "dry-run")
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
	return op.Name == operation.SetOption && s.word(0) == "the" && s.anyWord(1, "is", "are") && !s.anyWord(1, "should", "must", "please")
}

// elsewhere reports what ask-nix does not keep: mail, documents, somebody's settings.
func (s *sentence) elsewhere(op operation.Operation) bool {
	if !gone(op) || op.Name == operation.InstallPackages {
		return false
	}
	if s.anyWord(0, "email", "emails", "mail", "mails", "downloads", "documents", "photos", "pictures", "icon", "folder", "account", "docs") ||
		s.word(1) == "user" && s.word(0) == "delete" {
		return true
	}
	return op.Name == operation.RemovePackages && s.first(func(i int) bool {
		return (strings.HasSuffix(s.tokens[i].text, "'s") || strings.HasSuffix(s.tokens[i].text, "’s")) && i+1 < len(s.tokens) && s.tokens[i].kind == content
	}) >= 0
}

// excludes reports an exception that the operation cannot hold.
func (s *sentence) excludes(op operation.Operation) bool {
	if !gone(op) && op.Name != operation.UpdateSystem && op.Name != operation.SwitchGeneration && op.Name != operation.Rollback {
		return false
	}
	if s.sparesAnyway(op) {
		return false
	}
	kept := op.Name == operation.CleanUp && (op.Arguments.Keep > 0 || op.Arguments.OlderThanDays > 0)
	if s.anyWord(1, "minus", "besides", "skip", "skipping", "exception", "rather") || !s.pronouns && s.anyWord(1, "instead") {
		return true
	}
	if op.Name == operation.UpdateSystem && len(op.Arguments.Packages) > 0 { // only these, but for "everything but"
		return s.first(func(i int) bool {
			return i > 0 && s.word(i) == "but" && (s.word(i-1) == "everything" || s.word(i-1) == "all")
		}) >= 0
	}
	if s.others() && !kept {
		return true
	}
	if gone(op) && op.Name != operation.InstallPackages && !kept && (s.word(0) == "keep" || s.anyWord(1, "stay", "stays", "keep", "spare")) {
		return true
	}
	return s.first(func(i int) bool {
		return i > 0 && s.word(i) == "but" && !kept && s.word(i+1) != "first" && (op.Name == operation.UpdateSystem || gone(op)) && !s.begunLater(i)
	}) >= 0
}

// others reports words for what is not named; "nothing else" leaves it alone.
func (s *sentence) others() bool {
	return s.anyWord(1, "other", "others", "rest") || s.first(func(i int) bool {
		return i > 0 && s.word(i) == "else" && s.word(i-1) != "nothing" && s.word(i-1) != "nobody"
	}) >= 0
}

// takesOthers reports an operation that takes away, or brings, what is not named.
func (s *sentence) takesOthers(op operation.Operation) bool { return gone(op) && s.others() }

// begunLater reports a "but" of a later clause that explains: ", but it is broken".
func (s *sentence) begunLater(i int) bool {
	return s.begun(i) && (s.word(i+1) == "it" || s.word(i+1) == "please" || s.word(i+1) == "now")
}

// negatesTwice reports an option that is set by a negation and a word that is one, too.
func (s *sentence) negatesTwice(op operation.Operation) bool {
	if op.Name != operation.SetOption {
		return false
	}
	negations := 0
	for i := range s.tokens {
		if s.begun(i) {
			negations = 0
		}
		if turnsOff(s.word(i)) || s.word(i) == "not" || s.word(i) == "never" {
			if negations++; negations > 1 {
				return true
			}
		}
	}
	return false
}

// miscounts reports numbers, ages or days that have become something else, or nothing.
func (s *sentence) miscounts(op operation.Operation) bool {
	a := op.Arguments
	switch op.Name {
	case operation.DeleteGenerations:
		return len(a.Generations) == 1 && s.anyWord(0, "from", "starting", "onward", "onwards", "upward", "upwards") || s.anyWord(0, "newer", "older", "younger", "before", "below", "above", "under", "recent", "oldest", "newest", "last", "first", "days", "weeks", "hours", "months", "year", "years", "week", "month", "least", "most", "up", "lower", "later", "since", "less", "minus", "everything", "about", "million") ||
			s.first(func(i int) bool {
				const aYear = 1970
				return s.tokens[i].number > 0 && (strings.HasPrefix(s.word(i+1), "generations") || s.word(i+1) == "old") || s.tokens[i].number > aYear && s.word(i-1) == "from"
			}) >= 0
	case operation.CleanUp:
		keeps := s.anyWord(0, "keep", "keeping", "leave", "leaving", "except", "but", "retain", "save", "apart", "preserve")
		ages := s.anyWord(0, "older", "old", "before", "ago", "over", "more", "beyond", "past", "age", "since", "longer")
		return a.Keep > 0 && (!keeps || s.namesOne(0) || s.anyWord(0, "oldest", "first", "before") || a.Keep > 10 && !s.anyWord(0, "last", "latest", "newest", "recent", "generations", "versions", "most", "systems")) || a.OlderThanDays > 0 && (!ages || s.unclearAge()) ||
			s.anyWord(0, "hour", "hours", "minute", "minutes") || a.Keep > 0 && a.OlderThanDays > 0 && s.anyWord(0, "or") ||
			a.Keep == 0 && a.OlderThanDays == 0 && a.EnsureFree == 0 && (s.dated() || s.anyWord(0, "only", "previous"))
	case operation.Rollback, operation.SwitchGeneration:
		if s.anyWord(0, "ago") && s.anyWord(0, "minute", "minutes", "hour", "hours") || s.anyWord(0, "anything") && s.anyWord(0, "but", "older") || a.Generation > 0 && a.Steps > 0 || s.first(func(i int) bool { return i+1 < len(s.tokens) && s.word(i) == "before" && s.isGeneration(i+1) }) >= 0 {
			return true
		}
		return a.Generation == 0 && a.Steps == 0 && a.Date == "" && a.Channel == "" && a.Text == "" && s.dated() ||
			string(a.Date) > s.now.Format("2006-01-02")
	}
	return false
}

// unclearAge reports an age of two parts, or one that is a day: "a year and a half", "from two
// weeks ago".
func (s *sentence) unclearAge() bool {
	if s.anyWord(0, "half") || s.anyWord(0, "from") && s.anyWord(0, "ago") {
		return true
	}
	return s.first(func(i int) bool {
		return s.word(i) == "and" && i+2 < len(s.tokens) && s.tokens[i+1].number > 0 && s.tokens[i+2].sense.days > 0
	}) >= 0
}

// dated reports a number, a day of the month, a weekday or a length of time.
func (s *sentence) dated() bool {
	return s.first(func(i int) bool {
		t := &s.tokens[i]
		return t.number > 1 || t.sense.weekday > 0 || t.sense.month > 0 && t.word != "may" || s.grammar.ordinalOf(t) > 2 || t.word == "several" || t.word == "zero"
	}) >= 0
}
