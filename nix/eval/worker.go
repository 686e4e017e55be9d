package eval

import (
	"context"
)

// worker evaluates: one goroutine's share of an evaluation.
type worker struct {
	*Evaluator
	ctx context.Context
	id  tag // tells whose the thunks are that are being evaluated

	tail  tail // see concat.go
	calls int  // function calls within each other, limited as in Nix
	depth int  // evaluations within each other, limited by Go's stack
	ticks uint32

	reserved int // bytes since memory was asked for; see memory.go
}

// enter counts one more evaluation within others. Unless it fails, leave follows.
func (w *worker) enter() error {
	w.depth++
	if w.depth > maxDepth {
		w.depth--
		return w.stackOverflow(noPos)
	}
	return nil
}

func (w *worker) leave() { w.depth-- }

// enterCall counts one more function call within others. Unless it fails,
// leaveCall follows.
func (w *worker) enterCall(pos Pos) error {
	if w.calls > w.options.MaxCallDepth {
		return w.stackOverflow(pos)
	}
	if w.ticks++; w.ticks%ticksPerCheck == 0 {
		if err := w.look(); err != nil {
			return err
		}
	}
	w.calls++
	return nil
}

func (w *worker) leaveCall() { w.calls-- }

const (
	// maxDepth and maxCalls keep the stack below 512 MB. At twice that Go ends the
	// whole process, which nothing can prevent. Between two counted evaluations
	// there are at most guardEvery nodes, less than 3 KB. maxDepth is met before
	// MaxCallDepth only by long chains of thunks.
	maxDepth = 100_000
	maxCalls = 50_000
	// ticksPerCheck is how many calls pass between two looks at the context.
	ticksPerCheck = 1024
)

func (w *worker) stackOverflow(pos Pos) error {
	return w.fail(KindStackOverflow, pos, "stack overflow; max-call-depth exceeded")
}

func (w *worker) infiniteRecursion(t *Thunk, pos Pos) error {
	err := w.fail(KindInfiniteRecursion, pos, "infinite recursion encountered")
	err.again = t
	return err
}

// look fails if the evaluation has to end: by its context, or for want of memory.
func (w *worker) look() error {
	if w.ticks%(ticksPerCheck*checksPerLook) == 0 && w.options.MaxMemory > 0 {
		if err := w.checkMemory(); err != nil {
			return err
		}
	}
	return w.interruptedNow()
}

// interruptedNow returns the error of a context that has ended.
func (w *worker) interruptedNow() error {
	err := w.ctx.Err()
	if err == nil {
		return nil
	}
	return &Error{Kind: KindInterrupted, Message: "interrupted: " + err.Error(), positions: w.positions, cause: err}
}

func (w *worker) intern(name string) Symbol { return w.symbols.intern(name) }

// enteringRecursion marks in the trace of infinite recursion where it begins:
// at the first evaluation of the thunk that needs itself.
func (w *worker) enteringRecursion(err error, t *Thunk) error {
	if e, ok := err.(*Error); ok && e.Kind == KindInfiniteRecursion && e.again == t {
		return w.addFrame(err, &frame{text: "entering the infinite recursion", custom: true})
	}
	return err
}
