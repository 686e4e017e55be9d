package eval

import "slices"

// attrsBuiltins are about attribute sets.
func attrsBuiltins() []Builtin {
	return []Builtin{
		{Name: "attrNames", fn1: builtinAttrNames},
		{Name: "attrValues", fn1: builtinAttrValues},
		{Name: "catAttrs", fn2: builtinCatAttrs},
		{Name: "functionArgs", fn1: builtinFunctionArgs},
		{Name: "getAttr", fn2: builtinGetAttr},
		{Name: "hasAttr", fn2: builtinHasAttr},
		{Name: "intersectAttrs", fn2: builtinIntersectAttrs},
		{Name: "listToAttrs", fn1: builtinListToAttrs},
		{Name: "mapAttrs", fn2: builtinMapAttrs},
		{Name: "removeAttrs", fn2: builtinRemoveAttrs},
		{Name: "unsafeGetAttrPos", fn2: builtinUnsafeGetAttrPos},
		{Name: "zipAttrsWith", fn2: builtinZipAttrsWith},
	}
}

func builtinAttrNames(w *worker, _ Pos, a *Thunk) (Value, error) {
	set, err := w.forceAttrs(a, noPos, "while evaluating the argument passed to builtins.attrNames")
	if err != nil {
		return Value{}, err
	}
	if err := w.reserveList(set.Len(), true); err != nil {
		return Value{}, err
	}
	names := make([]*Thunk, set.Len())
	chunk := make([]Thunk, set.Len())
	for i, attr := range set.sorted(w.symbols) {
		chunk[i].value = stringValue(w.symbols.name(attr.Name))
		names[i] = &chunk[i]
	}
	return listValue(names), nil
}

func builtinAttrValues(w *worker, _ Pos, a *Thunk) (Value, error) {
	set, err := w.forceAttrs(a, noPos, "while evaluating the argument passed to builtins.attrValues")
	if err != nil {
		return Value{}, err
	}
	if err := w.reserveList(set.Len(), false); err != nil {
		return Value{}, err
	}
	values := make([]*Thunk, set.Len())
	for i, attr := range set.sorted(w.symbols) {
		values[i] = attr.Value
	}
	return listValue(values), nil
}

// forceNameAndSet evaluates the arguments of builtins that look up an attribute.
func (w *worker) forceNameAndSet(a, b *Thunk, builtin string) (name Symbol, set *Attrs, err error) {
	text, err := w.forcePlainString(a, noPos, "while evaluating the first argument passed to builtins."+builtin)
	if err != nil {
		return symNone, nil, err
	}
	set, err = w.forceAttrs(b, noPos, "while evaluating the second argument passed to builtins."+builtin)
	if err != nil {
		return symNone, nil, err
	}
	return w.intern(text), set, nil
}

func builtinGetAttr(w *worker, _ Pos, a, b *Thunk) (Value, error) {
	name, set, err := w.forceNameAndSet(a, b, "getAttr")
	if err != nil {
		return Value{}, err
	}
	attr, err := w.attr(set, name, "in the attribute set under consideration")
	if err != nil {
		return Value{}, err
	}
	return w.force(attr.Value, noPos)
}

func builtinHasAttr(w *worker, _ Pos, a, b *Thunk) (Value, error) {
	name, set, err := w.forceNameAndSet(a, b, "hasAttr")
	if err != nil {
		return Value{}, err
	}
	return boolValue(set.get(name) != nil), nil
}

func builtinUnsafeGetAttrPos(w *worker, _ Pos, a, b *Thunk) (Value, error) {
	name, set, err := w.forceNameAndSet(a, b, "unsafeGetAttrPos")
	if err != nil {
		return Value{}, err
	}
	attr := set.get(name)
	if attr == nil {
		return nullValue(), nil
	}
	return w.positionValue(attr.Pos), nil
}

func builtinRemoveAttrs(w *worker, _ Pos, a, b *Thunk) (Value, error) {
	set, err := w.forceAttrs(a, noPos, "while evaluating the first argument passed to builtins.removeAttrs")
	if err != nil {
		return Value{}, err
	}
	list, err := w.forceList(b, noPos, "while evaluating the second argument passed to builtins.removeAttrs")
	if err != nil {
		return Value{}, err
	}
	names := make([]Symbol, 0, len(list))
	for _, t := range list {
		name, err := w.forcePlainString(t, noPos,
			"while evaluating the values of the second argument passed to builtins.removeAttrs")
		if err != nil {
			return Value{}, err
		}
		if symbol, known := w.symbols.lookup(name); known {
			names = append(names, symbol)
		}
	}
	slices.Sort(names)
	if err := w.reserveAttrs(set.Len()); err != nil {
		return Value{}, err
	}
	kept := &Attrs{list: make([]Attr, 0, set.Len())}
	for _, attr := range set.list {
		if _, remove := slices.BinarySearch(names, attr.Name); !remove {
			kept.list = append(kept.list, attr)
		}
	}
	return attrsValue(kept), nil
}

func builtinListToAttrs(w *worker, _ Pos, a *Thunk) (Value, error) {
	list, err := w.forceList(a, noPos, "while evaluating the argument passed to builtins.listToAttrs")
	if err != nil {
		return Value{}, err
	}
	const in = "in a {name=...; value=...;} pair"
	if err := w.reserveAttrs(len(list)); err != nil {
		return Value{}, err
	}
	pairs := newAttrs(len(list)) // of the pairs at first, not the values
	for _, t := range list {
		pair, err := w.forceAttrs(t, noPos, "while evaluating an element of the list passed to builtins.listToAttrs")
		if err != nil {
			return Value{}, err
		}
		attr, err := w.attr(pair, symName, in)
		if err != nil {
			return Value{}, err
		}
		name, err := w.forcePlainString(attr.Value, attr.Pos,
			"while evaluating the `name` attribute of an element of the list passed to builtins.listToAttrs")
		if err != nil {
			return Value{}, err
		}
		pairs.add(w.intern(name), t, noPos)
	}
	pairs.finishKeepFirst()
	for i := range pairs.list {
		pair, _ := pairs.list[i].Value.evaluated()
		attr, err := w.attr(pair.Attrs(), symValue, in)
		if err != nil {
			return Value{}, err
		}
		pairs.list[i].Value, pairs.list[i].Pos = attr.Value, attr.Pos
	}
	return attrsValue(pairs), nil
}

func builtinIntersectAttrs(w *worker, _ Pos, a, b *Thunk) (Value, error) {
	left, err := w.forceAttrs(a, noPos, "while evaluating the first argument passed to builtins.intersectAttrs")
	if err != nil {
		return Value{}, err
	}
	right, err := w.forceAttrs(b, noPos, "while evaluating the second argument passed to builtins.intersectAttrs")
	if err != nil {
		return Value{}, err
	}
	if err := w.reserveAttrs(min(left.Len(), right.Len())); err != nil {
		return Value{}, err
	}
	both := &Attrs{list: make([]Attr, 0, min(left.Len(), right.Len()))}
	if left.Len() < right.Len() {
		for _, attr := range left.list {
			if found := right.get(attr.Name); found != nil {
				both.list = append(both.list, *found)
			}
		}
		return attrsValue(both), nil
	}
	for _, attr := range right.list {
		if left.get(attr.Name) != nil {
			both.list = append(both.list, attr)
		}
	}
	return attrsValue(both), nil
}

func builtinCatAttrs(w *worker, _ Pos, a, b *Thunk) (Value, error) {
	name, err := w.forcePlainString(a, noPos, "while evaluating the first argument passed to builtins.catAttrs")
	if err != nil {
		return Value{}, err
	}
	list, err := w.forceList(b, noPos, "while evaluating the second argument passed to builtins.catAttrs")
	if err != nil {
		return Value{}, err
	}
	symbol := w.intern(name)
	var found []*Thunk
	for _, t := range list {
		set, err := w.forceAttrs(t, noPos,
			"while evaluating an element in the list passed as second argument to builtins.catAttrs")
		if err != nil {
			return Value{}, err
		}
		if attr := set.get(symbol); attr != nil {
			found = append(found, attr.Value)
		}
	}
	return listValue(found), nil
}

func builtinFunctionArgs(w *worker, _ Pos, a *Thunk) (Value, error) {
	f, err := w.force(a, noPos)
	if err != nil {
		return Value{}, err
	}
	switch f.tag {
	case tagBuiltin, tagPartial:
		return attrsValue(new(Attrs)), nil
	case tagLambda:
	default:
		return Value{}, w.fail(KindType, noPos, "'functionArgs' requires a function")
	}
	l := f.closure().lambda
	if l.formals == nil {
		return attrsValue(new(Attrs)), nil
	}
	set := newAttrs(len(l.formals.list))
	for _, formal := range l.formals.list {
		set.add(formal.name, valueThunk(boolValue(formal.fallback != nil)), formal.pos)
	}
	return attrsValue(set.finish()), nil
}

func builtinMapAttrs(w *worker, _ Pos, a, b *Thunk) (Value, error) {
	set, err := w.forceAttrs(b, noPos, "while evaluating the second argument passed to builtins.mapAttrs")
	if err != nil {
		return Value{}, err
	}
	if err := w.reserveList(3*set.Len(), true); err != nil { // the name and the call, each 24 bytes, and the set
		return Value{}, err
	}
	mapped := &Attrs{list: make([]Attr, set.Len())}
	for i, attr := range set.list {
		name := valueThunk(stringValue(w.symbols.name(attr.Name)))
		mapped.list[i] = Attr{Name: attr.Name, Value: apply2Thunk(a, name, attr.Value)}
	}
	return attrsValue(mapped), nil
}

func builtinZipAttrsWith(w *worker, _ Pos, a, b *Thunk) (Value, error) {
	if _, err := w.forceFunction(a, noPos, "while evaluating the first argument passed to builtins.zipAttrsWith"); err != nil {
		return Value{}, err
	}
	list, err := w.forceList(b, noPos, "while evaluating the second argument passed to builtins.zipAttrsWith")
	if err != nil {
		return Value{}, err
	}
	values := make(map[Symbol][]*Thunk)
	for _, t := range list {
		set, err := w.forceAttrs(t, noPos,
			"while evaluating a value of the list passed as second argument to builtins.zipAttrsWith")
		if err != nil {
			return Value{}, err
		}
		for _, attr := range set.list {
			values[attr.Name] = append(values[attr.Name], attr.Value)
		}
	}
	zipped := newAttrs(len(values))
	for name, all := range values {
		nameThunk := valueThunk(stringValue(w.symbols.name(name)))
		zipped.add(name, apply2Thunk(a, nameThunk, valueThunk(listValue(all))), noPos)
	}
	return attrsValue(zipped.finish()), nil
}
