package intent

import "luminousnix/internal/operation"

// capture is what a slot took, linked to the captures before it.
type capture struct {
	slot       slot
	start, end int
	previous   *capture
}

// cell is the best way to reach a state of the matcher.
type cell struct {
	reached  bool
	got      float32 // weight explained
	mask     uint64  // tokens explained
	free     uint64  // of these, by slots that take any words
	captures *capture
}

// match is a pattern found in a sentence.
type match struct {
	pattern    *pattern
	confidence float32 // 0 to 1
	captures   *capture
	mask       uint64 // tokens explained
	free       uint64
	doubt      bool // words that turn a request into a question are unexplained
	loose      bool // other words of the kind of "with" are unexplained
	unclear    bool // words with a meaning are unexplained
}

// matcher aligns patterns with one sentence.
type matcher struct {
	*sentence
	total float32
	cells []cell
}

func newMatcher(s *sentence) *matcher {
	m := &matcher{sentence: s, cells: make([]cell, 0, 16*(len(s.tokens)+1))}
	for i := range s.tokens {
		m.total += s.tokens[i].weight
	}
	return m
}

// possible tells quickly that a pattern cannot match.
func (m *matcher) possible(p *pattern) bool {
	for i := range p.atoms {
		a := &p.atoms[i]
		if a.optional {
			continue
		}
		found := false
		for _, alt := range a.alts {
			first := alt[0]
			if first.slot != 0 || first.word != 0 && m.has(first.word) || first.class != 0 && len(m.class(first.class, p.changing)) > 0 {
				found = true
				break
			}
		}
		if !found {
			return false
		}
	}
	return true
}

// match aligns a pattern with the sentence: atoms in order, words between them
// skipped at the cost of their weight.
func (m *matcher) match(p *pattern) (match, bool) {
	if !m.possible(p) {
		return match{}, false
	}
	n := len(m.tokens)
	width := n + 1
	size := (len(p.atoms) + 1) * width
	if cap(m.cells) < size {
		m.cells = make([]cell, size)
	}
	m.cells = m.cells[:size]
	clear(m.cells)
	m.cells[0].reached = true
	for a := range p.atoms {
		row, next := m.cells[a*width:(a+1)*width], m.cells[(a+1)*width:(a+2)*width]
		reached := false
		for at := range n + 1 {
			if at > 0 {
				row[at].improve(row[at-1]) // skip a token
			}
			if !row[at].reached {
				continue
			}
			reached = true
			if p.atoms[a].optional {
				next[at].improve(row[at])
			}
			for _, alt := range p.atoms[a].alts {
				m.follow(alt, at, row[at], p.changing, next)
			}
		}
		if !reached {
			return match{}, false
		}
	}
	best := cell{}
	for _, c := range m.cells[len(p.atoms)*width:] {
		best.improve(c)
	}
	if !best.reached || best.mask == 0 {
		return match{}, false
	}
	found := match{pattern: p, captures: best.captures, mask: best.mask, free: best.free}
	found.confidence = p.weight * best.got / m.total
	m.judge(&found)
	return found, true
}

func (c *cell) improve(other cell) {
	if other.reached && (!c.reached || other.got > c.got) {
		*c = other
	}
}

// follow matches the items of an alternative from token at on, and improves the
// cells behind it.
func (m *matcher) follow(items []item, at int, c cell, strict bool, next []cell) {
	if len(items) == 0 {
		next[at].improve(c)
		return
	}
	n := len(m.tokens)
	switch it := items[0]; {
	case it.word != 0:
		if !m.has(it.word) {
			return
		}
		for i := at; i < n; i++ {
			if factor, ok := m.is(i, it.word, strict); ok {
				m.follow(items[1:], i+1, c.take(i, i+1, factor*m.tokens[i].weight), strict, next)
			}
			if m.tokens[i].kind != filler {
				return
			}
		}
	case it.class != 0:
		for _, sp := range m.class(it.class, strict) {
			if sp.start >= at && m.fillers(at, sp.start) {
				m.follow(items[1:], sp.end, c.take(sp.start, sp.end, sp.got), strict, next)
			}
		}
	default:
		m.fill(items, at, c, strict, next)
	}
}

// fill tries every length of a slot.
func (m *matcher) fill(items []item, at int, c cell, strict bool, next []cell) {
	sl := items[0].slot
	weight := float32(0)
	for end := at + 1; end <= min(len(m.tokens), at+sl.limit()); end++ {
		weight += m.tokens[end-1].weight
		factor, ok := m.fits(sl, at, end, strict)
		if !ok {
			continue
		}
		taken := c.take(at, end, factor*weight)
		if sl == slotAny || sl == slotReason || sl == slotPurpose {
			taken.free |= taken.mask &^ c.mask
		} else {
			taken.captures = &capture{sl, at, end, c.captures}
		}
		m.follow(items[1:], end, taken, strict, next)
	}
}

func (c cell) take(start, end int, got float32) cell {
	c.reached = true
	c.got += got
	for i := start; i < end; i++ {
		c.mask |= 1 << i
	}
	return c
}

func (m *matcher) fillers(start, end int) bool {
	for i := start; i < end; i++ {
		if m.tokens[i].kind != filler {
			return false
		}
	}
	return true
}

// judge looks at the tokens that a match leaves unexplained.
func (m *matcher) judge(f *match) {
	for i := range m.tokens {
		t := &m.tokens[i]
		switch {
		case f.mask&(1<<i) != 0 || t.kind == filler:
		case m.flags(t)&isDoubt != 0:
			f.doubt = true
		case t.kind == function:
			f.loose = true
		default:
			f.unclear = true
		}
	}
}

// all matches the patterns of an operation, or of every operation for "", best
// first; of each operation only its best.
func (m *matcher) all(name operation.Name) []match {
	var found []match
	for i := range m.grammar.patterns {
		p := &m.grammar.patterns[i]
		if name != "" && p.operation != name {
			continue
		}
		if f, ok := m.match(p); ok && f.confidence >= 0.3 {
			found = keep(found, f)
		}
	}
	return found
}

// keep inserts a match in its place and drops a worse one of the same operation.
func keep(found []match, f match) []match {
	for i := range found {
		if found[i].pattern.operation != f.pattern.operation {
			continue
		}
		if !f.better(&found[i]) {
			return found
		}
		found = append(found[:i], found[i+1:]...)
		break
	}
	at := len(found)
	for at > 0 && f.better(&found[at-1]) {
		at--
	}
	found = append(found, match{})
	copy(found[at+1:], found[at:])
	found[at] = f
	return found
}

// better prefers clear requests, then confidence.
func (f *match) better(other *match) bool {
	if f.refusedRequest() != other.refusedRequest() {
		return other.refusedRequest()
	}
	return f.confidence > other.confidence
}

// refusedRequest is a changing operation that the sentence does not clearly ask
// for.
func (f *match) refusedRequest() bool {
	return f.pattern.changing && f.leavesWords()
}

// leavesWords reports unexplained words.
func (f *match) leavesWords() bool { return f.doubt || f.loose || f.unclear }
