package eval

// constNode is a value that is known.
type constNode struct{ thunk Thunk }

func newConst(v Value) *constNode { return &constNode{Thunk{value: v}} }

func (n *constNode) eval(*worker, *Env) (Value, error) { return n.thunk.value, nil }

// guardNode counts deeply nested expressions against the stack.
type guardNode struct{ inner node }

func (n *guardNode) eval(w *worker, env *Env) (Value, error) {
	if err := w.enter(); err != nil {
		return Value{}, err
	}
	v, err := n.inner.eval(w, env)
	w.leave()
	return v, err
}

// varNode is a variable.
type varNode struct {
	depth, slot uint32
	pos         Pos
}

func (n *varNode) eval(w *worker, env *Env) (Value, error) {
	return w.force(*env.out(n.depth).slot(n.slot), n.pos)
}

// withVarNode is a variable that no scope defines but the sets of with
// expressions, innermost first, may have.
type withVarNode struct {
	name  Symbol
	pos   Pos
	withs []withPlace
}

// withPlace is where the set of a with expression is found.
type withPlace struct {
	depth uint32
	pos   Pos
}

func (n *withVarNode) eval(w *worker, env *Env) (Value, error) {
	for _, place := range n.withs {
		set, err := w.forceAttrs(*env.out(place.depth).slot(0), place.pos,
			"while evaluating the first subexpression of a with expression")
		if err != nil {
			return Value{}, err
		}
		if attr := set.get(n.name); attr != nil {
			return w.force(attr.Value, n.pos)
		}
	}
	return Value{}, w.fail(KindUndefined, n.pos, "undefined variable '%s'", w.symbols.name(n.name))
}

// withNode is with set; body.
type withNode struct {
	set  lazy
	body node
}

func (n *withNode) eval(w *worker, env *Env) (Value, error) {
	return n.body.eval(w, newEnv1(env, n.set.delay(env)))
}

// lambdaNode is a function.
type lambdaNode struct{ lambda *lambda }

func (n *lambdaNode) eval(_ *worker, env *Env) (Value, error) { return lambdaValue(n.lambda, env), nil }

// listNode is a list with elements.
type listNode struct{ elements []lazy }

func (n *listNode) eval(_ *worker, env *Env) (Value, error) {
	elements := make([]*Thunk, len(n.elements))
	for i := range n.elements {
		elements[i] = n.elements[i].delay(env)
	}
	return listValue(elements), nil
}

// condition is a node with the position that errors give for its value.
type condition struct {
	node node
	pos  Pos
}

// evalBool evaluates a condition. why is a line of trace.
func (w *worker) evalBool(c condition, env *Env, why string) (bool, error) {
	v, err := c.node.eval(w, env)
	if err != nil {
		return false, w.trace(err, c.pos, why)
	}
	if v.tag != tagBool {
		return false, w.expected("a Boolean", v, c.pos, why)
	}
	return v.Bool(), nil
}

// ifNode is if … then … else.
type ifNode struct {
	cond condition
	yes  node
	no   node
}

func (n *ifNode) eval(w *worker, env *Env) (Value, error) {
	cond, err := w.evalBool(n.cond, env, "while evaluating a branch condition")
	if err != nil {
		return Value{}, err
	}
	if cond {
		return n.yes.eval(w, env)
	}
	return n.no.eval(w, env)
}

// assertNode is assert cond; body.
type assertNode struct {
	cond condition
	body node
	pos  Pos
	// shown is the condition, for the error.
	shown written
}

func (n *assertNode) eval(w *worker, env *Env) (Value, error) {
	ok, err := w.evalBool(n.cond, env, "in the condition of the assert statement")
	if err != nil {
		return Value{}, err
	}
	if !ok {
		return Value{}, n.fail(w, env)
	}
	return n.body.eval(w, env)
}

// notNode is !x.
type notNode struct{ operand condition }

func (n *notNode) eval(w *worker, env *Env) (Value, error) {
	b, err := w.evalBool(n.operand, env, "in the argument of '!'")
	if err != nil {
		return Value{}, err
	}
	return boolValue(!b), nil
}

// andNode is a && b.
type andNode struct{ left, right condition }

func (n *andNode) eval(w *worker, env *Env) (Value, error) {
	b, err := w.evalBool(n.left, env, "in the left operand of '&&'")
	if err == nil && b {
		b, err = w.evalBool(n.right, env, "in the right operand of '&&'")
	}
	if err != nil {
		return Value{}, err
	}
	return boolValue(b), nil
}

// orNode is a || b.
type orNode struct{ left, right condition }

func (n *orNode) eval(w *worker, env *Env) (Value, error) {
	b, err := w.evalBool(n.left, env, "in the left operand of '||'")
	if err == nil && !b {
		b, err = w.evalBool(n.right, env, "in the right operand of '||'")
	}
	if err != nil {
		return Value{}, err
	}
	return boolValue(b), nil
}

// implyNode is a -> b.
type implyNode struct{ left, right condition }

func (n *implyNode) eval(w *worker, env *Env) (Value, error) {
	b, err := w.evalBool(n.left, env, "in the left operand of '->'")
	if err == nil {
		if !b {
			return boolValue(true), nil
		}
		b, err = w.evalBool(n.right, env, "in the right operand of '->'")
	}
	if err != nil {
		return Value{}, err
	}
	return boolValue(b), nil
}

// curPosNode is __curPos.
type curPosNode struct{ pos Pos }

func (n *curPosNode) eval(w *worker, _ *Env) (Value, error) { return w.positionValue(n.pos), nil }

// positionValue returns a position as a set of file, line and column, or null if
// it is in no file.
func (w *worker) positionValue(pos Pos) Value {
	s, _ := w.positions.find(pos)
	if s == nil || s.path == "" {
		return nullValue()
	}
	p := w.positions.position(pos)
	set := newAttrs(3)
	set.addValue(symFile, stringValue(s.path))
	set.addValue(symLine, intValue(int64(p.Line)))
	set.addValue(symColumn, intValue(int64(p.Column)))
	return attrsValue(set.finish())
}
