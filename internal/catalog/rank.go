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
	evidencePath        = 0.68
	evidenceLead        = 0.62
	evidenceSet         = 0.55
	evidenceDescription = 0.50
	evidenceBoth        = 0.10 // in name and description

	conceptDecay        = 0.25 // from the first name of a concept to the last
	aliasFactor         = 0.90
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
	bonusLeaf      = 0.40
	bonusPrefix    = 0.20
	bonusSpelling  = 0.25
	bonusCloseness = 0.15 // the query has all words of the description
	bonusStanding  = 0.50

	languageFactor = 0.70 // for members of sets that the query doesn't name
	proseFactor    = 0.60 // for options that only have it in their descriptions
)

// A tally adds up the evidence for one document. Its second half belongs to the
// document as leader of its variants.
type tally struct {
	doc     uint32
	current float32
	total   float32
	bonus   float32
	covered float32 // share of the query for which there is any evidence
	why     why
	words   uint8 // words of the query in the description
	fields  uint8 // of the current slot
	all     uint8 // fields of all slots
	set     bool  // the query names the set
	own     bool  // of an option: there is evidence besides its path

	folded   bool // the half below is in use
	variants uint16
	best     uint32
	score    float32
}

// A scratch is the memory of a search, reused by the next one.
type scratch struct {
	tallies  []tally
	places   []tallyPlace // a hash table: where the tallies of documents are
	opened   []uint32     // tallies with evidence for the current slot
	leaders  []uint32     // tallies
	concepts []foundConcept
}

// A tallyPlace says where the tally of a document may be; its key is one more than the
// document. It holds if the tally there is that document's: so starting a search
// needn't clear the table, and a process that searches once touches little memory.
type tallyPlace struct{ key, at uint32 }

// firstPlaces is the size of a new table, a power of two.
const firstPlaces = 1 << 12

func newScratch() *scratch { return &scratch{places: make([]tallyPlace, firstPlaces)} }

func (s *scratch) start() {
	s.tallies, s.opened, s.leaders, s.concepts = s.tallies[:0], s.opened[:0], s.leaders[:0], s.concepts[:0]
}

// find returns the index of the document's place in the table, or of the free one
// where it belongs.
func (s *scratch) find(doc uint32) (index uint32, found bool) {
	mask := uint32(len(s.places) - 1)
	for i := doc * 2654435769 >> 7 & mask; ; i = (i + 1) & mask {
		p := s.places[i]
		if p.key == 0 || int(p.at) >= len(s.tallies) || s.tallies[p.at].doc+1 != p.key {
			return i, false
		}
		if p.key == doc+1 {
			return i, true
		}
	}
}

// place returns the number of the document's tally, which is empty if this run has
// had none yet.
func (s *scratch) place(doc uint32) uint32 {
	i, found := s.find(doc)
	if found {
		return s.places[i].at
	}
	at := uint32(len(s.tallies))
	s.tallies = append(s.tallies, tally{doc: doc})
	s.places[i] = tallyPlace{doc + 1, at}
	if 2*len(s.tallies) > len(s.places) {
		s.grow()
	}
	return at
}

func (s *scratch) grow() {
	s.places = make([]tallyPlace, 4*len(s.places))
	all := s.tallies
	for at := range all {
		s.tallies = all[:at]
		i, _ := s.find(all[at].doc)
		s.places[i] = tallyPlace{all[at].doc + 1, uint32(at)}
	}
	s.tallies = all
}

// has reports whether this run has a tally for the document.
func (s *scratch) has(doc uint32) bool {
	_, found := s.find(doc)
	return found
}

func (s *scratch) tally(doc uint32) *tally { return &s.tallies[s.place(doc)] }

// mark notes evidence for the current slot, of which the best piece counts.
func (s *scratch) mark(doc uint32, evidence float32, w why, fields uint8) {
	i := s.place(doc)
	t := &s.tallies[i]
	if t.current == 0 {
		s.opened = append(s.opened, i)
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
	for _, i := range s.opened {
		t := &s.tallies[i]
		t.total += t.current * w.weight
		t.covered += w.weight
		if t.fields&fieldDescription != 0 {
			t.words++
		}
		t.all |= t.fields
		t.set = t.set || t.fields&fieldSet != 0
		t.own = t.own || t.fields&fieldPath == 0
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
	t.own = true
}

// score weighs up all evidence for a document.
func (s *search) score(t *tally, v uint32) float32 {
	standing, words, flags := unpackStanding(v)
	score := t.total * (0.4 + 0.6*t.covered)
	if place(flags&flagPlace) >= placeLanguage && !t.set {
		score *= languageFactor
	}
	if flags&flagOption != 0 && t.all != 0 && t.all&^(fieldDescription|fieldLead) == 0 {
		score *= proseFactor
	}
	if words > 0 && flags&flagOption == 0 {
		score += bonusCloseness * min(float32(t.words)/float32(words), 1) * t.covered
	}
	return score + t.bonus + bonusStanding*standing
}

// results folds variants and picks the hits that were asked for.
func (s *search) results(q Query) Results {
	var covered float32
	found := len(s.tallies) // folding appends the tallies of leaders
	for i := range s.tallies {
		covered = max(covered, s.tallies[i].covered)
	}
	for i := range found {
		if t := &s.tallies[i]; t.covered >= covered/2 {
			v := s.u32(sectionStandings, t.doc)
			if _, _, flags := unpackStanding(v); s.only.has(flags) {
				s.fold(i, v, s.leader(t.doc), q.Unfolded)
			}
		}
	}
	r := Results{Total: len(s.leaders)}
	best := s.top(q.Offset + q.Limit + s.spare(q))
	docs := make([]uint32, len(best))
	for i, place := range best {
		docs[i] = s.tallies[place].best
	}
	s.expectRecords(docs)
	s.suit(q, best)
	for _, i := range best[min(q.Offset, len(best)):min(q.Offset+q.Limit, len(best))] {
		l := &s.tallies[i]
		r.Hits = append(r.Hits, Hit{
			Entry:    s.entry(l.best),
			Score:    float64(l.score),
			Why:      s.tally(l.best).why.texts(),
			Variants: int(l.variants),
		})
	}
	return r
}

// fold counts a document as a variant of its leader, which needn't have evidence of
// its own. An option is folded into its module as long as the query has nothing that
// is particular to the option. v is the document's standing.
func (s *search) fold(i int, v, leader uint32, unfolded bool) {
	score, doc := s.score(&s.tallies[i], v), s.tallies[i].doc
	_, _, flags := unpackStanding(v)
	own := flags&flagOption != 0 && s.tallies[i].own
	if unfolded || own && !s.sameForHome(leader, flags) {
		leader = doc
	}
	place := s.place(leader)
	l := &s.tallies[place]
	if !l.folded {
		l.folded = true
		l.best, l.score = doc, score
		s.leaders = append(s.leaders, place)
		return
	}
	l.variants++
	if score > l.score || score == l.score && doc < l.best {
		l.best, l.score = doc, score
	}
}

// sameForHome reports whether the leader of an option of home-manager is the option
// of NixOS with the same path.
func (s *search) sameForHome(leader uint32, flags uint8) bool {
	_, _, of := s.standing(leader)
	return flags&flagHome != 0 && of&flagHome == 0
}

// better compares tallies as leaders.
func (s *scratch) better(x, y uint32) int {
	a, b := &s.tallies[x], &s.tallies[y]
	switch {
	case a.score > b.score:
		return -1
	case a.score < b.score:
		return 1
	}
	return int(int64(a.best) - int64(b.best))
}

// top returns the n best leaders, best first.
func (s *scratch) top(n int) []uint32 {
	if n < 0 || n > 200 {
		slices.SortFunc(s.leaders, s.better)
		return s.leaders[:min(max(n, 0), len(s.leaders))]
	}
	var best []uint32
	for _, leader := range s.leaders {
		if len(best) == n && s.better(leader, best[n-1]) > 0 {
			continue
		}
		at, _ := slices.BinarySearchFunc(best, leader, s.better)
		if len(best) == n {
			best = best[:n-1]
		}
		best = slices.Insert(best, at, leader)
	}
	return best
}
