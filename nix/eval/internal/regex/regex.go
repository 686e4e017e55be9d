// Package regex matches POSIX extended regular expressions as builtins.match and
// builtins.split of Nix do.
//
// Nix leaves matching to std::regex of the GNU C++ library, whose results differ
// from those of POSIX and from those of RE2 in what groups capture, in which of
// several matches is taken, and in working on bytes instead of characters.
// Packages depend on all of it, so this package searches in the same order:
//
//   - the left side of an alternation before the right one, but both, and the
//     longer match wins;
//   - a repetition once more before what follows it, and what follows it only
//     if that found nothing;
//   - a repetition may match nothing at the same place twice;
//   - a group keeps what it captured in an earlier turn of a repetition.
//
// Unlike its model it remembers where a search came to nothing, so that time
// grows with the product of pattern and text instead of exponentially.
//
//	re, err := regex.Compile("([a-z]+)-([0-9.]+)")
//	groups, err := re.Match("hello-2.12")
package regex

import "errors"

// ErrSyntax is the error of a pattern that is not an extended regular expression.
var ErrSyntax = errors.New("invalid regular expression")

// ErrTooLarge is the error of a pattern that needs more than 100,000 states, as
// many as the GNU C++ library has, or of a text on which the search is nested
// too deeply.
var ErrTooLarge = errors.New("memory limit exceeded by regular expression")

// Regexp is a compiled pattern. It may be used by several goroutines.
type Regexp struct {
	groups  int // without the whole match
	program []instruction
	start   int
	counted int      // repetitions of what can match nothing
	first   *byteSet // the bytes that a match can begin with; nil when it can be empty
	only    int      // the one byte of first, or -1
}

// Compile reads a pattern. Its error is [ErrSyntax] or [ErrTooLarge].
func Compile(pattern string) (*Regexp, error) {
	p := parser{text: pattern}
	tree, err := p.parse()
	if err != nil {
		return nil, err
	}
	return compile(tree, p.groups), nil
}

// Groups returns the number of groups in the pattern.
func (r *Regexp) Groups() int { return r.groups }

// Match matches the whole text. The result has two offsets for the match and for
// each group, which are -1 for a group that took no part; it is nil if the
// text does not match. The error is [ErrTooLarge] or nil.
func (r *Regexp) Match(text string) ([]int, error) {
	m := newMatcher(r, text)
	m.exact = true
	if !m.attempt(0) || m.tooDeep {
		return nil, m.err()
	}
	return m.result(0), nil
}

// FindAll returns all matches in the text that do not overlap, from left to
// right, each in the form of Match's result.
func (r *Regexp) FindAll(text string) ([][]int, error) {
	var all [][]int
	m := newMatcher(r, text)
	found := m.search(0)
	for found != nil {
		all = append(all, found)
		start := found[1]
		if found[0] == found[1] {
			if start == len(text) {
				break
			}
			// After an empty match: one that is not empty at the same place.
			if found = m.continueAt(start); found != nil {
				continue
			}
			start++
		}
		m.previous = true
		found = m.search(start)
	}
	return all, m.err()
}
