package eval

import (
	"context"
	"fmt"
	"strconv"
	"strings"
)

// Select follows an attribute path such as a.b.0 or a."b.c" from v, calling
// functions on the way like AutoCall. An empty path is v itself, called too.
func (ev *Evaluator) Select(ctx context.Context, v Value, path string, args Value) (Value, error) {
	names, err := parseAttrPath(path)
	if err != nil {
		return Value{}, &Error{Message: err.Error(), positions: ev.positions}
	}
	w := ev.worker(ctx)
	for _, name := range names {
		if v, err = w.autoCall(v, args.Attrs()); err != nil {
			return Value{}, err
		}
		if v, err = w.selectStep(v, name, path); err != nil {
			return Value{}, err
		}
	}
	return v, nil
}

// selectStep goes one step: to an attribute, or to an element if the name is a
// number.
func (w *worker) selectStep(v Value, name, path string) (Value, error) {
	if index, err := strconv.ParseUint(name, 10, 31); err == nil {
		if v.tag != tagList {
			return Value{}, w.fail(KindType, noPos,
				"the expression selected by the selection path '%s' should be a list but is %s", path, v.kindName())
		}
		if index >= uint64(len(v.List())) {
			return Value{}, w.fail(KindEval, noPos, "list index %d in selection path '%s' is out of range", index, path)
		}
		return w.force(v.List()[index], noPos)
	}
	if v.tag != tagAttrs {
		return Value{}, w.fail(KindType, noPos,
			"the expression selected by the selection path '%s' should be a set but is %s", path, v.kindName())
	}
	if name == "" {
		return Value{}, w.fail(KindEval, noPos, "empty attribute name in selection path '%s'", path)
	}
	if symbol, known := w.symbols.lookup(name); known {
		if attr := v.Attrs().get(symbol); attr != nil {
			return w.force(attr.Value, attr.Pos)
		}
	}
	names := make([]string, 0, v.Attrs().Len())
	for _, attr := range v.Attrs().list {
		names = append(names, w.symbols.name(attr.Name))
	}
	err := w.fail(KindMissingAttribute, noPos, "attribute '%s' in selection path '%s' not found", name, path)
	err.suggestions = bestMatches(names, name)
	return Value{}, err
}

// parseAttrPath splits an attribute path at dots that are not in quotes.
func parseAttrPath(path string) ([]string, error) {
	if path == "" {
		return nil, nil
	}
	var names []string
	var name strings.Builder
	quoted := false
	for _, c := range []byte(path) {
		switch {
		case c == '"':
			quoted = !quoted
		case c == '.' && !quoted:
			names = append(names, name.String())
			name.Reset()
		default:
			name.WriteByte(c)
		}
	}
	if quoted {
		return nil, fmt.Errorf("missing closing quote in selection path '%s'", path)
	}
	return append(names, name.String()), nil
}
