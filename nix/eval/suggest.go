package eval

import (
	"slices"
	"strings"
)

// suggestion is a name that may have been meant.
type suggestion struct {
	distance int
	name     string
}

// bestMatches returns the names nearest to what was written, best first, as they
// are shown: those at most two changes away, and no more than three.
func bestMatches(names []string, written string) []string {
	const maxDistance, maxNames = 2, 3
	var found []suggestion
	for _, name := range names {
		if d := distance(written, name); d <= maxDistance {
			found = append(found, suggestion{d, name})
		}
	}
	slices.SortFunc(found, func(a, b suggestion) int {
		if a.distance != b.distance {
			return a.distance - b.distance
		}
		return strings.Compare(a.name, b.name)
	})
	var best []string
	for _, s := range found[:min(len(found), maxNames)] {
		best = append(best, s.name)
	}
	return best
}

// distance is the number of changes of a character, insertions and deletions that
// make b of a.
func distance(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(b) {
			cost := diagonal
			if a[i] != b[j] {
				cost++
			}
			diagonal = row[j+1]
			row[j+1] = min(cost, row[j+1]+1, row[j]+1)
		}
	}
	return row[len(b)]
}

// didYouMean is the line that shows suggestions.
func didYouMean(names []string) string {
	switch len(names) {
	case 0:
		return ""
	case 1:
		return "Did you mean " + names[0] + "?"
	}
	last := len(names) - 1
	return "Did you mean one of " + strings.Join(names[:last], ", ") + " or " + names[last] + "?"
}
