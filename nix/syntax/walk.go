package syntax

// Children calls visit with each expression directly in e, in the order of the
// source, until visit returns false. Names that are expressions count, and so do
// the sources of inherit.
func Children(e Expr, visit func(Expr) bool) {
	children(e, visit)
}

// children is Children, and reports whether visit always returned true.
func children(e Expr, visit func(Expr) bool) bool {
	switch e := e.(type) {
	case *String:
		return visitParts(e.Parts, visit)
	case *Path:
		return visitParts(e.Parts, visit)
	case *Select:
		return visit(e.Set) && visitNames(e.Path, visit) && (e.Default == nil || visit(e.Default))
	case *HasAttr:
		return visit(e.Set) && visitNames(e.Path, visit)
	case *AttrSet:
		return visitBindings(e.Bindings, visit)
	case *Let:
		return visitBindings(e.Bindings, visit) && visit(e.Body)
	case *List:
		for _, element := range e.Elements {
			if !visit(element) {
				return false
			}
		}
		return true
	case *Lambda:
		return visitFormals(e.Formals, visit) && visit(e.Body)
	case *Apply:
		return visit(e.Func) && visit(e.Arg)
	case *With:
		return visit(e.Set) && visit(e.Body)
	case *If:
		return visit(e.Cond) && visit(e.Then) && visit(e.Else)
	case *Assert:
		return visit(e.Cond) && visit(e.Body)
	case *Paren:
		return visit(e.Expr)
	case *Unary:
		return visit(e.Expr)
	case *Binary:
		return visit(e.Left) && visit(e.Right)
	}
	return true
}

func visitParts(parts []Part, visit func(Expr) bool) bool {
	for i := range parts {
		if parts[i].Expr != nil && !visit(parts[i].Expr) {
			return false
		}
	}
	return true
}

func visitNames(names []AttrName, visit func(Expr) bool) bool {
	for i := range names {
		if names[i].Expr != nil && !visit(names[i].Expr) {
			return false
		}
	}
	return true
}

func visitFormals(f *Formals, visit func(Expr) bool) bool {
	if f == nil {
		return true
	}
	for i := range f.List {
		if f.List[i].Default != nil && !visit(f.List[i].Default) {
			return false
		}
	}
	return true
}

func visitBindings(bindings []Binding, visit func(Expr) bool) bool {
	for i := range bindings {
		b := &bindings[i]
		if b.From != nil && !visit(b.From) || !visitNames(b.Path, visit) ||
			b.Value != nil && !visit(b.Value) {
			return false
		}
	}
	return true
}
