package regex

import "strings"

// matcher is one use of a Regexp.
type matcher struct {
	*Regexp
	text string

	exact    bool // the match must reach the end of the text
	notEmpty bool
	previous bool // something precedes begin, so that ^ does not hold there

	begin   int   // of the present attempt
	current []int // two offsets for each group
	closed  []bool
	end     int // of the best match so far, or -1
	best    []int

	repeats []turn // of the counted repetitions
	depth   int
	tooDeep bool

	steps int
	known map[position]bool // what came of a position; nil until it pays
}

// turn says how often a repetition began at the same offset.
type turn struct{ at, count int }

// position is all that decides how a search goes on.
type position struct {
	state, at int
	turns     uint64
}

const (
	// Deeper recursion would need more stack than Go gives. The model fails, by a
	// crash, long before.
	maxRecursion = 1 << 20
	// Remembering costs more than a short search.
	stepsBeforeMemory = 4096
	// The turns of so many repetitions fit into a position.
	maxCounted = 32
)

func newMatcher(r *Regexp, text string) *matcher {
	m := &matcher{Regexp: r, text: text}
	m.current = make([]int, 2*r.groups)
	m.closed = make([]bool, r.groups)
	m.best = make([]int, 2*r.groups)
	if r.counted > 0 {
		m.repeats = make([]turn, r.counted)
	}
	return m
}

func (m *matcher) err() error {
	if m.tooDeep {
		return ErrTooLarge
	}
	return nil
}

// search finds the first match that begins at start or later.
func (m *matcher) search(start int) []int {
	m.forget()
	for begin := start; ; begin++ {
		if begin = m.skip(begin); begin < 0 {
			return nil
		}
		if begin > start {
			m.previous = true
		}
		found := m.attempt(begin)
		if m.tooDeep {
			return nil
		}
		if found {
			return m.result(begin)
		}
		if begin >= len(m.text) {
			return nil
		}
	}
}

// skip returns the first offset from begin on where a match can begin, or -1.
func (m *matcher) skip(begin int) int {
	if m.first == nil {
		return begin
	}
	if m.only >= 0 {
		i := strings.IndexByte(m.text[begin:], byte(m.only))
		if i < 0 {
			return -1
		}
		return begin + i
	}
	for ; begin < len(m.text); begin++ {
		if m.first.has(m.text[begin]) {
			return begin
		}
	}
	return -1
}

// continueAt finds a match that begins exactly at start and is not empty.
func (m *matcher) continueAt(start int) []int {
	m.forget()
	m.notEmpty = true
	found := m.attempt(start)
	m.notEmpty = false
	m.forget()
	if !found || m.tooDeep {
		return nil
	}
	return m.result(start)
}

func (m *matcher) forget() {
	m.steps = 0
	m.known = nil
}

// attempt looks for a match that begins at begin. What it remembers stays true
// for later attempts: where the pattern fails with ^ it fails without.
func (m *matcher) attempt(begin int) bool {
	m.begin = begin
	m.end = -1
	for i := range m.current {
		m.current[i] = -1
	}
	clear(m.closed)
	return m.run(m.start, begin)
}

func (m *matcher) result(begin int) []int {
	return append([]int{begin, m.end}, m.best...)
}

// run tries all ways on from a state and says whether any came to an end. The
// best end is in m.
func (m *matcher) run(state, at int) bool {
	if m.depth >= maxRecursion {
		m.tooDeep = true
	}
	if m.tooDeep {
		return true // leaves all loops
	}
	m.depth++
	found := m.follow(state, at)
	m.depth--
	return found
}

func (m *matcher) follow(state, at int) bool {
	for {
		i := &m.program[state]
		switch i.op {
		case opAccept:
			return m.accept(at)
		case opByte:
			if at == len(m.text) || !i.set.has(m.text[at]) {
				return false
			}
			at++
		case opBegin:
			if at != m.begin || m.previous {
				return false
			}
		case opEnd:
			if at != len(m.text) {
				return false
			}
		case opOpen:
			saved := m.current[2*i.index-2]
			m.current[2*i.index-2] = at
			found := m.run(i.next, at)
			m.current[2*i.index-2] = saved
			return found
		case opClose:
			saved, closed := m.current[2*i.index-1], m.closed[i.index-1]
			m.current[2*i.index-1], m.closed[i.index-1] = at, true
			found := m.run(i.next, at)
			m.current[2*i.index-1], m.closed[i.index-1] = saved, closed
			return found
		default:
			return m.branch(i, state, at)
		}
		state = i.next
	}
}

// accept keeps the present groups if no match before was as long.
func (m *matcher) accept(at int) bool {
	if m.exact && at != len(m.text) || m.notEmpty && at == m.begin {
		return false
	}
	if at > m.end {
		m.end = at
		for g, closed := range m.closed {
			if closed {
				copy(m.best[2*g:2*g+2], m.current[2*g:])
			} else {
				m.best[2*g], m.best[2*g+1] = -1, -1
			}
		}
	}
	return true
}

// branch is where there are several ways on, and where it pays to remember
// that none led to an end, or none to a better one.
func (m *matcher) branch(i *instruction, state, at int) bool {
	m.steps++
	if m.steps < stepsBeforeMemory || m.counted > maxCounted {
		return m.choose(i, at)
	}
	here := position{state, at, m.turns(at)}
	if found, ok := m.known[here]; ok {
		return found
	}
	found := m.choose(i, at)
	if m.known == nil {
		m.known = make(map[position]bool)
	}
	m.known[here] = found
	return found
}

func (m *matcher) choose(i *instruction, at int) bool {
	switch i.op {
	case opAlternate:
		left := m.run(i.other, at)
		return m.run(i.next, at) || left
	case opRun:
		end := at
		for end < len(m.text) && i.set.has(m.text[end]) {
			end++
		}
		for ; end >= at; end-- {
			if m.run(i.next, end) {
				return true
			}
		}
		return false
	}
	return m.again(i, at) || m.run(i.next, at)
}

// again begins another turn of a repetition.
func (m *matcher) again(i *instruction, at int) bool {
	if i.index < 0 {
		return m.run(i.other, at)
	}
	saved := m.repeats[i.index]
	count := 0
	if saved.at == at {
		count = saved.count
	}
	if count == 2 {
		return false
	}
	m.repeats[i.index] = turn{at, count + 1}
	found := m.run(i.other, at)
	m.repeats[i.index] = saved
	return found
}

// turns packs how often each repetition began at an offset.
func (m *matcher) turns(at int) uint64 {
	var packed uint64
	for _, t := range m.repeats {
		packed <<= 2
		if t.at == at {
			packed |= uint64(t.count)
		}
	}
	return packed
}
