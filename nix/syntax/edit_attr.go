package syntax

import "strings"

// expression parses an expression that is to be put in, without the space around.
func (e *edit) expression(text string) (string, Expr, error) {
	text = strings.TrimSpace(text)
	f, err := Parse("expression", []byte(text), e.file.options)
	if err != nil {
		return "", nil, e.fail(BadExpression, -1, "cannot be set: "+err.Error())
	}
	if int(f.Root.Range().End) != len(text) {
		return "", nil, e.fail(BadExpression, -1, "cannot be set to an expression with a comment at its end")
	}
	return text, f.Root, nil
}

// replace puts an expression in place of the value.
func (e *edit) replace(expr string) ([]byte, error) {
	target, err := e.single()
	if err != nil {
		return nil, err
	}
	if target.name >= 0 {
		return nil, e.fail(IsInherited, target.at(), "is inherited")
	}
	text, _, err := e.expression(expr)
	if err != nil {
		return nil, err
	}
	source := string(e.file.Source)
	value := target.binding.Value.Range()
	text = indent(text, indentation(source, target.binding.Start), lineEnd(source))
	after := Span{value.Start, value.Start + Pos(len(text))}
	result := splice(source, value, text)
	return e.verify(splice(source, value, "null"), result, splice(result, after, "null"), expr)
}

// single is the only definition of the attribute.
func (e *edit) single() (target, error) {
	switch {
	case len(e.exact) == 1 && len(e.parts) == 0:
		return e.exact[0], nil
	case len(e.exact) > 0:
		return target{}, e.fail(AmbiguousPath, e.exact[0].at(), "is defined at more than one place")
	case len(e.parts) > 0:
		return target{}, e.fail(AmbiguousPath, e.parts[0].Start, "is defined by parts")
	case e.err != nil:
		return target{}, e.err
	}
	return target{}, e.fail(NotThere, -1, "is not defined")
}

// insert adds the attribute with an expression as its value.
func (e *edit) insert(expr string) ([]byte, error) {
	switch {
	case len(e.parts) > 0:
		return nil, e.fail(AmbiguousPath, e.parts[0].Start, "is defined by parts")
	case e.err != nil:
		return nil, e.err
	case e.spot.wrapped:
		return nil, e.fail(AmbiguousPath, e.spot.set.Start, "would be in a set that depends on a condition or priority")
	}
	text, _, err := e.expression(expr)
	if err != nil {
		return nil, err
	}
	source := string(e.file.Source)
	gap, before, indented, after := e.layout(source)
	binding := FormatPath(e.path[e.spot.depth:]) + " = " + indent(text, indented, lineEnd(source)) + ";"
	result := splice(source, gap, before+binding+after)
	start := gap.Start + Pos(len(before))
	return e.verify(source, result, blank(result, Span{start, start + Pos(len(binding))}), expr)
}

// layout is the gap that an attribute goes into, what must be put before and after
// it, and the indentation of its line.
func (e *edit) layout(source string) (gap Span, before, indented, after string) {
	set := e.spot.set
	anchor := e.spot.after
	if anchor == nil && len(set.Bindings) > 0 {
		anchor = &set.Bindings[len(set.Bindings)-1]
	}
	if anchor == nil {
		return emptyLayout(e.file, set.Span)
	}
	indented = indentation(source, anchor.Start)
	if at, last := trailing(source, anchor.End); last {
		if !firstOnLine(source, anchor.Start) && indented == indentation(source, set.Start) {
			indented += unit(e.file)
		}
		return Span{at, at}, lineEnd(source) + indented, indented, ""
	}
	return Span{anchor.End, anchor.End}, " ", indented, ""
}

// emptyLayout is the layout for what goes first into the brackets or braces of a
// span, which may have comments: on a line of its own.
func emptyLayout(f *File, span Span) (gap Span, before, indented, after string) {
	source := string(f.Source)
	outer := indentation(source, span.Start)
	indented = outer + unit(f)
	last := span.End - 1
	if firstOnLine(source, last) {
		start := Pos(lineStart(source, last))
		return Span{start, start}, indented, indented, lineEnd(source)
	}
	at := last
	for at > 0 && (source[at-1] == ' ' || source[at-1] == '\t') {
		at--
	}
	return Span{at, last}, lineEnd(source) + indented, indented, lineEnd(source) + outer
}

// remove removes the attribute.
func (e *edit) remove() ([]byte, error) {
	source := string(e.file.Source)
	var spans []Span
	for _, t := range e.exact {
		switch {
		case t.name < 0 || len(t.binding.Names) == 1:
			spans = append(spans, t.binding.Span)
		default:
			spans = append(spans, t.binding.Names[t.name].Span)
		}
	}
	for _, b := range e.parts {
		spans = append(spans, b.Span)
	}
	if len(spans) == 0 {
		if e.err != nil {
			return nil, e.err
		}
		return nil, e.fail(NotThere, -1, "is not defined")
	}
	result := cutAll(source, spans)
	return e.verify(blank(source, spans...), result, result, "")
}

// cutAll is source without what is at the spans, which need not be in order.
func cutAll(source string, spans []Span) string {
	for i := range spans {
		last := i
		for j := range spans {
			if j > i && spans[j].Start > spans[last].Start {
				last = j
			}
		}
		spans[i], spans[last] = spans[last], spans[i]
		source = splice(source, cut(source, spans[i]), "")
	}
	return source
}
