package configedit

import "luminousnix/nix/syntax"

// Imports are the paths that a module imports and that are written out in it, as they
// are written: relative to its folder, or absolute. What an expression makes of more is
// not among them.
func Imports(f *syntax.File) []string {
	set, ok := Body(f.Root).(*syntax.AttrSet)
	if !ok {
		return nil
	}
	var paths []string
	for _, b := range set.Bindings {
		if b.Inherit || len(b.Path) != 1 || b.Path[0].Name != "imports" || b.Value == nil {
			continue
		}
		for _, l := range syntax.Lists(b.Value) {
			if l.Conditional {
				continue
			}
			for _, element := range l.List.Elements {
				if path, ok := literal(element); ok {
					paths = append(paths, path)
				}
			}
		}
	}
	return paths
}

// literal is the text of a path without interpolations.
func literal(e syntax.Expr) (string, bool) {
	path, ok := e.(*syntax.Path)
	if !ok || len(path.Parts) != 1 || path.Parts[0].Expr != nil {
		return "", false
	}
	text := path.Parts[0].Text
	return text, text[0] == '.' || text[0] == '/'
}
