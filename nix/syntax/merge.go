package syntax

// Attrs is what the bindings of a set or let define, after merging: { a.b = 1;
// a.c = 2; } has one attribute a, with a set of its own.
type Attrs struct {
	// Pos is where the set begins that was written first; -1 if none was, but
	// only attribute paths led into it.
	Pos Pos
	// Rec tells of a recursive set: that of the literal set written first. As in
	// Nix, a later rec that is merged into it has no effect, and an earlier one
	// has it on all that is merged.
	Rec bool
	// List are the attributes in the order in which they were first defined, no
	// two of one name.
	List []Attr
	// Dynamic are the attributes whose name is an expression.
	Dynamic []DynamicAttr
	// From are the expressions of inherit (from), each to be evaluated once.
	From []Expr

	index map[string]int // of List by name, once it is long
	flat  bool           // needed no merging, and is not fit to merge into
}

// Attr is an attribute with a fixed name. Exactly one of Value, Set, Inherited and
// From ≥ 0 gives its value.
type Attr struct {
	Name string
	// Pos is where it is defined: the beginning of its attribute path, or the
	// name in an inherit.
	Pos   Pos
	Value Expr
	// Set is the value if attribute paths or merging made it; a literal set that
	// nothing was merged into is a Value.
	Set *Attrs
	// Inherited tells that it is the variable of that name outside of the set.
	Inherited bool
	// From is the index in Attrs.From of the set to select the name from, or -1.
	From int
}

// DynamicAttr is an attribute whose name is an expression.
type DynamicAttr struct {
	Name  Expr
	Pos   Pos // of its attribute path
	Value Expr
	Set   *Attrs // instead of Value, if the attribute path goes on after the name
}

// Attrs is what the set's bindings define. The result may be shared: it must not be
// changed. A set that was merged into another, which has its attributes then, has
// none of its own to be relied on.
func (s *AttrSet) Attrs() *Attrs { return s.attrs }

// Attrs is what the let's bindings define. The result may be shared: it must not be
// changed.
func (l *Let) Attrs() *Attrs { return l.attrs }

// flatten is what bindings define that need no merging: names are how many.
func (p *parser) flatten(pos Pos, rec bool, bindings []Binding, names int) *Attrs {
	a := p.nodes.defined.add(Attrs{Pos: pos, Rec: rec, List: p.nodes.attrs.room(names), flat: true})
	for i := range bindings {
		b := &bindings[i]
		switch {
		case b.Inherit:
			a.List = a.inherited(a.List, b)
		case b.Path[0].Expr != nil:
			a.Dynamic = append(a.Dynamic, DynamicAttr{Name: b.Path[0].Expr, Pos: b.Start, Value: b.Value})
		default:
			a.List = append(a.List, Attr{Name: b.Path[0].Name, Pos: b.Start, Value: b.Value, From: -1})
		}
	}
	return a
}

// inherited appends the attributes of an inherit, whose from is added to the set's.
func (a *Attrs) inherited(attrs []Attr, b *Binding) []Attr {
	from := -1
	if b.From != nil {
		from = len(a.From)
		a.From = append(a.From, b.From)
	}
	for _, name := range b.Names {
		attrs = append(attrs, Attr{Name: name.Name, Pos: name.Start, Inherited: from < 0, From: from})
	}
	return attrs
}

// long is the number of attributes from which on a map finds one sooner than a
// look at each.
const long = 16

// find is the index of the attribute in the list, or -1.
func (a *Attrs) find(name string) int {
	if a.index != nil {
		if i, ok := a.index[name]; ok {
			return i
		}
		return -1
	}
	for i := range a.List {
		if a.List[i].Name == name {
			return i
		}
	}
	return -1
}

// append adds an attribute whose name is new.
func (a *Attrs) append(attr Attr) {
	a.List = append(a.List, attr)
	switch n := len(a.List); {
	case n == long:
		a.index = make(map[string]int, 2*n)
		for i := range a.List {
			a.index[a.List[i].Name] = i
		}
	case n > long:
		a.index[attr.Name] = n - 1
	}
}

// merge is what bindings define, after merging.
func merge(f *File, pos Pos, rec bool, bindings []Binding) (*Attrs, *Error) {
	a := &Attrs{Pos: pos, Rec: rec, List: make([]Attr, 0, len(bindings))}
	for i := range bindings {
		b := &bindings[i]
		if !b.Inherit {
			if err := a.addPath(f, b); err != nil {
				return nil, err
			}
			continue
		}
		for _, attr := range a.inherited(nil, b) {
			if j := a.find(attr.Name); j >= 0 {
				return nil, duplicateError(f, []AttrName{{Name: attr.Name}}, attr.Pos, a.List[j].Pos)
			}
			a.append(attr)
		}
	}
	return a, nil
}

// addPath adds the value of a binding at its path.
func (a *Attrs) addPath(f *File, b *Binding) *Error {
	last := len(b.Path) - 1
	for i, name := range b.Path[:last] {
		if name.Expr != nil {
			nested := &Attrs{Pos: -1}
			a.Dynamic = append(a.Dynamic, DynamicAttr{Name: name.Expr, Pos: b.Start, Set: nested})
			a = nested
			continue
		}
		j := a.find(name.Name)
		if j < 0 {
			j = len(a.List)
			a.append(Attr{Name: name.Name, Pos: b.Start, Set: &Attrs{Pos: -1}, From: -1})
		}
		nested, err := a.List[j].open(f)
		if err != nil {
			return err
		}
		if nested == nil {
			return duplicateError(f, b.Path[:i+1], b.Start, a.List[j].Pos)
		}
		a = nested
	}
	if name := b.Path[last]; name.Expr != nil {
		a.Dynamic = append(a.Dynamic, DynamicAttr{Name: name.Expr, Pos: b.Start, Value: b.Value})
		return nil
	}
	return a.define(f, b.Path, Attr{Name: b.Path[last].Name, Pos: b.Start, Value: b.Value, From: -1})
}

// open is the set that is the attribute's value, made fit to merge into; nil if it
// is no set.
func (a *Attr) open(f *File) (*Attrs, *Error) {
	if a.Set != nil || a.Value == nil {
		return a.Set, nil
	}
	e := a.Value
	for {
		paren, ok := e.(*Paren)
		if !ok {
			break
		}
		e = paren.Expr
	}
	s, ok := e.(*AttrSet)
	if !ok || s.Body {
		return nil, nil
	}
	set := s.attrs // merged already, and nobody else's any more
	if set.flat {
		var err *Error
		if set, err = merge(f, s.Start, s.Rec, s.Bindings); err != nil {
			return nil, err
		}
	}
	a.Value, a.Set = nil, set
	return set, nil
}

// define adds an attribute, or merges it with that of the same name if both are
// sets. The path is for errors.
func (a *Attrs) define(f *File, path []AttrName, attr Attr) *Error {
	j := a.find(attr.Name)
	if j < 0 {
		a.append(attr)
		return nil
	}
	added, err := attr.open(f)
	if err != nil {
		return err
	}
	if added != nil {
		set, err := a.List[j].open(f)
		if err != nil {
			return err
		}
		if set != nil {
			return set.addAll(f, path, added)
		}
	}
	return duplicateError(f, path, attr.Pos, a.List[j].Pos)
}

// addAll merges another set into this one, which is at the path.
func (a *Attrs) addAll(f *File, path []AttrName, added *Attrs) *Error {
	shift := len(a.From)
	for _, attr := range added.List {
		if attr.From >= 0 {
			attr.From += shift
		}
		at := append(path[:len(path):len(path)], AttrName{Name: attr.Name})
		if err := a.define(f, at, attr); err != nil {
			return err
		}
	}
	a.Dynamic = append(a.Dynamic, added.Dynamic...)
	a.From = append(a.From, added.From...)
	return nil
}

// duplicateError is the error of an attribute that is defined twice.
func duplicateError(f *File, path []AttrName, pos, previous Pos) *Error {
	return &Error{
		File: f, Span: Span{pos, pos + 1}, HintAt: -1,
		Message: "attribute '" + pathString(f, path) + "' already defined at " + f.at(previous),
	}
}
