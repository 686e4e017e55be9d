package answers

import (
	"cmp"
	"math"
	"slices"
	"strings"
)

// The weights of evidence, chosen by reason and then compared on the questions in
// testdata.
const (
	phraseShare   = 0.6 // of the likeness to the nearest phrasing; the rest is coverage
	weakFactor    = 0.2
	sameFactor    = 0.8 // for words that mean the same
	spelledFactor = 0.8
	bodyFactor    = 0.7 // for words that only the answer has
	unknownFactor = 1.3 // for words that no topic has, such as names
)

// Confidences from which a topic is the answer, or is one of several to choose from;
// one that is the answer is better than the next by the margin, unless it is nearly the
// question itself.
const (
	sureFrom   = 0.5
	unsureFrom = 0.4
	sureMargin = 0.05
	itself     = 0.9
	nearShare  = 0.6 // of the best confidence, for a topic to be named beside it
)

// considered is how many topics are compared whole.
const considered = 20

// A term is a word of a question.
type term struct {
	stem   string
	weight float32 // how much it says
	best   float32 // the evidence for it in what is looked at
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
		t := term{stem: stem, weight: x.find(q, word, stem)}
		q.total += t.weight
		q.terms = append(q.terms, t)
	})
	return q
}

// find notes which words of the index are evidence for the next term, and returns how
// much that says.
func (x *index) find(q *query, word, stem string) (weight float32) {
	hits := func(stem string, factor float32) {
		x.stemmed(stem, func(n int32) {
			q.hits[n] = append(q.hits[n], hit{len(q.terms), factor})
			if w := x.weights[n]; weight == 0 || w < weight {
				weight = w
			}
		})
	}
	hits(stem, 1)
	own := weight
	for _, set := range x.same {
		if slices.ContainsFunc(set, func(other string) bool { return x.alike(other, stem) }) {
			for _, other := range set {
				if other := x.stem(other); other != stem {
					hits(other, sameFactor)
				}
			}
		}
	}
	switch {
	case own != 0:
		return own
	case weight != 0:
		return weight
	case x.weak[word]:
		return x.weight(word, 1)
	}
	if n, ok := x.nearest(word); ok {
		q.hits[n] = append(q.hits[n], hit{len(q.terms), spelledFactor})
	}
	return unknownFactor * x.weight(word, 1)
}

// collect notes the evidence of words for the terms.
func (q *query) collect(words []int32) {
	for _, w := range words {
		for _, h := range q.hits[w] {
			q.terms[h.term].best = max(q.terms[h.term].best, h.factor)
		}
	}
}

// collectBody notes the evidence in an answer for terms that have none yet.
func (q *query) collectBody(s stemmer, text []string) {
	for _, sentence := range text {
		eachWord(s.spell(sentence), func(word string) {
			for i := range q.terms {
				if t := &q.terms[i]; t.best < bodyFactor && s.alike(word, t.stem) {
					t.best = bodyFactor
				}
			}
		})
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
	matches := x.rank(q)[:mostMatches] // there always are more topics than that
	first, second := matches[0].Confidence, matches[1].Confidence
	near := slices.DeleteFunc(matches, func(m Match) bool { return m.Confidence < nearShare*first || m.Confidence == 0 })
	switch {
	case first >= itself || first >= sureFrom && first-second >= sureMargin:
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

// ranked is a topic that is compared, by its number.
type ranked struct {
	topic      int
	confidence float64
}

// rank gives the topics that are compared whole, the best first. The confidence in one
// is the likeness of the question to its nearest phrasing, together with how much of
// the question is found anywhere in it.
func (x *index) rank(q *query) []Match {
	all := make([]ranked, len(x.topics))
	for i := range all {
		all[i] = ranked{i, x.likeness(q, i)}
	}
	slices.SortStableFunc(all, better)
	all = all[:min(considered, len(all))]
	for i := range all {
		r := &all[i]
		r.confidence = min(phraseShare*r.confidence+(1-phraseShare)*x.coverage(q, r.topic), 1)
	}
	slices.SortStableFunc(all, better)
	matches := make([]Match, len(all))
	for i, r := range all {
		matches[i] = Match{&x.topics[r.topic], r.confidence}
	}
	return matches
}

func better(a, b ranked) int { return cmp.Compare(b.confidence, a.confidence) }

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

// coverage is the share of the question that is found in a topic.
func (x *index) coverage(q *query, topic int) float64 {
	for _, p := range x.phrases[topic] {
		q.collect(p.words)
	}
	q.collectBody(x.stemmer, x.topics[topic].Text)
	return float64(q.evidence() / q.total)
}
