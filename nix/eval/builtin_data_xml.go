package eval

import (
	"slices"
	"strconv"
	"strings"
)

func appendInt(dst []byte, n int64) []byte { return strconv.AppendInt(dst, n, 10) }

func builtinToXML(w *worker, _ Pos, a *Thunk) (Value, error) {
	out := xmlPrinter{w: w, strict: true}
	if err := out.print(a, noPos); err != nil {
		return Value{}, err
	}
	return contextValue(out.all(), out.context.all()), nil
}

// xmlPrinter writes values as XML, in the form of nix-instantiate --xml and
// builtins.toXML, which must be exact to the byte: derivations contain it.
type xmlPrinter struct {
	w         *worker
	strict    bool // evaluate what is not evaluated yet
	positions bool // say where attributes and functions are defined

	before  []string // pieces of the text, which may be long
	text    strings.Builder
	depth   int
	context contextSet
	seen    map[string]bool // derivations by path; each is written out once
}

// xmlAttr is an attribute of an element. They are written in the order of their
// names.
type xmlAttr struct{ name, value string }

// print writes the whole document.
func (x *xmlPrinter) print(t *Thunk, pos Pos) error {
	x.write("<?xml version='1.0' encoding='utf-8'?>\n")
	return x.element("expr", nil, func() error { return x.thunk(t, pos) })
}

// element writes an element around what inside writes.
func (x *xmlPrinter) element(name string, attrs []xmlAttr, inside func() error) error {
	x.open(name, attrs)
	x.write(">\n")
	x.depth++
	if err := inside(); err != nil {
		return err
	}
	x.depth--
	x.indent()
	x.write("</")
	x.write(name)
	x.write(">\n")
	return nil
}

func (x *xmlPrinter) empty(name string, attrs ...xmlAttr) error {
	x.open(name, attrs)
	x.write(" />\n")
	return nil
}

func (x *xmlPrinter) open(name string, attrs []xmlAttr) {
	x.indent()
	x.write("<")
	x.write(name)
	slices.SortFunc(attrs, func(a, b xmlAttr) int { return strings.Compare(a.name, b.name) })
	for _, a := range attrs {
		x.write(" ")
		x.write(a.name)
		x.write(`="`)
		x.escape(a.value)
		x.write(`"`)
	}
}

func (x *xmlPrinter) indent() {
	for range x.depth {
		x.write("  ")
	}
}

// write appends to the text.
func (x *xmlPrinter) write(s string) {
	const piece = 64 << 10
	if x.text.Len()+len(s) > piece {
		x.before = append(x.before, x.text.String())
		x.text.Reset()
		x.text.Grow(max(piece, len(s)))
	}
	x.text.WriteString(s)
}

// all returns the whole text.
func (x *xmlPrinter) all() string { return strings.Join(append(x.before, x.text.String()), "") }

func (x *xmlPrinter) escape(s string) {
	for {
		i := strings.IndexAny(s, "\"<>&\n")
		if i < 0 {
			x.write(s)
			return
		}
		x.write(s[:i])
		switch s[i] {
		case '"':
			x.write("&quot;")
		case '<':
			x.write("&lt;")
		case '>':
			x.write("&gt;")
		case '&':
			x.write("&amp;")
		case '\n':
			x.write("&#xA;")
		}
		s = s[i+1:]
	}
}

func (x *xmlPrinter) thunk(t *Thunk, pos Pos) error {
	v, ok := t.evaluated()
	if !ok {
		if !x.strict {
			return x.empty("unevaluated")
		}
		var err error
		if v, err = x.w.force(t, pos); err != nil {
			return err
		}
	}
	if err := x.w.enterCall(pos); err != nil {
		return err
	}
	defer x.w.leaveCall()
	return x.value(v, pos)
}

func (x *xmlPrinter) value(v Value, pos Pos) error {
	switch v.Kind() {
	case KindNull:
		return x.empty("null")
	case KindBool:
		return x.empty("bool", xmlAttr{"value", strconv.FormatBool(v.Bool())})
	case KindInt:
		return x.empty("int", xmlAttr{"value", strconv.FormatInt(v.Int(), 10)})
	case KindFloat:
		return x.empty("float", xmlAttr{"value", formatFloat(v.Float())})
	case KindString:
		x.context.add(v.Context())
		return x.empty("string", xmlAttr{"value", v.Text()})
	case KindPath:
		return x.empty("path", xmlAttr{"value", v.Path()})
	case KindList:
		return x.element("list", nil, func() error {
			for _, t := range v.List() {
				if err := x.thunk(t, pos); err != nil {
					return err
				}
			}
			return nil
		})
	case KindAttrs:
		return x.set(v)
	}
	return x.function(v)
}

func (x *xmlPrinter) set(v Value) error {
	isDrv, err := x.w.isDerivation(v)
	if err != nil {
		return err
	}
	if !isDrv {
		return x.element("attrs", nil, func() error { return x.attrs(v.Attrs()) })
	}
	var attrs []xmlAttr
	drvPath, err := x.stringOf(v.Attrs(), symDrvPath)
	if err != nil {
		return err
	}
	if drvPath != nil {
		attrs = append(attrs, xmlAttr{"drvPath", *drvPath})
	}
	outPath, err := x.stringOf(v.Attrs(), symOutPath)
	if err != nil {
		return err
	}
	if outPath != nil {
		attrs = append(attrs, xmlAttr{"outPath", *outPath})
	}
	return x.element("derivation", attrs, func() error {
		if drvPath == nil || *drvPath == "" || x.seen[*drvPath] {
			return x.empty("repeated")
		}
		if x.seen == nil {
			x.seen = make(map[string]bool)
		}
		x.seen[*drvPath] = true
		return x.attrs(v.Attrs())
	})
}

// stringOf returns an attribute if it is a string.
func (x *xmlPrinter) stringOf(set *Attrs, name Symbol) (*string, error) {
	attr := set.get(name)
	if attr == nil {
		return nil, nil
	}
	v, ok := attr.Value.evaluated()
	if !ok && x.strict {
		var err error
		if v, err = x.w.force(attr.Value, attr.Pos); err != nil {
			return nil, err
		}
	}
	if v.Kind() != KindString {
		return nil, nil
	}
	text := v.Text()
	return &text, nil
}

func (x *xmlPrinter) attrs(set *Attrs) error {
	for _, attr := range set.sorted(x.w.symbols) {
		attrs := append([]xmlAttr{{"name", x.w.symbols.name(attr.Name)}}, x.position(attr.Pos)...)
		err := x.element("attr", attrs, func() error { return x.thunk(attr.Value, attr.Pos) })
		if err != nil {
			return err
		}
	}
	return nil
}

// position returns where something is defined, if that is asked for.
func (x *xmlPrinter) position(pos Pos) []xmlAttr {
	if !x.positions || pos == noPos {
		return nil
	}
	at := x.w.positions.position(pos)
	attrs := []xmlAttr{{"line", strconv.Itoa(at.Line)}, {"column", strconv.Itoa(at.Column)}}
	if s, _ := x.w.positions.find(pos); s != nil && s.path != "" {
		attrs = append(attrs, xmlAttr{"path", s.path})
	}
	return attrs
}

// function writes the arguments of a function; one that is written in Go has
// none to tell.
func (x *xmlPrinter) function(v Value) error {
	if v.tag != tagLambda {
		return x.empty("unevaluated")
	}
	l := v.closure().lambda
	return x.element("function", x.position(l.pos), func() error {
		if l.formals == nil {
			return x.empty("varpat", xmlAttr{"name", x.w.symbols.name(l.arg)})
		}
		var attrs []xmlAttr
		if l.named {
			attrs = append(attrs, xmlAttr{"name", x.w.symbols.name(l.arg)})
		}
		if l.formals.ellipsis {
			attrs = append(attrs, xmlAttr{"ellipsis", "1"})
		}
		return x.element("attrspat", attrs, func() error {
			names := make([]string, len(l.formals.list))
			for i, f := range l.formals.list {
				names[i] = x.w.symbols.name(f.name)
			}
			slices.Sort(names)
			for _, name := range names {
				if err := x.empty("attr", xmlAttr{"name", name}); err != nil {
					return err
				}
			}
			return nil
		})
	})
}
