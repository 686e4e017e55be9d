package conversation

import (
	"fmt"
	"strings"
)

// selection says which of several things are meant.
type selection struct {
	numbers []int  // as the rows are numbered
	places  []int  // from 1; from the end, if negative
	first   int    // that many from the beginning
	last    int    // that many from the end
	all     bool   // every one
	both    bool   // every one of two
	named   string // the one with this in its name
	marked  bool   // with "the", "number" or "one", so that nothing else can be meant
}

// selectionAt reads a selection at the beginning of words, and returns how many of them it
// takes; 0 for none.
func (p phrases) selectionAt(tokens []token) (s selection, n int) {
	if n := p.prefix("all", tokens); n > 0 {
		return selection{all: true, marked: n > 1}, n
	}
	if n := p.prefix("both", tokens); n > 0 {
		return selection{both: true, marked: true}, n
	}
	at := 0
	if at < len(tokens) && tokens[at].low == "the" {
		at, s.marked = 1, true
	}
	switch took := p.several(tokens[at:], &s); {
	case took > 0:
		at += took
	default:
		if took = p.items(tokens[at:], &s); took == 0 {
			return p.namedOne(tokens)
		}
		at += took
	}
	if at < len(tokens) && p.is("noun", tokens[at].low) {
		at++
		s.marked = true
	}
	return s, at
}

// several reads "first two" and "last three".
func (p phrases) several(tokens []token, s *selection) int {
	if len(tokens) < 2 {
		return 0
	}
	count := p.number(tokens[1].low)
	switch {
	case count == 0 || p.is("noun", tokens[1].low):
		return 0
	case p.is("top", tokens[0].low):
		s.first = count
	case p.is("last", tokens[0].low):
		s.last = count
	default:
		return 0
	}
	s.marked = true
	return 2
}

// items reads "second", "number 2", "2", "1, 3 and the last".
func (p phrases) items(tokens []token, s *selection) int {
	at := 0
	for at < len(tokens) {
		from := at
		for at > 0 && at < len(tokens) && (p.is("and", tokens[at].low) || tokens[at].low == "the") {
			at++
		}
		took := p.item(tokens[at:], s)
		if took == 0 {
			return from
		}
		at += took
		if at < len(tokens) && p.is("noun", tokens[at].low) {
			at, s.marked = at+1, true
		}
		if next := at < len(tokens) && p.is("and", tokens[at].low); !next && !tokens[at-1].comma {
			return at
		}
	}
	return at
}

func (p phrases) item(tokens []token, s *selection) int {
	if len(tokens) == 0 {
		return 0
	}
	word := tokens[0].low
	switch {
	case len(tokens) > 1 && p.is("number", word) && p.number(tokens[1].low) > 0:
		s.numbers, s.marked = append(s.numbers, p.number(tokens[1].low)), true
		return 2
	case strings.HasPrefix(word, "#") && p.number(word) > 0:
		s.numbers, s.marked = append(s.numbers, p.number(word)), true
	case p.place(word) > 0:
		s.places = append(s.places, p.place(word))
	case p.is("last", word) || p.is("latter", word):
		s.places = append(s.places, -1)
	case p.is("former", word):
		s.places = append(s.places, 1)
	case p.number(word) > 0 && word != "one":
		s.numbers = append(s.numbers, p.number(word))
	default:
		return 0
	}
	return 1
}

// namedOne reads "the kde one".
func (p phrases) namedOne(tokens []token) (s selection, n int) {
	if len(tokens) < 3 || tokens[0].low != "the" || tokens[2].low != "one" {
		return s, 0
	}
	return selection{named: tokens[1].low, marked: true}, 3
}

// from takes what is selected from a list. Where more than one thing may be meant by one
// word, it returns those as unsure; wrong says in words why there is nothing.
func (s *selection) from(l *list) (things, unsure []thing, wrong string) {
	n, shown := len(l.things), l.things[l.page:]
	switch {
	case n == 0:
		return nil, nil, "There is nothing in that list."
	case s.all:
		return shown, nil, ""
	case s.both && n != 2:
		return nil, nil, fmt.Sprintf("There are %d of them, not two.", n)
	case s.both:
		return l.things, nil, ""
	case s.named != "":
		return s.byName(l)
	case s.first > len(shown) || s.last > len(shown):
		return nil, nil, fmt.Sprintf("There are only %d.", len(shown))
	case s.first > 0:
		return shown[:s.first], nil, ""
	case s.last > 0:
		return shown[len(shown)-s.last:], nil, ""
	}
	for _, number := range s.numbers {
		t, ok := l.numbered(number)
		if !ok {
			return nil, nil, l.noNumber(number)
		}
		things = append(things, t)
	}
	for _, place := range s.places {
		if place < 0 {
			place = len(shown) + 1 + place
		}
		if place < 1 || place > len(shown) {
			return nil, nil, fmt.Sprintf("There are only %d.", len(shown))
		}
		things = append(things, shown[place-1])
	}
	// The last generation is the newest one to most people, wherever it stands.
	if len(things) == 1 && len(s.places) == 1 && s.places[0] == -1 && l.kind() == generationKind && n > 1 {
		if newest := l.newest(); newest.number != things[0].number {
			return nil, []thing{newest, things[0]}, ""
		}
	}
	return things, nil, ""
}

// byName finds the one row with a word in its name.
func (s *selection) byName(l *list) (things, unsure []thing, wrong string) {
	for _, t := range l.things {
		if strings.Contains(strings.ToLower(t.name+" "+t.pin.Name), s.named) {
			things = append(things, t)
		}
	}
	switch {
	case len(things) == 0:
		return nil, nil, fmt.Sprintf("None of them is called %s.", s.named)
	case len(things) > 1:
		return nil, things, ""
	}
	return things, nil, ""
}

// numbered is the row of a number: generations have their own, other rows are counted.
func (l *list) numbered(number int) (thing, bool) {
	if l.kind() == generationKind {
		for _, t := range l.things {
			if int(t.number) == number {
				return t, true
			}
		}
		return thing{}, false
	}
	if number > len(l.things) {
		return thing{}, false
	}
	return l.things[number-1], true
}

func (l *list) noNumber(number int) string {
	if l.kind() == generationKind {
		return fmt.Sprintf("There is no generation %d in that list.", number)
	}
	return fmt.Sprintf("There are only %d.", len(l.things))
}

func (l *list) newest() thing {
	newest := l.things[0]
	for _, t := range l.things {
		if t.number > newest.number {
			newest = t
		}
	}
	return newest
}
