package eval

import (
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
)

// showLimits bound what show writes: values in error messages are cut short.
type showLimits struct {
	depth, attrs, items, bytes int
}

// show returns a value as error messages show it: nothing is evaluated for it.
func (w *worker) show(v Value) string {
	s := shower{w: w, limits: showLimits{depth: 10, attrs: 10, items: 10, bytes: 1024}}
	s.value(v, nil, 0)
	return s.out.String()
}

// showAll returns a value as builtins.trace shows it.
func (w *worker) showAll(v Value) string {
	const none = math.MaxInt
	s := shower{w: w, limits: showLimits{depth: none, attrs: none, items: none, bytes: none}}
	s.value(v, nil, 0)
	return s.out.String()
}

// shower writes values for people.
type shower struct {
	w            *worker
	out          strings.Builder
	limits       showLimits
	attrs, items int // written so far
	seen         map[any]bool
}

// repeated says that the set or list is shown already, and writes so.
func (s *shower) repeated(key any) bool {
	if s.seen[key] {
		s.out.WriteString("«repeated»")
		return true
	}
	if s.seen == nil {
		s.seen = make(map[any]bool)
	}
	s.seen[key] = true
	return false
}

func (s *shower) thunk(t *Thunk, depth int) {
	if v, ok := t.evaluated(); ok {
		s.value(v, t, depth)
		return
	}
	if t.inProgress() {
		s.out.WriteString("«potential infinite recursion»")
		return
	}
	s.out.WriteString("«thunk»")
}

// value writes v, the value of thunk t if that is known.
func (s *shower) value(v Value, t *Thunk, depth int) {
	if depth > s.w.options.MaxCallDepth {
		s.out.WriteString("…")
		return
	}
	switch v.Kind() {
	case KindNull:
		s.out.WriteString("null")
	case KindBool:
		s.out.WriteString(strconv.FormatBool(v.Bool()))
	case KindInt:
		s.out.WriteString(strconv.FormatInt(v.Int(), 10))
	case KindFloat:
		s.out.WriteString(formatFloat(v.Float()))
	case KindString:
		writeString(&s.out, v.Text(), s.limits.bytes)
	case KindPath:
		s.out.WriteString(v.Path())
	case KindAttrs:
		if !s.repeated(v.Attrs()) {
			s.set(v.Attrs(), depth)
		}
	case KindList:
		if t == nil || v.num == 0 || !s.repeated(t) {
			s.list(v.List(), depth)
		}
	case KindFunction:
		s.function(v)
	}
}

func (s *shower) set(a *Attrs, depth int) {
	if depth >= s.limits.depth {
		s.out.WriteString("{ ... }")
		return
	}
	list := a.sorted(s.w.symbols)
	if s.limits.attrs < math.MaxInt {
		s.importantFirst(list)
	}
	s.out.WriteString("{")
	for i, attr := range list {
		s.out.WriteString(" ")
		if s.attrs >= s.limits.attrs {
			s.elided(len(list)-i, "attribute")
			break
		}
		writeName(&s.out, s.w.symbols.name(attr.Name))
		s.out.WriteString(" = ")
		s.thunk(attr.Value, depth+1)
		s.out.WriteString(";")
		s.attrs++
	}
	s.out.WriteString(" }")
}

// importantFirst moves what tells most about a set to its front.
func (s *shower) importantFirst(list []Attr) {
	rank := func(a Attr) int {
		if name := s.w.symbols.name(a.Name); name == "type" || name == "_type" {
			return 0
		}
		return 1
	}
	slices.SortStableFunc(list, func(a, b Attr) int { return rank(a) - rank(b) })
}

func (s *shower) list(elements []*Thunk, depth int) {
	if depth >= s.limits.depth {
		s.out.WriteString("[ ... ]")
		return
	}
	s.out.WriteString("[")
	for i, t := range elements {
		s.out.WriteString(" ")
		if s.items >= s.limits.items {
			s.elided(len(elements)-i, "item")
			break
		}
		s.thunk(t, depth+1)
		s.items++
	}
	s.out.WriteString(" ]")
}

func (s *shower) elided(n int, what string) {
	if n != 1 {
		what += "s"
	}
	fmt.Fprintf(&s.out, "«%d %s elided»", n, what)
}

func (s *shower) function(v Value) {
	switch v.tag {
	case tagLambda:
		l := v.closure().lambda
		s.out.WriteString("«lambda")
		if l.name != symNone {
			s.out.WriteString(" " + s.w.symbols.name(l.name))
		}
		s.out.WriteString(" @ " + s.w.positions.position(l.pos).String() + "»")
	case tagBuiltin:
		s.out.WriteString("«primop " + v.builtin().Name + "»")
	default:
		s.out.WriteString("«partially applied primop " + v.partial().builtin.Name + "»")
	}
}

// writeString writes a string in quotes, at most limit bytes of it.
func writeString(out *strings.Builder, text string, limit int) {
	out.WriteByte('"')
	for i := range len(text) {
		if i >= limit {
			n := len(text) - i
			unit := "bytes"
			if n == 1 {
				unit = "byte"
			}
			fmt.Fprintf(out, "\" «%d %s elided»", n, unit)
			return
		}
		switch c := text[i]; {
		case c == '"' || c == '\\':
			out.WriteByte('\\')
			out.WriteByte(c)
		case c == '\n':
			out.WriteString(`\n`)
		case c == '\r':
			out.WriteString(`\r`)
		case c == '\t':
			out.WriteString(`\t`)
		case c == '$' && i+1 < len(text) && text[i+1] == '{':
			out.WriteString(`\$`)
		default:
			out.WriteByte(c)
		}
	}
	out.WriteByte('"')
}

// writeName writes the name of an attribute, in quotes if it needs them.
func writeName(out *strings.Builder, name string) {
	if isVariableName(name) {
		out.WriteString(name)
		return
	}
	writeString(out, name, math.MaxInt)
}

// isVariableName says whether an attribute can be written without quotes.
func isVariableName(name string) bool {
	switch name {
	case "", "if", "then", "else", "assert", "with", "let", "in", "rec", "inherit":
		return false
	}
	for i := range len(name) {
		switch c := name[i]; {
		case c >= 'a' && c <= 'z', c >= 'A' && c <= 'Z', c == '_':
		case i > 0 && (c >= '0' && c <= '9' || c == '-' || c == '\''):
		default:
			return false
		}
	}
	return true
}

// formatFloat writes a float as C++'s streams do: six significant digits.
func formatFloat(f float64) string {
	switch {
	case math.IsInf(f, 1):
		return "inf"
	case math.IsInf(f, -1):
		return "-inf"
	case math.IsNaN(f):
		if math.Signbit(f) {
			return "-nan"
		}
		return "nan"
	}
	// The shortest form of what is rounded to six digits, which is what %g gives
	// but for the exponent's place.
	s := strconv.FormatFloat(f, 'e', 5, 64)
	mantissa, exponent, _ := strings.Cut(s, "e")
	n, _ := strconv.Atoi(exponent)
	if n < -4 || n >= 6 {
		if strings.Contains(mantissa, ".") {
			mantissa = strings.TrimRight(strings.TrimRight(mantissa, "0"), ".")
		}
		return mantissa + "e" + exponent
	}
	s = strconv.FormatFloat(f, 'f', 5-n, 64)
	if strings.Contains(s, ".") {
		s = strings.TrimRight(strings.TrimRight(s, "0"), ".")
	}
	return s
}

// String returns the position as file:line:column.
func (p Position) String() string {
	if p.File == "" {
		return "«none»"
	}
	return fmt.Sprintf("%s:%d:%d", p.File, p.Line, p.Column)
}

// showThunk is show of a thunk.
func (w *worker) showThunk(t *Thunk) string {
	s := shower{w: w, limits: showLimits{depth: 10, attrs: 10, items: 10, bytes: 1024}}
	s.thunk(t, 0)
	return s.out.String()
}
