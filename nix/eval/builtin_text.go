package eval

import (
	"math"
	"strings"

	"luminousnix/nix/eval/internal/version"
)

// textBuiltins are those that work on strings.
func textBuiltins() []Builtin {
	return []Builtin{
		{Name: "substring", fn3: builtinSubstring},
		{Name: "stringLength", fn1: builtinStringLength},
		{Name: "concatStringsSep", fn2: builtinConcatStringsSep},
		{Name: "replaceStrings", fn3: builtinReplaceStrings},
		{Name: "match", fn2: builtinMatch},
		{Name: "split", fn2: builtinSplit},
		{Name: "compareVersions", fn2: builtinCompareVersions},
		{Name: "splitVersion", fn1: builtinSplitVersion},
		{Name: "parseDrvName", fn1: builtinParseDrvName},
		{Name: "toString", fn1: builtinToString},
	}
}

func builtinToString(w *worker, _ Pos, a *Thunk) (Value, error) {
	text, context, err := w.coerceThunk(a, noPos, coerceMore, "while evaluating the first argument passed to builtins.toString")
	if err != nil {
		return Value{}, err
	}
	return contextValue(text, context), nil
}

func builtinSubstring(w *worker, _ Pos, a, b, c *Thunk) (Value, error) {
	start, err := w.forceInt(a, noPos, "while evaluating the first argument (the start offset) passed to builtins.substring")
	if err != nil {
		return Value{}, err
	}
	if start < 0 {
		return Value{}, w.fail(KindEval, noPos, "negative start position in 'substring'")
	}
	length, err := w.forceInt(b, noPos, "while evaluating the second argument (the substring length) passed to builtins.substring")
	if err != nil {
		return Value{}, err
	}
	if length == 0 {
		// The context of the string alone is asked for.
		v, err := w.force(c, noPos)
		if err != nil {
			return Value{}, err
		}
		if v.Kind() == KindString {
			return contextValue("", v.Context()), nil
		}
	}
	text, context, err := w.coerceThunk(c, noPos, copyToStore, "while evaluating the third argument (the string) passed to builtins.substring")
	if err != nil {
		return Value{}, err
	}
	size := int64(len(text))
	if length < 0 {
		length = math.MaxInt64 // to the end
	}
	start = min(start, size)
	return contextValue(text[start:start+min(length, size-start)], context), nil
}

func builtinStringLength(w *worker, _ Pos, a *Thunk) (Value, error) {
	text, _, err := w.coerceThunk(a, noPos, copyToStore, "while evaluating the argument passed to builtins.stringLength")
	if err != nil {
		return Value{}, err
	}
	return intValue(int64(len(text))), nil
}

func builtinConcatStringsSep(w *worker, _ Pos, a, b *Thunk) (Value, error) {
	separator, all, err := w.forceString(a, noPos, "while evaluating the first argument (the separator string) passed to builtins.concatStringsSep")
	if err != nil {
		return Value{}, err
	}
	list, err := w.forceList(b, noPos, "while evaluating the second argument (the list of strings to concat) passed to builtins.concatStringsSep")
	if err != nil {
		return Value{}, err
	}
	parts := make([]string, len(list))
	var contexts contextSet
	contexts.add(all)
	for i, t := range list {
		text, context, err := w.coerceThunk(t, noPos, copyToStore, "while evaluating one element of the list of strings to concat passed to builtins.concatStringsSep")
		if err != nil {
			return Value{}, err
		}
		parts[i] = text
		contexts.add(context)
	}
	size := len(separator) * len(parts)
	for _, part := range parts {
		size += len(part)
	}
	if err := w.reserve(size); err != nil {
		return Value{}, err
	}
	return contextValue(strings.Join(parts, separator), contexts.all()), nil
}

func builtinReplaceStrings(w *worker, _ Pos, a, b, c *Thunk) (Value, error) {
	froms, err := w.forceList(a, noPos, "while evaluating the first argument passed to builtins.replaceStrings")
	if err != nil {
		return Value{}, err
	}
	tos, err := w.forceList(b, noPos, "while evaluating the second argument passed to builtins.replaceStrings")
	if err != nil {
		return Value{}, err
	}
	if len(froms) != len(tos) {
		return Value{}, w.fail(KindEval, noPos, "'from' and 'to' arguments passed to builtins.replaceStrings have different lengths")
	}
	from := make([]string, len(froms))
	for i, t := range froms {
		from[i], _, err = w.forceString(t, noPos, "while evaluating one of the strings to replace passed to builtins.replaceStrings")
		if err != nil {
			return Value{}, err
		}
	}
	text, context, err := w.forceString(c, noPos, "while evaluating the third argument passed to builtins.replaceStrings")
	if err != nil {
		return Value{}, err
	}
	r := replacer{w: w, pos: noPos, from: from, to: tos}
	r.contexts.add(context)
	r.index()
	out, err := r.replace(text)
	if err != nil {
		return Value{}, err
	}
	return contextValue(out, r.contexts.all()), nil
}

// replacer replaces strings; replacements are evaluated when first needed.
type replacer struct {
	w    *worker
	pos  Pos
	from []string
	to   []*Thunk

	texts    []*string // of to, as far as evaluated
	contexts contextSet
	begins   [256]bool // whether a string of from begins with a byte
	empty    bool      // whether one of them is empty
}

func (r *replacer) index() {
	r.texts = make([]*string, len(r.to))
	for _, s := range r.from {
		if s == "" {
			r.empty = true
		} else {
			r.begins[s[0]] = true
		}
	}
}

func (r *replacer) replace(text string) (string, error) {
	var out strings.Builder
	out.Grow(len(text))
	for at := 0; at <= len(text); {
		i := r.find(text, at)
		if i < 0 {
			if at < len(text) {
				out.WriteByte(text[at])
			}
			at++
			continue
		}
		replacement, err := r.replacement(i)
		if err != nil {
			return "", err
		}
		if size := out.Len() + len(replacement); size > out.Cap() {
			if err := r.w.reserve(2 * size); err != nil {
				return "", err
			}
		}
		out.WriteString(replacement)
		if r.from[i] != "" {
			at += len(r.from[i])
			continue
		}
		// An empty string is found before each byte and at the end.
		if at < len(text) {
			out.WriteByte(text[at])
		}
		at++
	}
	return out.String(), nil
}

// find returns the first string of from that is in text at an offset, or -1.
func (r *replacer) find(text string, at int) int {
	if !r.empty && (at == len(text) || !r.begins[text[at]]) {
		return -1
	}
	for i, s := range r.from {
		if strings.HasPrefix(text[at:], s) {
			return i
		}
	}
	return -1
}

func (r *replacer) replacement(i int) (string, error) {
	if r.texts[i] == nil {
		text, context, err := r.w.forceString(r.to[i], r.pos, "while evaluating one of the replacement strings passed to builtins.replaceStrings")
		if err != nil {
			return "", err
		}
		r.texts[i] = &text
		r.contexts.add(context)
	}
	return *r.texts[i], nil
}

func builtinCompareVersions(w *worker, _ Pos, a, b *Thunk) (Value, error) {
	x, err := w.forcePlainString(a, noPos, "while evaluating the first argument passed to builtins.compareVersions")
	if err != nil {
		return Value{}, err
	}
	y, err := w.forcePlainString(b, noPos, "while evaluating the second argument passed to builtins.compareVersions")
	if err != nil {
		return Value{}, err
	}
	return intValue(int64(version.Compare(x, y))), nil
}

func builtinSplitVersion(w *worker, _ Pos, a *Thunk) (Value, error) {
	text, err := w.forcePlainString(a, noPos, "while evaluating the first argument passed to builtins.splitVersion")
	if err != nil {
		return Value{}, err
	}
	return stringList(version.Split(text)), nil
}

func stringList(list []string) Value {
	elements := make([]*Thunk, len(list))
	for i, s := range list {
		elements[i] = valueThunk(stringValue(s))
	}
	return listValue(elements)
}

func builtinParseDrvName(w *worker, _ Pos, a *Thunk) (Value, error) {
	text, err := w.forcePlainString(a, noPos, "while evaluating the first argument passed to builtins.parseDrvName")
	if err != nil {
		return Value{}, err
	}
	name, number := version.ParseName(text)
	set := newAttrs(2)
	set.addValue(symName, stringValue(name))
	set.addValue(symVersion, stringValue(number))
	return attrsValue(set.finish()), nil
}
