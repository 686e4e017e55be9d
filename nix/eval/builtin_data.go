package eval

import (
	"errors"
	"strings"

	"luminousnix/nix/eval/internal/json"
)

// dataBuiltins are those that read and write other languages' data.
func dataBuiltins() []Builtin {
	return []Builtin{
		{Name: "fromJSON", fn1: builtinFromJSON},
		{Name: "toJSON", fn1: builtinToJSON},
		{Name: "fromTOML", fn1: builtinFromTOML},
		{Name: "toXML", fn1: builtinToXML},
	}
}

func builtinFromJSON(w *worker, _ Pos, a *Thunk) (Value, error) {
	text, err := w.forcePlainString(a, noPos, "while evaluating the first argument passed to builtins.fromJSON")
	if err != nil {
		return Value{}, err
	}
	parsed, err := json.Parse(text)
	if err != nil {
		failure := w.fail(KindEval, noPos, "%s", err.Error())
		return Value{}, w.trace(failure, noPos, "while decoding a JSON string")
	}
	return w.jsonValue(&parsed)
}

func (w *worker) jsonValue(j *json.Value) (Value, error) {
	switch j.Kind {
	case json.Bool:
		return boolValue(j.Bool), nil
	case json.Int:
		return intValue(j.Int), nil
	case json.Unsigned:
		return Value{}, w.fail(KindEval, noPos, "unsigned json number %d outside of Nix integer range", j.Uint)
	case json.Float:
		return floatValue(j.Float), nil
	case json.String:
		if err := w.refuseNull(j.Text); err != nil {
			return Value{}, err
		}
		return stringValue(j.Text), nil
	case json.Array:
		list := make([]*Thunk, len(j.List))
		for i := range j.List {
			v, err := w.jsonValue(&j.List[i])
			if err != nil {
				return Value{}, err
			}
			list[i] = valueThunk(v)
		}
		return listValue(list), nil
	case json.Object:
		set := newAttrs(len(j.Members))
		for i := range j.Members {
			member := &j.Members[i]
			if err := w.refuseNull(member.Key); err != nil {
				return Value{}, err
			}
			v, err := w.jsonValue(&member.Value)
			if err != nil {
				return Value{}, err
			}
			set.addValue(w.intern(member.Key), v)
		}
		return attrsValue(set.finishKeepLast()), nil
	}
	return nullValue(), nil
}

// refuseNull fails if s cannot be a string of the language.
func (w *worker) refuseNull(s string) error {
	if strings.IndexByte(s, 0) < 0 {
		return nil
	}
	return w.fail(KindEval, noPos, "input string '%s' cannot be represented as Nix string because it contains null bytes",
		strings.ReplaceAll(s, "\x00", "␀"))
}

func builtinToJSON(w *worker, _ Pos, a *Thunk) (Value, error) {
	var out jsonPrinter
	if err := w.printJSON(&out, a, noPos, true, true); err != nil {
		return Value{}, err
	}
	return contextValue(string(out.text), out.context.all()), nil
}

// jsonPrinter collects JSON and the context of the strings in it.
type jsonPrinter struct {
	text    []byte
	context contextSet
}

// printJSON writes the value of t as JSON. Unless strict, what is not evaluated
// yet is an error. copies says that paths become their copies in the store.
func (w *worker) printJSON(out *jsonPrinter, t *Thunk, pos Pos, strict, copies bool) error {
	if err := w.enterCall(pos); err != nil {
		return err
	}
	defer w.leaveCall()
	v, ok := t.evaluated()
	if !ok {
		if !strict {
			return w.fail(KindType, pos, "cannot convert a thunk to JSON")
		}
		var err error
		if v, err = w.force(t, pos); err != nil {
			return err
		}
	}
	return w.printJSONValue(out, v, pos, strict, copies)
}

func (w *worker) printJSONValue(out *jsonPrinter, v Value, pos Pos, strict, copies bool) error {
	switch v.Kind() {
	case KindNull:
		out.text = append(out.text, "null"...)
	case KindBool:
		if v.Bool() {
			out.text = append(out.text, "true"...)
		} else {
			out.text = append(out.text, "false"...)
		}
	case KindInt:
		out.text = appendInt(out.text, v.Int())
	case KindFloat:
		out.text = json.AppendFloat(out.text, v.Float())
	case KindString:
		out.context.add(v.Context())
		return w.appendJSONString(out, v.Text())
	case KindPath:
		return w.printJSONPath(out, v.Path(), copies)
	case KindAttrs:
		if set := v.Attrs(); set.get(symToString) == nil && set.get(symOutPath) == nil {
			return w.printJSONObject(out, set, strict, copies)
		}
		return w.peel(v, pos, true, func(peeled Value, through bool) error {
			if peeled.Kind() != KindAttrs {
				// A path that __toString returns is never copied.
				return w.printJSONValue(out, peeled, pos, strict, copies && !through)
			}
			return w.printJSONObject(out, peeled.Attrs(), strict, copies)
		})
	case KindList:
		return w.printJSONList(out, v.List(), pos, strict, copies)
	default:
		return w.fail(KindType, pos, "cannot convert %s to JSON", v.kindName())
	}
	return nil
}

func (w *worker) printJSONPath(out *jsonPrinter, path string, copies bool) error {
	if copies {
		p, err := w.copyPath(path)
		if err != nil {
			return err
		}
		out.context.add(Context{opaque(p)})
		path = string(p)
	}
	return w.appendJSONString(out, path)
}

func (w *worker) printJSONList(out *jsonPrinter, list []*Thunk, pos Pos, strict, copies bool) error {
	out.text = append(out.text, '[')
	for i, t := range list {
		if i > 0 {
			out.text = append(out.text, ',')
		}
		if err := w.printJSON(out, t, pos, strict, copies); err != nil {
			return w.tracef(err, pos, "while evaluating list element at index %d", i)
		}
	}
	out.text = append(out.text, ']')
	return nil
}

func (w *worker) printJSONObject(out *jsonPrinter, set *Attrs, strict, copies bool) error {
	out.text = append(out.text, '{')
	for i, attr := range set.sorted(w.symbols) {
		if i > 0 {
			out.text = append(out.text, ',')
		}
		name := w.symbols.name(attr.Name)
		if err := w.appendJSONString(out, name); err != nil {
			return err
		}
		out.text = append(out.text, ':')
		if err := w.printJSON(out, attr.Value, attr.Pos, strict, copies); err != nil {
			return w.tracef(err, attr.Pos, "while evaluating attribute '%s'", name)
		}
	}
	out.text = append(out.text, '}')
	return nil
}

func (w *worker) appendJSONString(out *jsonPrinter, s string) error {
	text, err := json.AppendString(out.text, s)
	if err != nil {
		var invalid *json.Error
		if errors.As(err, &invalid) {
			return w.fail(KindEval, noPos, "JSON serialization error: %s", invalid.Error())
		}
		return err
	}
	out.text = text
	return nil
}
