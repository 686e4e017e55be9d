package syntax

import (
	"fmt"
	"strings"
)

// The edits below return the source of a file with one thing changed, and all
// comments and layout around it kept. Paths lead from the set that the file is, or
// that its function returns: they go through functions, let … in, with, assert and
// parentheses. Before a result is returned it is parsed again, and refused if
// anything else than what was asked for has changed by it. Errors are *EditError.

// Set puts an expression at an attribute path, in place of the value there or as a
// new attribute.
func Set(f *File, path []string, expr string) ([]byte, error) {
	e, err := newEdit(f, path)
	if err != nil {
		return nil, err
	}
	if len(e.exact) == 0 {
		return e.insert(expr)
	}
	return e.replace(expr)
}

// Insert adds an attribute that must not be there yet. It goes into the innermost
// set that is there for it, or behind the attribute whose path has the most names in
// common with it, indented as that.
func Insert(f *File, path []string, expr string) ([]byte, error) {
	e, err := newEdit(f, path)
	if err != nil {
		return nil, err
	}
	if len(e.exact) > 0 {
		return nil, e.fail(AlreadyThere, e.exact[0].at(), "is already defined")
	}
	return e.insert(expr)
}

// Delete removes an attribute; also all that are defined under the path one by one.
// A comment on the same line behind it goes too, those above stay.
func Delete(f *File, path []string) ([]byte, error) {
	e, err := newEdit(f, path)
	if err != nil {
		return nil, err
	}
	return e.remove()
}

// Append adds an element at the end of the list at a path, as it is written there.
// The list may be that of with pkgs; [ … ], of mkIf or mkForce, or the only one
// written in a chain of ++. Without a value at the path it makes a list. An element
// that is there already is an error.
func Append(f *File, path []string, element string) ([]byte, error) {
	e, err := newEdit(f, path)
	if err != nil {
		return nil, err
	}
	if len(e.exact) == 0 {
		if _, err := e.element(element); err != nil {
			return nil, err
		}
		return e.insert("[ " + strings.TrimSpace(element) + " ]")
	}
	return e.append(element)
}

// Remove removes an element of the list at a path: those that are written as given,
// or below with as that, for "pkgs.git" in with pkgs; [ git ].
func Remove(f *File, path []string, element string) ([]byte, error) {
	e, err := newEdit(f, path)
	if err != nil {
		return nil, err
	}
	return e.removeElement(element)
}

// EditError tells why an edit was not made.
type EditError struct {
	File    *File
	Path    []string
	Pos     Pos // of what is in the way; -1 if it is nothing in particular
	Problem EditProblem
	Detail  string // such as: is defined by parts
}

// EditProblem is the kind of reason for which an edit was not made.
type EditProblem uint8

// The reasons for which edits are not made.
const (
	NotThere      EditProblem = iota + 1 // no such attribute or element
	AlreadyThere                         // the attribute or element to add is there
	DynamicPath                          // a name on the way is an expression
	AmbiguousPath                        // more than one place, or one that depends on a condition
	NotASet                              // a value on the way is not written as a set
	NotAList                             // the value is not written as a list
	IsInherited                          // the attribute comes from an inherit
	BadExpression                        // what should be put in is no expression
	BadPath                              // the path is empty
	Refused                              // the result would have changed something else
)

func (e *EditError) Error() string {
	at := e.File.Name
	if e.Pos >= 0 {
		at = e.File.at(e.Pos)
	}
	return fmt.Sprintf("%s: %s %s", at, FormatPath(e.Path), e.Detail)
}

// FormatPath is an attribute path as it is written in Nix.
func FormatPath(path []string) string {
	names := make([]string, len(path))
	for i, name := range path {
		names[i] = printName(name)
	}
	return strings.Join(names, ".")
}

// ParsePath parses an attribute path such as services."my service".enable. The error
// is an *Error.
func ParsePath(text string) (path []string, err error) {
	f, err := Parse("attribute path", []byte("x."+text), ParseOptions{})
	if err != nil {
		return nil, err
	}
	s, ok := f.Root.(*Select)
	if !ok || s.Default != nil {
		return nil, &Error{File: f, Message: "not an attribute path", HintAt: -1}
	}
	for _, name := range s.Path {
		if name.Expr != nil {
			return nil, &Error{File: f, Span: name.Span, Message: "dynamic attributes not allowed here", HintAt: -1}
		}
		path = append(path, name.Name)
	}
	return path, nil
}
