package manifest

import "fmt"

// VersionError means that a manifest.json has a version that this package does
// not know, being made by a later Nix.
type VersionError struct {
	Version int // 0 when there is none
}

func (e *VersionError) Error() string {
	return fmt.Sprintf("unsupported version %d of manifest.json", e.Version)
}

// ParseError says where a manifest.json is not what it has to be.
type ParseError struct {
	Where string // such as elements.hello.storePaths; "" for the whole
	Why   string
	Err   error // of encoding/json or of nix/store, or nil
}

func (e *ParseError) Error() string {
	text := "manifest.json"
	if e.Where != "" {
		text += ": " + e.Where
	}
	if e.Why != "" {
		text += ": " + e.Why
	}
	if e.Err != nil {
		text += ": " + e.Err.Error()
	}
	return text
}

func (e *ParseError) Unwrap() error { return e.Err }

// MarshalError says why a manifest cannot be written.
type MarshalError struct {
	Element string // its name
	Why     string
}

func (e *MarshalError) Error() string {
	return fmt.Sprintf("element %q cannot be in a manifest.json: %s", e.Element, e.Why)
}

// LiteralError says where a manifest.nix is not a literal of the Nix language
// as nix-env writes it, or not a list of installed packages.
type LiteralError struct {
	Offset int // in bytes; -1 when it is known only that Where is wrong
	Where  string
	Why    string
	Err    error // of nix/store, or nil
}

func (e *LiteralError) Error() string {
	text := "manifest.nix"
	if e.Offset >= 0 {
		text += fmt.Sprintf(", byte %d", e.Offset)
	}
	if e.Where != "" {
		text += ": " + e.Where
	}
	text += ": " + e.Why
	if e.Err != nil {
		text += ": " + e.Err.Error()
	}
	return text
}

func (e *LiteralError) Unwrap() error { return e.Err }
