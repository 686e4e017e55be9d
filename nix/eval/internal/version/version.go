// Package version compares and splits version numbers as
// builtins.compareVersions, splitVersion and parseDrvName of Nix do.
//
// A version consists of components: runs of digits, and runs of anything else
// but dots and dashes, which only separate.
package version

import (
	"cmp"
	"strings"

	"luminousnix/nix/store"
)

// Compare returns -1, 0 or 1 as version a is older than, equal to or newer than
// b. Component by component: numbers by their value, "pre" before everything
// else, a missing component before other letters, letters before a number, and
// letters by their bytes.
func Compare(a, b string) int {
	for a != "" || b != "" {
		var x, y string
		x, a = next(a)
		y, b = next(b)
		if order := compareComponents(x, y); order != 0 {
			return order
		}
	}
	return 0
}

// Split returns the components of a version.
func Split(version string) []string {
	var list []string
	for {
		var component string
		component, version = next(version)
		if component == "" {
			return list
		}
		list = append(list, component)
	}
}

// ParseName splits the name of a package, such as hello-2.12, into name and
// version.
func ParseName(name string) (pname, version string) { return store.SplitName(name) }

// next returns the first component, "" at the end, and the rest.
func next(s string) (component, rest string) {
	s = strings.TrimLeft(s, ".-")
	if s == "" {
		return "", ""
	}
	end := 1
	number := isDigit(s[0])
	for end < len(s) && s[end] != '.' && s[end] != '-' && isDigit(s[end]) == number {
		end++
	}
	return s[:end], s[end:]
}

func compareComponents(a, b string) int {
	if a == b {
		return 0
	}
	x, xIsNumber := parse(a)
	y, yIsNumber := parse(b)
	switch {
	case xIsNumber && yIsNumber:
		return cmp.Compare(x, y)
	case a == "" && yIsNumber:
		return -1
	case b == "" && xIsNumber:
		return 1
	case a == "pre":
		return -1
	case b == "pre":
		return 1
	case yIsNumber:
		return -1
	case xIsNumber:
		return 1
	}
	return cmp.Compare(a, b)
}

// parse reads a number of 32 bits. Longer ones count as letters.
func parse(s string) (n uint64, ok bool) {
	if s == "" {
		return 0, false
	}
	for i := range len(s) {
		if !isDigit(s[i]) {
			return 0, false
		}
		if n = n*10 + uint64(s[i]-'0'); n > maxNumber {
			return 0, false
		}
	}
	return n, true
}

const maxNumber = 1<<31 - 1

func isDigit(c byte) bool { return c >= '0' && c <= '9' }
