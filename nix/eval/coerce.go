package eval

import (
	"path/filepath"
	"strconv"
	"strings"
)

// coercion says which values besides strings become strings, and how.
type coercion uint8

const (
	// coerceMore also takes null, booleans, numbers and lists, as builtins.toString
	// and the environment of derivations do.
	coerceMore coercion = 1 << iota
	// copyToStore makes of a path its copy in the store, as "${./path}" does.
	copyToStore
)

// coerceToString converts v to a string with context. why is a line of trace for
// values that cannot be converted.
func (w *worker) coerceToString(v Value, pos Pos, how coercion, why string) (string, Context, error) {
	switch v.Kind() {
	case KindString:
		return v.Text(), v.Context(), nil
	case KindPath:
		if how&copyToStore == 0 {
			return v.Path(), nil, nil
		}
		p, err := w.copyPath(v.Path())
		if err != nil {
			return "", nil, err
		}
		return string(p), Context{opaque(p)}, nil
	case KindAttrs:
		return w.coerceAttrs(v, pos, how, why)
	}
	if how&coerceMore != 0 {
		switch v.Kind() {
		case KindNull:
			return "", nil, nil
		case KindBool:
			if v.Bool() {
				return "1", nil, nil
			}
			return "", nil, nil
		case KindInt:
			return strconv.FormatInt(v.Int(), 10), nil, nil
		case KindFloat:
			return strconv.FormatFloat(v.Float(), 'f', 6, 64), nil, nil
		case KindList:
			return w.coerceList(v.List(), pos, how, why)
		}
	}
	return "", nil, w.failWhile(KindType, pos, why, "cannot coerce %s to a string: %s", v.kindName(), w.show(v))
}

// coerceThunk is coerceToString of a thunk.
func (w *worker) coerceThunk(t *Thunk, pos Pos, how coercion, why string) (string, Context, error) {
	v, err := w.force(t, pos)
	if err != nil {
		return "", nil, err
	}
	return w.coerceToString(v, pos, how, why)
}

func (w *worker) coerceAttrs(v Value, pos Pos, how coercion, why string) (text string, context Context, err error) {
	err = w.peel(v, pos, false, func(peeled Value, _ bool) error {
		if peeled.tag == tagAttrs {
			return w.failWhile(KindType, pos, why, "cannot coerce %s to a string: %s", peeled.kindName(), w.show(peeled))
		}
		text, context, err = w.coerceToString(peeled, pos, how, why)
		return err
	})
	return text, context, err
}

func (w *worker) coerceList(list []*Thunk, pos Pos, how coercion, why string) (string, Context, error) {
	if err := w.enterCall(pos); err != nil {
		return "", nil, err
	}
	defer w.leaveCall()
	var out strings.Builder
	var all Context
	for i, t := range list {
		text, context, err := w.coerceThunk(t, pos, how, "while evaluating one element of the list")
		if err != nil {
			return "", nil, w.trace(err, pos, why)
		}
		out.WriteString(text)
		all = all.union(context)
		// An empty list has no space after it.
		if v, _ := t.evaluated(); i < len(list)-1 && (v.tag != tagList || v.num != 0) {
			out.WriteByte(' ')
		}
	}
	return out.String(), all, nil
}

// peel follows __toString and outPath of sets until something else comes, which
// use gets: a set only if it has neither. through says that a __toString was
// called on the way; checkResult demands that it returns a string.
func (w *worker) peel(v Value, pos Pos, checkResult bool, use func(v Value, through bool) error) error {
	return w.peelFrom(v, pos, checkResult, false, use)
}

func (w *worker) peelFrom(v Value, pos Pos, checkResult, through bool, use func(v Value, through bool) error) error {
	if v.tag != tagAttrs {
		if kind := v.Kind(); checkResult && through && kind != KindString && kind != KindPath {
			return w.fail(KindType, pos, "`__toString` should return a string, but got %s: %s", v.kindName(), w.show(v))
		}
		return use(v, through)
	}
	if err := w.enterCall(pos); err != nil {
		return err
	}
	defer w.leaveCall()
	if attr := v.Attrs().get(symToString); attr != nil {
		f, err := w.force(attr.Value, attr.Pos)
		var result Value
		if err == nil {
			result, err = w.call1(f, attr.Pos, valueThunk(v))
		}
		if err != nil {
			return w.trace(err, attr.Pos, "while calling the `__toString` attribute")
		}
		if err := w.peelFrom(result, attr.Pos, checkResult, true, use); err != nil {
			return w.trace(err, attr.Pos, "while using the result of the `__toString` attribute")
		}
		return nil
	}
	if attr := v.Attrs().get(symOutPath); attr != nil {
		outPath, err := w.force(attr.Value, attr.Pos)
		if err != nil {
			return w.trace(err, attr.Pos, "while evaluating the `outPath` attribute")
		}
		if err := w.peelFrom(outPath, attr.Pos, checkResult, through, use); err != nil {
			return w.trace(err, attr.Pos, "while using the `outPath` attribute")
		}
		return nil
	}
	if checkResult && through {
		return w.fail(KindType, pos, "`__toString` must return a string, but got %s: %s", v.kindName(), w.show(v))
	}
	return use(v, through)
}

// coerceToPath evaluates t to an absolute path with the context of the string
// that it came from.
func (w *worker) coerceToPath(t *Thunk, pos Pos, why string) (string, Context, error) {
	v, err := w.force(t, pos)
	if err != nil {
		return "", nil, err
	}
	var path string
	var context Context
	err = w.peel(v, pos, false, func(peeled Value, _ bool) error {
		if peeled.tag == tagPath {
			path = peeled.Path()
			return nil
		}
		text, c, err := w.coerceToString(peeled, pos, 0, why)
		if err != nil {
			return err
		}
		if !strings.HasPrefix(text, "/") {
			return w.failWhile(KindEval, pos, why, "string '%s' doesn't represent an absolute path", text)
		}
		path, context = filepath.Clean(text), c
		return nil
	})
	return path, context, err
}

// isDerivation says whether v is a set with type = "derivation".
func (w *worker) isDerivation(v Value) (bool, error) {
	if v.tag != tagAttrs {
		return false, nil
	}
	attr := v.Attrs().get(symType)
	if attr == nil {
		return false, nil
	}
	t, err := w.force(attr.Value, attr.Pos)
	if err != nil {
		return false, err
	}
	return t.Kind() == KindString && t.Text() == "derivation", nil
}
