package configedit

import (
	"errors"
	"slices"
	"strings"

	"luminousnix/nix/syntax"
)

// Set sets an option, by its attribute path, to an expression: in place of the value
// that is written for it, or as a new definition beside its nearest relatives. Errors
// are *[AlreadyError] and *[PlaceError].
func (c *Configuration) Set(option []string, expr string) error {
	name := syntax.FormatPath(option)
	lines := []string{name + " = " + expr + ";"}
	holders, reasons := c.holders(option)
	if len(holders) > 1 || len(reasons) > 0 {
		for _, f := range holders {
			site, _ := syntax.Look(f.tree, f.option(option))
			reasons.add(f.reason(site.Definitions[0].Start, name+" is defined"))
		}
		return &PlaceError{name, reasons, lines}
	}
	if len(holders) == 0 {
		return c.insert(option, expr, lines)
	}
	f := holders[0]
	if err := f.replace(option, expr); err != nil {
		if errors.As(err, new(*AlreadyError)) {
			return err
		}
		reasons.add(err)
		return &PlaceError{name, reasons, lines}
	}
	return nil
}

// holders are the files that define an option in a way that can be changed. The reasons
// are those of others that define it, or may.
func (c *Configuration) holders(option []string) (files []*file, reasons reasons) {
	name := syntax.FormatPath(option)
	for _, f := range c.files {
		site, err := syntax.Look(f.tree, f.option(option))
		switch {
		case err != nil: // not written as a set: nothing is known of it
		case len(site.Definitions) > 0:
			if err := f.plain(site, name); err != nil {
				reasons.add(err)
			} else {
				files = append(files, f)
			}
		case site.Blocked != nil:
			reasons.add(site.Blocked)
		}
	}
	return files, reasons
}

// editable is the first definition of an option in the file, if that may be edited.
func (f *file) editable(option []string) (d syntax.Definition, err error) {
	site, err := syntax.Look(f.tree, f.option(option))
	if err != nil {
		return d, err
	}
	if d = site.Definitions[0]; f.locked != "" {
		return d, f.reason(d.Start, syntax.FormatPath(option)+" is defined in a file that "+f.locked)
	}
	return d, nil
}

// replace puts an expression in place of a value that is written out.
func (f *file) replace(option []string, expr string) error {
	d, err := f.editable(option)
	if err != nil {
		return err
	}
	name := syntax.FormatPath(option)
	switch {
	case f.text(d.Value) == expr:
		return &AlreadyError{name + " = " + expr, f.at(d.Start)}
	case !constant(d.Value):
		return f.reason(d.Start, name+" is not written as a plain value, but as "+shorten(f.text(d.Value)))
	}
	before := f.tree
	if err = f.give(expr); err == nil {
		var content []byte
		if content, err = syntax.Set(f.tree, f.option(option), expr); err == nil {
			err = f.set(content)
		}
	}
	if err != nil {
		f.tree = before
	}
	return err
}

// insert adds an option to the file that has its nearest relatives, or to the entry
// file.
func (c *Configuration) insert(option []string, expr string, lines []string) error {
	best, shared := c.files[0], 0
	for _, f := range c.files {
		path := f.option(option)
		site, err := syntax.Look(f.tree, path)
		if err != nil || site.Blocked != nil || site.Conditional || site.Parts > 0 || f.locked != "" || f.generated() {
			continue
		}
		if n := site.Shared - (len(path) - len(option)); n > shared {
			best, shared = f, n
		}
	}
	err := best.insert(option, expr)
	if err != nil && best != c.files[0] {
		err = c.files[0].insert(option, expr)
	}
	if err != nil {
		var reasons reasons
		reasons.add(err)
		return &PlaceError{syntax.FormatPath(option), reasons, lines}
	}
	return nil
}

// AddToList adds an element to the list that an option is, or defines the option as the
// list of it. Errors are *[AlreadyError] and *[PlaceError].
func (c *Configuration) AddToList(option []string, element string) error {
	name := syntax.FormatPath(option)
	lines := []string{name + " = [ " + element + " ];"}
	holders, reasons := c.holders(option)
	for _, f := range holders {
		err := f.appendTo(option, element)
		if err == nil || errors.As(err, new(*AlreadyError)) {
			return err
		}
		reasons.add(err)
	}
	if len(reasons) > 0 {
		// Lists of several files are joined, so another file would do; which one
		// should have it is not ours to choose.
		return &PlaceError{name, reasons, lines}
	}
	return c.insert(option, "[ "+element+" ]", lines)
}

// appendTo adds an element to the list of an option in the file.
func (f *file) appendTo(option []string, element string) error {
	d, err := f.editable(option)
	if err != nil {
		return err
	}
	for _, l := range syntax.Lists(d.Value) {
		if l.Conditional {
			continue
		}
		for _, other := range l.List.Elements {
			if f.text(other) == element {
				return &AlreadyError{element, f.at(other.Range().Start)}
			}
		}
		content, err := syntax.AppendTo(f.tree, f.option(option), l.List, element)
		if err != nil {
			return err
		}
		return f.set(content)
	}
	return f.reason(d.Start, syntax.FormatPath(option)+" is not written as a list that always holds")
}

// text is an expression as it is written.
func (f *file) text(e syntax.Expr) string {
	s := e.Range()
	return string(f.tree.Source[s.Start:s.End])
}

// constant reports whether an expression says itself what it is, so that whoever wrote
// it meant no more than that: a literal, or a package.
func constant(e syntax.Expr) bool {
	switch e := e.(type) {
	case *syntax.Int, *syntax.Float:
		return true
	case *syntax.String:
		return !slices.ContainsFunc(e.Parts, func(p syntax.Part) bool { return p.Expr != nil })
	case *syntax.Path:
		return !slices.ContainsFunc(e.Parts, func(p syntax.Part) bool { return p.Expr != nil })
	case *syntax.Ident:
		return e.Name == "true" || e.Name == "false" || e.Name == "null"
	case *syntax.Unary:
		return e.Op == syntax.OpNegate && constant(e.Expr)
	case *syntax.Paren:
		return constant(e.Expr)
	case *syntax.With:
		return constant(e.Body)
	case *syntax.Select:
		ident, ok := e.Set.(*syntax.Ident)
		return ok && ident.Name == "pkgs" && e.Default == nil
	case *syntax.List:
		return !slices.ContainsFunc(e.Elements, func(e syntax.Expr) bool { return !constant(e) })
	case *syntax.AttrSet:
		return !slices.ContainsFunc(e.Bindings, func(b syntax.Binding) bool { return b.Inherit || !constant(b.Value) })
	case *syntax.Apply:
		return isDefault(e) && constant(e.Arg)
	}
	return false
}

// isDefault reports whether mkDefault is applied: what replaces its argument may well
// stand alone.
func isDefault(a *syntax.Apply) bool { return functionName(a.Func) == "mkDefault" }

// isProperty reports whether a function of the module system is applied.
func isProperty(a *syntax.Apply) bool {
	f := a.Func
	if inner, ok := f.(*syntax.Apply); ok {
		f = inner.Func
	}
	switch functionName(f) {
	case "mkIf", "mkOverride", "mkOrder", "mkForce", "mkDefault", "mkBefore", "mkAfter":
		return true
	}
	return false
}

// functionName is the last name of a function such as lib.mkIf.
func functionName(f syntax.Expr) string {
	switch f := f.(type) {
	case *syntax.Ident:
		return f.Name
	case *syntax.Select:
		return f.Path[len(f.Path)-1].Name
	}
	return ""
}

// shorten bounds an expression that is shown.
func shorten(text string) string {
	const most = 60
	line := []rune(strings.Join(strings.Fields(text), " "))
	if len(line) > most {
		return string(line[:most]) + "…"
	}
	return string(line)
}
