package eval

// bindings are the attributes of a set or let with fixed names, by symbol.
type bindings struct {
	list   []binding
	from   []lazy // the sets of inherit (from)
	thunks int    // at most so many values need a thunk of their own
}

// binding is one attribute.
type binding struct {
	name  Symbol
	pos   Pos
	kind  bindingKind
	value lazy
}

// bindingKind says in which environment a value is evaluated.
type bindingKind uint8

const (
	bindPlain bindingKind = iota // that of the set
	bindOuter                    // that around the set: inherit x
	bindFrom                     // that of the sets of inherit (from)
)

// fromEnv returns the environment of the sets of inherit (from).
func (b *bindings) fromEnv(env *Env) *Env {
	if len(b.from) == 0 {
		return nil
	}
	inner := newEnv(env, len(b.from))
	for i := range b.from {
		*inner.slot(uint32(i)) = b.from[i].delay(env)
	}
	return inner
}

// delay returns the thunk of a binding, made of one of the chunk if it needs a new one.
func (b *binding) delay(inner, outer, from *Env, chunk *[]Thunk) *Thunk {
	return b.value.delayFrom(b.env(inner, outer, from), chunk)
}

// env returns the environment of the value.
func (b *binding) env(inner, outer, from *Env) *Env {
	switch b.kind {
	case bindOuter:
		return outer
	case bindFrom:
		return from
	}
	return inner
}

// delayFrom is delay with thunks that are allocated already.
func (l *lazy) delayFrom(env *Env, chunk *[]Thunk) *Thunk {
	if t := l.shared(env); t != nil {
		return t
	}
	if len(*chunk) == 0 {
		*chunk = make([]Thunk, 1)
	}
	t := &(*chunk)[0]
	*chunk = (*chunk)[1:]
	t.setExpr(l, env)
	return t
}

// maxChunk is how many thunks are allocated together: one that is still needed
// keeps all of them in memory.
const maxChunk = 32

func (b *bindings) chunk() []Thunk { return make([]Thunk, min(b.thunks, maxChunk)) }

// attrsNode is { … }.
type attrsNode struct {
	bindings
	dynamic   []dynamicAttr
	pos       Pos
	recursive bool
	overrides int // of a recursive set: the index of __overrides, or -1
}

// dynamicAttr is an attribute whose name is an expression.
type dynamicAttr struct {
	name  node
	value lazy
	pos   Pos
}

func (n *attrsNode) eval(w *worker, env *Env) (Value, error) {
	set := makeAttrs(len(n.list), n.pos)
	from := n.fromEnv(env)
	chunk := n.chunk()
	for i := range n.list {
		b := &n.list[i]
		set.list[i] = Attr{b.name, b.pos, b.delay(env, env, from, &chunk)}
	}
	if len(n.dynamic) > 0 {
		return n.addDynamic(w, set, env)
	}
	return attrsValue(set), nil
}

// recNode is rec { … }.
type recNode struct{ attrsNode }

func (n *recNode) eval(w *worker, env *Env) (Value, error) {
	inner := newEnv(env, len(n.list))
	set := makeAttrs(len(n.list), n.pos)
	from := n.fromEnv(inner)
	chunk := n.chunk()
	for i := range n.list {
		b := &n.list[i]
		t := (*Thunk)(nil)
		if n.overrides >= 0 && b.kind != bindOuter {
			// No thunk may be shared that is to be replaced.
			t = new(Thunk)
			t.setExpr(&b.value, b.env(inner, env, from))
		} else {
			t = b.delay(inner, env, from, &chunk)
		}
		*inner.slot(uint32(i)) = t
		set.list[i] = Attr{b.name, b.pos, t}
	}
	if n.overrides >= 0 {
		if err := n.override(w, set, inner); err != nil {
			return Value{}, err
		}
	}
	if len(n.dynamic) > 0 {
		return n.addDynamic(w, set, inner)
	}
	return attrsValue(set), nil
}

// override replaces attributes by those of __overrides, for the other attributes
// too.
func (n *recNode) override(w *worker, set *Attrs, inner *Env) error {
	overrides, err := w.forceAttrs(set.list[n.overrides].Value, noPos, "while evaluating the `__overrides` attribute")
	if err != nil {
		return err
	}
	slots := make(map[Symbol]int, len(n.list))
	for i := range n.list {
		slots[n.list[i].name] = i
	}
	for _, attr := range overrides.list {
		if i, ok := slots[attr.Name]; ok {
			set.list[i] = attr
			*inner.slot(uint32(i)) = attr.Value
		} else {
			set.list = append(set.list, attr)
		}
	}
	set.finish()
	return nil
}

// addDynamic adds the attributes whose names are evaluated; null is no name.
func (n *attrsNode) addDynamic(w *worker, set *Attrs, env *Env) (Value, error) {
	for i := range n.dynamic {
		d := &n.dynamic[i]
		v, err := d.name.eval(w, env)
		if err != nil {
			return Value{}, err
		}
		if v.tag == tagNull {
			continue
		}
		text, err := w.plainString(v, d.pos, "while evaluating the name of a dynamic attribute")
		if err != nil {
			return Value{}, err
		}
		name := w.intern(text)
		if before := set.get(name); before != nil {
			return Value{}, w.fail(KindEval, d.pos, "dynamic attribute '%s' already defined at %s",
				text, w.positions.position(before.Pos))
		}
		set.add(name, d.value.delay(env), d.pos)
		set.finish()
	}
	return attrsValue(set), nil
}

// letNode is let … in body.
type letNode struct {
	bindings
	body node
}

func (n *letNode) eval(w *worker, env *Env) (Value, error) {
	inner := newEnv(env, len(n.list))
	from := n.fromEnv(inner)
	chunk := n.chunk()
	for i := range n.list {
		*inner.slot(uint32(i)) = n.list[i].delay(inner, env, from, &chunk)
	}
	return n.body.eval(w, inner)
}
