package eval

import (
	"context"
	"path/filepath"
)

// EvalFile evaluates a file of Nix, or the default.nix of a directory, to its
// outermost constructor. path is absolute or relative to BaseDir. Errors are *Error.
func (ev *Evaluator) EvalFile(ctx context.Context, path string) (Value, error) {
	if !filepath.IsAbs(path) {
		path = filepath.Join(ev.baseDir(), path)
	}
	w := ev.worker(ctx)
	file, err := w.expressionFile(filepath.Clean(path))
	if err != nil {
		return Value{}, err
	}
	return w.evalPath(file, ev.globals.scope, ev.globals.env)
}

// EvalExpr evaluates an expression. Positions in it show name, which is usually
// «string».
func (ev *Evaluator) EvalExpr(ctx context.Context, name, text string) (Value, error) {
	n, err := ev.parse(name, "", []byte(text), ev.baseDir(), ev.globals.scope)
	if err != nil {
		return Value{}, err
	}
	return n.eval(ev.worker(ctx), ev.globals.env)
}

func (ev *Evaluator) baseDir() string {
	if ev.options.BaseDir == "" {
		return "/"
	}
	return ev.options.BaseDir
}

// Force evaluates a thunk: an element of a list or the value of an attribute.
func (ev *Evaluator) Force(ctx context.Context, t *Thunk) (Value, error) {
	return ev.worker(ctx).force(t, noPos)
}

// ForceDeep evaluates all that is in v.
func (ev *Evaluator) ForceDeep(ctx context.Context, v Value) error {
	return ev.worker(ctx).forceDeep(valueThunk(v))
}

// Call applies a function, or a set that can be called, to an argument.
func (ev *Evaluator) Call(ctx context.Context, f Value, arg *Thunk) (Value, error) {
	return ev.worker(ctx).call1(f, noPos, arg)
}

// Attr returns the attribute of a KindAttrs, or nil.
func (ev *Evaluator) Attr(v Value, name string) *Thunk {
	symbol, known := ev.symbols.lookup(name)
	if !known || v.tag != tagAttrs {
		return nil
	}
	if attr := v.Attrs().get(symbol); attr != nil {
		return attr.Value
	}
	return nil
}

// NamedThunk is an attribute with its name.
type NamedThunk struct {
	Name  string
	Value *Thunk
}

// Attrs returns the attributes of a KindAttrs by name.
func (ev *Evaluator) Attrs(v Value) []NamedThunk {
	list := v.Attrs().sorted(ev.symbols)
	named := make([]NamedThunk, len(list))
	for i, attr := range list {
		named[i] = NamedThunk{ev.symbols.name(attr.Name), attr.Value}
	}
	return named
}

// MakeString makes a value of a string without context.
func MakeString(s string) *Thunk { return valueThunk(stringValue(s)) }

// MakeAttrs makes a set.
func (ev *Evaluator) MakeAttrs(attrs []NamedThunk) Value {
	set := newAttrs(len(attrs))
	for _, attr := range attrs {
		set.add(ev.symbols.intern(attr.Name), attr.Value, noPos)
	}
	return attrsValue(set.finishKeepLast())
}

// Delay returns the thunk of an expression, which is parsed at once.
func (ev *Evaluator) Delay(name, text string) (*Thunk, error) {
	n, err := ev.parse(name, "", []byte(text), ev.baseDir(), ev.globals.scope)
	if err != nil {
		return nil, err
	}
	t := new(Thunk)
	code := newLazy(n)
	t.setExpr(&code, ev.globals.env)
	return t, nil
}

// Defined says whether name is a variable that every file sees.
func (ev *Evaluator) Defined(name string) bool {
	symbol, known := ev.symbols.lookup(name)
	if !known {
		return false
	}
	_, defined := ev.globals.scope.slot(symbol)
	return defined
}
