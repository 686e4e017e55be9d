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
	switch {
	case e.first(func(i int) bool { return turnsOff(e.word(i)) }) >= 0:
		e.args.Value = "false"
	case e.first(func(i int) bool { return surelyOn(e.word(i)) }) >= 0:
		e.args.Value = "true"
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

func (e *extraction) takeValue(i int) (err error) {
	e.args.Value, err = e.value(i, i+1)
	return err
}

// likeliestValue is the token that is most likely what an option is set to; -1 for none.
func (e *extraction) likeliestValue(least float32) int {
	best := -1
	for i := range e.tags {
		if p := e.tags[i][learn.Value]; p > least && e.tokens[i].text != "" && !isOption(e.tokens[i].text) {
			least, best = p, i
		}
	}
	return best
}

// surelyOn reports a word that does nothing else.
func surelyOn(word string) bool {
	switch word {
	case "on", "enable", "enabled", "enabling", "activate", "true", "allow":
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
	case "off", "disable", "disabled", "deactivate", "stop", "no", "not", "false", "kill", "never", "without", "disallow", "forbid", "block", "remove", "disabling":
		return true
	}
	return false
}

// quotesError reports a sentence that holds an error message, rather than asking for
// that of what failed last.
func (e *extraction) quotesError() bool {
	return strings.ContainsAny(e.source, "\"'`‘“") || strings.Contains(e.source, ":") || len(e.tokens) > 14 ||
		e.first(func(i int) bool { return e.word(i) == "error" && i+1 < len(e.tokens) && e.tokens[i].after == ':' }) >= 0
}
