package eval

import (
	"errors"
	"fmt"
	"strings"
)

// controlBuiltins steer evaluation and its errors.
func controlBuiltins() []Builtin {
	return []Builtin{
		{Name: "abort", fn1: builtinAbort},
		{Name: "addErrorContext", fn2: builtinAddErrorContext, quiet: true},
		{Name: "break", fn1: builtinBreak},
		{Name: "deepSeq", fn2: builtinDeepSeq},
		{Name: "seq", fn2: builtinSeq},
		{Name: "throw", fn1: builtinThrow},
		{Name: "trace", fn2: builtinTrace},
		{Name: "traceVerbose", fn2: builtinTraceVerbose},
		{Name: "tryEval", fn1: builtinTryEval},
		{Name: "warn", fn2: builtinWarn},
	}
}

func builtinAbort(w *worker, _ Pos, a *Thunk) (Value, error) {
	text, _, err := w.coerceThunk(a, noPos, copyToStore, "while evaluating the error message passed to builtins.abort")
	if err != nil {
		return Value{}, err
	}
	return Value{}, w.fail(KindAbort, noPos, "evaluation aborted with the following error message: '%s'", text)
}

func builtinThrow(w *worker, _ Pos, a *Thunk) (Value, error) {
	text, _, err := w.coerceThunk(a, noPos, copyToStore, "while evaluating the error message passed to builtin.throw")
	if err != nil {
		return Value{}, err
	}
	return Value{}, w.fail(KindThrow, noPos, "%s", text)
}

func builtinAddErrorContext(w *worker, _ Pos, a, b *Thunk) (Value, error) {
	v, err := w.force(b, noPos)
	if err == nil {
		return v, nil
	}
	text, _, textErr := w.coerceThunk(a, noPos, 0, "while evaluating the error message passed to builtins.addErrorContext")
	if textErr != nil {
		return Value{}, textErr
	}
	return Value{}, w.addFrame(err, &frame{text: text, custom: true})
}

func builtinBreak(w *worker, _ Pos, a *Thunk) (Value, error) { return w.force(a, noPos) }

func builtinSeq(w *worker, _ Pos, a, b *Thunk) (Value, error) {
	if _, err := w.force(a, noPos); err != nil {
		return Value{}, err
	}
	return w.force(b, noPos)
}

func builtinDeepSeq(w *worker, _ Pos, a, b *Thunk) (Value, error) {
	if err := w.forceDeep(a); err != nil {
		return Value{}, err
	}
	return w.force(b, noPos)
}

func builtinTrace(w *worker, _ Pos, a, b *Thunk) (Value, error) {
	v, err := w.force(a, noPos)
	if err != nil {
		return Value{}, err
	}
	text := ""
	if v.Kind() == KindString {
		text = v.Text()
	} else {
		text = w.showAll(v)
	}
	fmt.Fprintf(w.options.Stderr, "trace: %s\n", text)
	return w.force(b, noPos)
}

func builtinTraceVerbose(w *worker, pos Pos, a, b *Thunk) (Value, error) {
	if w.options.TraceVerbose {
		return builtinTrace(w, pos, a, b)
	}
	return w.force(b, noPos)
}

func builtinWarn(w *worker, _ Pos, a, b *Thunk) (Value, error) {
	text, _, err := w.forceString(a, noPos,
		"while evaluating the first argument; the message passed to builtins.warn")
	if err != nil {
		return Value{}, err
	}
	// Lines after the first are indented, unless the message begins on a new line.
	const prefix = "evaluation warning:"
	if strings.HasPrefix(text, "\n") {
		text = prefix + text
	} else {
		text = prefix + " " + strings.ReplaceAll(text, "\n", "\n"+strings.Repeat(" ", len(prefix)+1))
	}
	fmt.Fprintln(w.options.Stderr, text)
	if w.options.AbortOnWarn {
		return Value{}, w.fail(KindAbort, noPos, "aborting to reveal stack trace of warning, as abort-on-warn is set")
	}
	return w.force(b, noPos)
}

func builtinTryEval(w *worker, _ Pos, a *Thunk) (Value, error) {
	v, err := w.force(a, noPos)
	success := err == nil
	if !success {
		if !catchable(err) {
			return Value{}, err
		}
		v = boolValue(false)
	}
	set := newAttrs(2)
	if success {
		set.add(symValue, a, noPos)
	} else {
		set.addValue(symValue, v)
	}
	set.addValue(symSuccess, boolValue(success))
	return attrsValue(set.finish()), nil
}

// catchable says that builtins.tryEval makes a value of the error.
func catchable(err error) bool {
	var e *Error
	return errors.As(err, &e) && (e.Kind == KindThrow || e.Kind == KindAssertion)
}
