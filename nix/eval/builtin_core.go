package eval

import "slices"

// coreBuiltins are those of builtin_core*.go.
func coreBuiltins() []Builtin {
	return slices.Concat(
		constantBuiltins(),
		controlBuiltins(),
		typeBuiltins(),
		numberBuiltins(),
		listBuiltins(),
		listFunctionBuiltins(),
		attrsBuiltins(),
		importBuiltins(),
	)
}

// constantBuiltins are values that are no functions.
func constantBuiltins() []Builtin {
	return []Builtin{
		{Name: "true", fn0: func(*worker) (Value, error) { return boolValue(true), nil }, constant: true},
		{Name: "false", fn0: func(*worker) (Value, error) { return boolValue(false), nil }, constant: true},
		{Name: "null", fn0: func(*worker) (Value, error) { return nullValue(), nil }, constant: true},
		{Name: "langVersion", fn0: func(*worker) (Value, error) { return intValue(6), nil }, constant: true},
		{Name: "nixVersion", fn0: builtinNixVersion},
		{Name: "storeDir", fn0: func(w *worker) (Value, error) { return stringValue(string(w.store.Dir())), nil }},
		{Name: "currentSystem", fn0: builtinCurrentSystem, impure: true},
		{Name: "currentTime", fn0: builtinCurrentTime, impure: true},
		{Name: "nixPath", fn0: builtinNixPath},
	}
}

// nixVersion is the release of Nix whose language this is.
const nixVersion = "2.34.8"

func builtinNixVersion(*worker) (Value, error) { return stringValue(nixVersion), nil }

func builtinCurrentSystem(w *worker) (Value, error) {
	return stringValue(w.options.CurrentSystem), nil
}

func builtinCurrentTime(w *worker) (Value, error) { return intValue(w.inputs.Now().Unix()), nil }

func builtinNixPath(w *worker) (Value, error) {
	entries := w.options.SearchPath
	if w.options.Pure {
		entries = nil
	}
	list := make([]*Thunk, len(entries))
	for i, entry := range entries {
		set := newAttrs(2)
		set.addValue(symPath, stringValue(entry.Path))
		set.addValue(symPrefix, stringValue(entry.Prefix))
		list[i] = valueThunk(attrsValue(set.finish()))
	}
	return listValue(list), nil
}
