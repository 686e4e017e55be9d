package manifest

import (
	"regexp"
	"slices"

	"luminousnix/nix/store"
)

// Named matches the element of that name.
func Named(name string) func(*Element) bool {
	return func(e *Element) bool { return e.Name == name }
}

// Holding matches the elements that have the store path.
func Holding(path store.Path) func(*Element) bool {
	return func(e *Element) bool { return slices.Contains(e.StorePaths, path) }
}

// All matches every element.
func All(*Element) bool { return true }

// Matching matches the elements whose [Element.Identifier] as a whole matches
// the regular expression, in upper or lower case, as `nix profile remove
// --regex` does. Its error is a [*syntax.Error] of package regexp/syntax.
func Matching(pattern string) (func(*Element) bool, error) {
	if _, err := regexp.Compile(pattern); err != nil {
		return nil, err // before the pattern could close our bracket
	}
	whole, err := regexp.Compile(`(?is)\A(?:` + pattern + `)\z`)
	if err != nil {
		return nil, err
	}
	return func(e *Element) bool { return whole.MatchString(e.Identifier()) }, nil
}
