package eval

// listBuiltins are about lists and call no functions.
func listBuiltins() []Builtin {
	return []Builtin{
		{Name: "concatLists", fn1: builtinConcatLists},
		{Name: "elem", fn2: builtinElem},
		{Name: "elemAt", fn2: builtinElemAt},
		{Name: "genericClosure", fn1: builtinGenericClosure},
		{Name: "head", fn1: builtinHead},
		{Name: "length", fn1: builtinLength},
		{Name: "tail", fn1: builtinTail},
	}
}

func builtinLength(w *worker, _ Pos, a *Thunk) (Value, error) {
	list, err := w.forceList(a, noPos, "while evaluating the first argument passed to builtins.length")
	if err != nil {
		return Value{}, err
	}
	return intValue(int64(len(list))), nil
}

func builtinElemAt(w *worker, _ Pos, a, b *Thunk) (Value, error) {
	n, err := w.forceInt(b, noPos, "while evaluating the second argument passed to 'builtins.elemAt'")
	if err != nil {
		return Value{}, err
	}
	list, err := w.forceList(a, noPos, "while evaluating the first argument passed to 'builtins.elemAt'")
	if err != nil {
		return Value{}, err
	}
	if n < 0 || n >= int64(len(list)) {
		return Value{}, w.fail(KindEval, noPos, "'builtins.elemAt' called with index %d on a list of size %d", n, len(list))
	}
	return w.force(list[n], noPos)
}

func builtinHead(w *worker, _ Pos, a *Thunk) (Value, error) {
	list, err := w.forceList(a, noPos, "while evaluating the first argument passed to 'builtins.head'")
	if err != nil {
		return Value{}, err
	}
	if len(list) == 0 {
		return Value{}, w.fail(KindEval, noPos, "'builtins.head' called on an empty list")
	}
	return w.force(list[0], noPos)
}

func builtinTail(w *worker, _ Pos, a *Thunk) (Value, error) {
	list, err := w.forceList(a, noPos, "while evaluating the first argument passed to 'builtins.tail'")
	if err != nil {
		return Value{}, err
	}
	if len(list) == 0 {
		return Value{}, w.fail(KindEval, noPos, "'builtins.tail' called on an empty list")
	}
	return listValue(list[1:]), nil
}

func builtinElem(w *worker, _ Pos, a, b *Thunk) (Value, error) {
	list, err := w.forceList(b, noPos, "while evaluating the second argument passed to builtins.elem")
	if err != nil {
		return Value{}, err
	}
	for _, element := range list {
		if same, err := w.equalThunks(a, element, noPos); err != nil || same {
			return boolValue(same), err
		}
	}
	return boolValue(false), nil
}

func builtinConcatLists(w *worker, _ Pos, a *Thunk) (Value, error) {
	lists, err := w.forceList(a, noPos, "while evaluating the first argument passed to builtins.concatLists")
	if err != nil {
		return Value{}, err
	}
	size := 0
	for _, t := range lists {
		list, err := w.forceList(t, noPos, "while evaluating a value of the list passed to builtins.concatLists")
		if err != nil {
			return Value{}, err
		}
		size += len(list)
	}
	if err := w.reserveList(size, false); err != nil {
		return Value{}, err
	}
	all := make([]*Thunk, 0, size)
	for _, t := range lists {
		list, _ := t.evaluated()
		all = append(all, list.List()...)
	}
	return listValue(all), nil
}
