package catalog

import (
	"math"
	"strings"

	"luminousnix/internal/catalog/listing"
)

// A place tells where in nixpkgs a package lies. The lower, the likelier it is
// what somebody looks for who doesn't name a set.
type place uint8

const (
	placeTop      place = iota // nixpkgs itself
	placeDesktop               // a set of applications, such as kdePackages
	placeLanguage              // a language's libraries, a program's plugins
	placeInternal              // tests and other parts of no use by themselves
)

// placeOf returns the place of the packages of a set; "" is the top level.
func placeOf(set string) place {
	switch set {
	case "":
		return placeTop
	case "kdePackages", "libsForQt5", "gnome", "gnome2", "xfce", "mate", "cinnamon", "pantheon", "lxqt", "lomiri", "deepin",
		"CuboCore", "enlightenment", "jetbrains", "nodePackages", "xorg", "unixtools", "winePackages", "wineWowPackages",
		"gns3Packages", "nixVersions",
		"minecraftServers", "dotnetCorePackages", "nerd-fonts", "haskell.compiler":
		return placeDesktop
	case "home-assistant-component-tests", "linuxKernel", "tests", "nixosTests":
		return placeInternal
	}
	if strings.HasPrefix(set, "linuxKernel.") || strings.HasPrefix(set, "tests.") {
		return placeInternal
	}
	return placeLanguage
}

// splitAttribute parts an attribute path at its last dot.
func splitAttribute(attribute string) (set, last string) {
	if i := strings.LastIndexByte(attribute, '.'); i >= 0 {
		return attribute[:i], attribute[i+1:]
	}
	return "", attribute
}

// family is what the sets of one kind have in common: python312Packages and
// python313Packages are both "pythonpackages", vscode-extensions is
// "vscodeextensions".
func family(set string) string {
	return strings.Map(func(r rune) rune {
		if '0' <= r && r <= '9' {
			return -1
		}
		return r
	}, joined(set))
}

// bare is the name of a package without what names its set; in sets of applications
// that is part of the name.
func (s *attributeSet) bare(name string) string {
	if s.place != placeLanguage {
		return name
	}
	return bareName(s.family, name)
}

// bareName is a package name without the prefix that names its set's language:
// in python313Packages both "numpy" and "python3.13-numpy" are numpy.
func bareName(family, name string) string {
	prefix, rest, ok := strings.Cut(name, "-")
	if !ok || family == "" || rest == "" {
		return name
	}
	letters := strings.TrimRight(prefix, "0123456789.")
	if letters != "" && strings.HasPrefix(family, strings.ToLower(letters)) {
		return rest
	}
	return name
}

// A fame is what others say of a name.
type fame struct {
	mentions float64 // how often others mention it, see builder.mentions
	module   bool    // NixOS has a module of that name
	known    bool    // the vocabulary names the document
	namesake bool    // a better placed package has the same name
	below    uint32  // how many options lie below an option
}

// popularity puts mentions on a scale from 0 to 1.
func (f fame) popularity() float64 { return min(math.Log2(1+f.mentions)/10, 1) }

// packageStanding is how good a package is as an answer, whatever the question, from
// 0 to 1.
func packageStanding(e *listing.Entry, set *attributeSet, f fame) float64 {
	_, last := splitAttribute(e.Attribute)
	s, most := 0.2, 0.4 // most is what mentions can add
	switch set.place {
	case placeTop:
		s += 0.2
	case placeDesktop:
		s += 0.15
	case placeInternal:
		s -= 0.15
	case placeLanguage:
		most = 0.25
		if f.namesake {
			most = 0 // it is the other one that is mentioned
		}
	}
	s += most * f.popularity()
	if f.module && set.place != placeLanguage {
		s += 0.06
	}
	if f.known {
		s += 0.08
	}
	s -= 0.1 * min(float64(len(e.Attribute))/50, 1)
	switch {
	case last == set.bare(e.Name):
		s += 0.05
	case !strings.HasPrefix(e.Name, last) && !strings.HasPrefix(last, e.Name):
		s -= 0.05 // jupyter calls itself python3
	case strings.HasSuffix(last, "-latest"):
		s += 0.02
	}
	if e.Description != "" {
		s += 0.03
	}
	switch {
	case e.Broken:
		s -= 0.25
	case e.Unavailable:
		s -= 0.1 // often only unfree, which can be allowed
	}
	if e.Insecure {
		s -= 0.05
	}
	for _, part := range [...]string{"-unwrapped", "-minimal", "-bin", "-git", "-doc"} {
		if strings.HasSuffix(last, part) {
			s -= 0.05
		}
	}
	return max(0, min(s, 1))
}

// optionStanding is the same for an option. head is set for the option that stands
// for a module, size is the number of options in the module.
func optionStanding(e *listing.Entry, head bool, size uint32, f fame) float64 {
	s := 0.1 + 0.25*f.popularity() + 0.15*min(math.Log2(1+float64(size))/8, 1)
	if head {
		s += 0.15
	}
	if f.known {
		s += 0.08
	}
	s += 0.08 * min(math.Log2(1+float64(f.below))/5, 1)
	s -= 0.03 * float64(max(strings.Count(e.Attribute, ".")-2, 0))
	if strings.ContainsAny(e.Attribute, "<*") {
		s -= 0.05
	}
	if e.Kind == listing.HomeOption {
		s -= 0.1
	}
	if e.ReadOnly || strings.HasPrefix(e.Attribute, "_") {
		s -= 0.1
	}
	return max(0, min(s, 1))
}
