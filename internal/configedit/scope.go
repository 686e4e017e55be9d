package configedit

import (
	"slices"

	"luminousnix/nix/syntax"
)

// bound are the names that expressions in the set of a module see, other than those of
// with: arguments of its functions, and those of let.
func bound(f *syntax.File) []string { return names(f.Root, nil) }

// names adds those that are bound on the way into an expression.
func names(e syntax.Expr, found []string) []string {
	for {
		switch inner := e.(type) {
		case *syntax.Lambda:
			if inner.Arg != "" {
				found = append(found, inner.Arg)
			}
			if inner.Formals != nil {
				for _, formal := range inner.Formals.List {
					found = append(found, formal.Name)
				}
			}
			e = inner.Body
		case *syntax.Let:
			for _, b := range inner.Bindings {
				if b.Inherit {
					for _, name := range b.Names {
						found = append(found, name.Name)
					}
				} else if len(b.Path) > 0 {
					found = append(found, b.Path[0].Name)
				}
			}
			e = inner.Body
		case *syntax.With:
			e = inner.Body
		case *syntax.Assert:
			e = inner.Body
		case *syntax.Paren:
			e = inner.Expr
		case *syntax.AttrSet:
			if inner.Rec {
				for _, b := range inner.Bindings {
					if len(b.Path) > 0 {
						found = append(found, b.Path[0].Name)
					}
				}
			}
			return found
		default:
			return found
		}
	}
}

// used are those of the names that an expression uses freely.
func used(expr string, among ...string) []string {
	f, err := syntax.Parse("expression", []byte(expr), syntax.ParseOptions{})
	if err != nil {
		return nil
	}
	var found []string
	var look func(syntax.Expr) bool
	look = func(e syntax.Expr) bool {
		if ident, ok := e.(*syntax.Ident); ok && slices.Contains(among, ident.Name) && !slices.Contains(found, ident.Name) {
			found = append(found, ident.Name)
		}
		syntax.Children(e, look)
		return true
	}
	look(f.Root)
	return found
}

// sees reports whether a module takes the arguments of modules that an expression uses.
func (f *file) sees(expr string) bool {
	names := bound(f.tree)
	return !slices.ContainsFunc(used(expr, "pkgs", "lib", "config"), func(name string) bool { return !slices.Contains(names, name) })
}

// give has a module take what an expression uses of the arguments of modules.
func (f *file) give(expr string) error {
	for _, name := range used(expr, "pkgs", "lib", "config") {
		if slices.Contains(bound(f.tree), name) {
			continue
		}
		content, err := syntax.AddArgument(f.tree, name)
		if err != nil {
			return err
		}
		if err := f.set(content); err != nil {
			return err
		}
	}
	return nil
}
