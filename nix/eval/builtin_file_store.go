package eval

import (
	"io/fs"
	"path"
	"strings"

	"luminousnix/nix/store"
)

// storeBuiltins are those that put files into the store.
func storeBuiltins() []Builtin {
	return []Builtin{
		{Name: "toFile", fn2: builtinToFile},
		{Name: "path", fn1: builtinPath},
		{Name: "filterSource", fn2: builtinFilterSource},
		{Name: "storePath", fn1: builtinStorePath},
	}
}

func builtinToFile(w *worker, _ Pos, a, b *Thunk) (Value, error) {
	name, err := w.forcePlainString(a, noPos, "while evaluating the first argument passed to builtins.toFile")
	if err != nil {
		return Value{}, err
	}
	text, context, err := w.forceString(b, noPos, "while evaluating the second argument passed to builtins.toFile")
	if err != nil {
		return Value{}, err
	}
	references := make([]store.Path, len(context))
	for i, e := range context {
		if e.Output() != "" || e.Deep() {
			return Value{}, w.fail(KindEval, noPos, "files created by %s may not reference derivations, but %s references %s", "builtins.toFile", name, e)
		}
		references[i] = e.Path()
	}
	p, err := w.store.AddText(w.ctx, name, []byte(text), references)
	if err != nil {
		return Value{}, w.storeError(err, name)
	}
	w.allow(p)
	return storePathValue(p), nil
}

// storePathValue is the path as a string that depends on it.
func storePathValue(p store.Path) Value {
	return contextValue(string(p), Context{opaque(p)})
}

func builtinStorePath(w *worker, _ Pos, a *Thunk) (Value, error) {
	if w.options.Pure {
		return Value{}, w.fail(KindEval, noPos, "'builtins.storePath' is not allowed in pure evaluation mode")
	}
	file, context, err := w.coerceToPath(a, noPos, "while evaluating the first argument passed to 'builtins.storePath'")
	if err != nil {
		return Value{}, err
	}
	p, real, err := w.storePath(file)
	if err != nil {
		return Value{}, err
	}
	element := Context{opaque(p)}
	if err := w.realise(element, noPos); err != nil {
		return Value{}, err
	}
	if _, err := w.inputs.Lstat(string(p)); err != nil { // that it is there is an input
		return Value{}, w.readError(err, noPos, string(p))
	}
	return contextValue(real, context.union(element)), nil
}

func builtinFilterSource(w *worker, _ Pos, a, b *Thunk) (Value, error) {
	file, context, err := w.coerceToPath(b, noPos, "while evaluating the second argument (the path to filter) passed to 'builtins.filterSource'")
	if err != nil {
		return Value{}, err
	}
	filter, err := w.forceFunction(a, noPos, "while evaluating the first argument passed to builtins.filterSource")
	if err != nil {
		return Value{}, err
	}
	s := addedSource{name: path.Base(file), path: file, context: context, filter: &filter, recursive: true}
	return w.addSource(s)
}

// addedSource is what builtins.path and filterSource add to the store.
type addedSource struct {
	name      string
	path      string
	context   Context
	filter    *Value // nil without
	recursive bool
	hash      store.Hash // expected; zero if unknown
}

func builtinPath(w *worker, _ Pos, a *Thunk) (Value, error) {
	set, err := w.forceAttrs(a, noPos, "while evaluating the argument passed to 'builtins.path'")
	if err != nil {
		return Value{}, err
	}
	s := addedSource{recursive: true}
	for _, attr := range set.sorted(w.symbols) {
		if err := w.pathArgument(&s, attr); err != nil {
			return Value{}, err
		}
	}
	if s.path == "" {
		return Value{}, w.fail(KindEval, noPos, "missing required 'path' attribute in the first argument to 'builtins.path'")
	}
	if s.name == "" {
		s.name = path.Base(s.path)
	}
	return w.addSource(s)
}

func (w *worker) pathArgument(s *addedSource, attr Attr) (err error) {
	switch attr.Name {
	case symPath:
		s.path, s.context, err = w.coerceToPath(attr.Value, attr.Pos, "while evaluating the 'path' attribute passed to 'builtins.path'")
	case symName:
		s.name, err = w.forcePlainString(attr.Value, attr.Pos, "while evaluating the `name` attribute passed to builtins.path")
	case symFilter:
		var filter Value
		filter, err = w.forceFunction(attr.Value, attr.Pos, "while evaluating the `filter` parameter passed to builtins.path")
		s.filter = &filter
	case symRecursive:
		s.recursive, err = w.forceBool(attr.Value, attr.Pos, "while evaluating the `recursive` attribute passed to builtins.path")
	case symSHA256:
		var text string
		if text, err = w.forcePlainString(attr.Value, attr.Pos, "while evaluating the `sha256` attribute passed to builtins.path"); err == nil {
			s.hash, err = w.parseHash(text, store.SHA256)
		}
	default:
		err = w.fail(KindEval, attr.Pos, "unsupported argument '%s' to 'builtins.path'", w.symbols.name(attr.Name))
	}
	return err
}

// addSource adds a source, unless its hash tells that it is there already.
func (w *worker) addSource(s addedSource) (Value, error) {
	p, err := w.addSourcePath(s)
	if err != nil {
		return Value{}, w.tracef(err, noPos, "while adding path '%s'", s.path)
	}
	w.allow(p)
	return storePathValue(p), nil
}

func (w *worker) addSourcePath(s addedSource) (store.Path, error) {
	var expected store.Path
	if !s.hash.IsZero() {
		method := store.Flat
		if s.recursive {
			method = store.Recursive
		}
		var err error
		expected, err = w.store.Dir().FixedOutputPath(s.name, store.ContentAddress{Method: method, Hash: s.hash}, store.References{})
		if err != nil {
			return "", w.storeError(err, s.name)
		}
		if valid, err := w.store.IsValid(w.ctx, expected); err != nil || valid {
			return expected, w.storeError(err, s.name)
		}
	}
	if err := w.realise(s.context, noPos); err != nil {
		return "", err
	}
	real, err := resolve(w.inputs, s.path, true)
	if err != nil {
		return "", w.readError(err, noPos, s.path)
	}
	var p store.Path
	if s.recursive {
		p, err = w.addTree(s.name, real, w.keep(s, real))
	} else {
		p, err = w.addFile(s.name, real)
	}
	if err == nil && expected != "" && p != expected {
		err = w.fail(KindEval, noPos, "store path mismatch in (possibly filtered) path added from '%s'", s.path)
	}
	return p, err
}

// keep makes a function of Go of the filter, or returns nil without one. The
// filter is told paths as they were given, with links unresolved.
func (w *worker) keep(s addedSource, real string) keepFunc {
	if s.filter == nil {
		return nil
	}
	return func(file string, kind fs.FileMode) (bool, error) {
		name := path.Join(s.path, strings.TrimPrefix(file, real))
		v, err := w.call2(*s.filter, noPos, valueThunk(stringValue(name)), valueThunk(stringValue(fileType(kind))))
		if err != nil {
			return false, err
		}
		return w.forceBool(valueThunk(v), noPos, "while evaluating the return value of the path filter function")
	}
}
