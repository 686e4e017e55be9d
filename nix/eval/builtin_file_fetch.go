package eval

import (
	"fmt"
	"path"

	"luminousnix/nix/store"
)

// fetchBuiltins are those that download. Some are there only so that an expression
// can ask whether they are.
func fetchBuiltins() []Builtin {
	return []Builtin{
		{Name: "fetchurl", fn1: builtinFetchurl},
		{Name: "fetchTarball", fn1: builtinFetchTarball},
		{Name: "fetchGit", fn1: builtinFetchGit},
		{Name: "fetchMercurial", fn1: notSupported("fetchMercurial")},
		{Name: "fetchTree", fn1: builtinFetchTree, requires: "fetch-tree"},
		{Name: "fetchClosure", fn1: notSupported("fetchClosure"), requires: "fetch-closure"},
		{Name: "getFlake", fn1: builtinGetFlake},
		{Name: "parseFlakeRef", fn1: builtinParseFlakeRef},
		{Name: "flakeRefToString", fn1: builtinFlakeRefToString},
	}
}

// NotSupportedError means that an expression calls a builtin that this
// evaluator does not have, but Nix does.
type NotSupportedError struct {
	Builtin string
}

func (e *NotSupportedError) Error() string {
	return fmt.Sprintf("builtins.%s is not supported natively", e.Builtin)
}

func notSupported(name string) func(*worker, Pos, *Thunk) (Value, error) {
	return func(w *worker, _ Pos, _ *Thunk) (Value, error) {
		return Value{}, w.notSupported(name)
	}
}

// builtinGetFlake is there always, but does something only with flakes.
func builtinGetFlake(w *worker, _ Pos, a *Thunk) (Value, error) {
	if _, err := w.forcePlainString(a, noPos, "while evaluating the argument passed to builtins.getFlake"); err != nil {
		return Value{}, err
	}
	if err := w.needFeature("flakes"); err != nil {
		return Value{}, err
	}
	return Value{}, w.notSupported("getFlake")
}

func builtinParseFlakeRef(w *worker, _ Pos, a *Thunk) (Value, error) {
	if _, err := w.forcePlainString(a, noPos, "while evaluating the argument passed to builtins.parseFlakeRef"); err != nil {
		return Value{}, err
	}
	return Value{}, w.notSupported("parseFlakeRef")
}

func (w *worker) notSupported(name string) error {
	cause := &NotSupportedError{name}
	failure := w.fail(KindEval, noPos, "%v", cause)
	failure.cause = cause
	return failure
}

// download is the argument of fetchurl and fetchTarball.
type download struct {
	builtin string
	method  store.Method
	url     string
	name    string
	hash    store.Hash // zero if not given

	named, isSet bool // how the argument was given, for errors
}

func builtinFetchurl(w *worker, _ Pos, a *Thunk) (Value, error) {
	return w.fetch(a, download{builtin: "fetchurl", method: store.Flat})
}

func builtinFetchTarball(w *worker, _ Pos, a *Thunk) (Value, error) {
	return w.fetch(a, download{builtin: "fetchTarball", method: store.Recursive, name: "source"})
}

func (w *worker) fetch(a *Thunk, d download) (Value, error) {
	v, err := w.force(a, noPos)
	if err != nil {
		return Value{}, err
	}
	if v.Kind() == KindAttrs {
		err = w.downloadArguments(&d, v.Attrs())
	} else {
		d.url, err = w.forcePlainString(a, noPos, "while evaluating the url we should fetch")
	}
	if err != nil {
		return Value{}, err
	}
	if d.method == store.Recursive {
		d.url = resolveChannel(d.url)
	}
	if err := w.checkURI(d.url); err != nil {
		return Value{}, err
	}
	if d.name == "" {
		d.name = path.Base(d.url)
	}
	if err := checkName(d.name); err != nil {
		return Value{}, w.fail(KindEval, noPos, "invalid store path name when fetching URL '%s': %v. %s", d.url, err, d.nameHint())
	}
	if d.hash.IsZero() && w.options.Pure {
		return Value{}, w.fail(KindEval, noPos, "in pure evaluation mode, '%s' requires a 'sha256' argument", d.builtin)
	}
	p, err := w.fetched(d)
	if err != nil {
		return Value{}, err
	}
	w.allow(p)
	return storePathValue(p), nil
}

func (w *worker) downloadArguments(d *download, set *Attrs) (err error) {
	d.isSet = true
	given := false
	for _, attr := range set.sorted(w.symbols) {
		switch attr.Name {
		case symURL:
			given = true
			d.url, err = w.forcePlainString(attr.Value, attr.Pos, "while evaluating the url we should fetch")
		case symSHA256:
			var text string
			text, err = w.forcePlainString(attr.Value, attr.Pos, "while evaluating the sha256 of the content we should fetch")
			if err == nil {
				d.hash, err = w.parseHash(text, store.SHA256)
			}
		case symName:
			d.named = true
			d.name, err = w.forcePlainString(attr.Value, attr.Pos, "while evaluating the name of the content we should fetch")
		default:
			err = w.fail(KindEval, noPos, "unsupported argument '%s' to '%s'", w.symbols.name(attr.Name), d.builtin)
		}
		if err != nil {
			return err
		}
	}
	if !given {
		return w.fail(KindEval, noPos, "'url' argument required")
	}
	return nil
}

// nameHint says what to do about a name that cannot be one.
func (d *download) nameHint() string {
	const purpose = "so that it can create a valid store path."
	switch {
	case d.named:
		return "Please change the value for the 'name' attribute passed to '" + d.builtin + "', " + purpose
	case d.isSet:
		return "Please add a valid 'name' attribute to the argument for '" + d.builtin + "', " + purpose
	}
	return "Please pass an attribute set with 'url' and 'name' attributes to '" + d.builtin + "',  " + purpose
}
