package eval

import (
	"sync/atomic"
	"unsafe"
)

// Thunk is a place for a value that is evaluated when first needed. Thunks are
// shared by pointer: whoever evaluates one does so for all.
//
// The tag says which state it is in: one of tagExpr, tagApply, tagApply2 and
// tagNative (to be evaluated), tagBlackhole (somebody is about it), tagFailed, or
// the tag of the value. Who sets tagBlackhole owns the rest of the thunk until
// they set another tag, which is the last that they do.
//
// In a blackhole the bits of the tag above the lowest eight say whose it is, and
// whether others wait for it.
type Thunk struct {
	value Value
	env   unsafe.Pointer
}

const (
	stateBits = 8
	stateMask = 1<<stateBits - 1
	waitedFor = 1 << stateBits
	ownerBit  = 2 << stateBits
	ownerMask = ^tag(ownerBit - 1)
)

// state returns the tag. What it says of the other fields is true from then on.
func (t *Thunk) state() tag { return tag(atomic.LoadUint32((*uint32)(&t.value.tag))) }

// take makes a thunk the worker's own that is in the given state. It fails if
// somebody else was faster.
func (w *worker) take(t *Thunk, state tag) bool {
	mine := tagBlackhole | w.id
	if !w.options.Parallel {
		t.value.tag = mine
		return true
	}
	return atomic.CompareAndSwapUint32((*uint32)(&t.value.tag), uint32(state), uint32(mine))
}

// markWaited notes that somebody waits for a thunk in the given state. It fails if
// it is in another by now.
func (t *Thunk) markWaited(state tag) bool {
	return atomic.CompareAndSwapUint32((*uint32)(&t.value.tag), uint32(state), uint32(state|waitedFor))
}

// release gives a thunk that was taken another state.
func (w *worker) release(t *Thunk, state tag) {
	if !w.options.Parallel {
		t.value.tag = state
		return
	}
	if before := atomic.SwapUint32((*uint32)(&t.value.tag), uint32(state)); before&waitedFor != 0 {
		w.parked.wake()
	}
}

// valueThunk returns a thunk that is evaluated already.
func valueThunk(v Value) *Thunk { return &Thunk{value: v} }

// nativeThunk returns a thunk that calls f when forced.
func nativeThunk(f func(w *worker) (Value, error)) *Thunk {
	return &Thunk{value: Value{tag: tagNative, ptr: unsafe.Pointer(&f)}}
}

// set makes t an evaluated thunk, before anybody else has it.
func (t *Thunk) set(v Value) { t.value = v }

// setApply makes t the delayed application of f to arg.
func (t *Thunk) setApply(f, arg *Thunk) {
	t.env = unsafe.Pointer(arg)
	t.value.ptr = unsafe.Pointer(f)
	t.value.tag = tagApply
}

// apply2Thunk returns a thunk of the function applied to two arguments.
func apply2Thunk(f, a, b *Thunk) *Thunk {
	return &Thunk{value: Value{tag: tagApply2, ptr: unsafe.Pointer(f)}, env: unsafe.Pointer(&[2]*Thunk{a, b})}
}

// setExpr makes t the delayed evaluation of code in env.
func (t *Thunk) setExpr(code *lazy, env *Env) {
	t.env = unsafe.Pointer(env)
	t.value.ptr = unsafe.Pointer(code)
	t.value.tag = tagExpr
}

// evaluated returns the value if there is one.
func (t *Thunk) evaluated() (Value, bool) {
	if state := t.state(); state < tagExpr {
		return Value{state, t.value.num, t.value.ptr}, true
	}
	return Value{}, false
}

// applied returns the position of the function that t delays a call of, or noPos.
func (w *worker) applied(t *Thunk) Pos {
	if w.options.Parallel || t.value.tag != tagApply && t.value.tag != tagApply2 {
		return noPos // or somebody else may take it at this moment
	}
	if f := (*Thunk)(t.value.ptr); f.value.tag == tagLambda {
		return f.value.closure().lambda.pos
	}
	return noPos
}

// inProgress says that t is being evaluated: to force it is infinite recursion,
// unless it is somebody else who does.
func (t *Thunk) inProgress() bool { return t.state()&stateMask == tagBlackhole }

// publish stores the result of a thunk that was taken.
func (w *worker) publish(t *Thunk, v Value) {
	t.env = nil
	t.value.num = v.num
	t.value.ptr = v.ptr
	w.release(t, v.tag)
}

// publishError stores that the evaluation fails, always with this error.
func (w *worker) publishError(t *Thunk, err error) {
	t.env = nil
	t.value.ptr = unsafe.Pointer(&err)
	w.release(t, tagFailed)
}

// force evaluates t to its outermost constructor. pos is where it is needed: the
// position of the error if t turns out to depend on itself.
func (w *worker) force(t *Thunk, pos Pos) (Value, error) {
	if state := t.state(); state < tagExpr {
		return Value{state, t.value.num, t.value.ptr}, nil
	}
	return w.forceThunk(t, pos)
}

func (w *worker) forceThunk(t *Thunk, pos Pos) (Value, error) {
	state := t.state()
	for {
		switch {
		case state < tagExpr:
			return Value{state, t.value.num, t.value.ptr}, nil
		case state == tagFailed:
			return Value{}, *(*error)(t.value.ptr)
		case state&stateMask == tagBlackhole:
			if err := w.wait(t, state, pos); err != nil {
				return Value{}, err
			}
		case w.take(t, state):
			return w.evaluate(t, state, pos)
		}
		state = t.state()
	}
}

// evaluate evaluates a thunk that was taken, which was in the given state.
func (w *worker) evaluate(t *Thunk, state tag, pos Pos) (Value, error) {
	if err := w.enter(); err != nil {
		w.release(t, state)
		return Value{}, err
	}
	v, err := w.compute(state, t.value.ptr, t.env, pos)
	w.leave()
	if err != nil {
		if state == tagExpr {
			err = w.enteringRecursion(err, t)
		}
		if permanent(err) {
			w.publishError(t, err)
		} else {
			w.release(t, state) // as it was: ptr and env are still there
		}
		return Value{}, err
	}
	w.publish(t, v)
	return v, nil
}

// compute evaluates what ptr and env mean in a state.
func (w *worker) compute(state tag, ptr, env unsafe.Pointer, pos Pos) (Value, error) {
	switch state {
	case tagExpr:
		return (*lazy)(ptr).node.eval(w, (*Env)(env))
	case tagApply:
		f, err := w.force((*Thunk)(ptr), noPos)
		if err != nil {
			return Value{}, err
		}
		return w.call1(f, pos, (*Thunk)(env))
	case tagApply2:
		f, err := w.force((*Thunk)(ptr), noPos)
		if err != nil {
			return Value{}, err
		}
		args := (*[2]*Thunk)(env)
		return w.call2(f, pos, args[0], args[1])
	}
	return (*(*func(*worker) (Value, error))(ptr))(w)
}
