package eval

import "unsafe"

// Thunk is a place for a value that is evaluated when first needed. Thunks are
// shared by pointer: whoever evaluates one does so for all.
//
// The tag says which state it is in: one of tagExpr, tagApply, tagApply2 and
// tagNative (to be evaluated), tagBlackhole (somebody is about it), tagFailed, or the tag of
// the value. A change of state writes the tag last, so that later several
// goroutines may force one thunk: take becomes a compare-and-swap of the tag and
// publish an atomic store.
type Thunk struct {
	value Value
	env   unsafe.Pointer
}

// valueThunk returns a thunk that is evaluated already.
func valueThunk(v Value) *Thunk { return &Thunk{value: v} }

// nativeThunk returns a thunk that calls f when forced.
func nativeThunk(f func(w *worker) (Value, error)) *Thunk {
	return &Thunk{value: Value{tag: tagNative, ptr: unsafe.Pointer(&f)}}
}

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
	if t.value.tag < tagExpr {
		return t.value, true
	}
	return Value{}, false
}

// applied returns the position of the function that t delays a call of, or noPos.
func (t *Thunk) applied() Pos {
	if t.value.tag != tagApply && t.value.tag != tagApply2 {
		return noPos
	}
	f := (*Thunk)(t.value.ptr)
	if f.value.tag == tagLambda {
		return f.value.closure().lambda.pos
	}
	return noPos
}

// inProgress says that t is being evaluated: to force it is infinite recursion.
func (t *Thunk) inProgress() bool { return t.value.tag == tagBlackhole }

// publish stores the result.
func (t *Thunk) publish(v Value) {
	t.env = nil
	t.value.num = v.num
	t.value.ptr = v.ptr
	t.value.tag = v.tag
}

// fail stores that the evaluation fails, always with this error.
func (t *Thunk) fail(err error) {
	t.env = nil
	t.value.ptr = unsafe.Pointer(&err)
	t.value.tag = tagFailed
}

// force evaluates t to its outermost constructor. pos is where it is needed: the
// position of the error if t turns out to depend on itself.
func (w *worker) force(t *Thunk, pos Pos) (Value, error) {
	if t.value.tag < tagExpr {
		return t.value, nil
	}
	return w.forceThunk(t, pos)
}

func (w *worker) forceThunk(t *Thunk, pos Pos) (Value, error) {
	state, ptr, env := t.value.tag, t.value.ptr, t.env
	switch state {
	case tagBlackhole:
		return Value{}, w.infiniteRecursion(t, pos)
	case tagFailed:
		return Value{}, *(*error)(ptr)
	}
	if err := w.enter(); err != nil {
		return Value{}, err
	}
	t.value.tag = tagBlackhole
	var v Value
	var err error
	switch state {
	case tagExpr:
		v, err = (*lazy)(ptr).node.eval(w, (*Env)(env))
	case tagApply:
		v, err = w.force((*Thunk)(ptr), noPos)
		if err == nil {
			v, err = w.call1(v, pos, (*Thunk)(env))
		}
	case tagApply2:
		v, err = w.force((*Thunk)(ptr), noPos)
		if err == nil {
			args := (*[2]*Thunk)(env)
			v, err = w.call2(v, pos, args[0], args[1])
		}
	case tagNative:
		v, err = (*(*func(*worker) (Value, error))(ptr))(w)
	}
	w.leave()
	if err != nil {
		if state == tagExpr {
			err = w.enteringRecursion(err, t)
		}
		if permanent(err) {
			t.fail(err)
		} else {
			t.value.tag = state // as it was: ptr and env are still there
		}
		return Value{}, err
	}
	t.publish(v)
	return v, nil
}
