package syntax

import "strings"

// Site is what a file has at an attribute path, for whoever decides whether and
// where to edit it.
type Site struct {
	// Definitions are those of the path itself.
	Definitions []Definition
	// Parts is how many attributes under the path are defined one by one.
	Parts int
	// Shared is how many names of the path the place has in common with it to which
	// [Insert] would add it.
	Shared int
	// Conditional says that this place is within mkIf or the like.
	Conditional bool
	// Blocked is why it can't be told whether the path is defined, such as a name on
	// the way that is an expression; nil if it can.
	Blocked *EditError
}

// Definition is one definition of an attribute path.
type Definition struct {
	Start Pos
	// Value is nil if the attribute is inherited.
	Value Expr
	// Conditional says that it is within a set that mkIf or the like is applied to.
	Conditional bool
}

// Look tells what a file has at a path. The error is an *EditError if the file is not
// written as a set, or the path is empty.
func Look(f *File, path []string) (Site, error) {
	e, err := newEdit(f, path)
	if err != nil {
		return Site{}, err
	}
	site := Site{Parts: len(e.parts), Shared: e.spot.shared, Conditional: e.spot.wrapped, Blocked: e.err}
	for _, t := range e.exact {
		d := Definition{Start: t.at(), Conditional: t.wrapped}
		if t.name < 0 {
			d.Value = t.binding.Value
		}
		site.Definitions = append(site.Definitions, d)
	}
	return site, nil
}

// Written is a list that a value is written as.
type Written struct {
	List *List
	// With is the innermost with around it; nil without.
	With *With
	// Conditional says that it may not be part of the value.
	Conditional bool
}

// Lists are the lists that a value is written as: one, or those of a chain of ++, also
// below mkIf and the like.
func Lists(value Expr) []Written {
	found := lists(value, nil, false, nil)
	all := make([]Written, len(found))
	for i, l := range found {
		all[i] = Written{l.List, l.with, l.conditional}
	}
	return all
}

// AppendTo is [Append] to one of the lists that [Lists] found at the path.
func AppendTo(f *File, path []string, list *List, element string) ([]byte, error) {
	e, err := newEdit(f, path)
	if err != nil {
		return nil, err
	}
	element = strings.TrimSpace(element)
	if _, err := e.element(element); err != nil {
		return nil, err
	}
	return e.appendTo(list, element)
}

// AddArgument adds a name to the arguments of the function that a file is, or makes a
// function with it of a file that is none. A function that takes its arguments under
// one name has nowhere to add it: the error is an *EditError.
func AddArgument(f *File, name string) ([]byte, error) {
	e := &edit{file: f, path: []string{name}}
	source := string(f.Source)
	root := f.Root
	for paren, ok := root.(*Paren); ok; paren, ok = root.(*Paren) {
		root = paren.Expr
	}
	lambda, isFunction := root.(*Lambda)
	switch {
	case !isFunction:
		text := "{ " + printName(name) + ", ... }:" + lineEnd(source)
		at := root.Range().Start
		result := splice(source, Span{at, at}, text)
		return e.verifyArgument(source, result, Span{at, at + Pos(len(text))})
	case lambda.Formals == nil:
		return nil, e.fail(Refused, lambda.Start, "cannot be added to the arguments of the function")
	}
	at, text := lambda.Formals.Start+1, " "+printName(name)+","
	if list := lambda.Formals.List; len(list) > 0 {
		last := list[len(list)-1]
		at, text = last.End, ", "+printName(name)
		if firstOnLine(source, last.Start) {
			text = "," + lineEnd(source) + indentation(source, last.Start) + printName(name)
		}
	} else if !lambda.Formals.Ellipsis {
		text = " " + printName(name) + " "
	}
	result := splice(source, Span{at, at}, text)
	return e.verifyArgument(source, result, Span{at, at + Pos(len(text))})
}

// verifyArgument is the result, if it differs only by what was added at a span.
func (e *edit) verifyArgument(source, result string, added Span) ([]byte, error) {
	after, err := Parse(e.file.Name, []byte(result), e.file.options)
	if err != nil {
		return nil, e.refuse(err.Error())
	}
	for _, name := range Arguments(after) {
		if name == e.path[0] {
			return e.verify(source, result, blank(result, added), "")
		}
	}
	return nil, e.refuse("the function would not have the argument")
}

// Arguments are the names that the function which a file is takes out of its argument;
// none if it is no function, or names its argument as a whole only.
func Arguments(f *File) (names []string) {
	root := f.Root
	for paren, ok := root.(*Paren); ok; paren, ok = root.(*Paren) {
		root = paren.Expr
	}
	lambda, ok := root.(*Lambda)
	if !ok || lambda.Formals == nil {
		return nil
	}
	for _, formal := range lambda.Formals.List {
		names = append(names, formal.Name)
	}
	return names
}
