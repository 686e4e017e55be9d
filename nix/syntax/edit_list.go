package syntax

import (
	"slices"
	"strings"
)

// listed is a list written in a value.
type listed struct {
	*List
	with        *With // the innermost around it
	conditional bool
}

// lists are the lists that make up a value: one, or those of a chain of ++.
func lists(e Expr, with *With, conditional bool, out []listed) []listed {
	e, inner := strip(e)
	if inner != nil {
		with = inner
	}
	switch v := e.(type) {
	case *List:
		return append(out, listed{v, with, conditional})
	case *Binary:
		if v.Op == OpConcat {
			out = lists(v.Left, with, conditional, out)
			return lists(v.Right, with, conditional, out)
		}
	case *Apply:
		if value, ok := wrapper(v); ok {
			name, _ := v.Func.(*Apply)
			return lists(value, with, conditional || name != nil, out)
		}
	case *If:
		out = lists(v.Then, with, true, out)
		return lists(v.Else, with, true, out)
	}
	return out
}

// element parses what is to be an element of a list, and is its tokens.
func (e *edit) element(text string) ([]string, error) {
	f, err := Parse("element", []byte("["+text+"]"), e.file.options)
	if err != nil {
		return nil, e.fail(BadExpression, -1, "cannot have the element: "+err.Error())
	}
	list, ok := f.Root.(*List)
	if !ok || len(list.Elements) != 1 {
		return nil, e.fail(BadExpression, -1, "can have one element added at a time")
	}
	return tokenTexts("[" + text + "]")[1:], nil
}

// tokenTexts are the tokens of source, without the last and the end of file.
func tokenTexts(source string) []string {
	var texts []string
	for token := range Tokens(source) {
		texts = append(texts, token.Text)
	}
	return texts[:len(texts)-2]
}

// is reports whether an element of the list is written as the tokens.
func (l listed) is(source string, element Expr, tokens []string) bool {
	s := element.Range()
	texts := tokenTexts(source[s.Start:s.End] + "\n]")
	if slices.Equal(texts, tokens) {
		return true
	}
	if l.with == nil {
		return false
	}
	set := l.with.Set.Range()
	qualified := append(tokenTexts(source[set.Start:set.End]+"\n]"), ".")
	return slices.Equal(append(qualified, texts...), tokens)
}

// append adds an element to the list.
func (e *edit) append(element string) ([]byte, error) {
	element = strings.TrimSpace(element)
	tokens, err := e.element(element)
	if err != nil {
		return nil, err
	}
	value, err := e.value()
	if err != nil {
		return nil, err
	}
	source := string(e.file.Source)
	all := lists(value, nil, false, nil)
	for _, l := range all {
		for _, other := range l.Elements {
			if l.is(source, other, tokens) {
				return nil, e.fail(AlreadyThere, other.Range().Start, "has the element "+element+" already")
			}
		}
	}
	list, err := e.only(value, all)
	if err != nil {
		return nil, err
	}
	return e.appendTo(list, element)
}

// appendTo adds an element to a list of the file.
func (e *edit) appendTo(list *List, element string) ([]byte, error) {
	source := string(e.file.Source)
	gap, before, indented, after := listLayout(e.file, list)
	text := indent(element, indented, lineEnd(source))
	result := splice(source, gap, before+text+after)
	start := gap.Start + Pos(len(before))
	return e.verify(source, result, blank(result, Span{start, start + Pos(len(text))}), "")
}

// value is the value at the path.
func (e *edit) value() (Expr, error) {
	target, err := e.single()
	if err != nil {
		return nil, err
	}
	if target.name >= 0 {
		return nil, e.fail(IsInherited, target.at(), "is inherited")
	}
	return target.binding.Value, nil
}

// only is the list to add to: the only one, or the only one without a condition.
func (e *edit) only(value Expr, all []listed) (*List, error) {
	pos := value.Range().Start
	if len(all) == 0 {
		return nil, e.fail(NotAList, pos, "is not written as a list")
	}
	if len(all) == 1 {
		return all[0].List, nil
	}
	var list *List
	for _, l := range all {
		if l.conditional {
			continue
		}
		if list != nil {
			return nil, e.fail(AmbiguousPath, pos, "is more than one list")
		}
		list = l.List
	}
	if list == nil {
		return nil, e.fail(AmbiguousPath, pos, "is more than one list, each with a condition")
	}
	return list, nil
}

// listLayout is the gap that an element goes into, what must be put before and after
// it, and the indentation of its line.
func listLayout(f *File, list *List) (gap Span, before, indented, after string) {
	source := string(f.Source)
	lines := strings.Contains(source[list.Start:list.End], "\n")
	if len(list.Elements) == 0 {
		if lines {
			return emptyLayout(f, list.Span)
		}
		at := list.Start + 1
		if source[at] != ' ' {
			after = " "
		}
		return Span{at, at}, " ", indentation(source, list.Start), after
	}
	last := list.Elements[len(list.Elements)-1].Range()
	indented = indentation(source, last.Start)
	if !lines {
		return Span{last.End, last.End}, " ", indented, ""
	}
	if lineStart(source, last.Start) <= int(list.Start) {
		indented += unit(f)
	}
	at, _ := trailing(source, last.End)
	return Span{at, at}, lineEnd(source) + indented, indented, ""
}

// removeElement removes an element of the list.
func (e *edit) removeElement(element string) ([]byte, error) {
	tokens, err := e.element(element)
	if err != nil {
		return nil, err
	}
	value, err := e.value()
	if err != nil {
		return nil, err
	}
	source := string(e.file.Source)
	all := lists(value, nil, false, nil)
	if len(all) == 0 {
		return nil, e.fail(NotAList, value.Range().Start, "is not written as a list")
	}
	var spans []Span
	for _, l := range all {
		before := len(spans)
		for _, other := range l.Elements {
			if l.is(source, other, tokens) {
				spans = append(spans, other.Range())
			}
		}
		if before > 0 && len(spans) > before {
			return nil, e.fail(AmbiguousPath, spans[before].Start, "has "+element+" in more than one list")
		}
	}
	if len(spans) == 0 {
		return nil, e.fail(NotThere, value.Range().Start, "has no element "+element)
	}
	result := cutAll(source, slices.Clone(spans))
	return e.verify(blank(source, spans...), result, result, "")
}
