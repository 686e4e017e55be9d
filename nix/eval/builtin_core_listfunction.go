package eval

// listFunctionBuiltins apply functions to lists.
func listFunctionBuiltins() []Builtin {
	return []Builtin{
		{Name: "all", fn2: builtinAll},
		{Name: "any", fn2: builtinAny},
		{Name: "concatMap", fn2: builtinConcatMap},
		{Name: "filter", fn2: builtinFilter},
		{Name: "foldl'", fn3: builtinFoldl},
		{Name: "genList", fn2: builtinGenList},
		{Name: "groupBy", fn2: builtinGroupBy},
		{Name: "map", fn2: builtinMap},
		{Name: "partition", fn2: builtinPartition},
		{Name: "sort", fn2: builtinSort},
	}
}

func builtinMap(w *worker, _ Pos, a, b *Thunk) (Value, error) {
	list, err := w.forceList(b, noPos, "while evaluating the second argument passed to builtins.map")
	if err != nil || len(list) == 0 {
		return listValue(nil), err
	}
	if _, err := w.forceFunction(a, noPos, "while evaluating the first argument passed to builtins.map"); err != nil {
		return Value{}, err
	}
	if err := w.reserveList(len(list), true); err != nil {
		return Value{}, err
	}
	results := make([]*Thunk, len(list))
	var chunk []Thunk
	for i, t := range list {
		if len(chunk) == 0 {
			chunk = make([]Thunk, min(len(list)-i, maxChunk))
		}
		results[i], chunk = &chunk[0], chunk[1:]
		results[i].setApply(a, t)
	}
	return listValue(results), nil
}

func builtinGenList(w *worker, _ Pos, a, b *Thunk) (Value, error) {
	size, err := w.forceInt(b, noPos, "while evaluating the second argument passed to builtins.genList")
	if err != nil {
		return Value{}, err
	}
	if err := w.reserveList(int(size), true); err != nil {
		return Value{}, err
	}
	if _, err := w.forceFunction(a, noPos, "while evaluating the first argument passed to builtins.genList"); err != nil {
		return Value{}, err
	}
	results := make([]*Thunk, size)
	var chunk []Thunk // for each element its index and the call
	for i := range results {
		if len(chunk) == 0 {
			if err := w.interruptedNow(); err != nil {
				return Value{}, err
			}
			chunk = make([]Thunk, 2*min(len(results)-i, maxChunk))
		}
		index, call := &chunk[0], &chunk[1]
		chunk = chunk[2:]
		index.value = intValue(int64(i))
		call.setApply(a, index)
		results[i] = call
	}
	return listValue(results), nil
}

// callBool calls f and demands a Boolean. why is a line of trace.
func (w *worker) callBool(f Value, t *Thunk, why string) (bool, error) {
	v, err := w.call1(f, noPos, t)
	if err != nil {
		return false, err
	}
	if v.tag != tagBool {
		return false, w.expected("a Boolean", v, noPos, why)
	}
	return v.Bool(), nil
}

func builtinFilter(w *worker, _ Pos, a, b *Thunk) (Value, error) {
	list, err := w.forceList(b, noPos, "while evaluating the second argument passed to builtins.filter")
	if err != nil || len(list) == 0 {
		return listValue(nil), err
	}
	f, err := w.forceFunction(a, noPos, "while evaluating the first argument passed to builtins.filter")
	if err != nil {
		return Value{}, err
	}
	if err := w.reserveList(len(list), false); err != nil {
		return Value{}, err
	}
	kept := make([]*Thunk, 0, len(list))
	for _, t := range list {
		keep, err := w.callBool(f, t,
			"while evaluating the return value of the filtering function passed to builtins.filter")
		if err != nil {
			return Value{}, err
		}
		if keep {
			kept = append(kept, t)
		}
	}
	return listValue(kept), nil
}

func builtinAny(w *worker, _ Pos, a, b *Thunk) (Value, error) { return w.anyOrAll(a, b, true, "any") }

func builtinAll(w *worker, _ Pos, a, b *Thunk) (Value, error) { return w.anyOrAll(a, b, false, "all") }

// anyOrAll returns stop if the function does for an element, and else its
// opposite.
func (w *worker) anyOrAll(a, b *Thunk, stop bool, name string) (Value, error) {
	f, err := w.forceFunction(a, noPos, "while evaluating the first argument passed to builtins."+name)
	if err != nil {
		return Value{}, err
	}
	list, err := w.forceList(b, noPos, "while evaluating the second argument passed to builtins."+name)
	if err != nil {
		return Value{}, err
	}
	for _, t := range list {
		is, err := w.callBool(f, t, "while evaluating the return value of the function passed to builtins."+name)
		if err != nil {
			return Value{}, err
		}
		if is == stop {
			return boolValue(stop), nil
		}
	}
	return boolValue(!stop), nil
}

func builtinFoldl(w *worker, _ Pos, a, b, c *Thunk) (Value, error) {
	f, err := w.forceFunction(a, noPos, "while evaluating the first argument passed to builtins.foldlStrict")
	if err != nil {
		return Value{}, err
	}
	list, err := w.forceList(c, noPos, "while evaluating the third argument passed to builtins.foldlStrict")
	if err != nil {
		return Value{}, err
	}
	if len(list) == 0 {
		return w.force(b, noPos)
	}
	sum := b
	var v Value
	for _, t := range list {
		if v, err = w.call2(f, noPos, sum, t); err != nil {
			return Value{}, err
		}
		sum = valueThunk(v)
	}
	return v, nil
}

func builtinConcatMap(w *worker, _ Pos, a, b *Thunk) (Value, error) {
	f, err := w.forceFunction(a, noPos, "while evaluating the first argument passed to builtins.concatMap")
	if err != nil {
		return Value{}, err
	}
	list, err := w.forceList(b, noPos, "while evaluating the second argument passed to builtins.concatMap")
	if err != nil {
		return Value{}, err
	}
	var all []*Thunk
	for _, t := range list {
		v, err := w.call1(f, noPos, t)
		if err != nil {
			return Value{}, err
		}
		if v.tag != tagList {
			pos := noPos
			if v.tag == tagAttrs {
				pos = v.Attrs().pos
			} else if f.tag == tagLambda {
				pos = f.closure().lambda.pos
			}
			return Value{}, w.expectedWhile("a list", v, pos,
				"while evaluating the return value of the function passed to builtins.concatMap")
		}
		if err := w.reserveList(len(all)+len(v.List()), false); err != nil {
			return Value{}, err
		}
		all = append(all, v.List()...)
	}
	return listValue(all), nil
}

func builtinPartition(w *worker, _ Pos, a, b *Thunk) (Value, error) {
	f, err := w.forceFunction(a, noPos, "while evaluating the first argument passed to builtins.partition")
	if err != nil {
		return Value{}, err
	}
	list, err := w.forceList(b, noPos, "while evaluating the second argument passed to builtins.partition")
	if err != nil {
		return Value{}, err
	}
	var right, wrong []*Thunk
	for _, t := range list {
		if _, err := w.force(t, noPos); err != nil {
			return Value{}, err
		}
		is, err := w.callBool(f, t,
			"while evaluating the return value of the partition function passed to builtins.partition")
		if err != nil {
			return Value{}, err
		}
		if is {
			right = append(right, t)
		} else {
			wrong = append(wrong, t)
		}
	}
	set := newAttrs(2)
	set.addValue(symRight, listValue(right))
	set.addValue(symWrong, listValue(wrong))
	return attrsValue(set.finish()), nil
}

func builtinGroupBy(w *worker, _ Pos, a, b *Thunk) (Value, error) {
	f, err := w.forceFunction(a, noPos, "while evaluating the first argument passed to builtins.groupBy")
	if err != nil {
		return Value{}, err
	}
	list, err := w.forceList(b, noPos, "while evaluating the second argument passed to builtins.groupBy")
	if err != nil {
		return Value{}, err
	}
	groups := make(map[Symbol][]*Thunk)
	for _, t := range list {
		v, err := w.call1(f, noPos, t)
		if err != nil {
			return Value{}, err
		}
		name, err := w.plainString(v, noPos,
			"while evaluating the return value of the grouping function passed to builtins.groupBy")
		if err != nil {
			return Value{}, err
		}
		symbol := w.intern(name)
		groups[symbol] = append(groups[symbol], t)
	}
	set := newAttrs(len(groups))
	for name, group := range groups {
		set.addValue(name, listValue(group))
	}
	return attrsValue(set.finish()), nil
}

func builtinSort(w *worker, _ Pos, a, b *Thunk) (Value, error) {
	list, err := w.forceList(b, noPos, "while evaluating the second argument passed to builtins.sort")
	if err != nil || len(list) == 0 {
		return listValue(nil), err
	}
	f, err := w.forceFunction(a, noPos, "while evaluating the first argument passed to builtins.sort")
	if err != nil {
		return Value{}, err
	}
	for _, t := range list {
		if _, err := w.force(t, noPos); err != nil {
			return Value{}, err
		}
	}
	sorted := append([]*Thunk(nil), list...)
	if err := mergeSort(sorted, w.before(f)); err != nil {
		return Value{}, err
	}
	return listValue(sorted), nil
}

// before returns the order that f, a function of two arguments, defines. The
// builtin that < is is not called but computed.
func (w *worker) before(f Value) func(a, b *Thunk) (bool, error) {
	if f.tag == tagBuiltin && f.builtin().Name == "lessThan" {
		return func(a, b *Thunk) (bool, error) {
			x, _ := a.evaluated()
			y, _ := b.evaluated()
			return w.less(x, y, "while evaluating the ordering function passed to builtins.sort")
		}
	}
	return func(a, b *Thunk) (bool, error) {
		v, err := w.call2(f, noPos, a, b)
		if err != nil {
			return false, err
		}
		if v.tag != tagBool {
			return false, w.expected("a Boolean", v, noPos,
				"while evaluating the return value of the sorting function passed to builtins.sort")
		}
		return v.Bool(), nil
	}
}
