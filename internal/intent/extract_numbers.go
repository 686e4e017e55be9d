package intent

import (
	"strings"

	"luminousnix/internal/operation"
)

func (e *extraction) use(p, q int) {
	for i := p; i < q; i++ {
		e.used |= 1 << i
	}
}

// free reports a number that nothing else was made of.
func (e *extraction) free(i int) bool {
	return i >= 0 && i < len(e.tokens) && e.tokens[i].number > 0 && e.used&(1<<i) == 0
}

func (e *extraction) isUnit(i int) bool { return e.unitDays(i) > 0 }

func one(b bool) int {
	if b {
		return 1
	}
	return 0
}

// age finds a length of time.
func (e *extraction) age() int {
	const longest = 4
	for length := min(longest, len(e.tokens)); length > 0; length-- {
		for p := 0; p+length <= len(e.tokens); p++ {
			if length == 1 && e.tokens[p].number < 0 && !startsWithDigit(e.word(p)) && e.word(p-1) != "last" {
				continue // "a month" is two words
			}
			if days, ok := e.days(p, p+length); ok {
				e.use(p, p+length)
				return days
			}
		}
	}
	return 0
}

// keep is a number that no unit follows.
func (e *extraction) keep() int {
	counts := func(i int) bool {
		return e.free(i) && !e.isUnit(i+1) && e.sizeAt(i) == 0 && e.tokens[i].number < 1000
	}
	i := e.first(func(i int) bool {
		return counts(i) && e.first(func(k int) bool { return k < i && k > i-4 && (e.word(k) == "keep" || e.word(k) == "leave") }) >= 0
	})
	if i < 0 {
		i = e.first(counts)
	}
	if i < 0 {
		return one(e.onlyCurrent())
	}
	e.use(i, i+1)
	return e.tokens[i].number
}

// onlyCurrent reports that nothing but the generation that runs is to be kept.
func (e *extraction) onlyCurrent() bool {
	return e.anyWord(0, "current", "running") && e.anyWord(0, "but", "except", "only") && !e.keepsMore()
}

// keepsMore reports that the generation that runs is not the only one that is to be kept, or that
// "running" is said of something else.
func (s *sentence) keepsMore() bool {
	return s.anyWord(0, "previous", "before", "pinned", "last", "and", "since", "space", "room", "short", "low") || s.first(func(i int) bool { return s.tokens[i].number > 1 }) >= 0
}

// size finds how many bytes are to be free: 10GB, 10 gigs; not how many there are: "only 3 GB
// left", "a 128 GB disk".
func (e *extraction) size() int64 {
	for i := range e.tokens {
		if size := e.sizeAt(i); size > 0 && !e.possessed(i) {
			e.use(i, min(i+2, len(e.tokens)))
			return size
		}
	}
	return 0
}

// possessed reports a size of what there is.
func (e *extraction) possessed(i int) bool {
	for k := max(0, i-3); k < i; k++ {
		switch e.word(k) {
		case "free", "least", "need", "needs", "make", "clear", "want", "get", "reclaim":
			return false
		}
	}
	for k := max(0, i-2); k < i; k++ {
		switch e.word(k) {
		case "only", "has", "have", "just", "over", "above", "than", "under":
			return true
		}
	}
	for k := i + 1; k < min(i+4, len(e.tokens)); k++ {
		switch e.word(k) {
		case "left", "ssd", "disk", "drive", "hdd", "laptop", "remaining", "card":
			return true
		}
	}
	return false
}

func (s *sentence) sizeAt(i int) int64 {
	word := s.word(i)
	if word == "" || !digit(word[0]) && s.tokens[i].number < 0 {
		return 0
	}
	letters := strings.TrimLeft(word, "0123456789.")
	if letters == word {
		word = ""
		letters = ""
	}
	number := word[:len(word)-len(letters)]
	if number == "" && s.tokens[i].number > 0 {
		number = itoa(s.tokens[i].number)
	}
	unit := letters
	if unit == "" {
		unit = s.word(i + 1)
	}
	switch unit {
	case "gigs", "gig", "gigabytes", "gigabyte", "gbs":
		unit = "gb"
	case "megs", "meg", "megabytes", "megabyte":
		unit = "mb"
	case "terabyte", "terabytes":
		unit = "tb"
	case "g", "m", "t", "gb", "mb", "tb", "kb", "gib", "mib", "tib":
	default:
		return 0
	}
	size, err := operation.ParseSize(number + unit)
	if err != nil {
		return 0
	}
	return size
}

// job is the id of a job: a number or what looks like one.
func (e *extraction) job() string {
	i := e.first(func(i int) bool {
		word := e.word(i)
		return word != "" && !strings.HasSuffix(word, "%") && e.sizeAt(i) == 0 && !e.measured(i+1) && (digit(word[0]) || word[0] == '#' || e.tokens[i].number > 0 && (e.word(i-1) == "job" || e.word(i-1) == "number") || strings.ContainsAny(word, "0123456789"))
	})
	if i < 0 {
		return ""
	}
	if n := max(e.tokens[i].number, e.grammar.ordinalOf(&e.tokens[i])); n > 0 {
		return itoa(n)
	}
	return e.tokens[i].text
}

// measured reports a word for what a number before it counts, rather than names.
func (s *sentence) measured(i int) bool {
	switch s.word(i) {
	case "percent", "minutes", "minute", "hours", "hour", "seconds", "days", "times", "gigs":
		return true
	}
	return false
}
