package eval

import "strings"

// attrName is a name in an attribute path: a symbol, or an expression.
type attrName struct {
	symbol Symbol
	expr   node     // nil if the name is fixed
	pos    Pos      // of expr
	shown  *written // what errors show of a name that cannot be evaluated
}

// attrSymbol returns the name.
func (w *worker) attrSymbol(n *attrName, env *Env) (Symbol, error) {
	if n.expr == nil {
		return n.symbol, nil
	}
	const why = "while evaluating an attribute name"
	v, err := n.expr.eval(w, env)
	if err != nil {
		return symNone, err
	}
	name, err := w.plainString(v, n.pos, why)
	if err != nil {
		return symNone, err
	}
	return w.intern(name), nil
}

// selectNode is set.path, or set.path or fallback.
type selectNode struct {
	set      node
	setPos   Pos
	path     []attrName
	fallback node // nil if there is none
	pos      Pos
}

func (n *selectNode) eval(w *worker, env *Env) (Value, error) {
	v, err := n.set.eval(w, env)
	if err != nil {
		return Value{}, w.trace(err, n.setPos, "while selecting an attribute")
	}
	at := noPos // where the last attribute found is defined
	for i := range n.path {
		name, err := w.attrSymbol(&n.path[i], env)
		if err != nil {
			return Value{}, n.trace(w, env, err, at, i)
		}
		var attr *Attr
		if v.tag == tagAttrs {
			attr = v.Attrs().get(name)
		}
		if attr == nil {
			if n.fallback != nil {
				return n.fallback.eval(w, env)
			}
			return Value{}, n.trace(w, env, n.missing(w, v, name), at, i)
		}
		at = attr.Pos
		pos := at
		if pos == noPos || i < len(n.path)-1 {
			pos = n.pos
		}
		if v, err = w.force(attr.Value, pos); err != nil {
			return Value{}, n.trace(w, env, err, at, i+1)
		}
	}
	return v, nil
}

// missing is the error of an attribute that v has not, or of v not being a set.
func (n *selectNode) missing(w *worker, v Value, name Symbol) error {
	if v.tag != tagAttrs {
		return w.expectedWhile("a set", v, n.pos, "while selecting an attribute")
	}
	return w.missingAttribute(v.Attrs(), name)
}

// missingAttribute is the error of selecting what set has not.
func (w *worker) missingAttribute(set *Attrs, name Symbol) *Error {
	names := make([]string, 0, set.Len())
	for _, attr := range set.list {
		names = append(names, w.symbols.name(attr.Name))
	}
	err := w.fail(KindMissingAttribute, noPos, "attribute '%s' missing", w.symbols.name(name))
	err.suggestions = bestMatches(names, w.symbols.name(name))
	return err
}

// trace adds to the trace what was selected, and where the last attribute that
// was found is defined.
func (n *selectNode) trace(w *worker, env *Env, err error, at Pos, found int) error {
	if at != noPos {
		if s, _ := w.positions.find(at); s != nil && !s.internal {
			err = w.tracef(err, at, "from the definition of '%s'", n.show(w, env, found))
		}
	}
	return w.tracef(err, n.pos, "while evaluating the attribute '%s'", n.show(w, env, len(n.path)))
}

// show returns the first names of the path as text.
func (n *selectNode) show(w *worker, env *Env, length int) string {
	names := make([]string, length)
	for i := range names {
		if name, err := w.attrSymbol(&n.path[i], env); err == nil {
			names[i] = w.symbols.name(name)
		} else {
			names[i] = `"${` + n.path[i].shown.show("") + `}"`
		}
	}
	return strings.Join(names, ".")
}

// selectOneNode is set.name.
type selectOneNode struct{ selectNode }

func (n *selectOneNode) eval(w *worker, env *Env) (Value, error) {
	v, err := n.set.eval(w, env)
	if err != nil {
		return Value{}, w.trace(err, n.setPos, "while selecting an attribute")
	}
	var attr *Attr
	if v.tag == tagAttrs {
		attr = v.Attrs().get(n.path[0].symbol)
	}
	if attr == nil {
		return Value{}, n.trace(w, env, n.missing(w, v, n.path[0].symbol), noPos, 0)
	}
	if v, ok := attr.Value.evaluated(); ok {
		return v, nil
	}
	pos := attr.Pos
	if pos == noPos {
		pos = n.pos
	}
	if v, err = w.force(attr.Value, pos); err != nil {
		return Value{}, n.trace(w, env, err, attr.Pos, 1)
	}
	return v, nil
}

// hasAttrNode is set ? path.
type hasAttrNode struct {
	set  node
	pos  Pos
	path []attrName
}

func (n *hasAttrNode) eval(w *worker, env *Env) (Value, error) {
	v, err := n.set.eval(w, env)
	if err != nil {
		return Value{}, w.trace(err, n.pos, "in the argument of '?'")
	}
	for i := range n.path {
		name, err := w.attrSymbol(&n.path[i], env)
		if err != nil {
			return Value{}, err
		}
		if v.tag != tagAttrs {
			return boolValue(false), nil
		}
		attr := v.Attrs().get(name)
		if attr == nil {
			return boolValue(false), nil
		}
		if i == len(n.path)-1 {
			break
		}
		if v, err = w.force(attr.Value, n.pos); err != nil {
			return Value{}, err
		}
	}
	return boolValue(true), nil
}
