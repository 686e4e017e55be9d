package eval

// kindName is how error messages call a value of v's kind.
func (v Value) kindName() string {
	switch v.tag {
	case tagNull:
		return "null"
	case tagBool:
		return "a Boolean"
	case tagInt:
		return "an integer"
	case tagFloat:
		return "a float"
	case tagString:
		return "a string"
	case tagContextual:
		return "a string with context"
	case tagPath:
		return "a path"
	case tagAttrs:
		return "a set"
	case tagList:
		return "a list"
	case tagLambda:
		return "a function"
	case tagBuiltin:
		return "the built-in function '" + v.builtin().Name + "'"
	case tagPartial:
		return "the partially applied built-in function '" + v.partial().builtin.Name + "'"
	}
	return "a thunk"
}

// expected is the error of a value of the wrong kind.
func (w *worker) expected(what string, v Value, pos Pos, why string) error {
	err := w.fail(KindType, pos, "expected %s but found %s: %s", what, v.kindName(), w.show(v))
	return w.trace(err, pos, why)
}

// expectedWhile is expected without a position of the error itself, as Nix has it
// for sets and lists.
func (w *worker) expectedWhile(what string, v Value, pos Pos, why string) error {
	return w.failWhile(KindType, pos, why, "expected %s but found %s: %s", what, v.kindName(), w.show(v))
}

// forceAs evaluates t. Its error has the trace's line why if t is of another kind.
func (w *worker) forceInt(t *Thunk, pos Pos, why string) (int64, error) {
	v, err := w.force(t, pos)
	if err != nil {
		return 0, w.trace(err, pos, why)
	}
	if v.tag != tagInt {
		return 0, w.expected("an integer", v, pos, why)
	}
	return v.Int(), nil
}

// forceNumber evaluates t to an integer or a float.
func (w *worker) forceNumber(t *Thunk, pos Pos, why string) (Value, error) {
	v, err := w.force(t, pos)
	if err != nil {
		return Value{}, w.trace(err, pos, why)
	}
	if v.tag != tagInt && v.tag != tagFloat {
		return Value{}, w.expected("a float", v, pos, why)
	}
	return v, nil
}

// forceFloat evaluates t to a float, converting an integer.
func (w *worker) forceFloat(t *Thunk, pos Pos, why string) (float64, error) {
	v, err := w.forceNumber(t, pos, why)
	if err != nil {
		return 0, err
	}
	return v.number(), nil
}

// number returns an integer or a float as a float.
func (v Value) number() float64 {
	if v.tag == tagInt {
		return float64(v.Int())
	}
	return v.Float()
}

func (w *worker) forceBool(t *Thunk, pos Pos, why string) (bool, error) {
	v, err := w.force(t, pos)
	if err != nil {
		return false, w.trace(err, pos, why)
	}
	if v.tag != tagBool {
		return false, w.expected("a Boolean", v, pos, why)
	}
	return v.Bool(), nil
}

// forceString evaluates t to a string with its context.
func (w *worker) forceString(t *Thunk, pos Pos, why string) (string, Context, error) {
	v, err := w.force(t, pos)
	if err != nil {
		return "", nil, w.trace(err, pos, why)
	}
	if v.Kind() != KindString {
		return "", nil, w.expected("a string", v, pos, why)
	}
	return v.Text(), v.Context(), nil
}

// forcePlainString evaluates t to a string that must not refer to store paths.
func (w *worker) forcePlainString(t *Thunk, pos Pos, why string) (string, error) {
	v, err := w.force(t, pos)
	if err != nil {
		return "", w.trace(err, pos, why)
	}
	return w.plainString(v, pos, why)
}

// plainString is forcePlainString of a value.
func (w *worker) plainString(v Value, pos Pos, why string) (string, error) {
	if v.Kind() != KindString {
		return "", w.expected("a string", v, pos, why)
	}
	if context := v.Context(); len(context) > 0 {
		return "", w.failWhile(KindEval, pos, why,
			"the string '%s' is not allowed to refer to a store path (such as '%s')", v.Text(), context[0].display())
	}
	return v.Text(), nil
}

func (w *worker) forceAttrs(t *Thunk, pos Pos, why string) (*Attrs, error) {
	v, err := w.force(t, pos)
	if err != nil {
		return nil, err
	}
	if v.tag != tagAttrs {
		return nil, w.expectedWhile("a set", v, pos, why)
	}
	return v.Attrs(), nil
}

func (w *worker) forceList(t *Thunk, pos Pos, why string) ([]*Thunk, error) {
	v, err := w.force(t, pos)
	if err != nil {
		return nil, err
	}
	if v.tag != tagList {
		return nil, w.expectedWhile("a list", v, pos, why)
	}
	return v.List(), nil
}

// forceFunction evaluates t to a function, or a set that can be called.
func (w *worker) forceFunction(t *Thunk, pos Pos, why string) (Value, error) {
	v, err := w.force(t, pos)
	if err != nil {
		return Value{}, w.trace(err, pos, why)
	}
	if v.Kind() != KindFunction && !isFunctor(v) {
		return Value{}, w.expected("a function", v, pos, why)
	}
	return v, nil
}

// isFunctor says whether v is a set with the attribute __functor.
func isFunctor(v Value) bool { return v.tag == tagAttrs && v.Attrs().get(symFunctor) != nil }

// attr returns an attribute that must be there. why is a line of trace.
func (w *worker) attr(set *Attrs, name Symbol, why string) (*Attr, error) {
	if attr := set.get(name); attr != nil {
		return attr, nil
	}
	return nil, w.failWhile(KindMissingAttribute, noPos, why, "attribute '%s' missing", w.symbols.name(name))
}
