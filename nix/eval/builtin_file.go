package eval

import (
	"io/fs"
	"path"
	"strings"

	"luminousnix/nix/store"
)

// fileBuiltins are those that read files and directories.
func fileBuiltins() []Builtin {
	return []Builtin{
		{Name: "baseNameOf", fn1: builtinBaseNameOf},
		{Name: "dirOf", fn1: builtinDirOf},
		{Name: "toPath", fn1: builtinToPath},
		{Name: "pathExists", fn1: builtinPathExists},
		{Name: "readFile", fn1: builtinReadFile},
		{Name: "readDir", fn1: builtinReadDir},
		{Name: "readFileType", fn1: builtinReadFileType},
		{Name: "findFile", fn2: builtinFindFile},
		{Name: "getEnv", fn1: builtinGetEnv},
	}
}

func builtinBaseNameOf(w *worker, _ Pos, a *Thunk) (Value, error) {
	text, context, err := w.coerceThunk(a, noPos, 0, "while evaluating the first argument passed to builtins.baseNameOf")
	if err != nil {
		return Value{}, err
	}
	// One slash at the end is left out, and no more than one.
	if len(text) > 1 {
		text = strings.TrimSuffix(text, "/")
	}
	return contextValue(text[strings.LastIndexByte(text, '/')+1:], context), nil
}

func builtinDirOf(w *worker, _ Pos, a *Thunk) (Value, error) {
	v, err := w.force(a, noPos)
	if err != nil {
		return Value{}, err
	}
	if v.Kind() == KindPath {
		return pathValue(path.Dir(v.Path())), nil
	}
	text, context, err := w.coerceToString(v, noPos, 0, "while evaluating the first argument passed to 'builtins.dirOf'")
	if err != nil {
		return Value{}, err
	}
	switch slash := strings.LastIndexByte(text, '/'); slash {
	case -1:
		text = "."
	case 0:
		text = "/"
	default:
		text = text[:slash]
	}
	return contextValue(text, context), nil
}

func builtinToPath(w *worker, _ Pos, a *Thunk) (Value, error) {
	text, context, err := w.coerceToPath(a, noPos, "while evaluating the first argument passed to builtins.toPath")
	if err != nil {
		return Value{}, err
	}
	return contextValue(text, context), nil
}

// builtinPathExists answers false for what may not be read, and even where finding
// out about which path it is needs something that may not be read.
func builtinPathExists(w *worker, _ Pos, a *Thunk) (Value, error) {
	v, err := w.force(a, noPos)
	if restricted(err) {
		return boolValue(false), nil
	}
	if err != nil {
		return Value{}, err
	}
	mustBeDir := v.Kind() == KindString && (strings.HasSuffix(v.Text(), "/") || strings.HasSuffix(v.Text(), "/."))
	realise := w.realiseParents
	if mustBeDir {
		realise = w.realisePath
	}
	file, err := realise(a, noPos, "")
	if restricted(err) {
		return boolValue(false), nil
	}
	if err != nil {
		return Value{}, err
	}
	info, err := w.inputs.Lstat(file)
	if err != nil {
		return boolValue(false), nil
	}
	return boolValue(!mustBeDir || info.IsDir()), nil
}

func builtinReadFile(w *worker, _ Pos, a *Thunk) (Value, error) {
	file, err := w.realisePath(a, noPos, "")
	if err != nil {
		return Value{}, err
	}
	content, err := w.inputs.ReadFile(file)
	if err != nil {
		return Value{}, w.readError(err, noPos, file)
	}
	text := string(content)
	if strings.IndexByte(text, 0) >= 0 {
		return Value{}, w.fail(KindEval, noPos, "the contents of the file '%s' cannot be represented as a Nix string", file)
	}
	context, err := w.referencesIn(file, text)
	if err != nil {
		return Value{}, err
	}
	return contextValue(text, context), nil
}

// referencesIn returns as a context which of the references of the store path
// that a file is in occur in its text.
func (w *worker) referencesIn(file, text string) (Context, error) {
	p, _, err := w.store.Dir().Split(file)
	if err != nil {
		return nil, nil // not in the store
	}
	references, err := w.store.References(w.ctx, p)
	if err != nil {
		return nil, w.storeError(err, p.Name())
	}
	var elements []ContextElement
	for _, reference := range references {
		if strings.Contains(text, reference.HashPart()) {
			elements = append(elements, opaque(reference))
		}
	}
	return newContext(elements...), nil
}

func builtinReadDir(w *worker, _ Pos, a *Thunk) (Value, error) {
	dir, err := w.realisePath(a, noPos, "")
	if err != nil {
		return Value{}, err
	}
	entries, err := w.inputs.ReadDir(dir)
	if err != nil {
		return Value{}, w.readError(err, noPos, dir)
	}
	set := newAttrs(len(entries))
	for _, entry := range entries {
		set.addValue(w.intern(entry.Name()), stringValue(fileType(entry.Type())))
	}
	return attrsValue(set.finish()), nil
}

// builtinReadFileType does not follow links, not even those that lead to the file.
func builtinReadFileType(w *worker, _ Pos, a *Thunk) (Value, error) {
	file, context, err := w.coerceToPath(a, noPos, "while realising the context of a path")
	if err == nil {
		err = w.realise(context, noPos)
	}
	if err != nil {
		return Value{}, err
	}
	for dir := path.Dir(file); dir != "/"; dir = path.Dir(dir) {
		info, err := w.inputs.Lstat(dir)
		if err == nil && info.Mode()&fs.ModeSymlink != 0 {
			return Value{}, w.fail(KindFile, noPos, "path '%s' is a symlink", dir)
		}
	}
	info, err := w.inputs.Lstat(file)
	if err != nil {
		return Value{}, w.readError(err, noPos, file)
	}
	return stringValue(fileType(info.Mode())), nil
}

func fileType(mode fs.FileMode) string {
	switch mode.Type() {
	case 0:
		return "regular"
	case fs.ModeDir:
		return "directory"
	case fs.ModeSymlink:
		return "symlink"
	}
	return "unknown"
}

func builtinFindFile(w *worker, _ Pos, a, b *Thunk) (Value, error) {
	list, err := w.forceList(a, noPos, "while evaluating the first argument passed to builtins.findFile")
	if err != nil {
		return Value{}, err
	}
	entries := make([]SearchEntry, len(list))
	for i, t := range list {
		if entries[i], err = w.searchEntry(t); err != nil {
			return Value{}, err
		}
	}
	name, err := w.forcePlainString(b, noPos, "while evaluating the second argument passed to builtins.findFile")
	if err != nil {
		return Value{}, err
	}
	found, err := w.findFile(entries, name, noPos)
	if err != nil {
		return Value{}, err
	}
	return pathValue(found), nil
}

// searchEntry reads an element of builtins.nixPath.
func (w *worker) searchEntry(t *Thunk) (SearchEntry, error) {
	var entry SearchEntry
	set, err := w.forceAttrs(t, noPos, "while evaluating an element of the list passed to builtins.findFile")
	if err != nil {
		return entry, err
	}
	if attr := set.get(symPrefix); attr != nil {
		entry.Prefix, err = w.forcePlainString(attr.Value, noPos, "while evaluating the `prefix` attribute of an element of the list passed to builtins.findFile")
		if err != nil {
			return entry, err
		}
	}
	attr := set.get(symPath)
	if attr == nil {
		return entry, w.failWhile(KindMissingAttribute, noPos, "in an element of the __nixPath", "attribute 'path' missing")
	}
	var context Context
	entry.Path, context, err = w.coerceThunk(attr.Value, noPos, 0, "while evaluating the `path` attribute of an element of the list passed to builtins.findFile")
	if err != nil {
		return entry, err
	}
	return entry, w.realise(context, noPos)
}

func builtinGetEnv(w *worker, _ Pos, a *Thunk) (Value, error) {
	name, err := w.forcePlainString(a, noPos, "while evaluating the first argument passed to builtins.getEnv")
	if err != nil {
		return Value{}, err
	}
	if w.options.Pure || w.options.Restrict {
		return stringValue(""), nil
	}
	return stringValue(w.inputs.Getenv(name)), nil
}

// storePath is what builtins.storePath takes: a path in the store, or one that
// leads there by links.
func (w *worker) storePath(file string) (p store.Path, real string, err error) {
	if p, err := w.store.Dir().Parse(file); err == nil {
		return p, file, nil // perhaps a link itself
	}
	if real, err = resolve(w.inputs, file, true); err != nil {
		return "", "", w.readError(err, noPos, file)
	}
	if p, _, err = w.store.Dir().Split(real); err != nil {
		return "", "", w.fail(KindEval, noPos, "path '%s' is not in the Nix store", real)
	}
	return p, real, nil
}
