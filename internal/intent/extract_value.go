package intent

import (
	"strconv"
	"strings"

	"luminousnix/internal/intent/learn"
)

func itoa(n int) string { return strconv.Itoa(n) }

// valueArgument finds what an option is set to: a word that is likely one, or else
// whether it is turned on or off.
func (e *extraction) valueArgument() error {
	if i := e.likeliestValue(0.4); i >= 0 {
		return e.takeValue(i)
	}
	switch on, sure := e.switched(); {
	case sure:
		e.args.Value = strconv.FormatBool(on)
	case e.likeliestValue(0.12) >= 0:
		return e.takeValue(e.likeliestValue(0.12))
	case e.first(func(i int) bool { return turnsOn(e.word(i)) }) >= 0:
		e.args.Value = "true"
	default:
		return nil
	}
	if o := e.args.Option; o != "" && !strings.HasSuffix(string(o), "nable") && !strings.Contains(string(o), "allow") {
		e.args.Option += ".enable"
	}
	return nil
}

// switched finds out whether something is turned on or off, in the clause that has a word for
// that, if one has: others may deny something else, "open it, I can not hear her".
func (e *extraction) switched() (on, sure bool) {
	asked, denied := false, false
	for _, c := range e.statements() {
		part := e.part(c.start, c.end)
		has := func(is func(string) bool) bool { return part.first(func(i int) bool { return is(part.word(i)) }) >= 0 }
		denies := part.first(func(i int) bool {
			return turnsOff(part.word(i)) && !(i+1 < len(part.tokens) && part.tokens[i+1].number >= 0)
		}) >= 0
		if has(surelyOn) || has(surelyOff) {
			if on, sure = !denies, true; !part.states() {
				return on, true
			}
		}
		asked, denied = asked || !denies && has(turnsOn), denied || denies
	}
	if sure {
		return on, true
	}
	return false, denied && !asked
}

// states reports a clause that says how something is rather than how it is to be.
func (s *sentence) states() bool {
	if s.describes() {
		return true
	}
	return s.anyWord(1, "is", "are", "was", "were", "seems", "stays", "keeps") && !s.anyWord(0, "should", "must", "please", "needs") && !s.begins(0)
}

// describes reports "I have", "this machine has" at the beginning.
func (s *sentence) describes() bool {
	switch s.word(0) {
	case "i", "we":
		return s.word(1) == "have" && s.word(2) != "to" || s.word(1) == "keep"
	case "this", "my", "the":
		return s.word(2) == "has"
	}
	return false
}

// surelyOff reports a word that does nothing else.
func surelyOff(word string) bool {
	switch word {
	case "off", "disable", "disabled", "disabling", "deactivate", "deactivated", "desactivate", "deactive", "false", "disallow", "forbid", "block":
		return true
	}
	return false
}

// takeValue takes a token as the value, with those behind it that are likely of it; a number in
// words becomes one in digits, and "yes" what it means for a switch.
func (e *extraction) takeValue(i int) (err error) {
	end := i + 1
	for end < len(e.tags) && e.tokens[end-1].after == 0 && e.tags[end][learn.Value] > 0.3 && e.tokens[end].text != "" {
		end++
	}
	if e.args.Value, err = e.value(i, end); err != nil || end > i+1 {
		return err
	}
	switch t := &e.tokens[i]; {
	case t.number > 0 && letters(t.text):
		e.args.Value = itoa(t.number)
	case e.args.Option != "":
	case t.word == "yes" || t.word == "on":
		e.args.Value = "true"
	case t.word == "no" || t.word == "off":
		e.args.Value = "false"
	}
	return nil
}

// likeliestValue is the token that is most likely what an option is set to; -1 for none.
func (e *extraction) likeliestValue(least float32) int {
	best := -1
	for i := range e.tags {
		if p := e.tags[i][learn.Value]; p > least && e.tokens[i].text != "" && !isOption(e.tokens[i].text) && !(e.tokens[i].number > 0 && e.word(i+1) == "bit") {
			least, best = p, i
		}
	}
	return best
}

// surelyOn reports a word that does nothing else.
func surelyOn(word string) bool {
	switch word {
	case "on", "enable", "enabled", "enabling", "activate", "activated", "true", "allow", "permit", "authorise", "authorize":
		return true
	}
	return false
}

// turnsOn reports a word that makes a switch go on.
func turnsOn(word string) bool {
	switch word {
	case "on", "enable", "enabled", "activate", "start", "yes", "true", "use", "allow", "need", "want", "run", "running", "set", "add", "turn",
		"enabling", "always", "automatically", "let", "give", "switch", "open", "make", "please", "up", "should", "have", "like", "get", "work", "works":
		return true
	}
	return false
}

// turnsOff reports a word that makes a switch go off.
func turnsOff(word string) bool {
	switch word {
	case "off", "disable", "disabled", "deactivate", "deactivated", "desactivate", "deactive", "stop", "no", "not", "false", "kill", "never", "without", "disallow", "forbid", "block", "remove", "disabling":
		return true
	}
	return false
}

// quotesError reports a sentence that holds an error message, rather than asking for
// that of what failed last.
func (e *extraction) quotesError() bool {
	said := e.said()
	return strings.ContainsAny(said, "\"'`‘“") || strings.Contains(said, ":") || len(e.tokens) > 14 ||
		e.first(func(i int) bool { return e.word(i) == "error" && i+1 < len(e.tokens) && e.tokens[i].after == ':' }) >= 0
}
