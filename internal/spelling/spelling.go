// Package spelling measures how far two words are apart, to find what was meant
// by one that was mistyped.
package spelling

import "slices"

// Tolerance is how many letters may be wrong in a word of n letters.
func Tolerance(n int) int {
	switch {
	case n < 4:
		return 0
	case n < 8:
		return 1
	}
	return 2
}

// Distance counts the letters to insert, delete, replace or swap with their
// neighbour to make b of a; most+1 stands for anything greater than most. Words
// longer than 32 letters are never near.
func Distance(a, b string, most int) int {
	const longest = 32
	if len(a) > longest || len(b) > longest || len(a)-len(b) > most || len(b)-len(a) > most {
		return most + 1
	}
	var rows [3][longest + 1]int
	for j := range len(b) + 1 {
		rows[0][j] = j
	}
	for i := 1; i <= len(a); i++ {
		before, above, row := &rows[(i+1)%3], &rows[(i-1)%3], &rows[i%3]
		row[0] = i
		best := i
		for j := 1; j <= len(b); j++ {
			cost := 1
			if a[i-1] == b[j-1] {
				cost = 0
			}
			d := min(above[j]+1, row[j-1]+1, above[j-1]+cost)
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				d = min(d, before[j-2]+1)
			}
			row[j] = d
			best = min(best, d)
		}
		if best > most {
			return most + 1
		}
	}
	return min(rows[len(a)%3][len(b)], most+1)
}

// Nearest returns the names that may have been meant by one that was mistyped,
// best first, and no more than three.
func Nearest(names []string, written string) []string {
	const most = 3
	tolerance := Tolerance(len(written))
	near := slices.DeleteFunc(slices.Clone(names), func(name string) bool {
		return Distance(name, written, tolerance) > tolerance
	})
	slices.SortStableFunc(near, func(a, b string) int {
		return Distance(a, written, tolerance) - Distance(b, written, tolerance)
	})
	return near[:min(len(near), most)]
}
