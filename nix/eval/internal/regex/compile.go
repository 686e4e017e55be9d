package regex

import "math/bits"

// instruction is one step of a compiled pattern. Most go on at next.
type instruction struct {
	op    operation
	next  int
	other int // opAlternate: the left side; opRepeat: the body
	set   *byteSet
	index int // of a group, or of a counted repetition: -1 for the others
}

type operation uint8

const (
	opAccept    operation = iota
	opByte                // one byte of set
	opRun                 // as many bytes of set as there are, then fewer
	opBegin               // the beginning of the text
	opEnd                 // the end of the text
	opOpen                // a group begins
	opClose               // a group ends
	opAlternate           // other and next
	opRepeat              // other, which comes back here, or next
)

type compiler struct {
	program []instruction
	counted int
}

func compile(tree node, groups int) *Regexp {
	var c compiler
	accept := c.emit(instruction{op: opAccept})
	start := c.node(tree, accept)
	r := &Regexp{groups: groups, program: c.program, start: start, counted: c.counted, only: -1}
	if !tree.empty() {
		r.first = new(byteSet)
		addFirst(tree, r.first)
		r.only = r.first.single()
	}
	return r
}

func (c *compiler) emit(i instruction) int {
	c.program = append(c.program, i)
	return len(c.program) - 1
}

// node compiles n, after which the program goes on at next.
func (c *compiler) node(n node, next int) (start int) {
	switch n := n.(type) {
	case *bytesNode:
		return c.emit(instruction{op: opByte, next: next, set: n.set})
	case *anchorNode:
		if n.end {
			return c.emit(instruction{op: opEnd, next: next})
		}
		return c.emit(instruction{op: opBegin, next: next})
	case *groupNode:
		end := c.emit(instruction{op: opClose, next: next, index: n.index})
		body := c.node(n.body, end)
		return c.emit(instruction{op: opOpen, next: body, index: n.index})
	case *sequenceNode:
		for i := len(n.list) - 1; i >= 0; i-- {
			next = c.node(n.list[i], next)
		}
		return next
	case *alternateNode:
		left := c.node(n.left, next)
		right := c.node(n.right, next)
		return c.emit(instruction{op: opAlternate, next: right, other: left})
	case *repeatNode:
		return c.repeat(n, next)
	}
	panic("regex: a node of no known type")
}

func (c *compiler) repeat(n *repeatNode, next int) int {
	if n.max < 0 {
		if n.min == 1 && !n.interval {
			return c.plus(n.body, next)
		}
		next = c.star(n.body, next)
	} else {
		after := next
		for range n.max - n.min {
			once := c.node(n.body, next)
			next = c.emit(instruction{op: opRepeat, next: after, other: once, index: c.count(n.body)})
		}
	}
	for range n.min {
		next = c.node(n.body, next)
	}
	return next
}

// star compiles any number of turns. It returns where one decides about the next.
func (c *compiler) star(body node, next int) int {
	if n, ok := body.(*bytesNode); ok {
		return c.emit(instruction{op: opRun, next: next, set: n.set})
	}
	loop := c.emit(instruction{op: opRepeat, next: next, index: c.count(body)})
	c.program[loop].other = c.node(body, loop)
	return loop
}

// plus compiles one turn or more: the first one is taken without asking.
func (c *compiler) plus(body node, next int) int {
	loop := c.star(body, next)
	if c.program[loop].op == opRepeat {
		return c.program[loop].other
	}
	return c.node(body, loop)
}

// count numbers the repetitions that may go round without moving.
func (c *compiler) count(body node) int {
	if !body.empty() {
		return -1
	}
	c.counted++
	return c.counted - 1
}

// addFirst adds the bytes that a match of n can begin with.
func addFirst(n node, set *byteSet) {
	switch n := n.(type) {
	case *bytesNode:
		set.union(n.set)
	case *groupNode:
		addFirst(n.body, set)
	case *sequenceNode:
		for _, part := range n.list {
			addFirst(part, set)
			if !part.empty() {
				return
			}
		}
	case *alternateNode:
		addFirst(n.left, set)
		addFirst(n.right, set)
	case *repeatNode:
		if n.max != 0 {
			addFirst(n.body, set)
		}
	}
}

// single returns the only byte of the set, or -1.
func (s *byteSet) single() int {
	only := -1
	for i, word := range s {
		switch {
		case word == 0:
		case only >= 0 || bits.OnesCount64(word) > 1:
			return -1
		default:
			only = i*64 + bits.TrailingZeros64(word)
		}
	}
	return only
}
