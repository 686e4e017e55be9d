package eval

// call1 applies f to one argument.
func (w *worker) call1(f Value, pos Pos, a *Thunk) (Value, error) {
	if err := w.enterCall(pos); err != nil {
		return Value{}, err
	}
	v, err := w.apply(f, pos, a)
	w.leaveCall()
	return v, err
}

// call2 applies f to two arguments.
func (w *worker) call2(f Value, pos Pos, a, b *Thunk) (Value, error) {
	if err := w.enterCall(pos); err != nil {
		return Value{}, err
	}
	v, err := w.apply2(f, pos, a, b)
	w.leaveCall()
	return v, err
}

// apply2 applies f to two arguments, within a call that is counted already.
func (w *worker) apply2(f Value, pos Pos, a, b *Thunk) (Value, error) {
	if f.tag == tagBuiltin {
		if builtin := f.builtin(); builtin.fn2 != nil {
			v, err := builtin.fn2(w, pos, a, b)
			if err != nil {
				return Value{}, w.callingBuiltin(err, builtin, pos)
			}
			return v, nil
		}
	}
	if f.tag == tagLambda {
		// A function that is only a function in a function needs no closure.
		c := f.closure()
		if l := c.lambda.inner; l != nil {
			return w.applyInner(l, c.env, pos, a, b)
		}
	}
	v, err := w.apply(f, pos, a)
	if err != nil {
		return Value{}, err
	}
	return w.apply(v, pos, b)
}

// applyInner calls the function that a function, made in the environment outer,
// returns for a.
func (w *worker) applyInner(l *lambda, outer *Env, pos Pos, a, b *Thunk) (Value, error) {
	if l.formals != nil {
		return w.applyLambda(l, newEnv1(outer, a), pos, b)
	}
	v, err := l.body.eval(w, newEnv2(outer, a, b))
	if err != nil {
		return Value{}, w.callingLambda(err, l, pos)
	}
	return v, nil
}

// call3 applies f to three arguments.
func (w *worker) call3(f Value, pos Pos, a, b, c *Thunk) (Value, error) {
	if err := w.enterCall(pos); err != nil {
		return Value{}, err
	}
	defer w.leaveCall()
	if f.tag == tagBuiltin {
		if builtin := f.builtin(); builtin.fn3 != nil {
			v, err := builtin.fn3(w, pos, a, b, c)
			if err != nil {
				return Value{}, w.callingBuiltin(err, builtin, pos)
			}
			return v, nil
		}
	}
	v, err := w.apply(f, pos, a)
	if err != nil {
		return Value{}, err
	}
	if v, err = w.apply(v, pos, b); err != nil {
		return Value{}, err
	}
	return w.apply(v, pos, c)
}

// apply applies f to one argument, within a call that is counted already.
func (w *worker) apply(f Value, pos Pos, arg *Thunk) (Value, error) {
	switch f.tag {
	case tagLambda:
		c := f.closure()
		return w.applyLambda(c.lambda, c.env, pos, arg)
	case tagBuiltin:
		builtin := f.builtin()
		if builtin.fn1 == nil {
			return partialValue(&partial{builtin, []*Thunk{arg}}), nil
		}
		v, err := builtin.fn1(w, pos, arg)
		if err != nil {
			return Value{}, w.callingBuiltin(err, builtin, pos)
		}
		return v, nil
	case tagPartial:
		return w.applyPartial(f.partial(), pos, arg)
	case tagAttrs:
		functor := f.Attrs().get(symFunctor)
		if functor == nil {
			break
		}
		return w.applyFunctor(f, functor, pos, arg)
	}
	return Value{}, w.fail(KindType, pos,
		"attempt to call something which is not a function but %s: %s", f.kindName(), w.show(f))
}

func (w *worker) applyPartial(p *partial, pos Pos, arg *Thunk) (Value, error) {
	builtin := p.builtin
	var v Value
	var err error
	switch {
	case len(p.args)+1 < builtin.arity:
		args := append(p.args[:len(p.args):len(p.args)], arg)
		return partialValue(&partial{builtin, args}), nil
	case builtin.fn2 != nil:
		v, err = builtin.fn2(w, pos, p.args[0], arg)
	default:
		v, err = builtin.fn3(w, pos, p.args[0], p.args[1], arg)
	}
	if err != nil {
		return Value{}, w.callingBuiltin(err, builtin, pos)
	}
	return v, nil
}

func (w *worker) callingBuiltin(err error, b *Builtin, pos Pos) error {
	if b.quiet {
		return err
	}
	return w.tracef(err, pos, "while calling the '%s' builtin", b.Name)
}

func (w *worker) applyFunctor(self Value, functor *Attr, pos Pos, arg *Thunk) (Value, error) {
	f, err := w.force(functor.Value, functor.Pos)
	if err == nil {
		f, err = w.call2(f, functor.Pos, valueThunk(self), arg)
	}
	if err != nil {
		return Value{}, w.trace(err, pos, "while calling a functor (an attribute set with a '__functor' attribute)")
	}
	return f, nil
}

// applyLambda calls a function that was made in the environment outer.
func (w *worker) applyLambda(l *lambda, outer *Env, pos Pos, arg *Thunk) (Value, error) {
	var env *Env
	if l.formals == nil {
		env = newEnv1(outer, arg)
	} else {
		var err error
		if env, err = w.bindFormals(l, outer, pos, arg); err != nil {
			return Value{}, err
		}
	}
	v, err := l.body.eval(w, env)
	if err != nil {
		return Value{}, w.callingLambda(err, l, pos)
	}
	return v, nil
}

// callingLambda adds to the trace of an error from a function's body.
func (w *worker) callingLambda(err error, l *lambda, pos Pos) error {
	err = w.traceDetail(err, l.pos, "while calling "+w.lambdaName(l, "'"))
	if pos != noPos {
		err = w.traceDetail(err, pos, "from call site")
	}
	return err
}

// lambdaName returns the name of a function in quotes, or "anonymous lambda".
func (w *worker) lambdaName(l *lambda, quote string) string {
	if l.name == symNone {
		return "anonymous lambda"
	}
	return quote + w.symbols.name(l.name) + quote
}

// bindFormals makes the environment of a function with a set pattern.
func (w *worker) bindFormals(l *lambda, outer *Env, pos Pos, arg *Thunk) (*Env, error) {
	set, err := w.forceAttrs(arg, l.pos, "while evaluating the value passed for the lambda argument")
	if err != nil {
		if pos != noPos {
			err = w.trace(err, pos, "from call site")
		}
		return nil, err
	}
	env := newEnv(outer, l.size)
	slot := uint32(0)
	if l.named {
		*env.slot(0) = arg
		slot = 1
	}
	used := 0
	for i := range l.formals.list {
		f := &l.formals.list[i]
		if attr := set.get(f.name); attr != nil {
			used++
			*env.slot(slot) = attr.Value
		} else if f.fallback == nil {
			err := w.fail(KindMissingArgument, l.pos, "function '%s' called without required argument '%s'",
				w.lambdaName(l, ""), w.symbols.name(f.name))
			return nil, w.trace(err, pos, "from call site")
		} else {
			*env.slot(slot) = f.fallback.delay(env)
		}
		slot++
	}
	if !l.formals.ellipsis && used != set.Len() {
		return nil, w.unexpectedArgument(l, set, pos)
	}
	return env, nil
}

func (w *worker) unexpectedArgument(l *lambda, set *Attrs, pos Pos) error {
	for _, attr := range set.list {
		if l.formals.find(attr.Name) != nil {
			continue
		}
		names := make([]string, 0, len(l.formals.list))
		for _, f := range l.formals.list {
			names = append(names, w.symbols.name(f.name))
		}
		name := w.symbols.name(attr.Name)
		err := w.fail(KindType, l.pos, "function '%s' called with unexpected argument '%s'", w.lambdaName(l, ""), name)
		err.suggestions = bestMatches(names, name)
		return w.trace(err, pos, "from call site")
	}
	return nil
}
