package answers

import (
	"math"
	"slices"
	"strings"

	"luminousnix/internal/plainfile"
	"luminousnix/internal/spelling"
)

// An index is the topics of a language, and their words as numbers. Words are in it as
// they are written: stemming them all would take longer than all the rest, and only few
// are ever compared.
type index struct {
	stemmer
	topics  []Topic
	words   []string
	numbers map[string]int32  // of words
	shelves map[shelf][]int32 // words by their first letters
	weights []float32         // of each word: more for one that fewer topics are asked for by; 0 if none is
	uses    [][]use           // of each word
	phrases [][]phrase        // of each topic
	texts   []float32         // of each topic: how many phrases it has, sentences counting less
	allText float32           // the sum of these
	weak    map[string]bool
	same    [][]string // sets of words that mean the same
}

// A phrase is a way to ask for a topic.
type phrase struct {
	words []int32 // without repetition
	size  float32 // the sum of their weights
}

// A use says how often a topic has a word.
type use struct {
	topic int32
	count float32 // of phrases; sentences count less
}

// sentenceShare is what a sentence of an answer counts, compared with a phrase: all of
// an answer counts less than one.
const sentenceShare = 0.1

// A shelf has the words that begin with two letters. The first letters of a word are
// never stemmed.
type shelf [2]byte

func shelfOf(word string) (s shelf) {
	copy(s[:], word)
	return s
}

func newIndex(s stemmer, topics []Topic, vocabulary string) *index {
	x := &index{
		stemmer: s, topics: topics, texts: make([]float32, len(topics)), shelves: make(map[shelf][]int32, 500),
		numbers: make(map[string]int32, 5000), weak: make(map[string]bool, 200),
	}
	x.readVocabulary(vocabulary)
	for i, t := range topics {
		phrases := []phrase{x.phrase(i, t.ID, 1), x.phrase(i, t.Title, 1)}
		for _, text := range t.Asks {
			phrases = append(phrases, x.phrase(i, text, 1))
		}
		x.phrases = append(x.phrases, phrases)
	}
	x.weigh()
	for i, t := range topics {
		for _, text := range t.Text {
			x.phrase(i, text, sentenceShare)
		}
	}
	return x
}

func (x *index) readVocabulary(text string) {
	for kind, words := range plainfile.Lines(text, " ") {
		switch kind {
		case "weak":
			for _, word := range strings.Fields(words) {
				x.weak[x.spell(word)] = true
			}
		case "same":
			x.same = append(x.same, strings.Fields(x.spell(words)))
		}
	}
}

// phrase reads a text of a topic, and adds its words, which count so much.
func (x *index) phrase(topic int, text string, share float32) phrase {
	p := phrase{words: make([]int32, 0, 8)}
	x.texts[topic] += share
	x.allText += share
	eachWord(x.spell(text), func(word string) {
		n := x.number(word)
		if slices.Contains(p.words, n) {
			return
		}
		p.words = append(p.words, n)
		if uses := x.uses[n]; len(uses) > 0 && uses[len(uses)-1].topic == int32(topic) {
			uses[len(uses)-1].count += share
		} else {
			x.uses[n] = append(uses, use{int32(topic), share})
		}
	})
	return p
}

// number gives a word its number.
func (x *index) number(word string) int32 {
	n, ok := x.numbers[word]
	if !ok {
		n = int32(len(x.words))
		x.numbers[word] = n
		x.words = append(x.words, word)
		x.uses = append(x.uses, nil)
		x.shelves[shelfOf(word)] = append(x.shelves[shelfOf(word)], n)
	}
	return n
}

// weigh finds how much each word says.
func (x *index) weigh() {
	x.weights = make([]float32, len(x.words))
	for w, uses := range x.uses {
		x.weights[w] = x.weight(x.words[w], len(uses))
	}
	for _, phrases := range x.phrases {
		for i := range phrases {
			for _, w := range phrases[i].words {
				phrases[i].size += x.weights[w]
			}
		}
	}
}

// weightOf is how much a word of the index says, 0 for one that only answers have.
func (x *index) weightOf(n int32) float32 {
	if int(n) < len(x.weights) {
		return x.weights[n]
	}
	return 0
}

// weight is how much a word says that so many topics have.
func (x *index) weight(word string, topics int) float32 {
	weight := float32(math.Log(1 + float64(len(x.topics))/float64(topics)))
	if x.weak[word] {
		weight *= weakFactor
	}
	return weight
}

// stemmed calls yield with the words of the index that have this stem.
func (x *index) stemmed(stem string, yield func(word int32)) {
	for _, n := range x.shelves[shelfOf(stem)] {
		if x.alike(x.words[n], stem) {
			yield(n)
		}
	}
}

// alike reports whether a word has a stem. That changes the last letters of a word only,
// which tells most words apart before they are stemmed.
func (s stemmer) alike(word, stem string) bool {
	const changed = 2
	same := max(len(stem)-changed, min(len(stem), len(shelf{})))
	return strings.HasPrefix(word, stem[:same]) && s.stem(word) == stem
}

// nearest finds the word that a mistyped one may be.
func (x *index) nearest(word string) (n int32, ok bool) {
	const shortest = 6 // shorter ones have too many neighbours
	if len(word) < shortest {
		return 0, false
	}
	best := spelling.Tolerance(len(word)) + 1
	for i, other := range x.words[:len(x.weights)] {
		if len(other) < shortest || other[0] != word[0] {
			continue
		}
		if d := spelling.Distance(word, other, best-1); d < best {
			best, n, ok = d, int32(i), true
		}
	}
	return n, ok
}

// eachWord calls yield with the words of a text in small letters: runs of letters and
// digits that are not a number. Apostrophes do not count: "don't" is "dont". Of a name
// such as mkShell its parts are words as well.
func eachWord(text string, yield func(string)) {
	text = strings.ReplaceAll(text, "’", "'")
	for i := 0; i < len(text); i++ {
		start, letters, apostrophe := i, false, false
		for i < len(text) && (isWord(text[i]) || text[i] == '\'' && i > start) {
			letters = letters || text[i] > '9'
			apostrophe = apostrophe || text[i] == '\''
			i++
		}
		switch word := text[start:i]; {
		case apostrophe && letters:
			yield(strings.ToLower(strings.ReplaceAll(word, "'", "")))
		case letters:
			yield(strings.ToLower(word))
			eachHump(word, yield)
		}
	}
}

// eachHump calls yield with the parts of a name such as mkShell: it begins with a small
// letter, and each further part with a capital one.
func eachHump(name string, yield func(string)) {
	start := 0
	for i := 1; i < len(name) && isSmall(name[0]); i++ {
		if isCapital(name[i]) && isSmall(name[i-1]) {
			yield(strings.ToLower(name[start:i]))
			start = i
		}
	}
	if start > 0 {
		yield(strings.ToLower(name[start:]))
	}
}

func isWord(c byte) bool    { return isSmall(c) || isCapital(c) || c >= '0' && c <= '9' || c >= 0x80 }
func isSmall(c byte) bool   { return c >= 'a' && c <= 'z' }
func isCapital(c byte) bool { return c >= 'A' && c <= 'Z' }
