package syntax

// Arena is memory for trees that is used again and again: a tree is valid until
// the next one is parsed with the same arena. The zero value is ready.
type Arena struct {
	nodes nodes
	stack scratch
}

// reset gives back what the last tree has.
func (a *Arena) reset() {
	a.nodes.reset()
	a.stack.reset()
}

// nodes are where nodes are allocated.
type nodes struct {
	idents   slab[Ident]
	strings  slab[String]
	selects  slab[Select]
	applies  slab[Apply]
	sets     slab[AttrSet]
	lists    slab[List]
	lambdas  slab[Lambda]
	binaries slab[Binary]

	parts    slab[Part]
	names    slab[AttrName]
	bindings slab[Binding]
	exprs    slab[Expr]
	formals  slab[Formal]

	defined slab[Attrs]
	attrs   slab[Attr]
}

// scratch are stacks for lists whose end is not reached yet.
type scratch struct {
	parts    []Part
	pieces   []indentedPiece
	names    []AttrName
	bindings []Binding
	exprs    []Expr
	formals  []Formal
}

func (n *nodes) reset() {
	n.idents.reset()
	n.strings.reset()
	n.selects.reset()
	n.applies.reset()
	n.sets.reset()
	n.lists.reset()
	n.lambdas.reset()
	n.binaries.reset()
	n.parts.reset()
	n.names.reset()
	n.bindings.reset()
	n.exprs.reset()
	n.formals.reset()
	n.defined.reset()
	n.attrs.reset()
}

// reset empties the stacks; those that are new are large enough for most files.
func (s *scratch) reset() {
	s.parts = emptied(s.parts, 16)
	s.pieces = emptied(s.pieces, 16)
	s.names = emptied(s.names, 16)
	s.bindings = emptied(s.bindings, 32)
	s.exprs = emptied(s.exprs, 32)
	s.formals = emptied(s.formals, 16)
}

func emptied[T any](stack []T, size int) []T {
	if stack == nil {
		return make([]T, 0, size)
	}
	return stack[:0]
}
