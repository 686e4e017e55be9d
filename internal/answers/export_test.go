package answers

import (
	"slices"
)

// Read reads the files anew.
func Read() { read("en") }

// AskWithout asks with every third phrasing of each topic as if it were not there, and
// calls yield with the topic and what was found.
func AskWithout(yield func(topic string, matches []Match)) {
	x := read("en")
	for i := range x.topics {
		all := x.phrases[i]
		for n, ask := range x.topics[i].Asks {
			if n%3 != 0 {
				continue
			}
			phrase := n + 2 // after id and title
			x.phrases[i] = slices.Delete(slices.Clone(all), phrase, phrase+1)
			x.count(int32(i), all[phrase].words, -1)
			matches, _ := x.search(ask)
			yield(x.topics[i].ID, matches)
			x.count(int32(i), all[phrase].words, 1)
		}
		x.phrases[i] = all
	}
}

// count adds to how often the phrasings of a topic have words.
func (x *index) count(topic int32, words []int32, by float32) {
	x.texts[topic] += by
	for _, w := range words {
		n := slices.IndexFunc(x.uses[w], func(u use) bool { return u.topic == topic && u.count >= 1 })
		switch {
		case n < 0:
			x.uses[w] = append(x.uses[w], use{topic, by})
		case x.uses[w][n].count+by > 0:
			x.uses[w][n].count += by
		default:
			x.uses[w] = slices.Delete(x.uses[w], n, n+1)
		}
	}
}

// WordsAlike are the words of the index, and whether each is alike with its own stem.
func WordsAlike(yield func(word string, alike bool)) {
	x := inEnglish()
	for _, word := range x.words {
		yield(word, x.alike(word, x.stem(word)))
	}
}

// German are the topics in German.
func German() []Topic { return inGerman().topics }
