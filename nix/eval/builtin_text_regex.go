package eval

import (
	"errors"

	"luminousnix/nix/eval/internal/regex"
)

func builtinMatch(w *worker, _ Pos, a, b *Thunk) (Value, error) {
	pattern, re, err := w.forceRegex(a, noPos, "while evaluating the first argument passed to builtins.match")
	if err != nil {
		return Value{}, err
	}
	text, _, err := w.forceString(b, noPos, "while evaluating the second argument passed to builtins.match")
	if err != nil {
		return Value{}, err
	}
	found, err := re.Match(text)
	if err != nil {
		return Value{}, w.regexError(err, noPos, pattern)
	}
	if found == nil {
		return nullValue(), nil
	}
	return groupList(text, found), nil
}

func builtinSplit(w *worker, _ Pos, a, b *Thunk) (Value, error) {
	pattern, re, err := w.forceRegex(a, noPos, "while evaluating the first argument passed to builtins.split")
	if err != nil {
		return Value{}, err
	}
	text, _, err := w.forceString(b, noPos, "while evaluating the second argument passed to builtins.split")
	if err != nil {
		return Value{}, err
	}
	all, err := re.FindAll(text)
	if err != nil {
		return Value{}, w.regexError(err, noPos, pattern)
	}
	if len(all) == 0 {
		return listValue([]*Thunk{b}), nil // with its context
	}
	parts := make([]*Thunk, 0, 2*len(all)+1)
	end := 0
	for _, found := range all {
		parts = append(parts, valueThunk(stringValue(text[end:found[0]])), valueThunk(groupList(text, found)))
		end = found[1]
	}
	return listValue(append(parts, valueThunk(stringValue(text[end:])))), nil
}

// groupList makes a list of what the groups of a match captured.
func groupList(text string, found []int) Value {
	groups := make([]*Thunk, 0, len(found)/2-1)
	for i := 2; i < len(found); i += 2 {
		v := nullValue()
		if found[i] >= 0 {
			v = stringValue(text[found[i]:found[i+1]])
		}
		groups = append(groups, valueThunk(v))
	}
	return listValue(groups)
}

func (w *worker) forceRegex(t *Thunk, pos Pos, why string) (string, *regex.Regexp, error) {
	pattern, err := w.forcePlainString(t, pos, why)
	if err != nil {
		return "", nil, err
	}
	re, err := w.made.regexes.Compile(pattern)
	if err != nil {
		return "", nil, w.regexError(err, pos, pattern)
	}
	return pattern, re, nil
}

func (w *worker) regexError(err error, pos Pos, pattern string) error {
	if errors.Is(err, regex.ErrTooLarge) {
		return w.fail(KindEval, pos, "memory limit exceeded by regular expression '%s'", pattern)
	}
	return w.fail(KindEval, pos, "invalid regular expression '%s'", pattern)
}
