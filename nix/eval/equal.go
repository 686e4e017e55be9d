package eval

// equal says whether two values are equal. Functions never are, but a set or list
// is equal to itself in memory whatever is in it.
func (w *worker) equal(a, b Value, pos Pos) (bool, error) {
	switch a.tag {
	case tagInt:
		switch b.tag {
		case tagInt:
			return a.Int() == b.Int(), nil
		case tagFloat:
			return float64(a.Int()) == b.Float(), nil
		}
		return false, nil
	case tagFloat:
		return (b.tag == tagInt || b.tag == tagFloat) && a.Float() == b.number(), nil
	}
	if a.Kind() != b.Kind() {
		return false, nil
	}
	switch a.Kind() {
	case KindNull:
		return true, nil
	case KindBool:
		return a.Bool() == b.Bool(), nil
	case KindString:
		return a.Text() == b.Text(), nil
	case KindPath:
		return a.Path() == b.Path(), nil
	case KindList:
		return w.equalLists(a.List(), b.List(), pos)
	case KindAttrs:
		return w.equalAttrs(a, b, pos)
	}
	return false, nil
}

// equalThunks is equal of what two thunks evaluate to. One thunk is equal to
// itself.
func (w *worker) equalThunks(a, b *Thunk, pos Pos) (bool, error) {
	x, err := w.force(a, pos)
	if err != nil {
		return false, err
	}
	y, err := w.force(b, pos)
	if err != nil {
		return false, err
	}
	if a == b {
		return true, nil
	}
	return w.equal(x, y, pos)
}

func (w *worker) equalLists(a, b []*Thunk, pos Pos) (bool, error) {
	if len(a) != len(b) {
		return false, nil
	}
	if err := w.enterCall(pos); err != nil {
		return false, err
	}
	defer w.leaveCall()
	for i := range a {
		if same, err := w.equalThunks(a[i], b[i], pos); err != nil || !same {
			return false, err
		}
	}
	return true, nil
}

func (w *worker) equalAttrs(a, b Value, pos Pos) (bool, error) {
	if err := w.enterCall(pos); err != nil {
		return false, err
	}
	defer w.leaveCall()
	x, y, err := w.outPaths(a, b)
	if err != nil {
		return false, err
	}
	if x != nil && y != nil {
		return w.equalThunks(x.Value, y.Value, pos)
	}
	left, right := a.Attrs().list, b.Attrs().list
	if len(left) != len(right) {
		return false, nil
	}
	for i := range left {
		if left[i].Name != right[i].Name {
			return false, nil
		}
		if same, err := w.equalThunks(left[i].Value, right[i].Value, pos); err != nil || !same {
			return false, err
		}
	}
	return true, nil
}

// outPaths returns the outPath attributes of two sets if both are derivations,
// which are compared by them.
func (w *worker) outPaths(a, b Value) (x, y *Attr, err error) {
	is, err := w.isDerivation(a)
	if err != nil || !is {
		return nil, nil, err
	}
	if is, err = w.isDerivation(b); err != nil || !is {
		return nil, nil, err
	}
	return a.Attrs().get(symOutPath), b.Attrs().get(symOutPath), nil
}
