package configedit

import (
	"bytes"
	"fmt"
	"strings"

	"github.com/rogpeppe/go-internal/diff"
)

// Edit is a file before and after.
type Edit struct {
	Path          string // without symbolic links
	Before, After []byte
}

// Diff is what differs, as unified diff with the path on both sides.
func (e *Edit) Diff() string {
	text := diff.Diff(e.Path, e.Before, e.Path, e.After)
	_, text, _ = bytes.Cut(text, []byte("\n")) // "diff a b"
	return string(text)
}

// PlaceError tells why an edit is left to whoever wrote the configuration.
type PlaceError struct {
	// Option is what the edit is about.
	Option string
	// Reasons say what is in the way, each with its place.
	Reasons []string
	// Lines are to be added by hand.
	Lines []string
}

func (e *PlaceError) Error() string {
	return fmt.Sprintf("there is no safe place for it: %s", strings.Join(e.Reasons, "; "))
}

// AlreadyError tells that the configuration has something already.
type AlreadyError struct {
	What string
	At   string // file:line
}

func (e *AlreadyError) Error() string { return fmt.Sprintf("%s is in %s already", e.What, e.At) }

// MissingError tells that nothing is there to be removed.
type MissingError struct{ What string }

func (e *MissingError) Error() string {
	return e.What + " is not written anywhere in the configuration"
}
