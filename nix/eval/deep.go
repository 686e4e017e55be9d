package eval

// forceDeep evaluates t and all that is in it.
func (w *worker) forceDeep(t *Thunk) error {
	return w.forceDeepOnce(t, make(map[*Thunk]bool))
}

func (w *worker) forceDeepOnce(t *Thunk, seen map[*Thunk]bool) error {
	pos := w.applied(t)
	if err := w.enterCall(pos); err != nil {
		return err
	}
	defer w.leaveCall()
	if seen[t] {
		return nil
	}
	seen[t] = true
	v, err := w.force(t, pos)
	if err != nil {
		return err
	}
	switch v.tag {
	case tagAttrs:
		for _, attr := range v.Attrs().list {
			if err := w.forceDeepOnce(attr.Value, seen); err != nil {
				return w.tracef(err, attr.Pos, "while evaluating the attribute '%s'", w.symbols.name(attr.Name))
			}
		}
	case tagList:
		for i, element := range v.List() {
			if err := w.forceDeepOnce(element, seen); err != nil {
				return w.tracef(err, noPos, "while evaluating list element at index %d", i)
			}
		}
	}
	return nil
}
