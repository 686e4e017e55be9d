package intent

import (
	"strconv"
	"strings"
)

// lexicon has the words of a language that hold a sentence together rather than say what
// is asked for: numbers, days, lengths of time, contractions, "and". It is the part of a
// phrase file whose lines begin with &, and is apart from the vocabulary, whose words are
// corrected and compared. What the lists mean is structure; which words are on them is in
// the phrase files only.
type lexicon struct {
	table   [512]entry
	count   int
	texts   []string // what contractions and words of the glossary stand for
	endings []ending
	days    []dayPhrase
	ordinal []string // endings of ordinal numbers: st, nd
	letters []string // letters and how they are written without: ä, ae
	// stems says that a word is looked for in its other forms, and misspelt. These are
	// the forms of English.
	stems bool
	// learnt says that the learnt models know the language.
	learnt bool
	// dotted says that dates are written as 24.12.2024.
	dotted bool
	// joined says that names stand in a list with commas and "and" between them only.
	joined bool
}

type entry struct {
	word  string
	sense sense
}

// sense is what a word means for the structure of a sentence. All is zero for most words.
type sense struct {
	roles          role
	number, place  int16  // two is 2, second is 2
	days           uint16 // how long: week is 7
	text           uint16 // in texts, from 1
	weekday, month uint8  // from 1; Sunday is 1
}

// role is a bit for each list of words of the lexicon.
type role uint64

const (
	roleContraction role = 1 << iota
	roleBeginsDay        // the first word of a day: yesterday
	rolePartOfDay        // yesterday evening
	roleAlone            // a length without a number: week
	roleOne              // one of the length behind it: a week
	roleInSpan           // of no meaning in a length: a couple of weeks
	roleHalf             // half of the length behind it: half a year
	roleBeforeDate       // on the 5th
	roleInDate           // the 5th of March
	roleLast             // last Tuesday
	roleAgo              // two weeks ago
	roleSince            // the same before the length: vor zwei Wochen
	roleBefore           // before Tuesday
	roleAnd
	rolePlus // other words between names
	roleBoth
	roleThrough // generations 5 to 9
	roleIt      // what was said before
	roleDefinite
	roleIndefinite
	roleService  // the ssh service
	rolePackage  // the git package
	rolePackages // python packages
	roleFrom     // from unstable
	roleChannel  // the unstable channel
	roleInto     // in the work profile
	roleProfile
	rolePlace    // on this machine
	roleBecause  // begins a reason
	roleSo       // ends a reason
	rolePurpose  // begins a purpose
	roleTo       // begins a purpose before a verb
	roleToVerb   // such a verb, of those that are no content
	roleIf       // makes what follows no plain request
	roleNot      // so does this, except behind
	roleStates   // a verb that states: does not work
	roleNo       // so does this, except before
	roleNoLonger // no longer
	rolePlease
	roleOnly
	roleMind // is followed by the form "installing"
	roleTell // tell me how
	roleHow
	roleThen
)

// roleNamed finds a role by the name of its list; 0 is none.
func roleNamed(name string) role {
	for i, n := range [...]string{
		"", "", "partofday", "alone", "one", "inspan", "half", "beforedate", "indate", "last", "ago", "since", "before", "and", "plus", "both",
		"through", "it", "definite", "indefinite", "service", "package", "packages", "from", "channel", "into", "profile", "place",
		"because", "so", "purpose", "to", "toverb", "if", "not", "states", "no", "nolonger", "please", "only", "mind", "tell", "how", "then",
	} {
		if n == name && n != "" {
			return 1 << i
		}
	}
	return 0
}

// ending is how a contraction ends, and the word that this is: n't, not.
type ending struct{ end, word string }

// dayPhrase is a way to say a day, and how long ago it was.
type dayPhrase struct {
	words []string
	ago   int
}

// find is the entry of a word, or the free one where it would be.
func (l *lexicon) find(word string) *entry {
	for i := hash(word); ; i++ {
		e := &l.table[i%uint32(len(l.table))]
		if e.word == word || e.word == "" {
			return e
		}
	}
}

// sense is what a word means; all zero for a word that is on no list.
func (l *lexicon) sense(word string) sense {
	if word == "" {
		return sense{}
	}
	return l.find(word).sense
}

// add is the entry of a word, which is there afterwards.
func (l *lexicon) add(word string) *sense {
	e := l.find(word)
	if e.word == "" {
		if l.count++; l.count > len(l.table)*3/4 {
			panic("phrases: the lexicon is full")
		}
		e.word = word
	}
	return &e.sense
}

// addLine reads a line of the lexicon: "name = word | word value | …".
func (l *lexicon) addLine(line string) {
	name, rest, _ := cutAt(line, '=')
	name = strings.TrimSpace(name)
	for more := true; more; {
		var text string
		text, rest, more = cutAt(rest, '|')
		word, value := field(text)
		l.addWord(name, word, strings.TrimSpace(value), strings.TrimSpace(text))
	}
}

// addWord adds to a list a word with its value, which together are text.
func (l *lexicon) addWord(name, word, value, text string) {
	switch name {
	case "number":
		l.add(word).number = int16(number(value))
	case "ordinal":
		l.add(word).place = int16(number(value))
	case "length":
		l.add(word).days = uint16(number(value))
	case "weekday":
		l.add(word).weekday = uint8(number(value) + 1)
	case "month":
		l.add(word).month = uint8(number(value))
	case "contraction":
		l.add(word).roles |= roleContraction
		l.addText(word, value)
	case "glossary":
		l.addText(word, value)
	case "ending":
		l.endings = append(l.endings, ending{word, value})
	case "ordinalending":
		l.ordinal = append(l.ordinal, word)
	case "letters":
		l.letters = append(l.letters, word, value)
	case "learnt":
		l.learnt = word == "yes"
	case "stems":
		l.stems = word == "english"
	case "dates":
		l.dotted = word == "dotted"
	case "lists":
		l.joined = word == "joined"
	case "day":
		words := strings.Fields(text)
		last := len(words) - 1
		l.add(words[0]).roles |= roleBeginsDay
		l.days = append(l.days, dayPhrase{words[:last], number(words[last])})
	default:
		r := roleNamed(name)
		if r == 0 || value != "" {
			panic("phrases: no list &" + name + " of " + text)
		}
		l.add(word).roles |= r
	}
}

func (l *lexicon) addText(word, text string) {
	l.texts = append(l.texts, text)
	l.add(word).text = uint16(len(l.texts))
}

// number is a value in a phrase file.
func number(text string) int {
	n, err := strconv.Atoi(text)
	if err != nil {
		panic("phrases: " + err.Error())
	}
	return n
}

// translation is the English for a word of the glossary, "" for others: the catalogue is
// English.
func (l *lexicon) translation(t *token) string {
	if t.sense.text == 0 || t.sense.roles&roleContraction != 0 {
		return ""
	}
	return l.texts[t.sense.text-1]
}

// numberOf reads digits, with # before them as in #142, and number words; -1 is no
// number.
func (l *lexicon) numberOf(word string) int {
	return numberIn(word, l.sense(word))
}

func numberIn(word string, meaning sense) int {
	if meaning.number != 0 {
		return int(meaning.number)
	}
	digits := strings.TrimPrefix(word, "#")
	if !startsWithDigit(digits) {
		return -1
	}
	n, err := strconv.ParseUint(digits, 10, 31)
	if err != nil {
		return -1
	}
	return int(n)
}

// plain is a word in small letters, written with those of English.
func (l *lexicon) plain(word string) string {
	return l.spell(strings.ToLower(strings.ReplaceAll(word, "’", "'")))
}

// spell writes a text in small letters with those of English.
func (l *lexicon) spell(text string) string {
	for i := 0; i < len(l.letters); i += 2 {
		text = strings.ReplaceAll(text, l.letters[i], l.letters[i+1])
	}
	return text
}

// expand splits a contraction in two words; second is "" for other words. meaning is that
// of the first.
func (l *lexicon) expand(word string) (first, second string, meaning sense) {
	if meaning = l.sense(word); meaning.roles&roleContraction != 0 {
		first, second, _ = strings.Cut(l.texts[meaning.text-1], " ")
		return first, second, l.sense(first)
	}
	if apostrophe := strings.IndexByte(word, '\''); apostrophe > 0 {
		for _, e := range l.endings {
			if head, ok := strings.CutSuffix(word, e.end); ok && head != "" && strings.IndexByte(head, '\'') < 0 {
				return head, e.word, l.sense(head)
			}
		}
	}
	return word, "", meaning
}

// plays reports a word that is on a list of the lexicon.
func (t *token) plays(r role) bool { return t.sense.roles&r != 0 }

// plays is the same of the word at i; false outside the sentence.
func (s *sentence) plays(i int, r role) bool {
	return i >= 0 && i < len(s.tokens) && s.tokens[i].plays(r)
}
