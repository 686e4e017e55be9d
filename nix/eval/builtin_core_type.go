package eval

// typeBuiltins tell what kind a value is of.
func typeBuiltins() []Builtin {
	return []Builtin{
		{Name: "typeOf", fn1: builtinTypeOf},
		{Name: "isNull", fn1: builtinIsNull},
		{Name: "isBool", fn1: builtinIsBool},
		{Name: "isInt", fn1: builtinIsInt},
		{Name: "isFloat", fn1: builtinIsFloat},
		{Name: "isString", fn1: builtinIsString},
		{Name: "isPath", fn1: builtinIsPath},
		{Name: "isAttrs", fn1: builtinIsAttrs},
		{Name: "isList", fn1: builtinIsList},
		{Name: "isFunction", fn1: builtinIsFunction},
	}
}

func builtinTypeOf(w *worker, _ Pos, a *Thunk) (Value, error) {
	v, err := w.force(a, noPos)
	if err != nil {
		return Value{}, err
	}
	name := ""
	switch v.Kind() {
	case KindNull:
		name = "null"
	case KindBool:
		name = "bool"
	case KindInt:
		name = "int"
	case KindFloat:
		name = "float"
	case KindString:
		name = "string"
	case KindPath:
		name = "path"
	case KindAttrs:
		name = "set"
	case KindList:
		name = "list"
	case KindFunction:
		name = "lambda"
	}
	return stringValue(name), nil
}

// isKind says whether a evaluates to a value of the kind.
func (w *worker) isKind(a *Thunk, kind Kind) (Value, error) {
	v, err := w.force(a, noPos)
	if err != nil {
		return Value{}, err
	}
	return boolValue(v.Kind() == kind), nil
}

func builtinIsNull(w *worker, _ Pos, a *Thunk) (Value, error)     { return w.isKind(a, KindNull) }
func builtinIsBool(w *worker, _ Pos, a *Thunk) (Value, error)     { return w.isKind(a, KindBool) }
func builtinIsInt(w *worker, _ Pos, a *Thunk) (Value, error)      { return w.isKind(a, KindInt) }
func builtinIsFloat(w *worker, _ Pos, a *Thunk) (Value, error)    { return w.isKind(a, KindFloat) }
func builtinIsString(w *worker, _ Pos, a *Thunk) (Value, error)   { return w.isKind(a, KindString) }
func builtinIsPath(w *worker, _ Pos, a *Thunk) (Value, error)     { return w.isKind(a, KindPath) }
func builtinIsAttrs(w *worker, _ Pos, a *Thunk) (Value, error)    { return w.isKind(a, KindAttrs) }
func builtinIsList(w *worker, _ Pos, a *Thunk) (Value, error)     { return w.isKind(a, KindList) }
func builtinIsFunction(w *worker, _ Pos, a *Thunk) (Value, error) { return w.isKind(a, KindFunction) }
