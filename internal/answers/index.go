package answers

import (
	"math"
	"slices"
	"strings"

	"luminousnix/internal/spelling"
)

// An index is the topics of a language, and the words in which they are asked for as
// numbers. Words are in it as they are written: stemming them all would take longer
// than all the rest, and only few are ever compared.
type index struct {
	stemmer
	topics  []Topic
	words   []string
	numbers map[string]int32 // of words
	weights []float32        // of each word: more for one that fewer topics have
	phrases [][]phrase       // of each topic
	weak    map[string]bool
	same    [][]string // sets of words that mean the same
}

// A phrase is a way to ask for a topic.
type phrase struct {
	words []int32 // without repetition
	size  float32 // the sum of their weights
}

func newIndex(s stemmer, topics []Topic, vocabulary string) *index {
	x := &index{stemmer: s, topics: topics, numbers: make(map[string]int32, 2000), weak: make(map[string]bool, 200)}
	x.readVocabulary(vocabulary)
	for _, t := range topics {
		phrases := []phrase{x.phrase(t.ID), x.phrase(t.Title)}
		for _, text := range t.Asks {
			phrases = append(phrases, x.phrase(text))
		}
		x.phrases = append(x.phrases, phrases)
	}
	x.weigh()
	return x
}

func (x *index) readVocabulary(text string) {
	for line := range strings.Lines(text) {
		switch kind, words, _ := strings.Cut(strings.TrimSpace(line), " "); kind {
		case "weak":
			for _, word := range strings.Fields(words) {
				x.weak[x.spell(word)] = true
			}
		case "same":
			x.same = append(x.same, strings.Fields(x.spell(words)))
		}
	}
}

// phrase reads a phrase, and adds its words.
func (x *index) phrase(text string) phrase {
	p := phrase{words: make([]int32, 0, 8)}
	eachWord(x.spell(text), func(word string) {
		n, ok := x.numbers[word]
		if !ok {
			n = int32(len(x.words))
			x.numbers[word] = n
			x.words = append(x.words, word)
		}
		if !slices.Contains(p.words, n) {
			p.words = append(p.words, n)
		}
	})
	return p
}

// weigh finds how much each word says.
func (x *index) weigh() {
	counts, last := make([]int, len(x.words)), make([]int, len(x.words))
	for i, phrases := range x.phrases {
		for _, p := range phrases {
			for _, w := range p.words {
				if last[w] != i+1 {
					last[w] = i + 1
					counts[w]++
				}
			}
		}
	}
	x.weights = make([]float32, len(x.words))
	for w, n := range counts {
		x.weights[w] = x.weight(x.words[w], n)
	}
	for _, phrases := range x.phrases {
		for i := range phrases {
			for _, w := range phrases[i].words {
				phrases[i].size += x.weights[w]
			}
		}
	}
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
	for n, word := range x.words {
		if x.alike(word, stem) {
			yield(int32(n))
		}
	}
}

// alike reports whether a word has a stem. The first letters of a word are never
// stemmed.
func (s stemmer) alike(word, stem string) bool {
	const kept = 2
	return len(word) >= len(stem)-1 && word[:min(kept, len(word))] == stem[:min(kept, len(stem))] && s.stem(word) == stem
}

// nearest finds the word that a mistyped one may be.
func (x *index) nearest(word string) (n int32, ok bool) {
	const shortest = 6 // shorter ones have too many neighbours
	if len(word) < shortest {
		return 0, false
	}
	best := spelling.Tolerance(len(word)) + 1
	for i, other := range x.words {
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
// digits that are not a number. Apostrophes do not count: "don't" is "dont".
func eachWord(text string, yield func(string)) {
	text = strings.ReplaceAll(strings.ToLower(text), "’", "'")
	for i := 0; i < len(text); i++ {
		start, letters, apostrophe := i, false, false
		for i < len(text) && (isWord(text[i]) || text[i] == '\'' && i > start) {
			letters = letters || text[i] > '9'
			apostrophe = apostrophe || text[i] == '\''
			i++
		}
		switch word := text[start:i]; {
		case apostrophe && letters:
			yield(strings.ReplaceAll(word, "'", ""))
		case letters:
			yield(word)
		}
	}
}

func isWord(c byte) bool { return c >= 'a' && c <= 'z' || c >= '0' && c <= '9' || c >= 0x80 }
