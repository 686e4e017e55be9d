package evaluation

import (
	"os"
	"path/filepath"
	"strings"

	"luminousnix/nix/syntax"
)

// findOption finds where a module's file sets an option and returns the place as
// file:line:column; "" when it is not written there in so many words.
func findOption(file, option string) string {
	parsed := parse(file)
	if parsed == nil {
		return ""
	}
	f := finder{option: option}
	f.visit(parsed.Root, "")
	if f.found == nil {
		return ""
	}
	return (&syntax.Error{File: parsed}).At(f.found.Start)
}

// parse reads a file; nil if that is not possible.
func parse(file string) *syntax.File {
	if !strings.HasPrefix(file, "/") {
		return nil
	}
	source, err := os.ReadFile(file)
	if err != nil {
		return nil
	}
	parsed, err := syntax.Parse(file, source, syntax.ParseOptions{PipeOperators: true})
	if err != nil {
		return nil
	}
	return parsed
}

// named says which of the reader's files names a path, "" if none does in so many
// words.
func (r Reader) named(path string) string {
	for _, file := range r.Files {
		parsed := parse(file)
		if parsed == nil {
			continue
		}
		if at := findPath(parsed.Root, filepath.Dir(file), path); at >= 0 {
			return " (named in " + (&syntax.Error{File: parsed}).At(at) + ")"
		}
	}
	return ""
}

// findPath is where an expression of a file in dir names a path; -1 if it does not.
func findPath(e syntax.Expr, dir, path string) syntax.Pos {
	if p, ok := e.(*syntax.Path); ok && len(p.Parts) == 1 {
		name := p.Parts[0].Text
		if !filepath.IsAbs(name) {
			name = filepath.Join(dir, name)
		}
		if filepath.Clean(name) == path {
			return p.Start
		}
	}
	found := syntax.Pos(-1)
	syntax.Children(e, func(child syntax.Expr) bool {
		found = findPath(child, dir, path)
		return found < 0
	})
	return found
}

// finder looks for the binding of an option.
type finder struct {
	option string
	found  *syntax.Binding
}

// visit looks into an expression that is at the option path prefix, "" being the
// module itself.
func (f *finder) visit(e syntax.Expr, prefix string) bool {
	set, ok := e.(*syntax.AttrSet)
	if !ok {
		syntax.Children(e, func(child syntax.Expr) bool { return f.visit(child, prefix) })
		return f.found == nil
	}
	for i := range set.Bindings {
		b := &set.Bindings[i]
		here := prefix
		for _, name := range b.Path {
			switch {
			case here == "" && name.Name == "config": // the module in two parts
			case here == "":
				here = name.Name
			default:
				here += "." + name.Name
			}
		}
		switch {
		case here == f.option, strings.HasPrefix(here, f.option+"."): // or something in it
			f.found = b
		case here == "" || strings.HasPrefix(f.option, here+"."):
			f.visit(b.Value, here)
		}
		if f.found != nil {
			return false
		}
	}
	return true
}
