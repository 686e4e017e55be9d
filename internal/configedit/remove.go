package configedit

import (
	"fmt"
	"slices"

	"luminousnix/nix/syntax"
)

// Removed is a package that was removed from a list.
type Removed struct {
	Option string
	At     string // file:line
}

// RemovePackage removes a package, by its attribute path in nixpkgs, from all the lists
// that have it in environment.systemPackages and users.users.NAME.packages. Errors are
// *[MissingError] and *[PlaceError].
func (c *Configuration) RemovePackage(attribute string) ([]Removed, error) {
	var all []Removed
	var reasons reasons
	for _, f := range c.files {
		removed, err := f.removePackage(attribute)
		if err != nil {
			reasons.add(err)
		}
		all = append(all, removed...)
	}
	switch {
	case len(reasons) > 0:
		return nil, &PlaceError{packagesOption, reasons, nil}
	case len(all) == 0:
		return nil, &MissingError{attribute}
	}
	return all, nil
}

// removePackage removes a package from the lists of the file.
func (f *file) removePackage(attribute string) (all []Removed, err error) {
	for {
		found, ok := f.findPackage(attribute)
		if !ok {
			return all, nil
		}
		if f.locked != "" {
			return nil, fmt.Errorf("%s: the file %s", found.At, f.locked)
		}
		content, err := syntax.Remove(f.tree, found.path, found.element)
		if err != nil {
			return nil, err
		}
		if err := f.set(content); err != nil {
			return nil, err
		}
		all = append(all, found.Removed)
	}
}

// foundPackage is a package in a list.
type foundPackage struct {
	Removed
	path    []string // in the file
	element string   // as it is written
}

// findPackage finds a package in a list of the file that is one of packages.
func (f *file) findPackage(attribute string) (found foundPackage, ok bool) {
	for _, d := range f.definitions() {
		option := d.path
		if option[0] == "config" {
			option = option[1:]
		}
		if !isPackageList(option) {
			continue
		}
		for _, l := range syntax.Lists(d.value) {
			for _, element := range l.List.Elements {
				if f.packageOf(d.value, l.With, element) == attribute {
					span := element.Range()
					return foundPackage{
						Removed{syntax.FormatPath(option), f.at(span.Start)},
						d.path,
						string(f.tree.Source[span.Start:span.End]),
					}, true
				}
			}
		}
	}
	return found, false
}

func isPackageList(option []string) bool {
	return slices.Equal(option, packagesPath()) ||
		len(option) == 4 && option[0] == "users" && option[1] == "users" && option[3] == "packages"
}

// defined is a value at a literal attribute path of a file.
type defined struct {
	path  []string
	value syntax.Expr
}

// definitions are the values of the file whose paths are written out, also those below
// mkIf and the like.
func (f *file) definitions() []defined { return below(Body(f.tree.Root), nil, nil) }

func below(e syntax.Expr, path []string, found []defined) []defined {
	set, ok := e.(*syntax.AttrSet)
	if !ok {
		if inner, ok := argument(e); ok {
			return below(inner, path, found)
		}
		if len(path) > 0 {
			found = append(found, defined{path, e})
		}
		return found
	}
	for _, b := range set.Bindings {
		if b.Inherit || b.Value == nil || slices.ContainsFunc(b.Path, func(n syntax.AttrName) bool { return n.Expr != nil }) {
			continue
		}
		longer := slices.Clone(path)
		for _, name := range b.Path {
			longer = append(longer, name.Name)
		}
		found = below(b.Value, longer, found)
	}
	return found
}

// argument is what mkIf or another function of the module system is applied to, if that
// is a set.
func argument(e syntax.Expr) (syntax.Expr, bool) {
	apply, ok := e.(*syntax.Apply)
	if !ok {
		return nil, false
	}
	arg := Body(apply.Arg)
	_, ok = arg.(*syntax.AttrSet)
	return arg, ok && isProperty(apply)
}
