package syntax

// edit is an edit of a file at a path, with what is there.
type edit struct {
	file *File
	path []string

	exact []target   // what defines the path
	parts []*Binding // what defines attributes under it one by one
	spot  spot       // where to insert
	err   *EditError // why it cannot be inserted
}

// target is what defines an attribute.
type target struct {
	binding *Binding
	name    int  // of those inherited; -1 if it is no inherit
	wrapped bool // within mkIf or the like
}

func (t target) at() Pos {
	if t.name >= 0 {
		return t.binding.Names[t.name].Start
	}
	return t.binding.Start
}

// spot is where an attribute can be inserted.
type spot struct {
	set     *AttrSet
	depth   int      // number of names of the path that lead to the set
	shared  int      // names of the path that what is there has in common with it
	after   *Binding // nil for the end of the set
	wrapped bool     // within mkIf or the like
}

// newEdit finds what is at a path.
func newEdit(f *File, path []string) (*edit, error) {
	e := &edit{file: f, path: path}
	if len(path) == 0 {
		return nil, e.fail(BadPath, -1, "the attribute path is empty")
	}
	root, _ := strip(f.Root)
	for lambda, ok := root.(*Lambda); ok; lambda, ok = root.(*Lambda) {
		root, _ = strip(lambda.Body)
	}
	set, wrapped := setOf(root)
	if set == nil {
		return nil, e.fail(NotASet, root.Range().Start, "cannot be in this file, which is not written as a set")
	}
	e.search(set, 0, wrapped)
	return e, nil
}

func (e *edit) fail(problem EditProblem, pos Pos, detail string) *EditError {
	return &EditError{File: e.file, Path: e.path, Pos: pos, Problem: problem, Detail: detail}
}

// search looks at the bindings of a set to which the first names of the path lead.
func (e *edit) search(set *AttrSet, depth int, wrapped bool) {
	e.offer(spot{set: set, depth: depth, shared: depth, wrapped: wrapped})
	rest := e.path[depth:]
	for i := range set.Bindings {
		b := &set.Bindings[i]
		if b.Inherit {
			e.searchInherit(b, rest, wrapped)
			continue
		}
		n, dynamic := common(b.Path, rest)
		switch {
		case dynamic:
			e.block(DynamicPath, b, "may be defined by a name that is an expression")
		case n == len(b.Path) && n == len(rest):
			e.exact = append(e.exact, target{b, -1, wrapped})
		case n == len(b.Path):
			inner, innerWrapped := setOf(b.Value)
			if inner == nil {
				e.block(NotASet, b, "is within a value that is not written as a set")
				continue
			}
			e.search(inner, depth+n, wrapped || innerWrapped)
		case n == len(rest):
			e.parts = append(e.parts, b)
		case n > 0:
			e.offer(spot{set: set, depth: depth, shared: depth + n, after: b, wrapped: wrapped})
		}
	}
}

// searchInherit looks at what an inherit defines.
func (e *edit) searchInherit(b *Binding, rest []string, wrapped bool) {
	for i, name := range b.Names {
		switch {
		case name.Name != rest[0]:
		case len(rest) == 1:
			e.exact = append(e.exact, target{b, i, wrapped})
		default:
			e.block(IsInherited, b, "is within a value that is inherited")
		}
	}
}

// offer takes a place to insert if it is better than the last: one that shares more
// of the path, or then a set that is there for it, or then a later one.
func (e *edit) offer(s spot) {
	last := e.spot
	if last.set == nil || s.shared > last.shared ||
		s.shared == last.shared && (s.after == nil || last.after != nil) {
		e.spot = s
	}
}

// block keeps the first reason for which the path can't be told to be free.
func (e *edit) block(problem EditProblem, b *Binding, detail string) {
	if e.err == nil {
		e.err = e.fail(problem, b.Start, detail)
	}
}

// common is the number of names that both paths begin with. dynamic tells that the
// next name is an expression, so that it may be any.
func common(path []AttrName, names []string) (n int, dynamic bool) {
	for n < len(path) && n < len(names) {
		if path[n].Expr != nil {
			return n, true
		}
		if path[n].Name != names[n] {
			break
		}
		n++
	}
	return n, false
}

// strip takes off what is around an expression without being part of its value.
func strip(e Expr) (inner Expr, with *With) {
	for {
		switch v := e.(type) {
		case *Paren:
			e = v.Expr
		case *With:
			e, with = v.Body, v
		case *Let:
			e = v.Body
		case *Assert:
			e = v.Body
		default:
			return e, with
		}
	}
}

// setOf is the set that an expression is written as, or nil. wrapped tells that it
// is the argument of mkIf or the like.
func setOf(e Expr) (set *AttrSet, wrapped bool) {
	for {
		e, _ = strip(e)
		switch v := e.(type) {
		case *AttrSet:
			if v.Body {
				return nil, wrapped
			}
			return v, wrapped
		case *Apply:
			inner, ok := wrapper(v)
			if !ok {
				return nil, wrapped
			}
			e, wrapped = inner, true
		default:
			return nil, wrapped
		}
	}
}

// wrapper is the value that a function of the module system such as lib.mkIf is
// applied to; ok is false for other functions.
func wrapper(a *Apply) (value Expr, ok bool) {
	args := 1
	f := a.Func
	if inner, ok := f.(*Apply); ok {
		args, f = 2, inner.Func
	}
	name := ""
	switch f := f.(type) {
	case *Ident:
		name = f.Name
	case *Select:
		name = f.Path[len(f.Path)-1].Name
	}
	switch name {
	case "mkIf", "mkOverride", "mkOrder", "optionals":
		return a.Arg, args == 2
	case "mkForce", "mkDefault", "mkOptionDefault", "mkBefore", "mkAfter":
		return a.Arg, args == 1
	}
	return nil, false
}
