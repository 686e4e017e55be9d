package grounding

import (
	"fmt"
	"slices"
	"strings"

	"luminousnix/internal/operation"
	"luminousnix/internal/spelling"
)

const (
	mostOptions = 2  // that are offered for one that there is not
	lookedAt    = 20 // among which those are that are spelled alike
)

// option checks the path of an option, or the words that an option is called by.
func (c *check) option() {
	catalogue := c.catalogue()
	switch path := string(c.op.Arguments.Option); {
	case catalogue == nil:
	case path != "":
		c.optionPath(catalogue, path)
	case c.op.Arguments.Query != "":
		c.optionWords(catalogue, string(c.op.Arguments.Query))
	}
}

// optionPath checks a path. The catalogue may lack options of the machine's own modules, so
// that what changes something is only asked about where it is plainly mistyped.
func (c *check) optionPath(catalogue Catalogue, path string) {
	if catalogue.Option(path) {
		return
	}
	near := catalogue.NearestOptions(path, lookedAt)
	alike := slices.DeleteFunc(slices.Clone(near), func(other string) bool { return !alikePaths(path, other) })
	if !c.changes() && len(alike) > 0 {
		others := near[:min(len(near), mostOptions+1)]
		others = slices.DeleteFunc(others, func(other string) bool { return other == alike[0] })
		c.take("option", path, alike[0], others, func(a *operation.Arguments) { a.Option = operation.OptionPath(alike[0]) })
		return
	}
	if c.changes() {
		near = alike
	}
	c.offerOptions(fmt.Sprintf("there is no option %s", path), near)
	if len(c.choices) > 0 {
		c.offer(operation.New(operation.SearchOptions, operation.Arguments{Query: operation.Query(strings.ReplaceAll(path, ".", " "))}))
	}
}

// optionWords checks words that are to name the option to set. Only the machine's NixOS
// knows all of its options, so that what is plainly mistyped is asked about, and all else
// is left to it.
func (c *check) optionWords(catalogue Catalogue, words string) {
	paths, near := catalogue.Settings(words, c.op.Arguments.Value, lookedAt)
	if !near {
		return
	}
	distance := func(path string) int { return leastDistance(joined(words), path) }
	paths = slices.DeleteFunc(paths, func(path string) bool { return distance(path) > spelling.Tolerance(len(words)) })
	slices.SortStableFunc(paths, func(a, b string) int { return distance(a) - distance(b) })
	c.offerOptions(fmt.Sprintf("%q is not the name of an option; nothing was changed", words), paths)
	if len(c.choices) > 0 {
		c.offer(operation.New(operation.SearchOptions, operation.Arguments{Query: operation.Query(words)}))
	}
}

// offerOptions offers the operation with other options.
func (c *check) offerOptions(why string, paths []string) {
	c.absent = why
	for _, path := range paths[:min(len(paths), mostOptions)] {
		c.offer(c.with(func(a *operation.Arguments) { a.Option, a.Query = operation.OptionPath(path), "" }))
	}
}

// leastDistance is how far a word is from the nearest name of a path.
func leastDistance(word, path string) int {
	least := len(word)
	for name := range strings.SplitSeq(path, ".") {
		least = min(least, spelling.Distance(word, joined(name), least))
	}
	return least
}

// alikePaths reports paths of which each name is spelled like the other's.
func alikePaths(a, b string) bool {
	one, other := strings.Split(a, "."), strings.Split(b, ".")
	if len(one) != len(other) {
		return false
	}
	for i := range one {
		if one[i] != other[i] && !alike(one[i], other[i]) {
			return false
		}
	}
	return true
}

// alike reports that one word is another one mistyped.
func alike(a, b string) bool {
	tolerance := spelling.Tolerance(max(len(a), len(b)))
	return a != b && spelling.Distance(a, b, tolerance) <= tolerance
}
