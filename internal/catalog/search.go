package catalog

import (
	"cmp"
	"slices"
	"strings"
	"unicode/utf8"
)

// A Query is what somebody looks for.
type Query struct {
	// Text is anything that a person may type.
	Text string
	// Limit is the largest number of hits; 0 stands for 20.
	Limit int
	// Offset is the number of better hits to leave out, for paging.
	Offset int
	// Only restricts the hits to packages or to options.
	Only Only
	// Unfolded gives each variant of a package and each option of a module as a hit
	// of its own.
	Unfolded bool
	// System is the machine's, such as x86_64-linux, and Installed says whether a
	// package of this name is installed on it. Both are used in ranking if given.
	System    string
	Installed func(name string) bool
}

// Only is a restriction of what is looked for.
type Only uint8

// The restrictions.
const (
	Everything Only = iota
	Packages
	Options // of NixOS and of home-manager
)

// has reports whether a document with these flags is looked for.
func (o Only) has(flags uint8) bool {
	return o == Everything || (o == Options) == (flags&flagOption != 0)
}

// Results are the answer to a [Query].
type Results struct {
	// Total is the number of hits without limit. Variants of one package count
	// as one, except in a listing of a set. Beyond some ten thousand it is only a
	// number that there are more than.
	Total int
	// Set is the attribute set that the query asked to list ("python packages"),
	// or "". Hits are then its members.
	Set  string
	Hits []Hit
}

// A Hit is a package or an option that was found.
type Hit struct {
	Entry
	// Score is higher for better hits. Scores of different queries don't compare.
	Score float64
	// Why names the evidence, the strongest kind first: "name", "alias",
	// "program", "part of name", "beginning of name", "meaning", "description",
	// "set", "spelling".
	Why []string
	// Variants is the number of further entries that are folded into this hit:
	// other versions and builds of a package, other options of a module.
	Variants int
}

// maxQuery is the number of bytes of a query that are looked at, and maxWords
// the number of its words.
const (
	maxQuery = 400
	maxWords = 12
)

// Search ranks packages and options for a query. The answer to a query is always
// the same, order included. The error is that of [Catalog.Err].
func (c *Catalog) Search(q Query) (Results, error) {
	if q.Limit <= 0 {
		q.Limit = 20
	}
	q.Offset = max(q.Offset, 0)
	if len(q.Text) > maxQuery {
		q.Text = q.Text[:maxQuery]
	}
	q.Text = strings.ToValidUTF8(q.Text, " ")
	r := c.search(q)
	return r, c.image.err()
}

func (c *Catalog) search(q Query) Results {
	if q.Only != Options {
		if set := c.image.askedSet(q.Text); set != "" {
			return c.image.listSet(set, q)
		}
	}
	if path := strings.TrimSpace(q.Text); isPath(path) {
		if r, ok := c.image.listPath(path, q); ok {
			return r
		}
	}
	s, ok := c.scratch.Get().(*scratch)
	if !ok {
		s = newScratch()
	}
	defer c.scratch.Put(s)
	s.start()
	run := &search{image: c.image, scratch: s, only: q.Only}
	run.readQuery(q.Text)
	run.gather()
	return run.results(q)
}

// A slot is a word of the query that counts.
type slot struct {
	word, stem string
	weight     float32 // share of the query: all together are 1
	last       bool    // the word may not be finished yet
}

// A search is one run of a query.
type search struct {
	*image
	*scratch
	only   Only
	text   string // of the query
	joined string // its letters and digits
	slots  []slot
}

// readQuery finds the words that count, and how much.
func (s *search) readQuery(text string) {
	s.text, s.joined = strings.TrimSpace(text), joined(text)
	var all []slot
	eachWord(text, func(word []byte, _ bool) {
		if len(all) < maxWords {
			all = append(all, slot{word: string(word)})
		}
	})
	if len(all) > 0 {
		r, _ := utf8.DecodeLastRuneInString(text)
		all[len(all)-1].last = r != ' '
	}
	best := noise
	for _, w := range all {
		best = min(best, classify(w.word))
	}
	sum := float32(0)
	for _, w := range all {
		class := classify(w.word)
		if class == noise && best != noise {
			continue
		}
		w.stem = stem(w.word)
		w.weight = s.rarity(w)
		if class == weak && best == content {
			w.weight *= weakWord
			w.last = false
		}
		sum += w.weight
		s.slots = append(s.slots, w)
	}
	for i := range s.slots {
		s.slots[i].weight /= sum
	}
}

// gather collects the evidence for all words, the rarest first: a frequent one
// brings in only some of its documents by itself.
func (s *search) gather() {
	s.findConcepts()
	order := make([]int, len(s.slots))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(x, y int) int { return cmp.Compare(s.slots[y].weight, s.slots[x].weight) })
	for _, i := range order {
		s.exactEvidence(i)
		s.pairEvidence(i)
		s.meaningEvidence(i)
		spelled := s.prefixEvidence(i)
		if !spelled {
			s.spellingEvidence(i)
		}
		s.close(&s.slots[i])
	}
	s.wholeEvidence()
}
