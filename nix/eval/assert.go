package eval

import "fmt"

// fail is the error of an assertion that does not hold. If it is that two values
// are equal, the error tells where they differ.
func (n *assertNode) fail(w *worker, env *Env) error {
	text := n.shown.show(w.inputs.Getenv("HOME"))
	if equal, ok := n.cond.node.(*equalNode); ok && !equal.not {
		a, err := equal.left.node.eval(w, env)
		if err != nil {
			return err
		}
		b, err := equal.right.node.eval(w, env)
		if err != nil {
			return err
		}
		err = w.explainDifference(a, b, equal.pos)
		if catchable(err) {
			return w.tracef(err, n.pos, "while evaluating the condition of the assertion '%s'", text)
		}
		if err != nil {
			return err
		}
	}
	return w.fail(KindAssertion, n.pos, "assertion '%s' failed", text)
}

// explainDifference returns an error that says how two values differ that are not
// equal, or nil. It looks at the same things in the same order as equal does.
func (w *worker) explainDifference(a, b Value, pos Pos) error {
	if err := w.enterCall(pos); err != nil {
		return err
	}
	defer w.leaveCall()
	if a.tag == tagInt || a.tag == tagFloat {
		if b.tag == tagInt || b.tag == tagFloat {
			return w.explainNumbers(a, b)
		}
	}
	if a.Kind() != b.Kind() {
		return w.differ("%s of value '%s' is not equal to %s of value '%s'", a.kindName(), w.show(a), b.kindName(), w.show(b))
	}
	same := false
	switch a.Kind() {
	case KindList:
		return w.explainLists(a, b, pos)
	case KindAttrs:
		return w.explainAttrs(a, b, pos)
	case KindFunction:
		return w.differ("distinct functions and immediate comparisons of identical functions compare as unequal")
	case KindBool:
		same = a.Bool() == b.Bool()
	case KindString:
		same = a.Text() == b.Text()
	case KindPath:
		same = a.Path() == b.Path()
	default:
		return nil
	}
	if same {
		return nil
	}
	name := map[Kind]string{KindBool: "boolean", KindString: "string", KindPath: "path"}[a.Kind()]
	return w.differ("%s '%s' is not equal to %s '%s'", name, w.show(a), name, w.show(b))
}

// differ is the error of a difference.
func (w *worker) differ(format string, args ...any) error {
	return w.fail(KindAssertion, noPos, "%s", fmt.Sprintf(format, args...))
}

func (w *worker) explainNumbers(a, b Value) error {
	if same, err := w.equal(a, b, noPos); same || err != nil {
		return err
	}
	return w.differ("%s with value '%s' is not equal to %s with value '%s'", a.kindName(), w.show(a), b.kindName(), w.show(b))
}

// explainThunks is explainDifference of what two thunks evaluate to.
func (w *worker) explainThunks(a, b *Thunk, pos Pos) error {
	x, err := w.force(a, pos)
	if err != nil {
		return err
	}
	y, err := w.force(b, pos)
	if err != nil {
		return err
	}
	if a == b {
		return nil
	}
	return w.explainDifference(x, y, pos)
}

func (w *worker) explainLists(a, b Value, pos Pos) error {
	x, y := a.List(), b.List()
	if len(x) != len(y) {
		return w.differ("list of size '%d' is not equal to list of size '%d', left hand side is '%s', right hand side is '%s'",
			len(x), len(y), w.show(a), w.show(b))
	}
	for i := range x {
		if err := w.explainThunks(x[i], y[i], pos); err != nil {
			return w.tracef(err, pos, "while comparing list element %d", i)
		}
	}
	return nil
}

func (w *worker) explainAttrs(a, b Value, pos Pos) error {
	x, y, err := w.outPaths(a, b)
	if err != nil {
		return err
	}
	if x != nil && y != nil {
		if err := w.explainThunks(x.Value, y.Value, pos); err != nil {
			return w.trace(err, pos, "while comparing a derivation by its 'outPath' attribute")
		}
		return nil
	}
	left, right := a.Attrs(), b.Attrs()
	if left.Len() != right.Len() {
		return w.differ("attribute names of attribute set '%s' differs from attribute set '%s'", w.show(a), w.show(b))
	}
	for i := range left.list {
		l, r := &left.list[i], &right.list[i]
		if l.Name != r.Name {
			if right.get(l.Name) == nil {
				return w.differ("attribute name '%s' is contained in '%s', but not in '%s'",
					w.symbols.name(l.Name), w.show(a), w.show(b))
			}
			return w.differ("attribute name '%s' is missing in '%s', but is contained in '%s'",
				w.symbols.name(r.Name), w.show(a), w.show(b))
		}
		if err := w.explainThunks(l.Value, r.Value, pos); err != nil {
			if r.Pos != noPos {
				err = w.trace(err, r.Pos, "where right hand side is")
			}
			if l.Pos != noPos {
				err = w.trace(err, l.Pos, "where left hand side is")
			}
			return w.tracef(err, pos, "while comparing attribute '%s'", w.symbols.name(l.Name))
		}
	}
	return nil
}
