package intent

import (
	"slices"
	"strings"

	"luminousnix/internal/operation"
)

// day finds a day in the sentence, the longest way of saying it first. Of several it is the
// one that is gone back to rather than one at which something happened, and of those the last.
func (e *extraction) day() operation.Date {
	const longest = 6
	best, found := 0, span{}
	var day operation.Date
	for length := min(longest, len(e.tokens)); length > 0; length-- {
		for p := 0; p+length <= len(e.tokens); p++ {
			date, before, ok := e.dayAt(p, p+length)
			if !ok || day != "" && p < found.end && found.start < p+length {
				continue
			}
			worth := e.goneBackTo(p, p+length, before)
			if day == "" || worth > best || worth == best && p > found.start && length >= found.end-found.start {
				best, found, day = worth, span{start: p, end: p + length}, date
			}
		}
	}
	if day == "" || best < 0 && e.spec.Name == operation.Rollback {
		return ""
	}
	e.use(found.start, found.end)
	return day
}

// dayAt reads some tokens as a day, or as the day before one.
func (e *extraction) dayAt(p, q int) (date operation.Date, before, ok bool) {
	if date, ok = e.dayBefore(p, q); ok {
		return date, true, true
	}
	date, ok = e.date(p, q)
	return date, false, ok && e.word(p) != "today"
}

// goneBackTo is how much speaks for a day as the one that is gone back to: 1 behind "to" and
// the like, less than 0 where something happened then: "since yesterday's update".
func (e *extraction) goneBackTo(p, q int, before bool) int {
	i := p - 1
	for e.word(i) == "the" || e.word(i) == "last" || e.word(i) == "how" || e.word(i) == "it" || e.word(i) == "was" {
		i--
	}
	if before {
		return one(e.word(i) == "to")
	}
	switch {
	case e.word(i) == "since" || e.word(i) == "after" || e.word(p) == "since" && e.unitDays(q-1) == 0,
		happened(e.word(q)), happened(e.word(p - 1)), happened(e.word(p-2)) && (e.word(p-1) == "of" || e.word(p-1) == "from" || e.word(p-1) == "on"):
		return -1
	case e.word(i) == "to" || e.word(i) == "from" || e.word(i) == "of":
		return 1
	}
	return 0
}

// happened reports a word for what changed a system.
func happened(word string) bool {
	switch word {
	case "update", "updates", "upgrade", "upgrades", "deploy", "deployment", "change", "changes", "rebuild", "switch", "updated", "upgraded", "installed", "rebuilt", "changed":
		return true
	}
	return false
}

func (e *extraction) use(p, q int) {
	for i := p; i < q; i++ {
		e.used |= 1 << i
	}
}

// free reports a number that nothing else was made of.
func (e *extraction) free(i int) bool {
	return i >= 0 && i < len(e.tokens) && e.tokens[i].number > 0 && e.used&(1<<i) == 0
}

// generation is a number that names a generation: digits, which no unit follows, best behind a
// word that says so.
func (e *extraction) generation() int {
	best, found := 0, -1
	for i := range e.tokens {
		worth := 0
		switch {
		case !e.free(i):
		case e.namesGeneration(i-1) && !e.isUnit(i+1):
			worth = 3
		case !e.isGeneration(i) || e.counts(i) || e.isUnit(i+1):
		case e.word(i-1) == "to" || e.word(i-1) == "into" || e.word(i-1) == "on":
			worth = 2
		case e.spec.Name != operation.Rollback || len(e.tokens) <= 6 || i == 0 || i+1 == len(e.tokens):
			worth = 1
		}
		if worth > best {
			best, found = worth, i
		}
	}
	if found < 0 {
		return 0
	}
	e.use(found, found+1)
	return e.tokens[found].number
}

// namesGeneration reports a word that stands before the number of a generation.
func (s *sentence) namesGeneration(i int) bool {
	switch s.word(i) {
	case "generation", "gen", "number", "no", "version", "#", "nr", "entry", "id", "system":
		return true
	}
	return false
}

// counts reports a number that says how many: "two versions", "3 back".
func (e *extraction) counts(i int) bool {
	if e.namesGeneration(i - 1) {
		return false
	}
	switch word := e.word(i + 1); word {
	case "back", "earlier", "steps", "step", "ago", "before", "times", "further":
		return true
	default:
		return strings.HasSuffix(word, "s") && len(word) > 3 || e.tokens[i].number == 1 && !e.isGeneration(i)
	}
}

func (e *extraction) isUnit(i int) bool { return e.unitDays(i) > 0 }

// steps is how many generations back; one is said in too many ways to be counted.
func (e *extraction) steps() int {
	i := e.first(func(i int) bool { return e.free(i) && e.counts(i) && !e.isUnit(i+1) })
	if i < 0 {
		return one(e.oneBack())
	}
	e.use(i, i+1)
	return e.tokens[i].number
}

// oneBack reports "back a generation", "one step back".
func (e *extraction) oneBack() bool {
	return e.first(func(i int) bool {
		switch e.word(i + 1) {
		case "generation", "gen", "step", "version":
			return (e.word(i) == "a" || e.word(i) == "one") && (e.word(i-1) == "back" || e.word(i+2) == "back")
		}
		return false
	}) >= 0
}

func one(b bool) int {
	if b {
		return 1
	}
	return 0
}

// generationList takes all numbers, with those between where "to" stands between two.
func (e *extraction) generationList() []operation.GenerationNumber {
	for length := len(e.tokens); length > 0; length-- {
		for p := 0; p+length <= len(e.tokens); p++ {
			if e.tokens[p].number <= 0 && !strings.Contains(e.tokens[p].word, "-") {
				continue
			}
			if numbers := e.generations(p, p+length); numbers != nil {
				e.use(p, p+length)
				return e.between(p, append(numbers, e.otherGenerations()...))
			}
		}
	}
	var numbers []operation.GenerationNumber // in words, or far apart
	for i := range e.tokens {
		if e.free(i) && !e.isUnit(i+1) && e.word(i) != "one" && e.word(i-1) != "those" && e.word(i-1) != "these" && e.word(i-1) != "the" {
			numbers = append(numbers, operation.GenerationNumber(e.tokens[i].number))
		}
	}
	return numbers
}

// between fills up two numbers behind "between".
func (e *extraction) between(p int, numbers []operation.GenerationNumber) []operation.GenerationNumber {
	const most = 1000
	if len(numbers) != 2 || numbers[1] < numbers[0] || numbers[1]-numbers[0] > most || e.word(p-1) != "between" && e.word(p-2) != "between" {
		return numbers
	}
	var all []operation.GenerationNumber
	for n := numbers[0]; n <= numbers[1]; n++ {
		all = append(all, n)
	}
	return all
}

// otherGenerations are numbers that are said to be of a generation each.
func (e *extraction) otherGenerations() (numbers []operation.GenerationNumber) {
	for i := range e.tokens {
		if e.free(i) && e.isGeneration(i) && e.namesGeneration(i-1) {
			numbers = append(numbers, operation.GenerationNumber(e.tokens[i].number))
		}
	}
	return numbers
}

// twoGenerations are the first two numbers; of one only the first.
func (e *extraction) twoGenerations() (from, to operation.GenerationNumber) {
	var numbers []operation.GenerationNumber
	for i := range e.tokens {
		if e.free(i) && !e.isUnit(i+1) && (e.isGeneration(i) || e.namesGeneration(i-1)) &&
			!slices.Contains(numbers, operation.GenerationNumber(e.tokens[i].number)) {
			numbers = append(numbers, operation.GenerationNumber(e.tokens[i].number))
		}
	}
	switch len(numbers) {
	case 0:
		return 0, 0
	case 1:
		return numbers[0], 0
	}
	if numbers[0] > numbers[1] && e.anyWord(0, "than", "over", "against") {
		return numbers[1], numbers[0] // "what is new in 90 against 89"
	}
	return numbers[0], numbers[1]
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
	i := e.first(func(i int) bool {
		return e.free(i) && !e.isUnit(i+1) && e.sizeAt(i) == 0 && e.tokens[i].number < 1000
	})
	if i < 0 {
		return 0
	}
	e.use(i, i+1)
	return e.tokens[i].number
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
		return word != "" && (digit(word[0]) || word[0] == '#' || e.tokens[i].number > 0 && e.word(i-1) == "job" || strings.ContainsAny(word, "0123456789"))
	})
	if i < 0 {
		return ""
	}
	if n := e.tokens[i].number; n > 0 {
		return itoa(n)
	}
	return e.tokens[i].text
}

// channelArgument finds a release or channel; of two the one that is moved to.
func (e *extraction) channelArgument() string {
	found := ""
	for i := range e.tokens {
		if channel := e.channel(i, i+1); channel != "" && e.word(i-1) != "from" && (found == "" || e.word(i-1) == "to" || e.word(i-1) == "on") {
			found = channel
		}
	}
	if e.spec.Name == operation.Rollback {
		found = strings.TrimPrefix(found, "nixos-") // a version, not a channel
	}
	return found
}

func (e *extraction) scopeArgument() operation.Scope {
	for _, class := range []string{"scopesystem", "scopeuser"} {
		if found := e.class(e.grammar.className(class), false); len(found) > 0 {
			return e.scope(found[0].start, found[0].end)
		}
	}
	return ""
}

func (e *extraction) profileArgument() operation.ProfileName {
	for p := range e.tokens {
		for q := p + 3; q <= min(p+5, len(e.tokens)); q++ {
			if name := e.profilePhrase(p, q); name != "" && !slices.Contains([]string{"my", "user", "system", "the", "this"}, name) {
				if parsed, err := operation.ParseProfileName(name); err == nil {
					return parsed
				}
			}
		}
	}
	return ""
}
