package eval

import (
	"path/filepath"
	"strings"
)

// textPart is a piece of a string or path: text, or an expression.
type textPart struct {
	text    string
	expr    node // nil for text
	pos     Pos  // of the ${
	exprPos Pos
}

// textNode is a string with interpolations.
type textNode struct {
	parts []textPart
	pos   Pos
}

func (n *textNode) eval(w *worker, env *Env) (Value, error) {
	text, context, err := w.join(n.parts, env, copyToStore)
	if err != nil {
		return Value{}, err
	}
	return contextValue(text, context), nil
}

// join evaluates and joins the parts of a string.
func (w *worker) join(parts []textPart, env *Env, how coercion) (string, Context, error) {
	var few [8]string
	texts := few[:0]
	var all Context
	size := 0
	for i := range parts {
		part := &parts[i]
		text := part.text
		if part.expr != nil {
			v, err := part.expr.eval(w, env)
			if err != nil {
				return "", nil, w.trace(err, part.exprPos, "in an operand of '+'")
			}
			var context Context
			text, context, err = w.coerceToString(v, part.pos, how, "while evaluating a path segment")
			if err != nil {
				return "", nil, err
			}
			all = all.union(context)
		}
		texts = append(texts, text)
		size += len(text)
	}
	if len(texts) == 1 {
		return texts[0], all, nil
	}
	if err := w.reserve(size); err != nil {
		return "", nil, err
	}
	var out strings.Builder
	out.Grow(size)
	for _, text := range texts {
		out.WriteString(text)
	}
	return out.String(), all, nil
}

// pathNode is a path with interpolations.
type pathNode struct {
	parts []textPart
	pos   Pos
}

func (n *pathNode) eval(w *worker, env *Env) (Value, error) {
	text, context, err := w.join(n.parts, env, 0)
	if err != nil {
		return Value{}, err
	}
	return w.joinedPath(text, context, n.pos)
}

func (w *worker) joinedPath(text string, context Context, pos Pos) (Value, error) {
	if len(context) > 0 {
		return Value{}, w.fail(KindEval, pos, "a string that refers to a store path cannot be appended to a path")
	}
	return pathValue(filepath.Clean(text)), nil
}

// addNode is a + b: of numbers, or anything that can be a string.
type addNode struct {
	left, right           condition
	pos                   Pos
	leftStart, rightStart Pos
}

func (n *addNode) eval(w *worker, env *Env) (Value, error) {
	a, err := n.left.node.eval(w, env)
	if err != nil {
		return Value{}, w.trace(err, n.left.pos, "in an operand of '+'")
	}
	switch a.tag {
	case tagInt, tagFloat:
		b, err := n.right.node.eval(w, env)
		if err != nil {
			return Value{}, w.trace(err, n.right.pos, "in an operand of '+'")
		}
		return n.numbers(w, a, b)
	}
	how := coercion(0)
	if a.Kind() == KindString {
		how = copyToStore
	}
	const why = "while evaluating a path segment"
	left, context, err := w.coerceToString(a, n.leftStart, how, why)
	if err != nil {
		return Value{}, err
	}
	b, err := n.right.node.eval(w, env)
	if err != nil {
		return Value{}, w.trace(err, n.right.pos, "in an operand of '+'")
	}
	right, more, err := w.coerceToString(b, n.rightStart, how, why)
	if err != nil {
		return Value{}, err
	}
	context = context.union(more)
	if err := w.reserve(len(left) + len(right)); err != nil {
		return Value{}, err
	}
	if a.tag == tagPath {
		return w.joinedPath(left+right, context, n.pos)
	}
	return contextValue(w.concat(left, right), context), nil
}

func (n *addNode) numbers(w *worker, a, b Value) (Value, error) {
	switch {
	case a.tag == tagInt && b.tag == tagInt:
		sum, ok := addInts(a.Int(), b.Int())
		if !ok {
			return Value{}, w.fail(KindEval, n.rightStart, "integer overflow in adding %d + %d", a.Int(), b.Int())
		}
		return intValue(sum), nil
	case b.tag == tagInt || b.tag == tagFloat:
		return floatValue(a.number() + b.number()), nil
	case a.tag == tagInt:
		return Value{}, w.fail(KindEval, n.rightStart, "cannot add %s to an integer", b.kindName())
	}
	return Value{}, w.fail(KindEval, n.rightStart, "cannot add %s to a float", b.kindName())
}
