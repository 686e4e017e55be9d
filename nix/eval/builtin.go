package eval

import "slices"

// How a builtin is written.
//
// A builtin is a function of a worker, the position of the call, and as many
// thunks as it has arguments:
//
//	func builtinLength(w *worker, pos Pos, a *Thunk) (Value, error) {
//		list, err := w.forceList(a, noPos, "while evaluating the first argument passed to builtins.length")
//		if err != nil {
//			return Value{}, err
//		}
//		return intValue(int64(len(list))), nil
//	}
//
// It is listed, with its name and arity (fn0 … fn3; fn0 is a constant that is
// evaluated when first used), in the table function of its file; every table
// function is named in builtinTables.
//
// Arguments come unevaluated. Which of them are evaluated, when and in which
// order is part of the language: do it exactly as Nix does.
//   - w.force(t, noPos) evaluates a thunk of any kind. Within builtins all positions
//     are noPos, as in Nix: the caller adds that of the call.
//   - w.forceInt, forceFloat, forceNumber, forceBool, forceString (with context),
//     forcePlainString (context is an error), forceAttrs, forceList and
//     forceFunction also check the kind. why is the line of the error's trace,
//     in the words of Nix, which people search the web for.
//   - w.coerceToString(v, pos, coercion, why) and w.coerceToPath(v, pos, why) are the
//     conversions of toString, "${…}" and paths.
//   - w.call1(f, pos, x) and w.call2(f, pos, x, y) call any function, also a set with __functor.
//     They do not evaluate the arguments; the result is evaluated.
//
// Results are values. What is in them is thunks: valueThunk(v) for what is
// evaluated already, the argument's own thunk, applyThunk(f, x) for a delayed
// call and nativeThunk(func) for a delayed computation in Go. Attribute sets are
// made by newAttrs(size), add or addValue, and finish, with symbols of
// w.intern(name).
//
// An error of the user's making is returned by w.fail(kind, pos, format, …). Errors
// from below are returned as they are, or with a line of trace by
// w.trace(err, pos, text) or tracef(err, pos, format, …). The caller adds "while calling the 'x' builtin".
//
// Files, directories, environment and time are read through w.inputs only, and
// the store is w.store: see inputs.go and store.go. ctx is w.ctx.

// Builtin is a function that is written in Go.
type Builtin struct {
	Name  string // as in builtins.NAME
	arity int
	// One of these is set.
	fn0 func(w *worker) (Value, error)
	fn1 func(w *worker, pos Pos, a *Thunk) (Value, error)
	fn2 func(w *worker, pos Pos, a, b *Thunk) (Value, error)
	fn3 func(w *worker, pos Pos, a, b, c *Thunk) (Value, error)
	// requires is the experimental feature that must be on for the builtin to
	// exist, "" for none.
	requires string
	// internal builtins are not attributes of builtins: the global names
	// beginning with __ are made for the others only.
	internal bool
	// quiet builtins have no line "while calling the 'x' builtin" in traces.
	quiet bool
	// constant says that fn0 can be evaluated at the start.
	constant bool
	// impure builtins do not exist in pure evaluation.
	impure bool
}

// builtinTables returns the builtins of all files.
func builtinTables() []Builtin {
	return slices.Concat(
		coreBuiltins(),
		textBuiltins(),
		dataBuiltins(),
		hashBuiltins(),
		contextBuiltins(),
		fileBuiltins(),
		fetchBuiltins(),
		storeBuiltins(),
		derivationBuiltins(),
	)
}

// setArity fills in the arity from the function that is set.
func (b *Builtin) setArity() {
	switch {
	case b.fn1 != nil:
		b.arity = 1
	case b.fn2 != nil:
		b.arity = 2
	case b.fn3 != nil:
		b.arity = 3
	}
}
