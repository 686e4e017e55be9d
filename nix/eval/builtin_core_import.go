package eval

// importBuiltins evaluate other files.
func importBuiltins() []Builtin {
	return []Builtin{
		{Name: "import", fn1: builtinImport},
		{Name: "scopedImport", fn2: builtinScopedImport},
	}
}

func builtinImport(w *worker, _ Pos, a *Thunk) (Value, error) {
	path, err := w.importPath(a)
	if err != nil {
		return Value{}, err
	}
	return w.importFile(path)
}

func builtinScopedImport(w *worker, _ Pos, a, b *Thunk) (Value, error) {
	path, err := w.importPath(b)
	if err != nil {
		return Value{}, err
	}
	set, err := w.forceAttrs(a, noPos, "while evaluating the first argument passed to builtins.scopedImport")
	if err != nil {
		return Value{}, err
	}
	file, err := w.expressionFile(path)
	if err != nil {
		return Value{}, err
	}
	names := make([]Symbol, set.Len())
	env := newEnv(w.globals.env, max(set.Len(), 1))
	for i, attr := range set.list {
		names[i] = attr.Name
		*env.slot(uint32(i)) = attr.Value
	}
	return w.evalPath(file, newScope(w.globals.scope, names), env)
}

// importPath evaluates t to the path of a file to import. What the path depends on
// is built.
func (w *worker) importPath(t *Thunk) (string, error) {
	path, context, err := w.coerceToPath(t, noPos, "while realising the context of a path")
	if err != nil {
		return "", err
	}
	return path, w.realise(context, noPos)
}
