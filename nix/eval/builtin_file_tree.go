package eval

import (
	"net/url"
	"strings"
)

// builtinFetchTree and builtinFetchGit check their argument as Nix does, so that
// a mistake in it is told as it is everywhere. What is right is not fetched yet.
func builtinFetchTree(w *worker, _ Pos, a *Thunk) (Value, error) {
	return w.fetchUnsupported(a, "fetchTree")
}

func builtinFetchGit(w *worker, _ Pos, a *Thunk) (Value, error) {
	return w.fetchUnsupported(a, "fetchGit")
}

func (w *worker) fetchUnsupported(a *Thunk, builtin string) (Value, error) {
	v, err := w.force(a, noPos)
	if err != nil {
		return Value{}, err
	}
	if v.Kind() == KindAttrs {
		err = w.checkTree(v.Attrs(), builtin)
	} else {
		err = w.checkTreeURL(v, builtin)
	}
	if err != nil {
		return Value{}, err
	}
	return Value{}, w.notSupported(builtin)
}

// checkTree checks the attributes of a tree to fetch.
func (w *worker) checkTree(set *Attrs, builtin string) error {
	kind := set.get(symType)
	switch {
	case kind != nil && builtin == "fetchGit":
		return w.fail(KindEval, noPos, "unexpected argument 'type'")
	case kind != nil:
		if _, err := w.forcePlainString(kind.Value, kind.Pos, "while evaluating the `type` argument passed to '"+builtin+"'"); err != nil {
			return err
		}
	case builtin != "fetchGit":
		return w.fail(KindEval, noPos, "argument 'type' is missing in call to '%s'", builtin)
	}
	for _, attr := range set.sorted(w.symbols) {
		if err := w.checkTreeAttr(attr, builtin); err != nil {
			return err
		}
	}
	if set.get(symName) != nil && builtin != "fetchGit" {
		return w.fail(KindEval, noPos, "argument 'name' isn’t supported in call to '%s'", builtin)
	}
	return nil
}

func (w *worker) checkTreeAttr(attr Attr, builtin string) error {
	v, err := w.force(attr.Value, attr.Pos)
	if err != nil {
		return err
	}
	name := w.symbols.name(attr.Name)
	switch v.Kind() {
	case KindString, KindPath, KindBool:
		return nil
	case KindInt:
		if v.Int() >= 0 {
			return nil
		}
		return w.fail(KindEval, noPos, "negative value given for '%s' argument '%s': %d", builtin, name, v.Int())
	}
	if name == "publicKeys" {
		return nil
	}
	return w.fail(KindType, noPos, "argument '%s' to '%s' is %s while a string, Boolean or integer is expected", name, builtin, v.kindName())
}

// checkTreeURL checks a tree to fetch that is given by its URL.
func (w *worker) checkTreeURL(v Value, builtin string) error {
	text, _, err := w.coerceToString(v, noPos, 0, "while evaluating the first argument passed to '"+builtin+"'")
	if err != nil || builtin == "fetchGit" {
		return err
	}
	if !w.feature("flakes") {
		return w.fail(KindEval, noPos, "passing a string argument to '%s' requires the 'flakes' experimental feature", builtin)
	}
	// A relative path has no slash after the colon, which makes it opaque.
	if u, err := url.Parse(text); err == nil && u.Scheme == "file" && u.Opaque != "" && strings.Contains(u.Opaque, ".tar") {
		return w.tracef(w.fail(KindEval, noPos,
			"tarball '%s' must use an absolute path. The 'file' scheme does not support relative paths.", text),
			noPos, "while fetching the input '%s'", text)
	}
	return nil
}

// builtinFlakeRefToString checks its argument, like builtinFetchTree.
func builtinFlakeRefToString(w *worker, _ Pos, a *Thunk) (Value, error) {
	set, err := w.forceAttrs(a, noPos, "while evaluating the argument passed to builtins.flakeRefToString")
	if err != nil {
		return Value{}, err
	}
	for _, attr := range set.sorted(w.symbols) {
		v, err := w.force(attr.Value, attr.Pos)
		if err != nil {
			return Value{}, err
		}
		name := w.symbols.name(attr.Name)
		switch kind := v.Kind(); {
		case kind == KindInt && v.Int() < 0:
			return Value{}, w.fail(KindEval, noPos, "negative value given for flake ref attr %s: %d", name, v.Int())
		case kind != KindInt && kind != KindBool && kind != KindString:
			return Value{}, w.fail(KindEval, noPos,
				"flake reference attribute sets may only contain integers, Booleans, and strings, but attribute '%s' is %s", name, v.kindName())
		}
	}
	return Value{}, w.notSupported("flakeRefToString")
}
