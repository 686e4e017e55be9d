package eval

import (
	"errors"
	"fmt"
)

// Error is why an evaluation failed. It is not changed once made: adding to the
// trace makes a new one.
type Error struct {
	Kind    ErrorKind
	Message string // one or more lines, without positions

	pos       Pos
	trace     *frame // outermost first
	positions *positions
	cause     error // what errors.Is and As see below, or nil
	// suggestions are names that may have been meant.
	suggestions []string
	// again is the thunk that needs itself.
	again *Thunk
	// static errors are found before anything is evaluated.
	static bool
}

// frame is one line of the trace of an error.
type frame struct {
	pos    Pos
	text   string
	inside *frame
	// custom frames are from builtins.addErrorContext: shown even without --show-trace.
	custom bool
	// detail frames are shown with --show-trace only.
	detail bool
}

// ErrorKind is what went wrong.
type ErrorKind uint8

// The kinds of errors.
const (
	KindEval              ErrorKind = iota // anything else
	KindThrow                              // builtins.throw; tryEval catches it
	KindAssertion                          // assert; tryEval catches it
	KindAbort                              // builtins.abort
	KindType                               // a value of the wrong kind
	KindUndefined                          // an undefined variable
	KindMissingAttribute                   // an attribute that is not there
	KindMissingArgument                    // a function called without a required argument
	KindInfiniteRecursion                  // a value that depends on itself
	KindStackOverflow                      // calls or evaluations nested too deeply
	KindParse                              // a file is not Nix
	KindRestricted                         // reading is forbidden by pure or restricted evaluation
	KindFile                               // a file cannot be read
	KindInterrupted                        // the context has ended
	KindOutOfMemory                        // Options.MaxMemory is reached
)

// Error returns the message alone. Render shows positions and trace.
func (e *Error) Error() string { return e.Message }

func (e *Error) Unwrap() error { return e.cause }

// fail returns a new error at pos, which may be noPos.
func (w *worker) fail(kind ErrorKind, pos Pos, format string, args ...any) *Error {
	return &Error{Kind: kind, Message: fmt.Sprintf(format, args...), pos: pos, positions: w.positions}
}

// failWhile is fail without a position of its own, but with a first line of trace.
func (w *worker) failWhile(kind ErrorKind, pos Pos, why, format string, args ...any) error {
	return &Error{
		Kind: kind, Message: fmt.Sprintf(format, args...), positions: w.positions,
		trace: &frame{pos: pos, text: why},
	}
}

// trace returns err with one more line of trace around it.
func (w *worker) trace(err error, pos Pos, text string) error {
	return w.addFrame(err, &frame{pos: pos, text: text})
}

// traceDetail is trace of what only --show-trace shows.
func (w *worker) traceDetail(err error, pos Pos, text string) error {
	return w.addFrame(err, &frame{pos: pos, text: text, detail: true})
}

// tracef is trace of a format.
func (w *worker) tracef(err error, pos Pos, format string, args ...any) error {
	return w.addFrame(err, &frame{pos: pos, text: fmt.Sprintf(format, args...)})
}

func (w *worker) addFrame(err error, f *frame) error {
	var e *Error
	if !errors.As(err, &e) {
		e = &Error{Kind: KindEval, Message: err.Error(), positions: w.positions, cause: err}
	}
	wrapped := *e
	f.inside = e.trace
	wrapped.trace = f
	return &wrapped
}

// permanent says that an evaluation that failed with err would do so again.
func permanent(err error) bool {
	var e *Error
	if !errors.As(err, &e) {
		return false
	}
	switch e.Kind {
	case KindInterrupted, KindOutOfMemory, KindStackOverflow, KindInfiniteRecursion:
		return false
	}
	return true
}
