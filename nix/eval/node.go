package eval

// node is an expression that is ready for evaluation: names are resolved and
// literals made.
type node interface {
	eval(w *worker, env *Env) (Value, error)
}

// lazy is an expression whose evaluation may be delayed: an argument, an
// attribute, an element of a list.
type lazy struct {
	node  node
	kind  lazyKind
	depth uint16 // of a variable
	slot  uint32
}

// lazyKind says what has to be done to delay an expression.
type lazyKind uint8

const (
	lazyExpr     lazyKind = iota // a thunk is made
	lazyVariable                 // the thunk of the variable is shared
	lazyConstant                 // the node is a constNode, which has one
)

// delay returns the thunk of the expression in env.
func (l *lazy) delay(env *Env) *Thunk {
	if t := l.shared(env); t != nil {
		return t
	}
	t := new(Thunk)
	t.setExpr(l, env)
	return t
}

// shared returns the thunk that is there already, or nil.
func (l *lazy) shared(env *Env) *Thunk {
	switch l.kind {
	case lazyVariable: // nil if the variable is yet to be defined
		return *env.out(uint32(l.depth)).slot(l.slot)
	case lazyConstant:
		return &l.node.(*constNode).thunk
	}
	return nil
}

// lambda is a function of the language.
type lambda struct {
	pos     Pos
	arg     Symbol // the name of the argument itself, if named
	name    Symbol // symNone if it has none
	named   bool   // the argument itself is a variable, in the first slot
	formals *formals
	size    int // slots of its environment
	body    node
	inner   *lambda // body, if that is a function and this one has no set pattern
}

// formals is the set pattern of a lambda.
type formals struct {
	list     []formal // by symbol
	ellipsis bool
}

// formal is one attribute of a set pattern.
type formal struct {
	name     Symbol
	pos      Pos
	fallback *lazy // nil if it is required
}

func (f *formals) find(name Symbol) *formal {
	for i := range f.list {
		if f.list[i].name == name {
			return &f.list[i]
		}
	}
	return nil
}
