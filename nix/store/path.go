// Package store names things in a Nix store: store directories, store paths
// and what a store path is made of, hashes and content addresses.
//
// A store path is <store directory>/<32 characters of nix32>-<name>, for
// example /nix/store/…-hello-2.12.1. The store directory need not be
// /nix/store: every function takes it from a [Dir]. Where the hash part comes
// from depends on the store object: a Dir makes it for texts, sources, fixed
// outputs and outputs of derivations.
//
// All of these are values that parse and print the texts of Nix's own files and
// protocols. Nothing here reads the file system.
package store

import (
	"fmt"
	"path"
	"strings"
)

// DefaultDir is the store directory of an ordinary installation.
const DefaultDir Dir = "/nix/store"

// HashLength is the length of the hash part of a store path in characters.
const HashLength = 32

// maxNameLength is the greatest length of the name part, as Nix has it.
const maxNameLength = 211

// nix32 are the digits of Nix's base 32, without e, o, u and t.
const nix32 = "0123456789abcdfghijklmnpqrsvwxyz"

// Dir is the absolute path of a store directory, without a trailing slash.
type Dir string

// Path is an absolute store path that was checked by [Dir.Parse].
type Path string

// ParseError says why a text is not a store path.
type ParseError struct {
	Text string
	Why  string
}

func (e *ParseError) Error() string { return fmt.Sprintf("%q is not a store path: %s", e.Text, e.Why) }

// Parse checks that s is exactly one store path in d. Its error is a
// [*ParseError].
func (d Dir) Parse(s string) (Path, error) {
	base, ok := d.below(s)
	if !ok {
		return "", &ParseError{s, "it is not in the store directory " + string(d)}
	}
	if why := checkBase(base); why != "" {
		return "", &ParseError{s, why}
	}
	return Path(s), nil
}

// Split parses a path at or below a store path, such as
// /nix/store/…-linux-6.12/bzImage, into the store path and the rest, which is
// "" or begins with a slash.
func (d Dir) Split(s string) (p Path, rest string, err error) {
	below, ok := d.below(s)
	if !ok {
		return "", "", &ParseError{s, "it is not in the store directory " + string(d)}
	}
	if i := strings.IndexByte(below, '/'); i >= 0 {
		below, rest = below[:i], below[i:]
	}
	p, err = d.Parse(string(d) + "/" + below)
	return p, rest, err
}

// below returns what follows the directory and a slash.
func (d Dir) below(s string) (string, bool) {
	rest, ok := strings.CutPrefix(s, string(d))
	if !ok {
		return "", false
	}
	return strings.CutPrefix(rest, "/")
}

// Base returns the last element of the path: hash part and name.
func (p Path) Base() string { return path.Base(string(p)) }

// HashPart returns the 32 characters that tell the path from all others.
func (p Path) HashPart() string { return p.Base()[:HashLength] }

// Name returns what follows the hash part, such as hello-2.12.1.
func (p Path) Name() string { return p.Base()[HashLength+1:] }

// SplitName splits the name of a derivation into package name and version: the
// version begins after the first dash that is not followed by a letter, as
// builtins.parseDrvName has it. A name without such a dash has no version.
func SplitName(name string) (pname, version string) {
	for i := 0; i+1 < len(name); i++ {
		if name[i] == '-' && !isLetter(name[i+1]) {
			return name[:i], name[i+1:]
		}
	}
	return name, ""
}

func isLetter(c byte) bool { return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' }

func checkBase(base string) string {
	if len(base) < HashLength+2 || base[HashLength] != '-' {
		return fmt.Sprintf("a hash of %d characters, a dash and a name are needed", HashLength)
	}
	for i := range HashLength {
		if !isHashByte(base[i]) {
			return fmt.Sprintf("the hash may not contain %s", quoteByte(base[i]))
		}
	}
	return checkName(base[HashLength+1:])
}

// checkName returns why a store path may not have the name, or "".
func checkName(name string) string {
	if name == "" {
		return "the name is empty"
	}
	if len(name) > maxNameLength {
		return fmt.Sprintf("the name is longer than %d characters", maxNameLength)
	}
	for i := range len(name) {
		if !isNameByte(name[i]) {
			return fmt.Sprintf("the name may not contain %s", quoteByte(name[i]))
		}
	}
	return ""
}

func isNameByte(c byte) bool {
	switch c {
	case '+', '-', '.', '_', '?', '=':
		return true
	}
	return isLetter(c) || isDigit(c)
}

// isHashByte says whether c is a digit of nix32: e, o, t and u are not.
func isHashByte(c byte) bool {
	switch c {
	case 'e', 'o', 't', 'u':
		return false
	}
	return c >= 'a' && c <= 'z' || isDigit(c)
}

func isDigit(c byte) bool { return c >= '0' && c <= '9' }
