package answers

import (
	"cmp"
	"math"
	"slices"
	"strings"
)

// The weights of evidence, chosen by reason and then compared on questions.tsv and
// development.tsv in testdata, and by asking with each phrasing without it.
const (
	phraseShare   = 0.45 // of the likeness to the nearest phrasing
	coverShare    = 0.25 // of how much of the question a topic has; the rest is how typical that is
	weakFactor    = 0.2
	sameFactor    = 0.8 // for words that mean the same
	sameTypical   = 0.2 // the same, for how typical they are
	spelledFactor = 0.8
	bodyFactor    = 0.7 // for words that only the answer has
	unknownFactor = 1.3 // for words that no topic has, such as names
)

// Confidences from which a topic is the answer, or is one of several to choose from.
// One that is the answer is like a phrasing, and better than the next by the margin,
// unless it is nearly the question itself.
const (
	sureFrom   = 0.55
	unsureFrom = 0.33
	sureMargin = 0.08
	likeFrom   = 0.6
	itself     = 0.9
	nearShare  = 0.5 // of the best confidence, for a topic to be named beside it
)

// prior is how many texts each topic is thought to have besides its own, with the words
// that all topics have.
const prior = 8

// A term is a word of a question.
type term struct {
	stem   string
	weight float32 // how much it says
	share  float32 // the same, but for how rare it is
	found  []found // words of the index that are evidence for it
	best   float32 // the evidence for it in what is looked at
}

// A found word is evidence, and how good: for the likeness, and for how typical it is.
type found struct {
	word            int32
	factor, typical float32
}

// A query is a question that is being compared.
type query struct {
	terms []term
	total float32 // weight of all terms
	hits  [][]hit // of each word of the index
}

// A hit says that a word of the index is evidence for a term, and how good.
type hit struct {
	term   int
	factor float32
}

// query reads a question.
func (x *index) query(question string) *query {
	q := &query{hits: make([][]hit, len(x.words))}
	eachWord(x.spell(question), func(word string) {
		stem := x.stem(word)
		if len(q.terms) == mostWords || slices.ContainsFunc(q.terms, func(t term) bool { return t.stem == stem }) {
			return
		}
		t := term{stem: stem, share: 1}
		if x.weak[word] {
			t.share = weakFactor
		}
		x.find(&t, word)
		for _, f := range t.found {
			q.hits[f.word] = append(q.hits[f.word], hit{len(q.terms), f.factor})
		}
		q.total += t.weight
		q.terms = append(q.terms, t)
	})
	return q
}

// find notes which words of the index are evidence for a term, and how much it says.
func (x *index) find(t *term, word string) {
	find := func(stem string, factor, typical float32) {
		x.stemmed(stem, func(n int32) {
			t.found = append(t.found, found{n, factor, typical})
			if w := x.weightOf(n); w > 0 && (t.weight == 0 || w < t.weight) {
				t.weight = w
			}
		})
	}
	find(t.stem, 1, 1)
	own := t.weight
	for _, set := range x.same {
		if slices.ContainsFunc(set, func(other string) bool { return x.alike(other, t.stem) }) {
			for _, other := range set {
				if other := x.stem(other); other != t.stem {
					find(other, sameFactor, sameTypical)
				}
			}
		}
	}
	switch {
	case own != 0:
		t.weight = own
	case t.weight != 0:
	case x.weak[word]:
		t.weight = x.weight(word, 1)
	default:
		if n, ok := x.nearest(word); ok {
			t.found = append(t.found, found{n, spelledFactor, spelledFactor})
		}
		t.weight = unknownFactor * x.weight(word, 1)
	}
}

// collect notes the evidence of words for the terms.
func (q *query) collect(words []int32) {
	for _, w := range words {
		for _, h := range q.hits[w] {
			q.terms[h.term].best = max(q.terms[h.term].best, h.factor)
		}
	}
}

// evidence adds up what was noted, and forgets it.
func (q *query) evidence() (sum float32) {
	for i := range q.terms {
		sum += q.terms[i].weight * q.terms[i].best
		q.terms[i].best = 0
	}
	return sum
}

// search compares a question with all topics.
func (x *index) search(question string) ([]Match, Certainty) {
	if t := x.called(question); t != nil {
		return []Match{{t, 1}}, Sure
	}
	q := x.query(question)
	if q.total == 0 {
		return nil, Unknown
	}
	matches, likeness := x.rank(q)
	matches = matches[:mostMatches] // there always are more topics than that
	first, second := matches[0].Confidence, matches[1].Confidence
	near := slices.DeleteFunc(matches, func(m Match) bool { return m.Confidence < nearShare*first || m.Confidence == 0 })
	switch {
	case likeness >= likeFrom && (first >= itself || first >= sureFrom && first-second >= sureMargin):
		return near, Sure
	case first >= unsureFrom:
		return near, Unsure
	}
	return near, Unknown
}

// called finds a topic by its id or title, or by both as in "flake: What flakes are".
func (x *index) called(name string) *Topic {
	name, _, _ = strings.Cut(strings.TrimRight(strings.TrimSpace(name), "?!."), ": ")
	for i := range x.topics {
		if t := &x.topics[i]; strings.EqualFold(name, t.ID) || strings.EqualFold(name, t.Title) {
			return t
		}
	}
	return nil
}

// rank gives the topics, the best first, and how like the question is to a phrasing of
// that. The confidence in one is the likeness of the question to its nearest phrasing,
// together with how much of the question is found anywhere in it, and how typical that is
// of it.
func (x *index) rank(q *query) (matches []Match, likeness float64) {
	covered, typical := x.spread(q)
	var best float64
	for i := range x.topics {
		like := x.likeness(q, i)
		confidence := max(0, min(1, phraseShare*like+coverShare*covered[i]+(1-phraseShare-coverShare)*typical[i]))
		if confidence > best {
			best, likeness = confidence, like
		}
		matches = append(matches, Match{&x.topics[i], confidence})
	}
	slices.SortStableFunc(matches, func(a, b Match) int { return cmp.Compare(b.Confidence, a.Confidence) })
	return matches, likeness
}

// spread looks where the words of a question are. Of each topic it says which share of
// the question it has, by weight, and how typical these words are of it, at most about 1:
// by how much more often it has them than others have (as naive Bayes does).
func (x *index) spread(q *query) (covered, typical []float64) {
	covered, typical = make([]float64, len(x.topics)), make([]float64, len(x.topics))
	best, counts := make([]float32, len(x.topics)), make([]float32, len(x.topics))
	var most float64
	for _, t := range q.terms {
		clear(best)
		clear(counts)
		var all, topics float32
		for _, f := range t.found {
			for _, u := range x.uses[f.word] {
				if counts[u.topic] == 0 {
					topics++
				}
				factor := f.factor
				if u.count < 1 {
					factor *= bodyFactor
				}
				best[u.topic] = max(best[u.topic], factor)
				counts[u.topic] += f.typical * u.count
				all += f.typical * u.count
			}
		}
		usual := (all + 0.3) / x.allText
		most += float64(t.share) * math.Log(1+float64(len(x.topics))/float64(max(topics, 1)))
		for i, count := range counts {
			covered[i] += float64(t.weight * best[i] / q.total)
			typical[i] += float64(t.share) * math.Log(float64((count/usual+prior)/(x.texts[i]+prior)))
		}
	}
	for i := range typical {
		typical[i] /= most
	}
	return covered, typical
}

// likeness is that of the question to the nearest phrasing of a topic: the cosine
// between both, by the weights of their words.
func (x *index) likeness(q *query, topic int) (nearest float64) {
	for _, p := range x.phrases[topic] {
		q.collect(p.words)
		if evidence := q.evidence(); evidence > 0 {
			nearest = max(nearest, float64(evidence)/math.Sqrt(float64(q.total*p.size)))
		}
	}
	return nearest
}
