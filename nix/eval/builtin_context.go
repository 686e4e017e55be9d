package eval

import (
	"slices"
	"strings"

	"luminousnix/nix/derivation"
	"luminousnix/nix/store"
)

// contextBuiltins are those about what strings depend on.
func contextBuiltins() []Builtin {
	return []Builtin{
		{Name: "hasContext", fn1: builtinHasContext},
		{Name: "getContext", fn1: builtinGetContext},
		{Name: "appendContext", fn2: builtinAppendContext},
		{Name: "unsafeDiscardStringContext", fn1: builtinDiscardContext},
		{Name: "unsafeDiscardOutputDependency", fn1: builtinDiscardOutputDependency},
		{Name: "addDrvOutputDependencies", fn1: builtinAddOutputDependencies},
	}
}

// contextSet collects contexts and sorts them once. Lists of strings that
// depend on much the same are common, and uniting them one by one is quadratic.
type contextSet struct {
	elements Context
	single   bool // elements is one context as it was added
}

func (s *contextSet) add(c Context) {
	switch {
	case len(c) == 0:
	case len(s.elements) == 0:
		s.elements, s.single = c, true
	case s.single && slices.Equal(s.elements, c):
	default:
		if s.single {
			s.elements, s.single = slices.Clone(s.elements), false
		}
		s.elements = append(s.elements, c...)
	}
}

func (s *contextSet) all() Context {
	if s.single || len(s.elements) == 0 {
		return s.elements
	}
	slices.Sort(s.elements)
	s.elements = slices.Compact(s.elements)
	s.single = true
	return s.elements
}

func builtinHasContext(w *worker, _ Pos, a *Thunk) (Value, error) {
	_, context, err := w.forceString(a, noPos, "while evaluating the argument passed to builtins.hasContext")
	if err != nil {
		return Value{}, err
	}
	return boolValue(len(context) > 0), nil
}

func builtinDiscardContext(w *worker, _ Pos, a *Thunk) (Value, error) {
	text, _, err := w.coerceThunk(a, noPos, copyToStore, "while evaluating the argument passed to builtins.unsafeDiscardStringContext")
	if err != nil {
		return Value{}, err
	}
	return stringValue(text), nil
}

func builtinDiscardOutputDependency(w *worker, _ Pos, a *Thunk) (Value, error) {
	text, context, err := w.coerceThunk(a, noPos, copyToStore, "while evaluating the argument passed to builtins.unsafeDiscardOutputDependency")
	if err != nil {
		return Value{}, err
	}
	plain := slices.Clone(context)
	for i, e := range plain {
		if e.Deep() {
			plain[i] = opaque(e.Path())
		}
	}
	return contextValue(text, newContext(plain...)), nil
}

func builtinAddOutputDependencies(w *worker, _ Pos, a *Thunk) (Value, error) {
	text, context, err := w.coerceThunk(a, noPos, copyToStore, "while evaluating the argument passed to builtins.addDrvOutputDependencies")
	if err != nil {
		return Value{}, err
	}
	if len(context) != 1 {
		return Value{}, w.fail(KindEval, noPos, "context of string '%s' must have exactly one element, but has %d", text, len(context))
	}
	e := context[0]
	if output := e.Output(); output != "" {
		return Value{}, w.fail(KindEval, noPos, "`addDrvOutputDependencies` can only act on derivations, not on a derivation output such as '%s'", output)
	}
	if _, ok := derivation.NameOf(e.Path()); !ok {
		return Value{}, w.fail(KindEval, noPos, "path '%s' is not a derivation", e.Path())
	}
	return contextValue(text, Context{deep(e.Path())}), nil
}

func builtinGetContext(w *worker, _ Pos, a *Thunk) (Value, error) {
	_, context, err := w.forceString(a, noPos, "while evaluating the argument passed to builtins.getContext")
	if err != nil {
		return Value{}, err
	}
	type info struct {
		path, all bool
		outputs   []string // sorted, as the context is
	}
	infos := make(map[store.Path]*info)
	var paths []store.Path
	for _, e := range context {
		p := e.Path()
		i := infos[p]
		if i == nil {
			i = new(info)
			infos[p] = i
			paths = append(paths, p)
		}
		switch output := e.Output(); {
		case output != "":
			i.outputs = append(i.outputs, output)
		case e.Deep():
			i.all = true
		default:
			i.path = true
		}
	}

	set := newAttrs(len(paths))
	for _, p := range paths {
		i := infos[p]
		element := newAttrs(3)
		if i.path {
			element.addValue(symPath, boolValue(true))
		}
		if i.all {
			element.addValue(symAllOutputs, boolValue(true))
		}
		if len(i.outputs) > 0 {
			element.addValue(symOutputs, stringList(i.outputs))
		}
		set.addValue(w.intern(string(p)), attrsValue(element.finish()))
	}
	return attrsValue(set.finish()), nil
}

func builtinAppendContext(w *worker, _ Pos, a, b *Thunk) (Value, error) {
	text, context, err := w.forceString(a, noPos, "while evaluating the first argument passed to builtins.appendContext")
	if err != nil {
		return Value{}, err
	}
	set, err := w.forceAttrs(b, noPos, "while evaluating the second argument passed to builtins.appendContext")
	if err != nil {
		return Value{}, err
	}
	elements := slices.Clone(context)
	for _, attr := range set.sorted(w.symbols) {
		more, err := w.contextOf(attr)
		if err != nil {
			return Value{}, err
		}
		elements = append(elements, more...)
	}
	return contextValue(text, newContext(elements...)), nil
}

// contextOf reads one attribute of the form that builtins.getContext returns.
func (w *worker) contextOf(attr Attr) ([]ContextElement, error) {
	name := w.symbols.name(attr.Name)
	p, err := w.store.Dir().Parse(name)
	if err != nil {
		return nil, w.fail(KindEval, attr.Pos, "context key '%s' is not a store path", name)
	}
	set, err := w.forceAttrs(attr.Value, attr.Pos, "while evaluating the value of a string context")
	if err != nil {
		return nil, err
	}
	isDrv := strings.HasSuffix(name, derivation.Extension)
	var elements []ContextElement
	if a := set.get(symPath); a != nil {
		on, err := w.forceBool(a.Value, a.Pos, "while evaluating the `path` attribute of a string context")
		if err != nil {
			return nil, err
		}
		if on {
			elements = append(elements, opaque(p))
		}
	}
	if a := set.get(symAllOutputs); a != nil {
		on, err := w.forceBool(a.Value, a.Pos, "while evaluating the `allOutputs` attribute of a string context")
		if err != nil {
			return nil, err
		}
		if on && !isDrv {
			return nil, w.fail(KindEval, attr.Pos, "tried to add all-outputs context of %s, which is not a derivation, to a string", name)
		}
		if on {
			elements = append(elements, deep(p))
		}
	}
	a := set.get(symOutputs)
	if a == nil {
		return elements, nil
	}
	outputs, err := w.forceList(a.Value, a.Pos, "while evaluating the `outputs` attribute of a string context")
	if err != nil {
		return nil, err
	}
	if len(outputs) > 0 && !isDrv {
		return nil, w.fail(KindEval, attr.Pos, "tried to add derivation output context of %s, which is not a derivation, to a string", name)
	}
	for _, t := range outputs {
		output, err := w.forcePlainString(t, a.Pos, "while evaluating an output name within a string context")
		if err != nil {
			return nil, err
		}
		elements = append(elements, builtOutput(p, output))
	}
	return elements, nil
}
