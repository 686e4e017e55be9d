package eval

// call1Node is a function applied to one argument.
type call1Node struct {
	fun node
	arg lazy
	pos Pos
}

func (n *call1Node) eval(w *worker, env *Env) (Value, error) {
	f, err := n.fun.eval(w, env)
	if err != nil {
		return Value{}, err
	}
	return w.call1(f, n.pos, n.arg.delay(env))
}

// call2Node is a function applied to two arguments.
type call2Node struct {
	fun  node
	a, b lazy
	pos  Pos
}

func (n *call2Node) eval(w *worker, env *Env) (Value, error) {
	f, err := n.fun.eval(w, env)
	if err != nil {
		return Value{}, err
	}
	return w.call2(f, n.pos, n.a.delay(env), n.b.delay(env))
}

// call3Node is a function applied to three arguments.
type call3Node struct {
	fun     node
	a, b, c lazy
	pos     Pos
}

func (n *call3Node) eval(w *worker, env *Env) (Value, error) {
	f, err := n.fun.eval(w, env)
	if err != nil {
		return Value{}, err
	}
	return w.call3(f, n.pos, n.a.delay(env), n.b.delay(env), n.c.delay(env))
}

// callNode is a function applied to more arguments.
type callNode struct {
	fun  node
	args []lazy
	pos  Pos
}

func (n *callNode) eval(w *worker, env *Env) (Value, error) {
	f, err := n.fun.eval(w, env)
	if err != nil {
		return Value{}, err
	}
	if err := w.enterCall(n.pos); err != nil {
		return Value{}, err
	}
	defer w.leaveCall()
	for i := range n.args {
		if f, err = w.apply(f, n.pos, n.args[i].delay(env)); err != nil {
			return Value{}, err
		}
	}
	return f, nil
}
