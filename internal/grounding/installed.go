package grounding

import (
	"fmt"
	"slices"
	"strings"

	"luminousnix/internal/operation"
	"luminousnix/internal/spelling"
)

// installed checks packages that are to be found where they are installed.
func (c *check) installed() {
	said := c.op.Arguments.Packages
	if len(said) == 0 {
		return
	}
	names, ok := c.whereMeant()
	if !ok {
		return
	}
	parts := c.parts(said, c.amongInstalled(names))
	for i := range parts {
		if parts[i].name != "" {
			continue
		}
		if c.absentHere(parts, i, names); len(c.choices) > 0 {
			return
		}
		parts[i].name = parts[i].words[0] // the plan says that it is not installed
	}
	c.takeParts(parts, nil)
}

// whereMeant are the names of what is installed in the profiles that the operation is
// about.
func (c *check) whereMeant() (names []string, ok bool) {
	a := c.op.Arguments
	if a.Scope == operation.ScopeTemporary || !a.Source.IsZero() {
		return nil, false
	}
	profiles := []operation.ProfileName{operation.UserProfile, operation.SystemProfile}
	switch {
	case a.Profile != "":
		profiles = []operation.ProfileName{a.Profile}
	case a.Scope == operation.ScopeSystem:
		profiles = profiles[1:]
	case a.Scope == operation.ScopeUser || c.op.Name == operation.UpdateSystem:
		profiles = profiles[:1]
	}
	for _, profile := range profiles {
		found, known := c.world.Installed(profile)
		if !known {
			return nil, false
		}
		names = append(names, found...)
	}
	return names, true
}

// amongInstalled finds packages by their own names, by those of the catalogue, and by the
// name with a version behind it: python is python3.
func (c *check) amongInstalled(names []string) func([]operation.PackageName) operation.PackageName {
	return func(words []operation.PackageName) operation.PackageName {
		phrase := phraseOf(words)
		if slices.Contains(names, phrase) || len(words) == 1 && (c.mayBeConfigured(phrase) || c.isOfSystem(phrase)) {
			return words[0]
		}
		if len(words) > 1 && !slices.ContainsFunc(words, func(word operation.PackageName) bool { return !slices.Contains(names, string(word)) }) {
			return "" // each is installed
		}
		letters := joined(phrase)
		for _, name := range names {
			if joined(name) == letters {
				return packageName(name)
			}
		}
		if catalogue := c.catalogue(); catalogue != nil {
			for _, p := range catalogue.Packages(phrase) {
				if slices.Contains(names, p.Name) {
					return packageName(p.Name)
				}
			}
		}
		if name := onlyVersion(names, letters); name != "" || len(words) == 1 || !c.world.Catalogued() {
			return name
		}
		return together(c.world, words) // to be told that it is not installed
	}
}

// onlyVersion is the only name that has nothing but digits behind these letters.
func onlyVersion(names []string, letters string) (found operation.PackageName) {
	for _, name := range names {
		rest, ok := strings.CutPrefix(joined(name), letters)
		if !ok || letters == "" || strings.Trim(rest, "0123456789") != "" {
			continue
		}
		if found != "" && string(found) != name {
			return ""
		}
		found = packageName(name)
	}
	return found
}

// mayBeConfigured reports a name that the configuration of the system may have although
// the system that runs does not.
func (c *check) mayBeConfigured(name string) bool {
	a := c.op.Arguments
	return c.op.Name == operation.RemovePackages && a.Scope != operation.ScopeUser && a.Profile == "" && c.world.Configured(name)
}

// isOfSystem reports a package that cannot be updated by itself: what updates says so.
func (c *check) isOfSystem(name string) bool {
	if c.op.Name != operation.UpdateSystem {
		return false
	}
	system, _ := c.world.Installed(operation.SystemProfile)
	return slices.Contains(system, name)
}

// absentHere offers what may have been meant by a part that is not installed.
func (c *check) absentHere(parts []part, i int, names []string) {
	said := phraseOf(parts[i].words)
	if scope := c.elsewhere(said); scope != "" {
		whose := map[operation.Scope]string{operation.ScopeSystem: "part of the system", operation.ScopeUser: "in your profile"}
		c.absent = fmt.Sprintf("%s is not installed there, but it is %s", said, whose[scope])
		c.offer(c.with(func(a *operation.Arguments) { a.Scope = scope }))
		c.offerInstalled()
		return
	}
	if c.world.Catalogued() && len(c.world.Packages(said)) > 0 {
		return // it is no mistake, but is not installed
	}
	c.absent = fmt.Sprintf("%q is not installed", said)
	for _, near := range c.nearInstalled(parts, i, names) {
		meant := near.in(parts)
		for n := range meant {
			if meant[n].name == "" {
				meant[n].name = meant[n].words[0]
			}
		}
		c.offer(c.withNames(meant))
	}
	c.offerInstalled()
}

// offerInstalled offers to list what is installed, where there are other choices.
func (c *check) offerInstalled() {
	if len(c.choices) > 0 {
		c.offer(operation.New(operation.ListPackages, operation.Arguments{}))
	}
}

// nearInstalled are the installed packages that are spelled like a part, or like it and the
// words beside it.
func (c *check) nearInstalled(parts []part, i int, names []string) (found []candidate) {
	for n := min(longestName, len(parts)); n >= 1; n-- {
		for from := max(0, i-n+1); from <= i && from+n <= len(parts); from++ {
			words := wordsOf(parts[from : from+n])
			if n > 1 && !c.together(words) {
				continue
			}
			for _, name := range spelling.Nearest(names, strings.ReplaceAll(phraseOf(words), " ", "-")) {
				found = add(found, candidate{from, from + n, packageName(name), true})
			}
		}
	}
	return found
}

// elsewhere is the scope that has a package which the scope that was named does not.
func (c *check) elsewhere(name string) operation.Scope {
	a := c.op.Arguments
	if c.op.Name != operation.RemovePackages || len(a.Packages) != 1 || a.Profile != "" {
		return ""
	}
	scope, profile := operation.ScopeUser, operation.UserProfile
	switch a.Scope {
	case operation.ScopeUser:
		scope, profile = operation.ScopeSystem, operation.SystemProfile
	case operation.ScopeSystem:
	default:
		return ""
	}
	if names, _ := c.world.Installed(profile); slices.Contains(names, name) {
		return scope
	}
	return ""
}
