package grounding

import (
	"fmt"
	"slices"
	"strings"

	"luminousnix/internal/operation"
)

const (
	mostNear   = 2 // packages that are offered for one that there is not
	leastSpelt = 3 // letters of a name that can be mistyped
	leastPlain = 4 // and of one that plainly is
)

// packages checks packages that are to be had.
func (c *check) packages() {
	catalogue := c.catalogue()
	if catalogue == nil {
		return
	}
	parts := c.parts(c.op.Arguments.Packages, c.toBeHad(catalogue))
	if c.changes() {
		c.nixpkgsKnows(parts)
	}
	if i := slices.IndexFunc(parts, func(p part) bool { return p.name == "" }); i >= 0 {
		c.missing(catalogue, parts, i)
		return
	}
	for i := range parts {
		if p := &parts[i]; len(p.words) > 1 && c.doubtful(catalogue, p) {
			c.offerBoth(parts, i)
			return
		}
	}
	if c.changes() && c.offerWithoutLibraries(catalogue, parts) {
		return
	}
	c.takeParts(parts, nil)
}

// offerWithoutLibraries asks about words beside a package that are at most libraries: of
// "zoom client" the first is meant. Libraries among themselves are what they are.
func (c *check) offerWithoutLibraries(catalogue Catalogue, parts []part) bool {
	i := slices.IndexFunc(parts, func(p part) bool { return c.isLibrary(catalogue, p) })
	if i < 0 {
		return false
	}
	rest := c.without(catalogue, parts, i)
	if len(rest) == 0 {
		return false
	}
	around := c.phraseAround(parts, i)
	c.absent = fmt.Sprintf("%q may be one package or several", around)
	c.offer(c.withNames(rest))
	c.offer(c.withNames(parts))
	c.offer(search(around))
	return true
}

// toBeHad finds packages of the catalogue, and what else may be shown. A single word stays
// as it was said: the catalogue is asked again what it means.
func (c *check) toBeHad(catalogue Catalogue) func([]operation.PackageName) operation.PackageName {
	return func(words []operation.PackageName) operation.PackageName {
		if len(words) == 1 {
			word := words[0]
			if len(catalogue.Packages(string(word))) > 0 || catalogue.Known(string(word)) && (!c.changes() || strings.Contains(string(word), ".")) {
				return word
			}
			if !c.changes() && c.hasInstalled(string(word)) {
				return word
			}
			return ""
		}
		return together(catalogue, words)
	}
}

// together is the package that words mean together. One of a set of libraries is not meant
// so: "vim git" is no plugin.
func together(catalogue Catalogue, words []operation.PackageName) operation.PackageName {
	for _, p := range catalogue.Packages(phraseOf(words)) {
		if !catalogue.InLibrary(p.Attribute) {
			return packageName(p.Attribute)
		}
	}
	return ""
}

// hasInstalled reports whether a package of that name is installed, for whomever.
func (c *check) hasInstalled(name string) bool {
	for _, profile := range []operation.ProfileName{operation.SystemProfile, operation.UserProfile} {
		names, _ := c.world.Installed(profile)
		if slices.Contains(names, name) {
			return true
		}
	}
	return false
}

// nixpkgsKnows looks whether the machine's nixpkgs has what the catalogue does not. Where
// that cannot be told, a path is left alone: the catalogue has each package once, and not by
// all of its paths.
func (c *check) nixpkgsKnows(parts []part) {
	for i := range parts {
		if p := &parts[i]; p.name == "" {
			word := string(p.words[0])
			if there, ok := c.world.InNixpkgs(word); there || !ok && strings.Contains(word, ".") {
				p.name = p.words[0]
			}
		}
	}
}

// doubtful reports words that change something and may be one package or several: each is
// a package as well, or the one that they mean together is called quite otherwise.
func (c *check) doubtful(catalogue Catalogue, p *part) bool {
	return c.changes() && (!related(p) || separate(catalogue, p))
}

// related reports whether the package has the letters of the words in its name, or one of
// the words.
func related(p *part) bool {
	const least = 3 // letters of a word
	name := joined(string(p.name))
	return strings.Contains(name, joined(phraseOf(p.words))) || slices.ContainsFunc(p.words, func(word operation.PackageName) bool {
		return len(word) >= least && strings.Contains(name, joined(string(word)))
	})
}

// separate reports whether each of the words is a package that no set hides, and another
// one than all of them together.
func separate(catalogue Catalogue, p *part) bool {
	for _, word := range p.words {
		found := catalogue.Packages(string(word))
		if len(found) == 0 || catalogue.InLibrary(found[0].Attribute) || found[0].Attribute == string(p.name) {
			return false
		}
	}
	return true
}

// offerBoth offers the words of a part as one package and as several.
func (c *check) offerBoth(parts []part, i int) {
	p := parts[i]
	said := phraseOf(p.words)
	around := c.phraseAround(parts, i)
	apart := slices.Clone(parts[:i])
	for n := range p.words {
		apart = append(apart, part{p.words[n : n+1], p.words[n]})
	}
	apart = append(apart, parts[i+1:]...)
	c.absent = fmt.Sprintf("%q may be one package or several", said)
	c.offer(c.withNames(parts))
	if !related(&p) {
		c.absent = fmt.Sprintf("there is no package called %q, but one that does the same", said)
		c.offer(search(around))
		return
	}
	c.offer(c.withNames(apart))
}

func (c *check) withNames(parts []part) operation.Operation {
	return c.with(func(a *operation.Arguments) { a.Packages = namesOf(parts) })
}

func search(words string) operation.Operation {
	return operation.New(operation.SearchPackages, operation.Arguments{Query: operation.Query(words)})
}

// takeParts puts the names of the parts in the place of the words, where they differ;
// nearest has other names that may have been meant, by what was said.
func (c *check) takeParts(parts []part, nearest map[string][]string) {
	names := namesOf(parts)
	if len(names) == 0 || slices.Equal(names, c.op.Arguments.Packages) {
		return
	}
	c.op.Arguments.Packages = names
	for _, p := range parts {
		if said := phraseOf(p.words); p.name != "" && said != string(p.name) {
			c.corrected = append(c.corrected, operation.Correction{Argument: "packages", From: said, To: string(p.name), Nearest: nearest[said]})
		}
	}
}

// candidate is what may have been meant by parts from one to before another.
type candidate struct {
	from, to int
	name     operation.PackageName
	spelled  bool // alike, and not only what has a program of the name
}

// add adds a candidate, unless there are enough.
func add(found []candidate, one candidate) []candidate {
	known := slices.ContainsFunc(found, func(other candidate) bool { return other.name == one.name })
	if one.name == "" || known || len(found) >= mostNear {
		return found
	}
	return append(found, one)
}

// missing finds what may have been meant by the part first that there is not, and by those
// behind it.
func (c *check) missing(catalogue Catalogue, parts []part, first int) {
	found := c.candidates(catalogue, parts, first)
	if !c.changes() {
		c.takeNearest(catalogue, parts, first, found)
		return
	}
	around := c.phraseAround(parts, first)
	c.absent = fmt.Sprintf("there is no package called %q", phraseOf(parts[first].words))
	if len(found) > 0 {
		c.absent = fmt.Sprintf("there is no package called %q", phraseOf(wordsOf(parts[found[0].from:found[0].to])))
	}
	var rest []part
	if len(found) == 0 || found[0].to-found[0].from == 1 {
		rest = c.without(catalogue, parts, first)
	}
	for i, candidate := range found {
		if i == 0 || len(rest) == 0 {
			c.offerNames(catalogue, candidate.in(parts))
		}
	}
	if len(rest) > 0 {
		c.offer(c.withNames(rest))
	}
	c.offer(search(around))
}

// without are the parts without the one that there is not and what only seems to be there
// beside it: of "vlc media player" the first. None where the words beside it say nothing.
func (c *check) without(catalogue Catalogue, parts []part, first int) (rest []part) {
	beside := false
	for i, p := range parts {
		near := i != first && c.together(wordsOf(parts[min(i, first):max(i, first)+1]))
		switch {
		case i == first || p.name == "" || near && c.isLibrary(catalogue, p):
			continue
		case near:
			beside = true
		}
		rest = append(rest, p)
	}
	if !beside {
		return nil
	}
	return rest
}

// isLibrary reports a single word that is at most the name of a library.
func (c *check) isLibrary(catalogue Catalogue, p part) bool {
	found := catalogue.Packages(string(p.name))
	return len(p.words) == 1 && len(found) > 0 && catalogue.InLibrary(found[0].Attribute)
}

// offerNames offers the operation with the names of the parts. What is still missing of
// them is the nearest, or left out.
func (c *check) offerNames(catalogue Catalogue, parts []part) {
	for i := 0; i < len(parts); i++ {
		if parts[i].name != "" {
			continue
		}
		if found := c.candidates(catalogue, parts, i); len(found) > 0 {
			parts = found[0].in(parts)
			i = min(i, len(parts)) - 1
		}
	}
	if names := namesOf(parts); len(names) > 0 {
		c.offer(c.with(func(a *operation.Arguments) { a.Packages = names }))
	}
}

// in is the list of parts with the candidate in it.
func (n candidate) in(parts []part) []part {
	var words []operation.PackageName
	for _, p := range parts[n.from:n.to] {
		words = append(words, p.words...)
	}
	all := append(slices.Clone(parts[:n.from]), part{words, n.name})
	return append(all, parts[n.to:]...)
}

// candidates are what may have been meant by a part that there is not, or by it and the
// words around it.
func (c *check) candidates(catalogue Catalogue, parts []part, i int) (found []candidate) {
	take := func(from, to int, attributes []string, spelled bool) {
		for _, attribute := range attributes {
			if !catalogue.InLibrary(attribute) {
				found = add(found, candidate{from, to, packageName(attribute), spelled})
			}
		}
	}
	for n := min(longestName, len(parts)); n > 1; n-- {
		for from := max(0, i-n+1); from <= i && from+n <= len(parts); from++ {
			if words := wordsOf(parts[from : from+n]); c.together(words) {
				take(from, from+n, catalogue.Nearest(phraseOf(words), 1), true)
			}
		}
	}
	word := phraseOf(parts[i].words)
	take(i, i+1, catalogue.Programs(word, mostNear), false)
	if letters := len(joined(word)); letters >= leastPlain || letters >= leastSpelt && len(found) == 0 {
		take(i, i+1, catalogue.Nearest(word, mostNear), true)
	}
	return found
}

func wordsOf(parts []part) (words []operation.PackageName) {
	for _, p := range parts {
		words = append(words, p.words...)
	}
	return words
}

// phraseAround are the words that stand together around a part.
func (c *check) phraseAround(parts []part, i int) string {
	from, to := i, i+1
	for from > 0 && c.together(wordsOf(parts[from-1:to])) {
		from--
	}
	for to < len(parts) && c.together(wordsOf(parts[from:to+1])) {
		to++
	}
	return phraseOf(wordsOf(parts[from:to]))
}

// takeNearest takes the nearest of what is only looked at, where it is plainly mistyped;
// else the answer will be that it is not there.
func (c *check) takeNearest(catalogue Catalogue, parts []part, first int, found []candidate) {
	nearest := map[string][]string{}
	for i := first; i < len(parts); i++ {
		if parts[i].name != "" {
			continue
		}
		if i > first {
			found = c.candidates(catalogue, parts, i)
		}
		if len(found) == 0 || found[0].spelled && len(joined(phraseOf(parts[i].words))) < leastPlain {
			parts[i].name = parts[i].words[0]
			continue
		}
		parts = found[0].in(parts)
		i = found[0].from
		said := phraseOf(parts[i].words)
		for _, other := range found[1:] {
			nearest[said] = append(nearest[said], string(other.name))
		}
	}
	c.takeParts(parts, nearest)
}
