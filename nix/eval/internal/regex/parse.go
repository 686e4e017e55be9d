package regex

import (
	"math"
	"strconv"
)

// node is a part of a pattern.
type node interface {
	// size is the number of states that the C++ library copies when the node is
	// repeated by an interval.
	size() int
	empty() bool // whether it can match nothing
}

type (
	bytesNode  struct{ set *byteSet }
	anchorNode struct{ end bool } // ^ or $
	groupNode  struct {
		index int
		body  node
	}
	sequenceNode  struct{ list []node }
	alternateNode struct{ left, right node }
	repeatNode    struct {
		body     node
		min, max int // max is -1 for no limit
		interval bool
	}
)

func (n *bytesNode) size() int     { return 1 }
func (n *anchorNode) size() int    { return 1 }
func (n *groupNode) size() int     { return add(n.body.size(), 2) }
func (n *alternateNode) size() int { return add(add(n.left.size(), n.right.size()), 2) }

func (n *sequenceNode) size() int {
	total := 1
	for _, part := range n.list {
		total = add(total, part.size())
	}
	return total
}

func (n *repeatNode) size() int {
	body := n.body.size()
	switch {
	case n.interval && n.max < 0:
		return add(2, times(n.min+1, body))
	case n.interval:
		return add(2+n.max-n.min, times(n.max, body))
	case n.max == 1:
		return add(2, body)
	}
	return add(1, body)
}

func (n *bytesNode) empty() bool     { return false }
func (n *anchorNode) empty() bool    { return true }
func (n *groupNode) empty() bool     { return n.body.empty() }
func (n *alternateNode) empty() bool { return n.left.empty() || n.right.empty() }
func (n *repeatNode) empty() bool    { return n.min == 0 || n.body.empty() }

func (n *sequenceNode) empty() bool {
	for _, part := range n.list {
		if !part.empty() {
			return false
		}
	}
	return true
}

// maxStates is the limit of the C++ library.
const maxStates = 100_000

// add and times stay below what overflows; anything above maxStates is too much.
func add(a, b int) int { return min(a+b, math.MaxInt32) }

func times(a, b int) int {
	if a > maxStates || b > maxStates {
		if a == 0 || b == 0 {
			return 0
		}
		return math.MaxInt32
	}
	return min(a*b, math.MaxInt32)
}

type parser struct {
	text   string
	at     int
	groups int
	depth  int
	states int // that the C++ library would have made by now
}

// maxDepth bounds the nesting of groups, on which parsing recurses.
const maxDepth = 10_000

func (p *parser) parse() (node, error) {
	p.states = 3
	tree, err := p.alternation()
	if err != nil {
		return nil, err
	}
	if p.at != len(p.text) {
		return nil, ErrSyntax // a closing parenthesis, or a repetition of nothing
	}
	return tree, nil
}

func (p *parser) more() bool { return p.at < len(p.text) }

// take skips the byte c if it is next.
func (p *parser) take(c byte) bool {
	if p.more() && p.text[p.at] == c {
		p.at++
		return true
	}
	return false
}

// made counts states and fails when there are too many.
func (p *parser) made(states int) error {
	p.states = add(p.states, states)
	if p.states > maxStates {
		return ErrTooLarge
	}
	return nil
}

func (p *parser) alternation() (node, error) {
	left, err := p.sequence()
	if err != nil {
		return nil, err
	}
	for p.take('|') {
		right, err := p.sequence()
		if err != nil {
			return nil, err
		}
		if err := p.made(2); err != nil {
			return nil, err
		}
		left = &alternateNode{left, right}
	}
	return left, nil
}

func (p *parser) sequence() (node, error) {
	var list []node
	for p.more() {
		part, err := p.term()
		if err != nil {
			return nil, err
		}
		if part == nil {
			break
		}
		list = append(list, part)
	}
	if err := p.made(1); err != nil {
		return nil, err
	}
	return &sequenceNode{list}, nil
}

// term parses one atom with its repetitions, or returns nil where none begins.
func (p *parser) term() (node, error) {
	c := p.text[p.at]
	switch c {
	case ')', '|', '*', '+', '?', '{':
		return nil, nil
	case '^', '$':
		p.at++
		return &anchorNode{end: c == '$'}, p.made(1)
	}
	atom, err := p.atom()
	for err == nil && p.more() {
		var repeated node
		if repeated, err = p.repetition(atom); repeated == nil {
			break
		}
		atom = repeated
	}
	return atom, err
}

func (p *parser) atom() (node, error) {
	c := p.text[p.at]
	p.at++
	switch c {
	case '(':
		return p.group()
	case '[':
		set, err := p.bracket()
		if err != nil {
			return nil, err
		}
		return &bytesNode{set}, p.made(1)
	case '.':
		set := new(byteSet)
		set.add(0)
		set.invert()
		return &bytesNode{set}, p.made(1)
	case '\\':
		// Only what would be special may be escaped.
		if !p.more() || !isSpecial(p.text[p.at]) {
			return nil, ErrSyntax
		}
		c = p.text[p.at]
		p.at++
	case 0:
		return nil, ErrSyntax
	}
	set := new(byteSet)
	set.add(c)
	return &bytesNode{set}, p.made(1)
}

func isSpecial(c byte) bool {
	switch c {
	case '.', '[', '\\', '(', ')', '*', '+', '?', '{', '|', '^', '$':
		return true
	}
	return false
}

func (p *parser) group() (node, error) {
	if p.depth++; p.depth > maxDepth {
		return nil, ErrTooLarge
	}
	defer func() { p.depth-- }()
	p.groups++
	group := &groupNode{index: p.groups}
	if err := p.made(2); err != nil {
		return nil, err
	}
	var err error
	if group.body, err = p.alternation(); err != nil {
		return nil, err
	}
	if !p.take(')') {
		return nil, ErrSyntax
	}
	return group, nil
}

// repetition parses one of * + ? {…} after body, or returns nil.
func (p *parser) repetition(body node) (node, error) {
	switch {
	case p.take('*'):
		return &repeatNode{body: body, max: -1}, p.made(1)
	case p.take('+'):
		return &repeatNode{body: body, min: 1, max: -1}, p.made(1)
	case p.take('?'):
		return &repeatNode{body: body, max: 1}, p.made(2)
	case p.take('{'):
		return p.interval(body)
	}
	return nil, nil
}

func (p *parser) interval(body node) (node, error) {
	least, most := p.number(), -1
	if p.take(',') {
		if p.more() && isDigit(p.text[p.at]) {
			most = p.number()
			if most < least {
				return nil, ErrSyntax
			}
		}
	} else {
		most = least
	}
	if least < 0 || !p.take('}') {
		return nil, ErrSyntax
	}
	n := &repeatNode{body: body, min: least, max: most, interval: true}
	return n, p.made(n.size())
}

// number parses a number that fits into 32 bits, or returns -1.
func (p *parser) number() int {
	start := p.at
	for p.more() && isDigit(p.text[p.at]) {
		p.at++
	}
	n, err := strconv.ParseInt(p.text[start:p.at], 10, 32)
	if err != nil {
		return -1
	}
	return int(n)
}
