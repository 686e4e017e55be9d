package eval

// less says whether a comes before b. why is a line of trace, or "".
func (w *worker) less(a, b Value, why string) (bool, error) {
	is, err := w.compare(a, b)
	if err != nil && why != "" {
		err = w.trace(err, noPos, why)
	}
	return is, err
}

func (w *worker) compare(a, b Value) (bool, error) {
	switch {
	case a.tag == tagInt && b.tag == tagInt:
		return a.Int() < b.Int(), nil
	case (a.tag == tagInt || a.tag == tagFloat) && (b.tag == tagInt || b.tag == tagFloat):
		return a.number() < b.number(), nil
	case a.Kind() != b.Kind():
		return false, w.fail(KindEval, noPos, "cannot compare %s with %s; values are %s and %s",
			a.kindName(), b.kindName(), w.show(a), w.show(b))
	}
	switch a.Kind() {
	case KindString:
		return a.Text() < b.Text(), nil
	case KindPath:
		return a.Path() < b.Path(), nil
	case KindList:
		return w.lessList(a.List(), b.List())
	}
	return false, w.fail(KindEval, noPos,
		"cannot compare %s with %s; values of that type are incomparable (values are %s and %s)",
		a.kindName(), b.kindName(), w.show(a), w.show(b))
}

func (w *worker) lessList(a, b []*Thunk) (bool, error) {
	if err := w.enterCall(noPos); err != nil {
		return false, err
	}
	defer w.leaveCall()
	for i := range b {
		if i == len(a) {
			return true, nil
		}
		same, err := w.equalThunks(a[i], b[i], noPos)
		if err != nil {
			return false, err
		}
		if !same {
			x, _ := a[i].evaluated()
			y, _ := b[i].evaluated()
			return w.less(x, y, "while comparing two list elements")
		}
	}
	return false, nil
}
