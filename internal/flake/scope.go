package flake

import (
	"slices"
	"strings"

	"luminousnix/nix/syntax"
)

// mostSteps bounds how far names are followed, so that what is defined by itself ends.
const mostSteps = 10_000

// placed is an expression with the names that it sees; nil for what is not known.
type placed struct {
	expr  syntax.Expr
	scope *scope
}

// scope are names and what they stand for. What a function is given stands for nothing
// that is known here.
type scope struct {
	around *scope
	names  map[string]placed
}

func (s *scope) with(names map[string]placed) *scope { return &scope{s, names} }

func (s *scope) find(name string) placed {
	for ; s != nil; s = s.around {
		if found, ok := s.names[name]; ok {
			return found
		}
	}
	return placed{}
}

// reading reads a flake.nix without evaluating it.
type reading struct {
	outputs placed // what the function outputs gives
	steps   int
}

// resolve follows names, let, with and parentheses to the expression that they stand for.
// What cannot be followed any further is returned as it is.
func (r *reading) resolve(p placed) placed {
	for r.steps++; r.steps < mostSteps; r.steps++ {
		var next placed
		switch e := p.expr.(type) {
		case *syntax.Paren:
			next = placed{e.Expr, p.scope}
		case *syntax.With:
			next = placed{e.Body, p.scope}
		case *syntax.Assert:
			next = placed{e.Body, p.scope}
		case *syntax.Let:
			next = placed{e.Body, bind(p.scope, e.Bindings)}
		case *syntax.Ident:
			next = p.scope.find(e.Name)
		case *syntax.Select:
			next = r.selected(e, p.scope, nil)
		}
		if next.expr == nil {
			return p
		}
		p = next
	}
	return p
}

// selected is the attribute of a set that is written out, and what is at a path below it;
// the set may be what the flake itself gives: self.nixosModules.desktop.
func (r *reading) selected(e *syntax.Select, s *scope, below []string) placed {
	var path []string
	for _, name := range e.Path {
		text, ok := r.name(name, s)
		if !ok {
			return placed{}
		}
		path = append(path, text)
	}
	path = append(path, below...)
	if ident, ok := e.Set.(*syntax.Ident); ok && s.find(ident.Name).expr == nil {
		switch {
		case ident.Name == "self":
			return r.at(r.outputs, path)
		case path[0] == "self": // inputs.self
			return r.at(r.outputs, path[1:])
		}
		return placed{}
	}
	return r.at(placed{e.Set, s}, path)
}

// isSelf reports whether an expression is the flake itself: self, or inputs.self.
func isSelf(p placed) bool {
	e := p.expr
	if selected, ok := e.(*syntax.Select); ok && len(selected.Path) == 1 && selected.Path[0].Name == "self" {
		return true
	}
	ident, ok := e.(*syntax.Ident)
	return ok && ident.Name == "self" && p.scope.find("self").expr == nil
}

// at is what is at an attribute path of a set that is written out; nothing where it is
// not.
func (r *reading) at(p placed, path []string) placed {
	p = r.resolve(p)
	switch {
	case len(path) == 0:
		return p
	case r.steps >= mostSteps:
		return placed{}
	}
	switch e := p.expr.(type) {
	case *syntax.AttrSet:
		return r.inSet(e, p.scope, path)
	case *syntax.Select: // of a set that is written in parts
		return r.selected(e, p.scope, path)
	case *syntax.Binary:
		if e.Op != syntax.OpUpdate {
			break
		}
		if right := r.at(placed{e.Right, p.scope}, path); right.expr != nil {
			return right
		}
		return r.at(placed{e.Left, p.scope}, path)
	case *syntax.Apply:
		// Of flake-parts: the outputs of a flake are below flake.
		if functionName(e.Func) == "mkFlake" && path[0] != "flake" {
			return r.at(r.body(placed{e.Arg, p.scope}), append([]string{"flake"}, path...))
		}
	}
	return placed{}
}

// inSet is what is at an attribute path of a set.
func (r *reading) inSet(set *syntax.AttrSet, s *scope, path []string) placed {
	inside := s
	if set.Rec {
		inside = bind(s, set.Bindings)
	}
	for i := range set.Bindings {
		b := &set.Bindings[i]
		if b.Inherit {
			if found := inherited(b, path[0], s, inside); found.expr != nil {
				return r.at(found, path[1:])
			}
			continue
		}
		if len(b.Path) > len(path) || !r.leads(b.Path, path, inside) {
			continue
		}
		if found := r.at(placed{b.Value, inside}, path[len(b.Path):]); found.expr != nil {
			return found
		}
	}
	return placed{}
}

// leads reports whether an attribute path begins with these names.
func (r *reading) leads(names []syntax.AttrName, path []string, s *scope) bool {
	for i := range names {
		if text, ok := r.name(names[i], s); !ok || text != path[i] {
			return false
		}
	}
	return true
}

// body is what a function gives, whatever it is given.
func (r *reading) body(p placed) placed {
	for {
		p = r.resolve(p)
		lambda, ok := p.expr.(*syntax.Lambda)
		if !ok {
			return p
		}
		given := map[string]placed{}
		if lambda.Arg != "" {
			given[lambda.Arg] = placed{}
		}
		if lambda.Formals != nil {
			for i := range lambda.Formals.List {
				given[lambda.Formals.List[i].Name] = placed{}
			}
		}
		p = placed{lambda.Body, p.scope.with(given)}
	}
}

// bind are the names of let, or of a recursive set.
func bind(around *scope, bindings []syntax.Binding) *scope {
	names := map[string]placed{}
	inside := around.with(names)
	for i := range bindings {
		b := &bindings[i]
		switch {
		case b.Inherit:
			for _, name := range b.Names {
				names[name.Name] = inherited(b, name.Name, around, inside)
			}
		case len(b.Path) == 1 && b.Path[0].Expr == nil:
			names[b.Path[0].Name] = placed{b.Value, inside}
		case len(b.Path) > 1 && b.Path[0].Expr == nil:
			names[b.Path[0].Name] = placed{} // a set that is written in parts
		}
	}
	return inside
}

// inherited is what a name stands for that is inherited.
func inherited(b *syntax.Binding, name string, around, inside *scope) placed {
	at := slices.IndexFunc(b.Names, func(n syntax.AttrName) bool { return n.Expr == nil && n.Name == name })
	switch {
	case at < 0:
		return placed{}
	case b.From == nil:
		return around.find(name)
	}
	return placed{&syntax.Select{Span: b.Span, Set: b.From, Path: b.Names[at : at+1]}, inside}
}

// name is a name in an attribute path.
func (r *reading) name(n syntax.AttrName, s *scope) (string, bool) {
	if n.Expr == nil {
		return n.Name, true
	}
	return r.text(placed{n.Expr, s})
}

// text is a string, or path, that is written out, with what stands in it for other such
// ones. The flake itself is ".".
func (r *reading) text(p placed) (string, bool) {
	if isSelf(p) {
		return ".", true
	}
	p = r.resolve(p)
	var parts []syntax.Part
	switch e := p.expr.(type) {
	case *syntax.String:
		parts = e.Parts
	case *syntax.Path:
		parts = e.Parts
	case *syntax.Binary:
		if e.Op != syntax.OpAdd {
			return "", false
		}
		left, ok := r.text(placed{e.Left, p.scope})
		right, also := r.text(placed{e.Right, p.scope})
		return left + right, ok && also
	default:
		return "", false
	}
	var b strings.Builder
	for _, part := range parts {
		text := part.Text
		if part.Expr != nil {
			var ok bool
			if text, ok = r.text(placed{part.Expr, p.scope}); !ok {
				return "", false
			}
		}
		b.WriteString(text)
	}
	return b.String(), true
}

// functionName is the last name of the function that is applied first: nixosSystem of
// nixpkgs.lib.nixosSystem, mkFlake of mkFlake a b.
func functionName(e syntax.Expr) string {
	for {
		switch inner := e.(type) {
		case *syntax.Apply:
			e = inner.Func
		case *syntax.Paren:
			e = inner.Expr
		case *syntax.Ident:
			return inner.Name
		case *syntax.Select:
			return inner.Path[len(inner.Path)-1].Name
		default:
			return ""
		}
	}
}
