package eval

import (
	"context"
)

// AutoCall calls v if it is a function of a set pattern, with those of args that
// it asks for, as nix-instantiate does with --arg. Anything else is returned as
// it is. args is a set.
func (ev *Evaluator) AutoCall(ctx context.Context, v, args Value) (Value, error) {
	return ev.worker(ctx).autoCall(v, args.Attrs())
}

func (w *worker) autoCall(v Value, args *Attrs) (Value, error) {
	for v.tag == tagAttrs {
		functor := v.Attrs().get(symFunctor)
		if functor == nil {
			break
		}
		f, err := w.force(functor.Value, functor.Pos)
		if err == nil {
			v, err = w.call1(f, v.Attrs().pos, valueThunk(v))
		}
		if err != nil {
			return Value{}, err
		}
	}
	if v.tag != tagLambda || v.closure().lambda.formals == nil {
		return v, nil
	}
	l := v.closure().lambda
	given := args
	if !l.formals.ellipsis {
		given = newAttrs(len(l.formals.list))
		for _, f := range l.formals.list {
			if attr := args.get(f.name); attr != nil {
				given.add(f.name, attr.Value, attr.Pos)
			} else if f.fallback == nil {
				return Value{}, w.fail(KindMissingArgument, f.pos,
					"cannot evaluate a function that has an argument without a value ('%s')\n"+
						"Nix attempted to evaluate a function as a top level expression; in\n"+
						"this case it must have its arguments supplied either by default\n"+
						"values, or passed explicitly with '--arg' or '--argstr'. See\n"+
						"https://nix.dev/manual/nix/stable/language/syntax.html#functions.", w.symbols.name(f.name))
			}
		}
	}
	return w.call1(v, l.pos, valueThunk(attrsValue(given)))
}
