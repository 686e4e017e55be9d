package catalog

import (
	_ "embed"
	"strings"
	"sync"
)

// synonymsText is the vocabulary; its own comments tell the format.
//
//go:embed synonyms.txt
var synonymsText string

// A vocabulary knows what people call things. Nothing in it is stemmed before
// a query has a word that begins alike: that keeps the first search of a
// process fast.
type vocabulary struct {
	aliases  map[string]string // joined name → attributes or names
	synonyms []synonym
	concepts []concept
}

// A synonym gives words of descriptions that mean the same as some others.
type synonym struct{ words, others []string }

// A concept is something people look for by its purpose.
type concept struct {
	// phrases are the ways to say it. A query has a concept if it has all words
	// of one phrase, in any order.
	phrases [][]string
	// names are attributes or package names, the best known first.
	names []string
}

// sharedVocabulary parses synonyms.txt when it is first asked for.
var sharedVocabulary = sync.OnceValue(func() *vocabulary { return parseVocabulary(synonymsText) })

func parseVocabulary(text string) *vocabulary {
	v := &vocabulary{aliases: make(map[string]string)}
	for line := range strings.Lines(text) {
		line, _, _ = strings.Cut(line, "#")
		if names, target, ok := strings.Cut(line, "->"); ok {
			for name := range strings.SplitSeq(names, ",") {
				v.aliases[joined(name)] = target
			}
		} else if words, others, ok := strings.Cut(line, "~"); ok {
			v.synonyms = append(v.synonyms, synonym{strings.Fields(words), strings.Fields(others)})
		} else if phrases, names, ok := strings.Cut(line, ":"); ok {
			c := concept{names: strings.Fields(names)}
			for phrase := range strings.SplitSeq(phrases, ",") {
				c.phrases = append(c.phrases, strings.Fields(phrase))
			}
			v.concepts = append(v.concepts, c)
		}
	}
	return v
}

// alias returns what a name that nixpkgs doesn't have stands for, best first.
func (v *vocabulary) alias(name string) []string {
	return strings.Fields(v.aliases[joined(name)])
}

// sameStem reports whether the vocabulary's word has this stem. The first three
// letters survive stemming, so most words are told apart without it.
func sameStem(word, stemmed string) bool {
	if len(word) < len(stemmed) {
		if len(word) < 3 || len(stemmed) > len(word)+1 {
			return false
		}
	}
	n := min(3, len(stemmed))
	return len(word) >= n && word[:n] == stemmed[:n] && stem(word) == stemmed
}

// related returns the stems that mean the same as stemmed.
func (v *vocabulary) related(stemmed string) (out []string) {
	for _, s := range v.synonyms {
		for _, word := range s.words {
			if !sameStem(word, stemmed) {
				continue
			}
			for _, other := range s.others {
				out = append(out, stem(other))
			}
			break
		}
	}
	return out
}

// match returns the positions in stems of the words of the concept's longest
// phrase that is in there, or nil.
func (c *concept) match(stems []string) (best []int) {
	for _, phrase := range c.phrases {
		var at []int
		for _, word := range phrase {
			for i, s := range stems {
				if sameStem(word, s) {
					at = append(at, i)
					break
				}
			}
		}
		if len(at) == len(phrase) && len(at) > len(best) {
			best = at
		}
	}
	return best
}
