package catalog

import "slices"

// The weights of evidence. They were chosen by reason first, then compared on
// the judged queries in testdata; most can be changed by a third without a
// visible difference.
const (
	evidenceWhole       = 1.00
	evidenceProgram     = 0.95
	evidenceConcept     = 0.95
	evidenceHead        = 0.80
	evidencePart        = 0.72
	evidenceLead        = 0.62
	evidenceSet         = 0.55
	evidenceDescription = 0.50
	evidenceBoth        = 0.10 // in name and description

	conceptDecay        = 0.25 // from the first name of a concept to the last
	synonymFactor       = 0.80
	prefixFactor        = 0.50
	prefixShare         = 0.35 // times the share of the term that was typed
	spellingFactor      = 0.80
	spellingFactor2     = 0.60
	spellingFirstLetter = 0.10 // few people miss the first letter
	lastResortFactor    = 0.40
	weakWord            = 0.20

	bonusAttribute = 1.00
	bonusWhole     = 0.50
	bonusAlias     = 0.90
	bonusPrefix    = 0.20
	bonusSpelling  = 0.25
	bonusCloseness = 0.15 // the query has all words of the description
	bonusStanding  = 0.50

	languageFactor = 0.70 // for members of sets that the query doesn't name
)

// A tally adds up the evidence for one document. Its second half belongs to the
// document as leader of its variants.
type tally struct {
	query   uint32 // the run that the rest belongs to
	current float32
	total   float32
	bonus   float32
	covered float32 // share of the query for which there is any evidence
	why     why
	words   uint8 // words of the query in the description
	fields  uint8 // of the current slot
	set     bool  // the query names the set

	variants uint16
	best     uint32
	score    float32
}

// A scratch is the memory of a search, reused by the next one.
type scratch struct {
	query    uint32
	tallies  []tally
	touched  []uint32 // documents with evidence
	opened   []uint32 // documents with evidence for the current slot
	leaders  []uint32
	concepts []foundConcept
}

func (s *scratch) start() {
	s.query++
	if s.query == 0 { // after 4 billion searches
		clear(s.tallies)
		s.query = 1
	}
	s.touched, s.opened, s.leaders, s.concepts = s.touched[:0], s.opened[:0], s.leaders[:0], s.concepts[:0]
}

// tally returns the document's tally, empty if this run has none yet.
func (s *scratch) tally(doc uint32) *tally {
	t := &s.tallies[doc]
	if t.query != s.query {
		*t = tally{query: s.query}
		s.touched = append(s.touched, doc)
	}
	return t
}

// mark notes evidence for the current slot, of which the best piece counts.
func (s *scratch) mark(doc uint32, evidence float32, w why, fields uint8) {
	t := s.tally(doc)
	if t.current == 0 {
		s.opened = append(s.opened, doc)
		t.fields = 0
	}
	t.fields |= fields
	if evidence > t.current {
		t.current = evidence
		t.why |= w
	}
}

// close ends a slot.
func (s *scratch) close(w *slot) {
	for _, doc := range s.opened {
		t := &s.tallies[doc]
		t.total += t.current * w.weight
		t.covered += w.weight
		if t.fields&fieldDescription != 0 {
			t.words++
		}
		if t.fields&fieldSet != 0 {
			t.set = true
		}
		t.current = 0
	}
	s.opened = s.opened[:0]
}

// reward notes evidence from the query as a whole.
func (s *scratch) reward(doc uint32, bonus float32, w why) {
	t := s.tally(doc)
	t.bonus = max(t.bonus, bonus)
	t.why |= w
	t.covered = 1
}

// score weighs up all evidence for a document.
func (s *search) score(doc uint32, t *tally) float32 {
	standing, words, flags := s.standing(doc)
	score := t.total * (0.4 + 0.6*t.covered)
	if place(flags&flagPlace) >= placeLanguage && !t.set {
		score *= languageFactor
	}
	if words > 0 {
		score += bonusCloseness * min(float32(t.words)/float32(words), 1) * t.covered
	}
	return score + t.bonus + bonusStanding*standing
}

// results folds variants and picks the hits that were asked for.
func (s *search) results(q Query) Results {
	var covered float32
	for _, doc := range s.touched {
		covered = max(covered, s.tallies[doc].covered)
	}
	for _, doc := range s.touched {
		if t := &s.tallies[doc]; t.covered >= covered/2 {
			s.fold(doc, s.score(doc, t))
		}
	}
	found := s.top(q.Offset + q.Limit)
	r := Results{Total: len(s.leaders)}
	for _, leader := range found[min(q.Offset, len(found)):] {
		l := &s.tallies[leader]
		r.Hits = append(r.Hits, Hit{
			Package:  s.pkg(l.best),
			Score:    float64(l.score),
			Why:      s.tallies[l.best].why.texts(),
			Variants: int(l.variants),
		})
	}
	return r
}

// fold counts a document as a variant of its leader. The leader needn't have
// evidence of its own.
func (s *search) fold(doc uint32, score float32) {
	leader := s.leader(doc)
	l := &s.tallies[leader]
	if l.query != s.query {
		*l = tally{query: s.query}
	}
	if l.score == 0 {
		s.leaders = append(s.leaders, leader)
		l.best, l.score = doc, score
		return
	}
	l.variants++
	if score > l.score || score == l.score && doc < l.best {
		l.best, l.score = doc, score
	}
}

// top returns the n best leaders, best first.
func (s *search) top(n int) []uint32 {
	better := func(x, y uint32) int {
		a, b := &s.tallies[x], &s.tallies[y]
		switch {
		case a.score > b.score:
			return -1
		case a.score < b.score:
			return 1
		}
		return int(int64(a.best) - int64(b.best))
	}
	if n < 0 || n > 200 {
		slices.SortFunc(s.leaders, better)
		return s.leaders[:min(max(n, 0), len(s.leaders))]
	}
	var best []uint32
	for _, leader := range s.leaders {
		if len(best) == n && better(leader, best[n-1]) > 0 {
			continue
		}
		at, _ := slices.BinarySearchFunc(best, leader, better)
		if len(best) == n {
			best = best[:n-1]
		}
		best = slices.Insert(best, at, leader)
	}
	return best
}
