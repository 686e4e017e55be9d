package syntax

// Check finds the first variable of a file that is not defined, as Nix does when it
// parses one. global tells whether a name is defined outside of the file, such as
// true, map and builtins. The error is an *Error.
//
// Inside of with, any name may be defined. Names inherited by a set are variables
// too.
func Check(f *File, global func(name string) bool) error {
	c := checker{file: f, global: global}
	if !c.expr(f.Root) {
		c.err.suggest(c.scopes)
		return c.err
	}
	return nil
}

// checker walks through a file with the names in scope.
type checker struct {
	file   *File
	global func(name string) bool
	scopes []scope
	withs  int // of the scopes around
	err    *Error
}

// scope is what a function, let or recursive set defines.
type scope struct {
	lambda *Lambda
	attrs  *Attrs
	names  map[string]struct{} // of attrs, if they are many
}

// attrsScope is the scope of a let or recursive set.
func attrsScope(a *Attrs) scope {
	s := scope{attrs: a}
	if len(a.List) >= long && a.index == nil {
		s.names = make(map[string]struct{}, len(a.List))
		for i := range a.List {
			s.names[a.List[i].Name] = struct{}{}
		}
	}
	return s
}

func (s scope) has(name string) bool {
	if s.names != nil {
		_, ok := s.names[name]
		return ok
	}
	if s.attrs != nil {
		return s.attrs.find(name) >= 0
	}
	if s.lambda.Arg == name {
		return true
	}
	if s.lambda.Formals != nil {
		for i := range s.lambda.Formals.List {
			if s.lambda.Formals.List[i].Name == name {
				return true
			}
		}
	}
	return false
}

// variable reports whether a variable is defined, and keeps the error if not.
func (c *checker) variable(name string, pos Pos) bool {
	for i := len(c.scopes) - 1; i >= 0; i-- {
		if c.scopes[i].has(name) {
			return true
		}
	}
	if c.withs > 0 || c.global(name) || name == "__curPos" {
		return true
	}
	c.err = &Error{
		File: c.file, Span: Span{pos, pos + Pos(len(name))}, HintAt: -1,
		Message: "undefined variable '" + name + "'",
	}
	return false
}

// expr checks an expression and reports whether it is right.
func (c *checker) expr(e Expr) bool {
	switch e := e.(type) {
	case *Ident:
		return c.variable(e.Name, e.Start)
	case *AttrSet:
		return c.attrs(e.Attrs())
	case *Let:
		a := e.Attrs()
		return c.attrs(a) && c.in(attrsScope(a), func() bool { return c.expr(e.Body) })
	case *Lambda:
		return c.in(scope{lambda: e}, func() bool { return children(e, c.expr) })
	case *With:
		if !c.expr(e.Set) {
			return false
		}
		c.withs++
		ok := c.expr(e.Body)
		c.withs--
		return ok
	}
	return children(e, c.expr)
}

// in checks with a scope more. After an error the scope stays, for suggestions.
func (c *checker) in(s scope, check func() bool) bool {
	c.scopes = append(c.scopes, s)
	if !check() {
		return false
	}
	c.scopes = c.scopes[:len(c.scopes)-1]
	return true
}

// attrs checks what a set or let defines.
func (c *checker) attrs(a *Attrs) bool {
	for i := range a.List {
		if attr := &a.List[i]; attr.Inherited && !c.variable(attr.Name, attr.Pos) {
			return false
		}
	}
	if !a.Rec {
		return c.values(a)
	}
	return c.in(attrsScope(a), func() bool { return c.values(a) })
}

// values checks the expressions of a set.
func (c *checker) values(a *Attrs) bool {
	for _, from := range a.From {
		if !c.expr(from) {
			return false
		}
	}
	for i := range a.List {
		if attr := &a.List[i]; !c.value(attr.Value, attr.Set) {
			return false
		}
	}
	for i := range a.Dynamic {
		attr := &a.Dynamic[i]
		if !c.expr(attr.Name) || !c.value(attr.Value, attr.Set) {
			return false
		}
	}
	return true
}

func (c *checker) value(value Expr, set *Attrs) bool {
	switch {
	case set != nil:
		return c.attrs(set)
	case value != nil:
		return c.expr(value)
	}
	return true
}
