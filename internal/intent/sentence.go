package intent

import (
	"slices"
	"strings"
	"time"

	"luminousnix/internal/operation"
	"luminousnix/internal/spelling"
)

// sentence is a tokenised request, looked up in a grammar.
type sentence struct {
	grammar *grammar
	source  string
	tokens  []token
	now     time.Time
	present []uint64 // bit per wordID: some token may be that word
	spans   [2][]classSpans
	// pronouns is true where "it" means what was said before.
	pronouns bool
	// clause is true for one of several requests, whose source goes on around it.
	clause bool
	// behind is what the part of a sentence before it asks for, "" for the first part.
	behind operation.Name
	// gerunds is true where requests are in the form "installing", as after "would you mind".
	gerunds bool
}

// span is tokens[start:end] with how well it was matched, in token weights.
type span struct {
	start, end int
	got        float32
}

type classSpans struct {
	done  bool
	spans []span
}

// maxCorrected bounds the work on sentences of unknown words.
const maxCorrected = 16

func (g *grammar) sentence(source string, tokens []token, now time.Time) *sentence {
	s := &sentence{grammar: g, source: source, tokens: tokens, now: now, present: make([]uint64, len(g.words)/64+1)}
	s.spans[0] = make([]classSpans, len(g.classes))
	s.spans[1] = make([]classSpans, len(g.classes))
	corrected := 0
	for i := range tokens {
		t := &tokens[i]
		g.lookUp(t)
		if corrected < maxCorrected && g.stems && t.misspelt() {
			corrected++
			g.correct(t)
		}
		s.classify(t)
		for _, f := range t.words {
			s.present[f.id/64] |= 1 << (f.id % 64)
		}
	}
	s.markPlaces()
	return s
}

// misspelt reports a word that is in the vocabulary neither as it is nor as a
// regular form.
func (t *token) misspelt() bool {
	if t.quoted || !letters(t.text) || strings.HasSuffix(t.word, "ing") || strings.HasSuffix(t.word, "ed") {
		return len(t.words) == 0 && !t.quoted && letters(t.text)
	}
	for _, f := range t.words {
		if f.exact {
			return false
		}
	}
	return true
}

// part is the sentence made of some of its tokens.
func (s *sentence) part(start, end int) *sentence {
	p := &sentence{grammar: s.grammar, pronouns: s.pronouns, clause: s.clause, gerunds: s.gerunds, source: s.source, tokens: s.tokens[start:end], now: s.now, present: make([]uint64, len(s.present))}
	p.spans[0] = make([]classSpans, len(s.grammar.classes))
	p.spans[1] = make([]classSpans, len(s.grammar.classes))
	for i := range p.tokens {
		for _, f := range p.tokens[i].words {
			p.present[f.id/64] |= 1 << (f.id % 64)
		}
	}
	return p
}

// lookUp finds the words of the vocabulary that a token is a form of.
func (g *grammar) lookUp(t *token) {
	if id := g.id(t.word); id != 0 {
		t.words = append(t.words, form{id: id, exact: true, factor: 1})
	}
	if len(t.word) <= 3 || !g.stems || !letters(t.word) {
		return
	}
	stemmed := ""
	for id := *g.prefixed(t.word); id != 0; id = g.before[id] {
		word := g.words[id]
		if word == t.word || g.flags[id]&inPattern == 0 || len(word) < 4 || len(word)-len(t.word) > 5 || len(t.word)-len(word) > 5 {
			continue
		}
		if stemmed == "" {
			stemmed = stem(t.word)
		}
		if sameStem(stemmed, word) {
			t.words = append(t.words, form{id: id, exact: samePlural(t.word, word), factor: 0.97})
		}
	}
}

// sameStem reports whether word has the given stem, most often without
// computing it.
func sameStem(stemmed, word string) bool {
	common := min(len(stemmed), len(word), 4)
	return stemmed[:common-1] == word[:common-1] && stem(word) == stemmed
}

// samePlural reports whether two words differ only by a plural s.
func samePlural(a, b string) bool {
	return a == b+"s" || b == a+"s"
}

// correct finds the words that a token may be a misspelling of: those at the
// least distance, with the same first letter or the first two swapped.
func (g *grammar) correct(t *token) {
	best := spelling.Tolerance(len(t.word))
	if best == 0 {
		return
	}
	for id := 1; id < len(g.words); id++ {
		word := g.words[id]
		if len(word) < 4 || g.flags[id]&inPattern == 0 || g.flags[id]&(isFunction|isFiller) != 0 {
			continue
		}
		if word[0] != t.word[0] && (word[0] != t.word[1] || word[1] != t.word[0]) || !letters(word) {
			continue
		}
		d := spelling.Distance(t.word, word, min(best, spelling.Tolerance(len(word))))
		if d > best || d > spelling.Tolerance(len(word)) {
			continue
		}
		if d < best {
			best = d
			t.words = t.words[:0]
		}
		t.words = append(t.words, form{id: wordID(id), exact: true, factor: 1 - 0.12*float32(d)})
		t.meant = word
	}
	if len(t.words) != 1 || best > 1 || len(t.word) < 5 || len(t.word) == 5 && !sameLetters(t.word, t.meant) {
		t.meant = ""
	}
}

// classify sets a token's kind and weight.
func (s *sentence) classify(t *token) {
	t.kind, t.weight = content, 1
	if len(t.words) > 0 && t.words[0].exact && t.words[0].factor == 1 {
		t.flags = s.grammar.flags[t.words[0].id]
	}
	if singular, plural := strings.CutSuffix(t.word, "s"); plural {
		t.flags |= s.grammar.flags[s.grammar.id(singular)] & (isReserved | isKind)
	}
	switch {
	case t.quoted:
	case t.flags&isFiller != 0:
		t.kind, t.weight = filler, 0.05
	case t.flags&isFunction != 0:
		t.kind, t.weight = function, 0.3
	}
}

// flags are those of the word exactly as written, or of its singular.
func (s *sentence) flags(t *token) wordFlag { return t.flags }

// markPlaces turns "on this machine" and the like into filler: they say nothing
// that decides, though patterns may still name them.
func (s *sentence) markPlaces() {
	for i := 0; i+1 < len(s.tokens); i++ {
		if !s.plays(i, rolePlace) {
			continue
		}
		j := i + 1
		for j < len(s.tokens) && s.tokens[j].kind == filler {
			j++
		}
		if j > i+1 && j < len(s.tokens) && s.flags(&s.tokens[j])&isPlace != 0 || j == i+1 && s.tokens[j].word == "nixos" {
			for k := i; k <= j; k++ {
				s.tokens[k].kind, s.tokens[k].weight = filler, 0.05
			}
		}
	}
}

// is reports whether token i may be the word with the given number, and how
// well. A strict reading wants the very form, or its plural: "installed" is no
// request to install.
func (s *sentence) is(i int, id wordID, strict bool) (factor float32, ok bool) {
	for _, f := range s.tokens[i].words {
		if f.id == id && (f.exact || !strict) {
			return f.factor, true
		}
	}
	return 0, false
}

func (s *sentence) has(id wordID) bool { return s.present[id/64]&(1<<(id%64)) != 0 }

// class lists where phrases of a class stand in the sentence.
func (s *sentence) class(id classID, strict bool) []span {
	which := 0
	if strict {
		which = 1
	}
	cache := &s.spans[which][id]
	if !cache.done {
		cache.done = true
		for _, phrase := range s.grammar.classes[id].phrases {
			cache.spans = s.phrase(phrase, strict, cache.spans)
		}
	}
	return cache.spans
}

// phrase appends where the words stand one after the other, fillers between
// them allowed.
func (s *sentence) phrase(words []wordID, strict bool, spans []span) []span {
	for _, id := range words {
		if !s.has(id) {
			return spans
		}
	}
	for start := 0; start+len(words) <= len(s.tokens); start++ {
		position, got := start, float32(0)
		for k, id := range words {
			for k > 0 && position < len(s.tokens) && s.tokens[position].kind == filler {
				if _, ok := s.is(position, id, strict); ok {
					break
				}
				got += s.tokens[position].weight
				position++
			}
			if position == len(s.tokens) {
				position = -1
				break
			}
			factor, ok := s.is(position, id, strict)
			if !ok {
				position = -1
				break
			}
			got += factor * s.tokens[position].weight
			position++
		}
		if position > 0 {
			spans = append(spans, span{start, position, got})
		}
	}
	return spans
}

// word is the lower-case word at i, "" outside the sentence.
func (s *sentence) word(i int) string {
	if i < 0 || i >= len(s.tokens) {
		return ""
	}
	return s.tokens[i].word
}

// text is the source from token start to before token end, as it was written.
func (s *sentence) text(start, end int) string {
	if start >= end {
		return ""
	}
	return s.source[s.tokens[start].start:s.tokens[end-1].end]
}

// said is all that was said: of one of several requests only what is of it.
func (s *sentence) said() string {
	if s.clause {
		return s.text(0, len(s.tokens))
	}
	return strings.TrimSpace(s.source)
}

// anyOf reports whether a token of the span is in the class.
func (s *sentence) anyOf(name string, start, end int) bool {
	for _, sp := range s.class(s.grammar.className(name), false) {
		if sp.start >= start && sp.end <= end {
			return true
		}
	}
	return false
}

// exactly reports whether the span is a phrase of the class.
func (s *sentence) exactly(name string, start, end int) bool {
	for _, sp := range s.class(s.grammar.className(name), false) {
		if sp.start == start && sp.end == end {
			return true
		}
	}
	return false
}

// sameLetters reports two words of the same letters in any order.
func sameLetters(a, b string) bool {
	x, y := []byte(a), []byte(b)
	slices.Sort(x)
	slices.Sort(y)
	return slices.Equal(x, y)
}
