package eval

import "strings"

// globals are the variables that every file sees.
type globals struct {
	scope *scope
	env   *Env
}

// newGlobals makes the builtins and the scope of the variables that every file sees.
func newGlobals(ev *Evaluator) *globals {
	table := builtinTables()
	set := newAttrs(len(table) + 1)
	names := make([]Symbol, 0, len(table)+1)
	thunks := make([]*Thunk, 0, len(table)+1)
	global := func(name string, t *Thunk) {
		names = append(names, ev.symbols.intern(name))
		thunks = append(thunks, t)
	}
	for i := range table {
		b := &table[i]
		if b.requires != "" && !ev.feature(b.requires) || b.impure && ev.options.Pure {
			continue
		}
		b.setArity()
		t := valueThunk(builtinValue(b))
		if b.fn0 != nil {
			t = nativeThunk(b.fn0)
			if b.constant {
				_, _ = (&worker{Evaluator: ev}).force(t, noPos)
			}
		}
		if !b.internal {
			set.add(ev.symbols.intern(b.Name), t, noPos)
		}
		global(globalName(b.Name), t)
	}
	builtins := valueThunk(Value{})
	set.add(symBuiltins, builtins, noPos)
	builtins.set(attrsValue(set.finish()))
	global("builtins", builtins)

	env := newEnv(nil, len(thunks))
	for i, t := range thunks {
		*env.slot(uint32(i)) = t
	}
	return &globals{scope: newScope(nil, names), env: env}
}

// globalName returns the variable under which a builtin can be reached without
// "builtins.": a few have their own name, the others begin with two underscores.
func globalName(name string) string {
	switch name {
	case "true", "false", "null", "abort", "baseNameOf", "break", "derivation",
		"derivationStrict", "dirOf", "fetchGit", "fetchMercurial", "fetchTarball",
		"fetchTree", "fromTOML", "import", "isNull", "map", "placeholder",
		"removeAttrs", "scopedImport", "throw", "toString":
		return name
	}
	if strings.HasPrefix(name, "__") {
		return name
	}
	return "__" + name
}

// feature says whether an experimental feature is on.
func (ev *Evaluator) feature(name string) bool {
	for _, f := range ev.options.Features {
		if f == name || f == "flakes" && name == "fetch-tree" {
			return true
		}
	}
	return false
}

// needFeature fails if an experimental feature is off.
func (w *worker) needFeature(name string) error {
	if w.feature(name) {
		return nil
	}
	return w.fail(KindEval, noPos,
		"experimental Nix feature '%s' is disabled; add '--extra-experimental-features %s' to enable it", name, name)
}
