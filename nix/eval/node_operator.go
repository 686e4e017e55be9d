package eval

import "math"

// arithmetic is an operator that is a call of a builtin.
type arithmetic uint8

const (
	subtract arithmetic = iota
	multiply
	divide
	less
)

// arithmeticNode is a - b, a * b, a / b or a < b.
type arithmeticNode struct {
	op          arithmetic
	left, right node
	pos         Pos
	builtin     *Builtin
}

func (n *arithmeticNode) eval(w *worker, env *Env) (Value, error) {
	if err := w.enterCall(n.pos); err != nil {
		return Value{}, err
	}
	v, err := n.compute(w, env)
	w.leaveCall()
	if err != nil {
		return Value{}, w.callingBuiltin(err, n.builtin, n.pos)
	}
	return v, nil
}

func (n *arithmeticNode) compute(w *worker, env *Env) (Value, error) {
	a, err := n.left.eval(w, env)
	if err != nil {
		return Value{}, err
	}
	b, err := n.right.eval(w, env)
	if err != nil {
		return Value{}, err
	}
	if a.tag == tagInt && b.tag == tagInt {
		if v, ok := n.op.ints(a.Int(), b.Int()); ok {
			return v, nil
		}
	}
	return n.builtin.fn2(w, n.pos, valueThunk(a), valueThunk(b))
}

// ints computes with integers; not ok is an error that the builtin finds again.
func (op arithmetic) ints(x, y int64) (v Value, ok bool) {
	result := int64(0)
	switch op {
	case less:
		return boolValue(x < y), true
	case subtract:
		result, ok = subtractInts(x, y)
	case multiply:
		result, ok = multiplyInts(x, y)
	case divide:
		if ok = y != 0 && y != -1; ok {
			result = x / y
		}
	}
	return intValue(result), ok
}

// addInts returns a + b, if it is within 64 bits.
func addInts(a, b int64) (int64, bool) {
	sum := a + b
	return sum, (sum > a) == (b > 0)
}

func subtractInts(a, b int64) (int64, bool) {
	d := a - b
	return d, (d < a) == (b > 0)
}

func multiplyInts(a, b int64) (int64, bool) {
	if a == 0 || b == 0 {
		return 0, true
	}
	p := a * b
	ok := (p < 0) == ((a < 0) != (b < 0)) && p/b == a && !(a == -1 && b == math.MinInt64) && !(b == -1 && a == math.MinInt64)
	return p, ok
}

// equalNode is a == b, or a != b.
type equalNode struct {
	left, right condition
	pos         Pos
	not         bool
}

func (n *equalNode) eval(w *worker, env *Env) (Value, error) {
	operator := "=="
	if n.not {
		operator = "!="
	}
	a, err := n.left.node.eval(w, env)
	if err != nil {
		return Value{}, w.tracef(err, n.left.pos, "in the left operand of '%s'", operator)
	}
	b, err := n.right.node.eval(w, env)
	if err != nil {
		return Value{}, w.tracef(err, n.right.pos, "in the right operand of '%s'", operator)
	}
	same, err := w.equal(a, b, n.pos)
	if err != nil {
		return Value{}, err
	}
	return boolValue(same != n.not), nil
}

// concatNode is a ++ b.
type concatNode struct {
	left, right condition
	pos         Pos
}

func (n *concatNode) eval(w *worker, env *Env) (Value, error) {
	a, err := n.left.node.eval(w, env)
	if err != nil {
		return Value{}, w.trace(err, n.left.pos, "in the left operand of '++'")
	}
	b, err := n.right.node.eval(w, env)
	if err != nil {
		return Value{}, w.trace(err, n.right.pos, "in the right operand of '++'")
	}
	const why = "while evaluating one of the elements to concatenate"
	if a.tag != tagList {
		return Value{}, w.expectedWhile("a list", a, n.pos, why)
	}
	if b.tag != tagList {
		return Value{}, w.expectedWhile("a list", b, n.pos, why)
	}
	x, y := a.List(), b.List()
	switch {
	case len(x) == 0:
		return b, nil
	case len(y) == 0:
		return a, nil
	}
	if err := w.reserveList(len(x)+len(y), false); err != nil {
		return Value{}, err
	}
	all := make([]*Thunk, 0, len(x)+len(y))
	return listValue(append(append(all, x...), y...)), nil
}

// updateNode is a // b. The right side is evaluated first.
type updateNode struct{ left, right condition }

func (n *updateNode) eval(w *worker, env *Env) (Value, error) {
	b, err := w.updateOperand(n.right, env, "in the right operand of '//'")
	if err != nil {
		return Value{}, err
	}
	a, err := w.updateOperand(n.left, env, "in the left operand of '//'")
	if err != nil {
		return Value{}, err
	}
	if err := w.reserveAttrs(a.Len() + b.Len()); err != nil {
		return Value{}, err
	}
	return attrsValue(update(a, b)), nil
}

func (w *worker) updateOperand(c condition, env *Env, why string) (*Attrs, error) {
	v, err := c.node.eval(w, env)
	if err != nil {
		if _, nested := c.node.(*updateNode); nested {
			return nil, err
		}
		return nil, w.trace(err, c.pos, why)
	}
	if v.tag != tagAttrs {
		return nil, w.expectedWhile("a set", v, c.pos, why)
	}
	return v.Attrs(), nil
}
