package manifest

import (
	"net/url"
	"slices"
	"strings"

	"luminousnix/nix/store"
)

// Identifier tells what an element is: the URL that stands for it, such as
// flake:nixpkgs#legacyPackages.x86_64-linux.hello^*, or the package names of
// its store paths, sorted and joined by ", ".
func (e *Element) Identifier() string {
	if e.Source != nil {
		return e.Source.String()
	}
	var names []string
	for _, p := range e.StorePaths {
		name, _ := store.SplitName(p.Name())
		names = append(names, name)
	}
	slices.Sort(names)
	return strings.Join(slices.Compact(names), ", ")
}

// String is the URL of a source with attribute path and outputs.
func (s *Source) String() string {
	text := s.OriginalURL + "#" + s.AttrPath
	if len(s.Outputs) > 0 {
		text += "^" + strings.Join(s.Outputs, ",")
	}
	return text
}

// DefaultName is the name that Nix 2.21 and later give to an element: the last
// part of the attribute path, or else of the flake's URL, or else what
// Identifier returns. Nix 2.20 differs for unusual attribute paths.
func (e *Element) DefaultName() string {
	if e.Source != nil {
		if name := nameOfURL(e.Source.String()); name != "" {
			return name
		}
	}
	return e.Identifier()
}

// nameOfURL returns "" for an URL that does not suggest a name.
func nameOfURL(text string) string {
	u := splitURL(text)
	if u.dir != "" {
		return u.dir
	}
	if name := lastAttribute(u.fragment); name != "" {
		return name
	}
	switch u.scheme {
	case "github", "gitlab", "sourcehut":
		if name := repositoryName(u.path); name != "" {
			return name
		}
	}
	// For a Git URL and for any other it is the last part of the path.
	i := strings.LastIndexByte(u.path, '/')
	if i < 0 || !isNamePart(u.path[i+1:]) {
		return ""
	}
	return u.path[i+1:]
}

// flakeURL are the parts of a flake's URL that can give a name, without the
// percent signs of their encoding.
type flakeURL struct{ scheme, path, dir, fragment string }

func splitURL(text string) flakeURL {
	text, fragment, _ := strings.Cut(text, "#")
	text, query, _ := strings.Cut(text, "?")
	scheme, path, ok := strings.Cut(text, ":")
	if !ok {
		return flakeURL{fragment: decode(fragment)}
	}
	if rest, ok := strings.CutPrefix(path, "//"); ok {
		_, below, _ := strings.Cut(rest, "/")
		path = "/" + below
	}
	u := flakeURL{scheme: scheme, path: decode(path), fragment: decode(fragment)}
	for parameter := range strings.SplitSeq(query, "&") {
		if dir, ok := strings.CutPrefix(parameter, "dir="); ok {
			u.dir = decode(dir)
			break
		}
	}
	return u
}

func decode(s string) string {
	if plain, err := url.PathUnescape(s); err == nil {
		return plain
	}
	return s
}

// lastAttribute returns the last attribute of a path such as
// packages.x86_64-linux.hello^out, unless it is the default package.
func lastAttribute(fragment string) string {
	path, _, _ := strings.Cut(fragment, "^")
	for part := range strings.SplitSeq(path, ".") {
		if !isNamePart(part) {
			return ""
		}
	}
	i := strings.LastIndexByte(path, '.') + 1
	if path[:i] == "defaultPackage." || path[i:] == "default" {
		return ""
	}
	return path[i:]
}

// repositoryName returns the second part of OWNER/REPOSITORY/REVISION.
func repositoryName(path string) string {
	owner, rest, _ := strings.Cut(path, "/")
	name, _, _ := strings.Cut(rest, "/")
	if !isNamePart(owner) || !isNamePart(name) {
		return ""
	}
	return name
}

// isNamePart says whether s has only letters, digits, _ and -, and at least one.
func isNamePart(s string) bool {
	for i := range len(s) {
		c := s[i]
		letter := c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z'
		if !letter && (c < '0' || c > '9') && c != '_' && c != '-' {
			return false
		}
	}
	return s != ""
}
