package configedit

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"luminousnix/nix/syntax"
)

// packagesOption is the option with the packages of the whole system.
const packagesOption = "environment.systemPackages"

func packagesPath() []string { return []string{"environment", "systemPackages"} }

// AddPackage adds a package, by its attribute path in nixpkgs, to
// environment.systemPackages: to a list that is written out and holds without a
// condition, or as a definition of its own. Errors are *[AlreadyError] and *[PlaceError].
func (c *Configuration) AddPackage(attribute string) error {
	var reasons reasons
	for _, f := range c.files {
		err := f.appendPackage(attribute)
		if err == nil || errors.As(err, new(*AlreadyError)) {
			return err
		}
		reasons.add(err)
	}
	err := c.files[0].insert(packagesPath(), packageList(attribute))
	if err == nil {
		return nil
	}
	reasons.add(err)
	return &PlaceError{packagesOption, reasons, []string{packagesOption + " = [ " + qualified(attribute) + " ];"}}
}

// errNoList is the reason of files that have no list, which need not be told, and
// errThere that of those of which was told already that they define an option.
var (
	errNoList = errors.New("has no list of packages")
	errThere  = errors.New("defines it already")
)

// appendPackage adds a package to a list of the file.
func (f *file) appendPackage(attribute string) error {
	path := f.option(packagesPath())
	site, err := syntax.Look(f.tree, path)
	if err != nil || len(site.Definitions) == 0 {
		return errNoList
	}
	if err := f.plain(site, packagesOption); err != nil {
		return err
	}
	value := site.Definitions[0].Value
	var lists []syntax.Written
	for _, l := range syntax.Lists(value) {
		if l.Conditional {
			continue
		}
		lists = append(lists, l)
		for _, element := range l.List.Elements {
			if f.packageOf(value, l.With, element) == attribute {
				return &AlreadyError{attribute, f.at(element.Range().Start)}
			}
		}
	}
	if len(lists) == 0 {
		return f.reason(value.Range().Start, packagesOption+" is not written as a list that always holds")
	}
	if f.locked != "" {
		return f.reason(value.Range().Start, packagesOption+" is defined in a file that "+f.locked)
	}
	best := lists[0]
	for _, l := range lists {
		if withPkgs(l.With) {
			best = l
			break
		}
	}
	element := f.spell(value, best.With, attribute)
	if before := f.tree; !f.sees(element) {
		err := f.give(element)
		if err == nil {
			err = f.appendPackage(attribute) // where the lists are now
		}
		if err != nil {
			f.tree = before
		}
		return err
	}
	content, err := syntax.AppendTo(f.tree, path, best.List, element)
	if err != nil {
		return err
	}
	return f.set(content)
}

// plain is nil if there is one definition that stands by itself.
func (f *file) plain(site syntax.Site, option string) error {
	d := site.Definitions[0]
	switch {
	case len(site.Definitions) > 1:
		return f.reason(d.Start, option+" is defined more than once")
	case site.Parts > 0:
		return f.reason(d.Start, option+" is defined by parts")
	case d.Conditional:
		return f.reason(d.Start, option+" is within a set that depends on a condition or has a priority")
	case d.Value == nil:
		return f.reason(d.Start, option+" is inherited")
	}
	return nil
}

// spell is how a package is written in a list.
func (f *file) spell(value syntax.Expr, with *syntax.With, attribute string) string {
	first, _, _ := strings.Cut(attribute, ".")
	if withPkgs(with) && isName(first) && !slices.Contains(names(value, bound(f.tree)), first) {
		return syntax.FormatPath(strings.Split(attribute, "."))
	}
	return qualified(attribute)
}

// isName reports whether a name can be written as a variable.
func isName(name string) bool { return syntax.FormatPath([]string{name}) == name && name != "" }

func qualified(attribute string) string {
	return "pkgs." + syntax.FormatPath(strings.Split(attribute, "."))
}

// packageList is a list of one package, to be a definition of its own.
func packageList(attribute string) string {
	first, _, _ := strings.Cut(attribute, ".")
	if isName(first) {
		return "with pkgs; [ " + syntax.FormatPath(strings.Split(attribute, ".")) + " ]"
	}
	return "[ " + qualified(attribute) + " ]"
}

func withPkgs(with *syntax.With) bool {
	if with == nil {
		return false
	}
	ident, ok := with.Set.(*syntax.Ident)
	return ok && ident.Name == "pkgs"
}

// packageOf is the attribute path of the package that an element of a list is, below
// the value's functions and with; "" for something else.
func (f *file) packageOf(value syntax.Expr, with *syntax.With, element syntax.Expr) string {
	for paren, ok := element.(*syntax.Paren); ok; paren, ok = element.(*syntax.Paren) {
		element = paren.Expr
	}
	bare := func(name string) string {
		if withPkgs(with) && !slices.Contains(names(value, bound(f.tree)), name) {
			return name
		}
		return ""
	}
	switch e := element.(type) {
	case *syntax.Ident:
		return bare(e.Name)
	case *syntax.Select:
		ident, ok := e.Set.(*syntax.Ident)
		if !ok || e.Default != nil {
			return ""
		}
		var path []string
		if ident.Name != "pkgs" {
			if path = []string{bare(ident.Name)}; path[0] == "" {
				return ""
			}
		}
		for _, name := range e.Path {
			if name.Expr != nil {
				return ""
			}
			path = append(path, name.Name)
		}
		return strings.Join(path, ".")
	}
	return ""
}

// insert adds an option to the file, which must not define it.
func (f *file) insert(option []string, expr string) error {
	path := f.option(option)
	site, err := syntax.Look(f.tree, path)
	switch {
	case err != nil:
		return err
	case len(site.Definitions) > 0:
		return errThere
	case f.locked != "":
		return fmt.Errorf("%s: the file %s", f.path, f.locked)
	case f.generated():
		return fmt.Errorf("%s: the file is written by nixos-generate-config", f.path)
	}
	before := f.tree
	if err := f.give(expr); err != nil {
		return err
	}
	content, err := syntax.Insert(f.tree, path, expr)
	if err == nil {
		err = f.set(content)
	}
	if err != nil {
		f.tree = before
	}
	return err
}

// at is a place in the file.
func (f *file) at(pos syntax.Pos) string {
	line, _ := f.tree.Position(pos)
	return fmt.Sprintf("%s:%d", f.path, line)
}

// reason is what is in the way at a place.
func (f *file) reason(pos syntax.Pos, text string) error {
	return fmt.Errorf("%s: %s", f.at(pos), text)
}

// reasons are why no file took an edit.
type reasons []string

func (r *reasons) add(err error) {
	if errors.Is(err, errNoList) || errors.Is(err, errThere) {
		return
	}
	text := err.Error()
	if !slices.Contains(*r, text) {
		*r = append(*r, text)
	}
}
