package intent

import (
	"slices"
	"strings"

	"luminousnix/internal/operation"
)

// binds reports a condition or a later time behind a request: "if it is broken",
// "tomorrow". Politeness such as "if you can" is none.
func (s *sentence) binds(op operation.Operation) bool {
	return s.first(func(i int) bool { return s.conditionAt(i, op) || s.laterAt(i, op) }) >= 0
}

// conditionAt reports a word that makes what is asked for depend on something.
func (s *sentence) conditionAt(i int, op operation.Operation) bool {
	switch s.word(i) {
	case "until", "till":
		return op.Name != operation.CleanUp && op.Name != operation.TestSystem && !(startsNext(op) && s.speaksOfStart(i))
	case "once":
		return i+1 < len(s.tokens) && s.tokens[i].after == 0 && s.word(i+1) != "more" && s.word(i-1) != "at" && op.Name != operation.TryPackages &&
			!(startsNext(op) && s.speaksOfStart(i)) && (!s.polite(i) || s.word(i+2) == "say")
	case "provided", "assuming", "supposing":
		return true
	case "after":
		return gone(op) && i+1 < len(s.tokens) && !s.begun(i) && s.word(i-1) != "look" && !(i == 0 && thing(s.word(1)))
	case "unless":
		return true
	case "if", "whenever":
		if s.word(i) == "if" && (findsOut(s.word(i-1)) || s.word(i-1) == "as" || op.Name == operation.RepairStore && s.word(i+1) != "that") {
			return false // "to see if it works", "as if", "mend it if it is broken"
		}
		return !s.polite(i) && !(startsNext(op) && s.speaksOfStart(i))
	case "when", "while":
		if op.Name == operation.RecoverSwitch || startsNext(op) && s.speaksOfStart(i) {
			return false // it says what happened when, or from when on the system is to be another
		}
		if s.word(i) == "while" && somebody(s.word(i+1)) {
			return false // "while I am at lunch"
		}
		return !s.polite(i) && (!s.begun(i) || s.word(i) == "when" && thing(s.word(i+1)))
	case "then":
		return s.first(func(k int) bool {
			return k > 0 && k < i && (s.word(k) == "might" || s.word(k) == "may" || s.word(k) == "could")
		}) >= 0
	case "plan", "option":
		return s.word(i+1) == "a" || s.word(i+1) == "b"
	case "works", "fails", "it":
		return (i == 0 || s.begun(i)) && s.answersItself(i)
	case "in":
		if s.word(i+1) == "that" && s.word(i+2) == "case" {
			return true
		}
		return s.word(i+1) == "case" && i+2 < len(s.tokens) && !(s.word(i+2) == "it" && s.word(i+3) == "is" && there(s.word(i+4))) || s.word(i+2) == "event" || s.word(i+2) == "worst"
	case "nothing":
		return i == 1
	case "worst":
		return (i == 0 || s.begun(i)) && s.goesOn() && !somebody(s.word(i+1))
	case "should":
		if i > 1 && (s.word(i+1) == "it" || s.word(i+1) == "they") {
			return true // "remove it should it break"
		}
		return (i == 0 || s.begun(i)) && s.goesOn() && !somebody(s.word(i+1)) && s.word(i+1) != "have"
	case "as", "so":
		return s.word(i+1) == "long" && s.word(i+2) == "as" || s.word(i+1) == "soon" && s.word(i+2) == "as" && s.word(i+3) != "possible" && s.word(i+3) != "you"
	case "every":
		return s.word(i+1) == "time" || op.Name != operation.SetOption && s.regular(i+1)
	case "each":
		return op.Name != operation.SetOption && s.regular(i+1)
	case "daily", "weekly", "monthly", "nightly":
		return op.Name != operation.SetOption
	}
	return false
}

// answersItself reports "it works?" and "fails:", behind which comes what is to be done then.
func (s *sentence) answersItself(i int) bool {
	if s.word(i) == "it" {
		verb := s.word(i + 1)
		for i++; i+1 < len(s.tokens) && s.tokens[i].after == 0; i++ {
		}
		return i+1 < len(s.tokens) && s.tokens[i].after == '?' && (verb == "works" || verb == "does" || verb == "fails" || verb == "is")
	}
	return s.tokens[i].after == ':'
}

// regular reports a word for what comes again and again: "every sunday".
func (s *sentence) regular(i int) bool {
	if i >= len(s.tokens) {
		return false
	}
	return s.tokens[i].sense.weekday > 0 || s.tokens[i].sense.days > 0 || s.word(i) == "night" || s.word(i) == "morning" || s.word(i) == "evening"
}

// startsNext reports an operation that is about the next start of the machine: until then, or
// from then on.
func startsNext(op operation.Operation) bool {
	return op.Name == operation.BootSystem || op.Name == operation.TestSystem
}

// speaksOfStart reports a word for the start of the machine from a token on.
func (s *sentence) speaksOfStart(i int) bool {
	return s.anyWord(i, "boot", "power", "powers", "start", "starts", "startup", "restart", "restarts", "reboot", "reboots", "boots", "switch", "turn")
}

// thing reports a word for what has just been spoken of.
func thing(word string) bool {
	switch word {
	case "it", "that", "this", "there", "they":
		return true
	}
	return false
}

// laterAt reports a time to come.
func (s *sentence) laterAt(i int, op operation.Operation) bool {
	if op.Name == operation.BootSystem && s.speaksOfStart(0) {
		return false
	}
	next := &token{}
	if i+1 < len(s.tokens) {
		next = &s.tokens[i+1]
	}
	switch s.word(i) {
	case "tomorrow":
		return s.word(i-1) != "by"
	case "noon", "someday", "overnight", "eventually":
		return true
	case "soon":
		return i <= 1 && s.word(i-1) != "as"
	case "during":
		return true
	case "point", "day":
		return s.word(i-1) == "some" || s.word(i) == "day" && s.word(i-1) == "one" && (i+1 == len(s.tokens) || i == 1)
	case "for", "after":
		return op.Name != operation.TestSystem && op.Name != operation.TryPackages && (s.shortTime(i+1) || s.shortTime(i+2))
	case "weekend":
		return s.word(i-1) == "this" || s.word(i-1) == "the" && (s.word(i-2) == "over" || s.word(i-2) == "on" || s.word(i-2) == "during")
	case "evening", "afternoon", "night":
		return i > 0 && s.word(i-1) == "this" && i+1 == len(s.tokens)
	case "tonight":
		return !startsNext(op)
	case "later", "midnight":
		return (i == 0 || untimed(op)) && (i == 0 || i+1 == len(s.tokens) || s.begun(i+1) || joining(next.word))
	case "on", "at", "in":
		if s.word(i) == "at" && op.Name != operation.SetOption && s.hour(i+1) {
			return true
		}
		if s.first(func(k int) bool { return k < i && s.word(k) == "before" }) >= 0 {
			return false // "before she comes on saturday"
		}
		if next.word == "night" || next.word == "midnight" {
			return true
		}
		return untimed(op) && (next.sense.weekday > 0 || s.word(i+2) == "hour" || s.word(i+2) == "hours")
	case "next":
		return next.sense.days > 0 || next.sense.weekday > 0 || next.word == "time" || happened(next.word) && i > 0 && s.word(i-1) != "to" || untimed(op) && (next.word == "week" || next.word == "month" || next.word == "year" || next.word == "weekend")
	}
	return false
}

// shortTime reports a length of time that a machine is not left changed for: "an hour", "ten
// minutes".
func (s *sentence) shortTime(i int) bool {
	switch s.word(i) {
	case "hour", "hours", "minute", "minutes":
		return true
	}
	return false
}

// hour reports an hour of the day, with nothing behind it: "3am", "5".
func (s *sentence) hour(i int) bool {
	word := s.word(i)
	if startsWithDigit(word) && (strings.HasSuffix(word, "am") || strings.HasSuffix(word, "pm")) {
		return true
	}
	if next := s.word(i + 1); startsWithDigit(word) && (next == "am" || next == "pm" || next == "o'clock") {
		return true
	}
	return i < len(s.tokens) && s.word(i) != "once" && s.tokens[i].number >= 0 && s.tokens[i].number <= 24 && (i+1 == len(s.tokens) || s.begun(i+1))
}

// untimed reports an operation for which a time to come says when it is to be done.
func untimed(op operation.Operation) bool {
	switch op.Name {
	case operation.BootSystem, operation.TestSystem, operation.Rollback, operation.PinGeneration, operation.SetOption:
		return false
	}
	return true
}

// polite reports a condition that is none: "if you can", "when you have a minute", "it would
// be nice if", "if it's no trouble".
func (s *sentence) polite(i int) bool {
	switch s.word(i - 1) {
	case "great", "good", "nice", "best", "lovely", "wonderful", "cool", "fantastic", "thankful", "grateful", "obliged", "glad", "happy", "appreciate":
		return true
	}
	if s.word(i+1) == "it" && (s.word(i+2) == "is" && (there(s.word(i+3)) || s.fineWith(i+3)) || s.word(i+2) == "exists") {
		return true
	}
	if s.first(func(k int) bool {
		return k > i && k < i+7 && (s.word(k) == "trouble" || s.word(k) == "bother" || s.word(k) == "problem" || s.word(k) == "hurt")
	}) >= 0 {
		return true // "if it isn't too much trouble"
	}
	switch next := s.word(i + 2); s.word(i + 1) {
	case "possible", "needed", "necessary", "at", "so":
		return true
	case "there":
		return next == "is" && i+3 >= len(s.tokens)
	case "you":
		switch next {
		case "can", "could", "would", "will", "please", "do", "have", "get", "are", "like", "want", "wish", "may", "might", "feel", "agree", "ask", "must", "got", "find", "not", "were", "prefer":
			return next != "find" || s.word(i+3) == "time" || s.word(i+4) == "time"
		}
	case "that":
		return next == "is" && s.word(i+3) != "not" && s.word(i+3) != "the" || next == "works" || next == "suits" || next == "helps"
	case "i":
		return next == "may" || next == "might" || next == "can" && s.word(i+3) == "ask" || next == "could"
	}
	return false
}

// there reports a word for what can be had.
func there(word string) bool {
	return word == "there" || word == "installed" || word == "available" || word == "packaged"
}

// fineWith reports "ok for you", "not too much to ask".
func (s *sentence) fineWith(i int) bool {
	switch s.word(i) {
	case "ok", "okay", "fine", "alright", "right":
		return (s.word(i+1) == "for" || s.word(i+1) == "with" || s.word(i+1) == "by") && s.word(i+2) == "you"
	case "not":
		return s.word(i+1) == "too" && s.word(i+2) == "much"
	}
	return false
}

// supposes reports a part that begins with a condition: what comes behind it is asked for only
// then.
func (s *sentence) supposes() bool {
	switch s.word(0) {
	case "if", "unless", "whenever", "else", "otherwise", "should", "supposing", "provided":
		return true
	case "in":
		return s.word(1) == "case"
	case "works", "fails", "working", "broken", "success", "failure":
		return s.tokens[0].after == ':'
	case "it":
		switch s.word(1) {
		case "works", "does", "fails", "is":
			return s.tokens[1].after == '?' || len(s.tokens) > 2 && s.tokens[2].after == '?'
		}
	case "when", "once", "as":
		return thing(s.word(1)) || s.word(0) == "when" && !somebody(s.word(1)) && s.anyWord(2, "is", "are", "gets", "becomes")
	}
	return false
}

// withoutConditions is the sentence without its "if it is ok", which bind nothing among
// several requests.
func (s *sentence) withoutConditions() *sentence {
	p := s.part(0, len(s.tokens))
	var kept []token
	for i := range s.tokens {
		if !slices.ContainsFunc(s.class(s.grammar.className("success"), true), func(sp span) bool { return sp.start <= i && i < sp.end }) {
			kept = append(kept, s.tokens[i])
		}
	}
	p.tokens = kept
	return p
}
