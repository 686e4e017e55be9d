package eval

import "luminousnix/nix/syntax"

// callParts returns the function and all arguments of an application, and where
// Nix says the call is.
func (c *compiler) callParts(e syntax.Expr) (fun syntax.Expr, args []syntax.Expr, pos Pos) {
	switch e := unparen(e).(type) {
	case *syntax.Apply:
		fun, args, pos = c.callParts(e.Func)
		if len(args) == 0 {
			pos = c.at(e.Start)
		}
		return fun, append(args, e.Arg), pos
	case *syntax.Binary:
		function, arg := e.Left, e.Right
		switch e.Op {
		case syntax.OpPipeTo:
			function, arg = e.Right, e.Left
		case syntax.OpPipeFrom:
		default:
			return e, nil, noPos
		}
		fun, args, pos = c.callParts(function)
		if len(args) == 0 {
			pos = c.at(e.OpSpan.Start)
		}
		return fun, append(args, arg), pos
	default:
		return e, nil, noPos
	}
}

func (c *compiler) callPos(e syntax.Expr) Pos {
	_, _, pos := c.callParts(e)
	return pos
}

func (c *compiler) apply(e syntax.Expr, s *scope) node {
	function, arguments, pos := c.callParts(e)
	fun := c.expr(function, s)
	args := make([]lazy, len(arguments))
	for i, arg := range arguments {
		c.lintOr(arg)
		args[i] = c.delayed(arg, s)
	}
	switch len(args) {
	case 1:
		return &call1Node{fun, args[0], pos}
	case 2:
		return &call2Node{fun, args[0], args[1], pos}
	case 3:
		return &call3Node{fun, args[0], args[1], args[2], pos}
	}
	return &callNode{fun, args, pos}
}

func (c *compiler) unary(e *syntax.Unary, s *scope) node {
	if e.Op == syntax.OpNot {
		return &notNode{condition{c.expr(e.Expr, s), c.posOf(e.Expr)}}
	}
	zero := newConst(intValue(0))
	return c.arithmetic("__sub", subtract, zero, c.expr(e.Expr, s), c.at(e.Start), s)
}

func (c *compiler) binaryPos(e *syntax.Binary) Pos {
	switch e.Op {
	case syntax.OpPipeTo, syntax.OpPipeFrom:
		return c.callPos(e)
	case syntax.OpLessEqual, syntax.OpMoreEqual: // the negation of a call
		return c.at(e.OpSpan.Start)
	}
	return c.at(e.OpSpan.Start)
}

func (c *compiler) binary(e *syntax.Binary, s *scope) node {
	pos := c.at(e.OpSpan.Start)
	switch e.Op {
	case syntax.OpPipeTo, syntax.OpPipeFrom:
		return c.apply(e, s)
	case syntax.OpAnd:
		return &andNode{c.condition(e.Left, s), c.condition(e.Right, s)}
	case syntax.OpOr:
		return &orNode{c.condition(e.Left, s), c.condition(e.Right, s)}
	case syntax.OpImply:
		return &implyNode{c.condition(e.Left, s), c.condition(e.Right, s)}
	case syntax.OpEqual, syntax.OpNotEqual:
		return &equalNode{c.operand(e.Left, s), c.operand(e.Right, s), pos, e.Op == syntax.OpNotEqual}
	case syntax.OpConcat:
		return &concatNode{c.operand(e.Left, s), c.operand(e.Right, s), pos}
	case syntax.OpUpdate:
		return &updateNode{c.operand(e.Left, s), c.operand(e.Right, s)}
	case syntax.OpAdd:
		return &addNode{
			left: c.operand(e.Left, s), right: c.operand(e.Right, s), pos: pos,
			leftStart: c.start(e.Left), rightStart: c.start(e.Right),
		}
	}
	left, right := c.expr(e.Left, s), c.expr(e.Right, s)
	switch e.Op {
	case syntax.OpSubtract:
		return c.arithmetic("__sub", subtract, left, right, pos, s)
	case syntax.OpMultiply:
		return c.arithmetic("__mul", multiply, left, right, pos, s)
	case syntax.OpDivide:
		return c.arithmetic("__div", divide, left, right, pos, s)
	case syntax.OpLess:
		return c.arithmetic("__lessThan", less, left, right, pos, s)
	case syntax.OpMore:
		return c.arithmetic("__lessThan", less, right, left, pos, s)
	case syntax.OpLessEqual:
		return &notNode{condition{c.arithmetic("__lessThan", less, right, left, pos, s), pos}}
	default: // OpMoreEqual
		return &notNode{condition{c.arithmetic("__lessThan", less, left, right, pos, s), pos}}
	}
}

// operand makes a node with the position for errors of its value.
func (c *compiler) operand(e syntax.Expr, s *scope) condition {
	return condition{c.expr(e, s), c.posOf(e)}
}

// start is where an expression begins.
func (c *compiler) start(e syntax.Expr) Pos { return c.at(e.Range().Start) }

// arithmetic makes the node of an operator that is a call of a builtin. The name
// may be hidden by a variable; then it is an ordinary call.
func (c *compiler) arithmetic(name string, op arithmetic, left, right node, pos Pos, s *scope) node {
	if b := c.global(name, s); b != nil && b.Name == name[2:] {
		return &arithmeticNode{op: op, left: left, right: right, pos: pos, builtin: b}
	}
	fun := c.variable(c.intern(name), noPos, s)
	return &call2Node{fun, newLazy(left), newLazy(right), pos}
}
