package intent

import (
	_ "embed"
	"strconv"
	"strings"
	"sync"

	"luminousnix/internal/operation"
)

var (
	//go:embed phrases/en.txt
	englishPhrases string
	//go:embed phrases/de.txt
	germanPhrases string
)

// The phrases are compiled when the first sentence comes that may be in their language.
var (
	englishGrammar = sync.OnceValue(func() *grammar { return compile(englishPhrases) })
	germanGrammar  = sync.OnceValue(func() *grammar { return compile(germanPhrases) })
)

// classID numbers the @classes of a grammar.
type classID uint16

// grammar is a compiled phrase file. All its slices are cut from a few large
// ones, since it is compiled in every process that reads a sentence.
type grammar struct {
	vocabulary
	lexicon
	classes  []class
	named    map[string]classID // of classes
	patterns []pattern

	phrases [][]wordID // room for those of classes
	ids     []wordID   // room for their words
	atoms   []atom     // room for those of patterns
	alts    [][]item
	items   []item
}

// class is a set of phrases of words.
type class struct {
	phrases [][]wordID
}

// pattern is one way to ask for an operation.
type pattern struct {
	operation operation.Name
	changing  bool
	weight    float32
	atoms     []atom
	extra     string // what the pattern itself means: "value=true"
	line      int    // in the phrase file
}

// atom is one place in a pattern, filled by one of its alternatives.
type atom struct {
	optional bool
	alts     [][]item
}

// item is a word, a class or a slot: exactly one field is set.
type item struct {
	word  wordID
	class classID
	slot  slot
}

// compile reads a phrase file. The files are part of the program, so a mistake
// in one panics; a test compiles them all.
func compile(text string) *grammar {
	words, bars := strings.Count(text, " "), strings.Count(text, "|")
	g := &grammar{
		named:      make(map[string]classID, 64),
		vocabulary: newVocabulary(),
		classes:    make([]class, 1, 64),
		patterns:   make([]pattern, 0, strings.Count(text, "\n")),
		phrases:    make([][]wordID, 0, bars/2),
		ids:        make([]wordID, 0, words/2),
		atoms:      make([]atom, 0, words/2),
		alts:       make([][]item, 0, bars+words/2),
		items:      make([]item, 0, words+bars),
	}
	var spec operation.Spec
	for number := 1; text != ""; number++ {
		line, rest, _ := cutAt(text, '\n')
		text = rest
		switch {
		case line == "" || line[0] == '#':
		case line[0] == '%':
			g.addList(line[1:])
		case line[0] == '&':
			g.addLine(line[1:])
			if strings.HasPrefix(line, "&letters") {
				text = g.spell(text)
			}
		case line[0] == '@':
			g.addClass(line[1:], false)
		case line[0] == ' ':
			g.addPattern(spec, strings.TrimSpace(line), number)
		default:
			var ok bool
			if spec, ok = operation.Lookup(operation.Name(line)); !ok {
				panic("phrases: no operation " + line)
			}
		}
	}
	return g
}

// cutAt is [strings.Cut] for a byte.
func cutAt(s string, at byte) (before, after string, found bool) {
	if i := strings.IndexByte(s, at); i >= 0 {
		return s[:i], s[i+1:], true
	}
	return s, "", false
}

// field cuts the first word off a line.
func field(line string) (word, rest string) {
	start := 0
	for start < len(line) && line[start] == ' ' {
		start++
	}
	end := start
	for end < len(line) && line[end] != ' ' {
		end++
	}
	return line[start:end], line[end:]
}

func (g *grammar) addList(line string) {
	name, words, _ := cutAt(line, '=')
	name = strings.TrimSpace(name)
	switch name {
	case "polite", "politeend", "then", "notframe", "unwanted", "forbid", "wonder", "perhaps", "tell", "suppose", "doubted", "success", "retract", "machinery", "tool",
		"scopeuser", "scopesystem", "scopetemporary":
		g.addClass(line, true)
		return
	}
	flag := listFlag(name)
	if flag == 0 {
		panic("phrases: no list " + name)
	}
	for word, rest := field(words); word != ""; word, rest = field(rest) {
		g.intern(word, flag)
	}
}

// addClass reads "name = phrase | phrase". A verbatim class keeps its fillers.
func (g *grammar) addClass(line string, verbatim bool) {
	name, rest, _ := cutAt(line, '=')
	first := len(g.phrases)
	for more := true; more; {
		var phrase string
		phrase, rest, more = cutAt(rest, '|')
		start := len(g.ids)
		for word, rest := field(phrase); word != ""; word, rest = field(rest) {
			g.ids = append(g.ids, g.intern(word, inPattern))
		}
		if !verbatim {
			g.dropFillers(start)
		}
		g.phrases = append(g.phrases, g.ids[start:len(g.ids):len(g.ids)])
	}
	g.named[strings.TrimSpace(name)] = classID(len(g.classes))
	g.classes = append(g.classes, class{g.phrases[first:len(g.phrases):len(g.phrases)]})
}

// dropFillers takes words that may stand anywhere out of the last phrase, since
// the matcher skips them, unless nothing with a meaning stays.
func (g *grammar) dropFillers(start int) {
	kept, meaning := start, false
	for _, id := range g.ids[start:] {
		meaning = meaning || g.flags[id]&(isFiller|isFunction) == 0
	}
	if !meaning {
		return
	}
	for _, id := range g.ids[start:] {
		if g.flags[id]&isFiller == 0 {
			g.ids[kept] = id
			kept++
		}
	}
	g.ids = g.ids[:kept]
}

func (g *grammar) addPattern(spec operation.Spec, line string, number int) {
	p := pattern{operation: spec.Name, changing: spec.Changing, weight: 1, line: number}
	line, p.extra, _ = strings.Cut(line, " => ")
	if line[0] == '0' {
		weight, rest := field(line)
		value, err := strconv.ParseFloat(weight, 32)
		if err != nil {
			panic("phrases: " + err.Error())
		}
		p.weight, line = float32(value), rest
	}
	first := len(g.atoms)
	for line = strings.TrimLeft(line, " "); line != ""; line = strings.TrimLeft(line, " ") {
		var text string
		optional := line[0] == '['
		switch line[0] {
		case '[':
			text, line, _ = cutAt(line[1:], ']')
		case '(':
			text, line, _ = cutAt(line[1:], ')')
		default:
			text, line = field(line)
		}
		g.addAtom(text, optional)
	}
	p.atoms = g.atoms[first:len(g.atoms):len(g.atoms)]
	g.patterns = append(g.patterns, p)
}

func (g *grammar) addAtom(text string, optional bool) {
	first := len(g.alts)
	for more := true; more; {
		var phrase string
		phrase, text, more = cutAt(text, '|')
		start := len(g.items)
		for word, rest := field(phrase); word != ""; word, rest = field(rest) {
			g.items = append(g.items, g.item(word))
		}
		g.dropFillerItems(start)
		g.alts = append(g.alts, g.items[start:len(g.items):len(g.items)])
	}
	alts := g.alts[first:len(g.alts):len(g.alts)]
	if len(alts) == 1 && len(alts[0]) == 1 && g.flags[alts[0][0].word]&isFiller != 0 {
		optional = true
	}
	g.atoms = append(g.atoms, atom{optional, alts})
}

// dropFillerItems is dropFillers for the last alternative.
func (g *grammar) dropFillerItems(start int) {
	kept, meaning := start, false
	for _, it := range g.items[start:] {
		meaning = meaning || g.flags[it.word]&(isFiller|isFunction) == 0
	}
	if !meaning {
		return
	}
	for _, it := range g.items[start:] {
		if g.flags[it.word]&isFiller == 0 {
			g.items[kept] = it
			kept++
		}
	}
	g.items = g.items[:kept]
}

func (g *grammar) item(word string) item {
	switch {
	case word[0] == '@' && len(word) > 1:
		return item{class: g.className(word[1:])}
	case word[0] == '{':
		s := slotNamed(word[1 : len(word)-1])
		if s == 0 {
			panic("phrases: no slot " + word)
		}
		return item{slot: s}
	}
	return item{word: g.intern(word, inPattern)}
}

// className finds a class by its name.
func (g *grammar) className(name string) classID {
	id, ok := g.named[name]
	if !ok {
		panic("phrases: no class @" + name)
	}
	return id
}
