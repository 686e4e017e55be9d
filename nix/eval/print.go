package eval

import (
	"context"
	"math"
	"strconv"
	"strings"
)

// Print returns v as nix-instantiate --eval prints it, without a newline. What is
// not evaluated is <CODE>; see ForceDeep.
func (ev *Evaluator) Print(ctx context.Context, v Value) (string, error) {
	p := printer{w: ev.worker(ctx), seen: make(map[any]bool)}
	err := p.value(v, nil, 0)
	return p.out.String(), err
}

// printer writes values as nix-instantiate --eval does.
type printer struct {
	w    *worker
	out  strings.Builder
	seen map[any]bool
}

func (p *printer) thunk(t *Thunk, depth int) error {
	if v, ok := t.evaluated(); ok {
		return p.value(v, t, depth)
	}
	if t.inProgress() {
		p.out.WriteString("«potential infinite recursion»")
	} else {
		p.out.WriteString("<CODE>")
	}
	return nil
}

// value writes v, the value of thunk t if that is known.
func (p *printer) value(v Value, t *Thunk, depth int) error {
	if depth > p.w.options.MaxCallDepth {
		return p.w.stackOverflow(noPos)
	}
	switch v.Kind() {
	case KindNull:
		p.out.WriteString("null")
	case KindBool:
		p.out.WriteString(strconv.FormatBool(v.Bool()))
	case KindInt:
		p.out.WriteString(strconv.FormatInt(v.Int(), 10))
	case KindFloat:
		p.out.WriteString(formatFloat(v.Float()))
	case KindString:
		writeString(&p.out, v.Text(), math.MaxInt)
	case KindPath:
		p.out.WriteString(v.Path())
	case KindAttrs:
		return p.set(v.Attrs(), depth)
	case KindList:
		if t != nil && v.num > 0 && p.repeated(t) {
			return nil
		}
		return p.list(v.List(), depth)
	case KindFunction:
		switch v.tag {
		case tagLambda:
			p.out.WriteString("<LAMBDA>")
		case tagBuiltin:
			p.out.WriteString("<PRIMOP>")
		default:
			p.out.WriteString("<PRIMOP-APP>")
		}
	}
	return nil
}

func (p *printer) repeated(key any) bool {
	if p.seen[key] {
		p.out.WriteString("«repeated»")
		return true
	}
	p.seen[key] = true
	return false
}

func (p *printer) set(a *Attrs, depth int) error {
	if a.Len() > 0 && p.repeated(a) {
		return nil
	}
	p.out.WriteString("{ ")
	for _, attr := range a.sorted(p.w.symbols) {
		writeName(&p.out, p.w.symbols.name(attr.Name))
		p.out.WriteString(" = ")
		if err := p.thunk(attr.Value, depth+1); err != nil {
			return err
		}
		p.out.WriteString("; ")
	}
	p.out.WriteString("}")
	return nil
}

func (p *printer) list(elements []*Thunk, depth int) error {
	p.out.WriteString("[ ")
	for _, t := range elements {
		if err := p.thunk(t, depth+1); err != nil {
			return err
		}
		p.out.WriteString(" ")
	}
	p.out.WriteString("]")
	return nil
}

// JSON returns v as nix-instantiate --eval --strict --json prints it. Paths become
// their copies in the store if copies is set.
func (ev *Evaluator) JSON(ctx context.Context, v Value, copies bool) (string, error) {
	var out jsonPrinter
	if err := ev.worker(ctx).printJSON(&out, valueThunk(v), noPos, true, copies); err != nil {
		return "", err
	}
	return string(out.text), nil
}

// XML returns v as nix-instantiate --eval --xml prints it: strict evaluates all,
// positions says where attributes are defined.
func (ev *Evaluator) XML(ctx context.Context, v Value, strict, positions bool) (string, error) {
	x := xmlPrinter{w: ev.worker(ctx), strict: strict, positions: positions}
	if err := x.print(valueThunk(v), noPos); err != nil {
		return "", err
	}
	return x.all(), nil
}
