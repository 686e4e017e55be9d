package intent

import (
	"slices"
	"strings"

	"luminousnix/internal/operation"
)

// generation is a number that names a generation: digits, which no unit follows, best behind a
// word that says so.
func (e *extraction) generation() int {
	best, found := 0, -1
	for i := range e.tokens {
		if worth := e.worthOf(i); worth > best {
			best, found = worth, i
		}
	}
	if found < 0 {
		return e.placed()
	}
	e.use(found, found+1)
	return e.tokens[found].number
}

// worthOf is how much speaks for a number as that of the generation that is meant, 0 where it is
// none, or that of another one: "I'm on 42", "from 42".
func (e *extraction) worthOf(i int) int {
	if !e.free(i) || e.isTime(i) || e.isUnit(i+1) {
		return 0
	}
	named := e.namesGeneration(i - 1)
	k := i - 1 - one(named)
	for e.word(k) == "the" {
		k--
	}
	if e.spec.Name == operation.PinGeneration && e.inName(i) {
		return 0
	}
	goes := e.spec.Name == operation.Rollback || e.spec.Name == operation.SwitchGeneration
	switch e.word(k) {
	case "from", "than", "unlike":
		if goes {
			return 0
		}
	case "on":
		if now := e.word(k - 1); goes && (now == "am" || now == "are" || now == "is" || now == "still" || now == "was") {
			return 0
		}
	case "to", "into", "onto":
		if named || e.isGeneration(i) && !e.counts(i) {
			return 4 + one(named)
		}
	}
	switch {
	case named:
		return 3
	case !e.isGeneration(i):
		return 0
	case strings.HasPrefix(e.word(i+1), "generation"):
		return 0 // "pin 3 generations"
	case e.word(i-1) == "pin" || e.word(i-1) == "unpin" || e.word(i-1) == "keep" || e.word(i-1) == "protect":
		return 4
	case e.counts(i):
		return 0
	case e.word(i-1) == "on":
		return 2
	}
	return one(e.spec.Name != operation.Rollback || len(e.tokens) <= 6 || i == 0 || i+1 == len(e.tokens))
}

// inName reports a number that is a pin's name, or part of it: "pin this as 2024", "as release 12";
// unlike "name 41 stable".
func (e *extraction) inName(i int) bool {
	const near = 2
	for k := i - 1; k > 0 && k >= i-near; k-- {
		if namesIt(e.sentence, k) {
			return true
		}
	}
	return false
}

// placed is a generation that is counted off: "the 81st generation"; 0 if there is none.
func (e *extraction) placed() int {
	i := e.first(func(i int) bool {
		return startsWithDigit(e.word(i)) && e.grammar.ordinalOf(&e.tokens[i]) > 0 && (e.word(i+1) == "generation" || e.word(i+1) == "gen")
	})
	if i < 0 {
		return 0
	}
	e.use(i, i+1)
	return e.grammar.ordinalOf(&e.tokens[i])
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
	if e.tokens[i].after != 0 {
		return false
	}
	switch word := e.word(i + 1); {
	case word == "minutes" || word == "hours" || word == "seconds" || word == "minute" || word == "hour":
		return false
	case e.goesBack(i + 1):
		const farthest = 20
		return e.tokens[i].number <= farthest
	case i+1 < len(e.tokens) && e.tokens[i+1].quoted || word == "gets" || word == "works" || word == "was" || word == "is" || word == "has":
		return false
	default:
		return strings.HasSuffix(word, "s") && len(word) > 3 || e.tokens[i].number == 1 && !e.isGeneration(i)
	}
}

// steps is how many generations back; one is said in too many ways to be counted.
func (e *extraction) steps() int {
	if e.args.Generation > 0 {
		return 0 // which is named
	}
	i := e.first(func(i int) bool { return e.free(i) && e.counts(i) && !e.isUnit(i+1) && e.goesBack(i+1) })
	if i < 0 {
		return one(e.oneBack())
	}
	e.use(i, i+1)
	return e.tokens[i].number
}

// goesBack reports a word for what one goes back by: "two versions", "3 back".
func (e *extraction) goesBack(i int) bool {
	switch e.word(i) {
	case "generations", "gens", "versions", "updates", "upgrades", "systems", "switches", "changes", "rebuilds", "builds",
		"back", "earlier", "steps", "step", "ago", "before", "times", "further":
		return true
	}
	return false
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
	if len(numbers) != 2 || numbers[1] < numbers[0] || numbers[1]-numbers[0] > most || e.word(p-1) != "between" && e.word(p-2) != "between" && !e.dashed(p) {
		return numbers
	}
	var all []operation.GenerationNumber
	for n := numbers[0]; n <= numbers[1]; n++ {
		all = append(all, n)
	}
	return all
}

// dashed reports two numbers with nothing but a dash between them, and nothing behind: "7 – 11".
func (e *extraction) dashed(p int) bool {
	if p+2 != len(e.tokens) || !e.isGeneration(p) || !e.isGeneration(p+1) {
		return false
	}
	return e.dashBefore(p + 1)
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
		if a, b := e.twoIn(i); b > 0 {
			numbers = append(numbers, a, b)
		}
		if e.free(i) && !e.isUnit(i+1) && (e.isGeneration(i) || e.namesGeneration(i-1)) &&
			!slices.Contains(numbers, operation.GenerationNumber(e.tokens[i].number)) {
			numbers = append(numbers, operation.GenerationNumber(e.tokens[i].number))
		}
	}
	switch len(numbers) {
	case 0:
		return 0, 0
	case 1:
		if e.anyWord(0, "new", "newer", "bring", "brought", "brings", "changed", "change", "add", "added") && e.anyWord(0, "in", "with", "did") && !e.anyWord(0, "since", "from", "after") {
			return 0, numbers[0] // "what is new in 88"
		}
		return numbers[0], 0
	}
	if numbers[0] > numbers[1] && e.anyWord(0, "than", "over", "against", "not", "lacked", "lacks", "without") {
		return numbers[1], numbers[0] // "what is new in 90 against 89"
	}
	return numbers[0], numbers[1]
}

// twoIn are two generations in one word: "40..45", "7/9".
func (e *extraction) twoIn(i int) (from, to operation.GenerationNumber) {
	for _, between := range []string{"...", "..", "/"} {
		if first, second, ok := strings.Cut(e.word(i), between); ok {
			a, b := e.grammar.numberOf(first), e.grammar.numberOf(second)
			if a > 0 && b > 0 {
				return operation.GenerationNumber(a), operation.GenerationNumber(b)
			}
		}
	}
	return 0, 0
}
