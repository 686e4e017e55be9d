package eval

// builtinGenericClosure finds all elements that operator leads to from startSet,
// breadth first, one of each key.
func builtinGenericClosure(w *worker, _ Pos, a *Thunk) (Value, error) {
	set, err := w.forceAttrs(a, noPos, "while evaluating the first argument passed to builtins.genericClosure")
	if err != nil {
		return Value{}, err
	}
	const in = "in the attrset passed as argument to builtins.genericClosure"
	start, err := w.attr(set, symStartSet, in)
	if err != nil {
		return Value{}, err
	}
	work, err := w.forceList(start.Value, noPos,
		"while evaluating the 'startSet' attribute passed as argument to builtins.genericClosure")
	if err != nil {
		return Value{}, err
	}
	if len(work) == 0 {
		return listValue(nil), nil
	}
	attr, err := w.attr(set, symOperator, in)
	if err != nil {
		return Value{}, err
	}
	operator, err := w.forceFunction(attr.Value, noPos,
		"while evaluating the 'operator' attribute passed as argument to builtins.genericClosure")
	if err != nil {
		return Value{}, err
	}
	c := closureBuilder{w: w, operator: operator, queue: append([]*Thunk(nil), work...)}
	for len(c.queue) > 0 {
		element := c.queue[0]
		c.queue = c.queue[1:]
		if err := c.visit(element); err != nil {
			return Value{}, err
		}
	}
	return listValue(c.result), nil
}

// closureBuilder is a genericClosure under way.
type closureBuilder struct {
	w        *worker
	operator Value
	queue    []*Thunk
	result   []*Thunk
	keys     keySet
}

func (c *closureBuilder) visit(element *Thunk) error {
	w := c.w
	set, err := w.forceAttrs(element, noPos, "")
	if err == nil {
		_, err = w.attr(set, symKey, "")
	}
	if err != nil {
		return w.tracef(err, noPos, "in genericClosure element %s", w.showThunk(element))
	}
	key, err := w.force(set.get(symKey).Value, noPos)
	if err != nil {
		return err
	}
	isNew, other, err := c.keys.add(w, key, element)
	if err != nil {
		if other != nil {
			err = w.tracef(err, noPos, "with element %s", w.showThunk(other))
			return w.tracef(err, noPos, "while comparing element %s", w.showThunk(element))
		}
		return w.tracef(err, noPos, "while checking key of element %s", w.showThunk(element))
	}
	if !isNew {
		return nil
	}
	c.result = append(c.result, element)
	if err := c.expand(element); err != nil {
		return w.tracef(err, noPos, "while calling operator on genericClosure element %s", w.showThunk(element))
	}
	return nil
}

// expand adds what the operator makes of the element to the queue.
func (c *closureBuilder) expand(element *Thunk) error {
	w := c.w
	v, err := w.call1(c.operator, noPos, element)
	if err != nil {
		return err
	}
	if v.tag != tagList {
		return w.expectedWhile("a list", v, noPos,
			"while evaluating the return value of the `operator` passed to builtins.genericClosure")
	}
	for _, t := range v.List() {
		if _, err := w.force(t, noPos); err != nil {
			return err
		}
		c.queue = append(c.queue, t)
	}
	return nil
}

// keySet is a set of keys that can be compared with each other, as a tree: which
// of them are compared, and fail to be, is seen in errors only.
type keySet struct {
	root *keyNode
	// strings or ints are the keys as long as all are of that kind, which is most
	// of the time: then the tree is its root only. Keys that come in order, as
	// numbers often do, would make a list of it.
	strings map[string]bool
	ints    map[int64]bool
}

type keyNode struct {
	key         Value
	element     *Thunk
	left, right *keyNode
}

// add adds a key unless it is there. other is the element that it could not be
// compared with.
func (s *keySet) add(w *worker, key Value, element *Thunk) (isNew bool, other *Thunk, err error) {
	first := s.root == nil
	switch kind := key.Kind(); {
	case kind == KindString && (first || s.strings != nil):
		isNew = addKey(&s.strings, key.Text())
	case kind == KindInt && (first || s.ints != nil):
		isNew = addKey(&s.ints, key.Int())
	default:
		if kind == KindFloat {
			s.growInts()
		}
		return s.grow(w, key, element)
	}
	if first {
		s.root = &keyNode{key: key, element: element}
	}
	return isNew, nil, nil
}

// addKey adds a key to a set, which may be nil, unless it is there.
func addKey[K comparable](set *map[K]bool, key K) (isNew bool) {
	if *set == nil {
		*set = make(map[K]bool)
	}
	isNew = !(*set)[key]
	(*set)[key] = true
	return isNew
}

// growInts puts the integers into the tree, since a float is to be compared with
// them. Other keys are compared with the root in vain.
func (s *keySet) growInts() {
	for n := range s.ints {
		// Numbers can be compared, so there is no error, and no worker is needed.
		_, _, _ = s.grow(nil, intValue(n), s.root.element)
	}
	s.ints = nil
}

// grow is add for the tree.
func (s *keySet) grow(w *worker, key Value, element *Thunk) (isNew bool, other *Thunk, err error) {
	place := &s.root
	for *place != nil {
		node := *place
		before, err := w.less(key, node.key, "")
		if err != nil {
			return false, node.element, err
		}
		if before {
			place = &node.left
			continue
		}
		after, err := w.less(node.key, key, "")
		if err != nil {
			return false, node.element, err
		}
		if !after {
			return false, nil, nil
		}
		place = &node.right
	}
	*place = &keyNode{key: key, element: element}
	return true, nil, nil
}
