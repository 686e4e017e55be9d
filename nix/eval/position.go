package eval

import (
	"sort"
	"sync"

	"luminousnix/nix/syntax"
)

// Pos is a place in one of the sources that an Evaluator has read: the offset in
// all of them laid end to end. noPos is none.
type Pos uint32

const noPos Pos = 0

// Position is a place in a source as people name it.
type Position struct {
	File         string // a path, or «string»; "" for no position
	Line, Column int    // from 1
}

// source is a parsed file or expression.
type source struct {
	base Pos // of its first byte
	file *syntax.File
	// path is where the file is, "" for an expression from elsewhere.
	path string
	// internal sources are those of the evaluator itself; traces leave them out.
	internal bool
}

// at makes a Pos of an offset in the source.
func (s *source) at(offset syntax.Pos) Pos { return s.base + Pos(offset) }

// positions knows all sources.
type positions struct {
	mu      sync.RWMutex
	sources []*source // by base
	next    Pos
}

// add gives a source its range of positions.
func (p *positions) add(file *syntax.File, path string) *source {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.next == 0 {
		p.next = 1
	}
	s := &source{base: p.next, file: file, path: path}
	p.sources = append(p.sources, s)
	p.next += Pos(len(file.Source)) + 1
	return s
}

// find returns the source of pos and the offset in it, or nil for noPos.
func (p *positions) find(pos Pos) (*source, syntax.Pos) {
	if pos == noPos {
		return nil, 0
	}
	p.mu.RLock()
	defer p.mu.RUnlock()
	i := sort.Search(len(p.sources), func(i int) bool { return p.sources[i].base > pos })
	if i == 0 {
		return nil, 0
	}
	s := p.sources[i-1]
	return s, syntax.Pos(pos - s.base)
}

// position returns what people call pos.
func (p *positions) position(pos Pos) Position {
	s, offset := p.find(pos)
	if s == nil {
		return Position{}
	}
	line, column := s.file.Position(offset)
	return Position{s.file.Name, line, column}
}
