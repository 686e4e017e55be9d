package eval

import "math"

// numberBuiltins are arithmetic and comparison. The operators call them.
func numberBuiltins() []Builtin {
	return []Builtin{
		{Name: "add", fn2: builtinAdd},
		{Name: "sub", fn2: builtinSub},
		{Name: "mul", fn2: builtinMul},
		{Name: "div", fn2: builtinDiv},
		{Name: "bitAnd", fn2: builtinBitAnd},
		{Name: "bitOr", fn2: builtinBitOr},
		{Name: "bitXor", fn2: builtinBitXor},
		{Name: "ceil", fn1: builtinCeil},
		{Name: "floor", fn1: builtinFloor},
		{Name: "lessThan", fn2: builtinLessThan},
	}
}

// numbers are the two operands of an operator: integers, or floats if one is.
type numbers struct {
	floats bool
	a, b   int64
	x, y   float64
}

// forceNumbers evaluates the operands. first and second are lines of trace.
func (w *worker) forceNumbers(a, b *Thunk, first, second string) (n numbers, err error) {
	v, err := w.force(a, noPos)
	if err != nil {
		return n, err
	}
	u, err := w.force(b, noPos)
	if err != nil {
		return n, err
	}
	if v.tag == tagFloat || u.tag == tagFloat {
		n.floats = true
		if n.x, err = w.forceFloat(a, noPos, first); err == nil {
			n.y, err = w.forceFloat(b, noPos, second)
		}
		return n, err
	}
	if n.a, err = w.forceInt(a, noPos, first); err == nil {
		n.b, err = w.forceInt(b, noPos, second)
	}
	return n, err
}

func builtinAdd(w *worker, _ Pos, a, b *Thunk) (Value, error) {
	n, err := w.forceNumbers(a, b,
		"while evaluating the first argument of the addition",
		"while evaluating the second argument of the addition")
	if err != nil {
		return Value{}, err
	}
	if n.floats {
		return floatValue(n.x + n.y), nil
	}
	sum, ok := addInts(n.a, n.b)
	if !ok {
		return Value{}, w.fail(KindEval, noPos, "integer overflow in adding %d + %d", n.a, n.b)
	}
	return intValue(sum), nil
}

func builtinSub(w *worker, _ Pos, a, b *Thunk) (Value, error) {
	n, err := w.forceNumbers(a, b,
		"while evaluating the first argument of the subtraction",
		"while evaluating the second argument of the subtraction")
	if err != nil {
		return Value{}, err
	}
	if n.floats {
		return floatValue(n.x - n.y), nil
	}
	difference, ok := subtractInts(n.a, n.b)
	if !ok {
		return Value{}, w.fail(KindEval, noPos, "integer overflow in subtracting %d - %d", n.a, n.b)
	}
	return intValue(difference), nil
}

func builtinMul(w *worker, _ Pos, a, b *Thunk) (Value, error) {
	n, err := w.forceNumbers(a, b,
		"while evaluating the first argument of the multiplication",
		"while evaluating the second argument of the multiplication")
	if err != nil {
		return Value{}, err
	}
	if n.floats {
		return floatValue(n.x * n.y), nil
	}
	product, ok := multiplyInts(n.a, n.b)
	if !ok {
		return Value{}, w.fail(KindEval, noPos, "integer overflow in multiplying %d * %d", n.a, n.b)
	}
	return intValue(product), nil
}

func builtinDiv(w *worker, _ Pos, a, b *Thunk) (Value, error) {
	const first, second = "while evaluating the first operand of the division",
		"while evaluating the second operand of the division"
	v, err := w.force(a, noPos)
	if err != nil {
		return Value{}, err
	}
	divisor, err := w.forceFloat(b, noPos, second)
	if err != nil {
		return Value{}, err
	}
	if divisor == 0 {
		return Value{}, w.fail(KindEval, noPos, "division by zero")
	}
	n, err := w.forceNumbers(valueThunk(v), b, first, second)
	if err != nil {
		return Value{}, err
	}
	if n.floats {
		return floatValue(n.x / n.y), nil
	}
	if n.a == math.MinInt64 && n.b == -1 {
		return Value{}, w.fail(KindEval, noPos, "integer overflow in dividing %d / %d", n.a, n.b)
	}
	return intValue(n.a / n.b), nil
}

// forceInts evaluates the two integer arguments of a builtin.
func (w *worker) forceInts(a, b *Thunk, name string) (x, y int64, err error) {
	if x, err = w.forceInt(a, noPos, "while evaluating the first argument passed to builtins."+name); err == nil {
		y, err = w.forceInt(b, noPos, "while evaluating the second argument passed to builtins."+name)
	}
	return x, y, err
}

func builtinBitAnd(w *worker, _ Pos, a, b *Thunk) (Value, error) {
	x, y, err := w.forceInts(a, b, "bitAnd")
	if err != nil {
		return Value{}, err
	}
	return intValue(x & y), nil
}

func builtinBitOr(w *worker, _ Pos, a, b *Thunk) (Value, error) {
	x, y, err := w.forceInts(a, b, "bitOr")
	if err != nil {
		return Value{}, err
	}
	return intValue(x | y), nil
}

func builtinBitXor(w *worker, _ Pos, a, b *Thunk) (Value, error) {
	x, y, err := w.forceInts(a, b, "bitXor")
	if err != nil {
		return Value{}, err
	}
	return intValue(x ^ y), nil
}

func builtinCeil(w *worker, _ Pos, a *Thunk) (Value, error) {
	return w.round(a, math.Ceil, "while evaluating the first argument passed to builtins.ceil")
}

func builtinFloor(w *worker, _ Pos, a *Thunk) (Value, error) {
	return w.round(a, math.Floor, "while evaluating the first argument passed to builtins.floor")
}

// round makes an integer of a number. Integers that a float cannot hold are
// errors, because older releases of Nix changed them.
func (w *worker) round(a *Thunk, to func(float64) float64, why string) (Value, error) {
	const bug = "Due to a bug (see https://github.com/NixOS/nix/issues/12899) "
	v, err := w.forceNumber(a, noPos, why)
	if err != nil {
		return Value{}, err
	}
	f := to(v.number())
	inRange := f >= math.MinInt64 && f < -math.MinInt64
	if v.tag == tagFloat {
		if !inRange {
			return Value{}, w.fail(KindEval, noPos, "NixFloat argument %s is not in the range of NixInt", formatFloat(v.Float()))
		}
		return intValue(int64(f)), nil
	}
	if !inRange {
		return Value{}, w.fail(KindEval, noPos, bug+
			"the NixInt argument %d caused undefined behavior in previous Nix versions.\n"+
			"\tFuture Nix versions might implement the correct behavior.", v.Int())
	}
	if int64(f) != v.Int() {
		return Value{}, w.fail(KindEval, noPos, bug+
			"a loss of precision occurred in previous Nix versions because the NixInt argument %d was rounded to %d.\n"+
			"\tFuture Nix versions might implement the correct behavior.", v.Int(), int64(f))
	}
	return v, nil
}

func builtinLessThan(w *worker, _ Pos, a, b *Thunk) (Value, error) {
	x, err := w.force(a, noPos)
	if err != nil {
		return Value{}, err
	}
	y, err := w.force(b, noPos)
	if err != nil {
		return Value{}, err
	}
	is, err := w.less(x, y, "")
	if err != nil {
		return Value{}, err
	}
	return boolValue(is), nil
}
