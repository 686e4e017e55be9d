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

// newEnv1 is newEnv for one variable, the argument of a function.
func newEnv1(up *Env, t *Thunk) *Env {
	e := &struct {
		Env
		slot *Thunk
	}{Env{up}, t}
	return &e.Env
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
