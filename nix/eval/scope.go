package eval

// scope is what the compile step knows of an environment: which variable is in
// which slot.
type scope struct {
	up    *scope
	names []Symbol // by slot
	index map[Symbol]uint32
	// with marks the scope of a with expression, at with.pos. Its one slot has the
	// set, its variables are unknown.
	with bool
	pos  Pos
}

// newScope returns a scope of variables in the order of their slots.
func newScope(up *scope, names []Symbol) *scope {
	const few = 8
	s := &scope{up: up, names: names}
	if len(names) > few {
		s.index = make(map[Symbol]uint32, len(names))
		for i, name := range names {
			s.index[name] = uint32(i)
		}
	}
	return s
}

// slot returns the slot of a variable of this scope.
func (s *scope) slot(name Symbol) (uint32, bool) {
	if s.index != nil {
		slot, ok := s.index[name]
		return slot, ok
	}
	for i, n := range s.names {
		if n == name {
			return uint32(i), true
		}
	}
	return 0, false
}
