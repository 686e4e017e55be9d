package eval

import "unsafe"

// Env is the environment of a scope: the thunks of its variables, and the
// environment around it. In memory it is one array of pointers, the first of
// which is the environment around; the number of variables is known to the
// compile step alone, which gives every variable its place.
type Env struct {
	up *Env
}

// newEnv returns an environment with size empty slots.
func newEnv(up *Env, size int) *Env {
	words := make([]unsafe.Pointer, size+1)
	words[0] = unsafe.Pointer(up)
	return (*Env)(unsafe.Pointer(unsafe.SliceData(words)))
}

// env1 is an environment of one variable: the argument of a function.
type env1 struct {
	Env
	slot *Thunk
}

// newEnv1 is newEnv for one variable.
func newEnv1(up *Env, t *Thunk) *Env {
	e := &env1{Env{up}, t}
	return &e.Env
}

// newEnv2 is newEnv1 within newEnv1, in one allocation.
func newEnv2(up *Env, outer, inner *Thunk) *Env {
	e := new([2]env1)
	e[0] = env1{Env{up}, outer}
	e[1] = env1{Env{&e[0].Env}, inner}
	return &e[1].Env
}

// slot returns the place of variable i.
func (e *Env) slot(i uint32) **Thunk {
	return (**Thunk)(unsafe.Add(unsafe.Pointer(e), uintptr(i+1)*unsafe.Sizeof(e)))
}

// out returns the environment that is depth scopes out.
func (e *Env) out(depth uint32) *Env {
	for ; depth > 0; depth-- {
		e = e.up
	}
	return e
}
