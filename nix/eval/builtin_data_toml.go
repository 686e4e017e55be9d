package eval

import "luminousnix/nix/eval/internal/toml"

func builtinFromTOML(w *worker, _ Pos, a *Thunk) (Value, error) {
	text, err := w.forcePlainString(a, noPos, "while evaluating the argument passed to builtins.fromTOML")
	if err != nil {
		return Value{}, err
	}
	table, err := toml.Parse(text)
	if err != nil {
		return Value{}, w.fail(KindEval, noPos, "while parsing TOML: %v", err)
	}
	return w.tomlTable(table)
}

func (w *worker) tomlTable(table *toml.Table) (Value, error) {
	set := newAttrs(len(table.Entries))
	for _, entry := range table.Entries {
		if err := w.refuseNullInTOML(entry.Key); err != nil {
			return Value{}, err
		}
		v, err := w.tomlValue(entry.Value)
		if err != nil {
			return Value{}, err
		}
		set.addValue(w.intern(entry.Key), v)
	}
	return attrsValue(set.finish()), nil
}

func (w *worker) tomlValue(t *toml.Value) (Value, error) {
	switch t.Kind {
	case toml.Bool:
		return boolValue(t.Bool), nil
	case toml.Int:
		return intValue(t.Int), nil
	case toml.Float:
		return floatValue(t.Float), nil
	case toml.String:
		return stringValue(t.Text), w.refuseNullInTOML(t.Text)
	case toml.Timestamp:
		if !w.feature("parse-toml-timestamps") {
			return Value{}, w.fail(KindEval, noPos, "while parsing TOML: Dates and times are not supported")
		}
		set := newAttrs(2)
		set.addValue(w.intern("_type"), stringValue("timestamp"))
		set.addValue(symValue, stringValue(t.Text))
		return attrsValue(set.finish()), nil
	case toml.Array:
		list := make([]*Thunk, len(t.List))
		for i, element := range t.List {
			v, err := w.tomlValue(element)
			if err != nil {
				return Value{}, err
			}
			list[i] = valueThunk(v)
		}
		return listValue(list), nil
	}
	return w.tomlTable(t.Table)
}

// refuseNullInTOML is refuseNull with the words that the error has here.
func (w *worker) refuseNullInTOML(s string) error {
	if err := w.refuseNull(s); err != nil {
		return w.fail(KindEval, noPos, "while parsing TOML: error: %v", err)
	}
	return nil
}
