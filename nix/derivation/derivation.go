// Package derivation reads, writes and hashes store derivations: the .drv files
// in which Nix keeps what is to be built, from what, and how.
//
// Start with [Parse], which takes the content of a .drv file, and with
// [Derivation.MarshalText], which gives the same bytes back. What a derivation
// is called follows from what it says: [Derivation.Path] computes the store path
// of the .drv file itself, and a [Hasher] those of its outputs. [Walk] visits a
// whole graph of derivations, inputs first:
//
//	dir := store.DefaultDir
//	load := derivation.FromStore(dir)
//	drv, err := load(ctx, path)
//	outputs, err := derivation.NewHasher(dir, load).OutputPaths(ctx, drv)
//
// Nothing here needs a running Nix: derivations come from a function of the
// caller, and no function but [FromStore] opens a file.
package derivation

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"luminousnix/nix/store"
)

// Extension is what the names of derivations end with in the store.
const Extension = ".drv"

// Derivation is one build step. Its strings are bytes as far as Nix is
// concerned: they need not be UTF-8.
type Derivation struct {
	// Name is that of the store path without [Extension], such as hello-2.12.1.
	// The file itself does not say it.
	Name string

	// Outputs are what the build leaves in the store, by name. There is at least
	// one; an ordinary derivation has "out".
	Outputs map[string]Output

	// InputDerivations are the derivations that must be built before, each with
	// the names of those outputs that are needed, sorted.
	InputDerivations map[store.Path][]string

	// InputSources are the store paths that are needed as they are, sorted.
	InputSources []store.Path

	System  string // such as x86_64-linux, or builtin
	Builder string // an executable, or such as builtin:fetchurl
	Args    []string
	Env     map[string]string
}

// Kind says how the outputs of a derivation get their store paths.
type Kind int

// The outputs of one derivation are all of one kind.
const (
	// InputAddressed outputs are named after what they are built from.
	InputAddressed Kind = iota
	// Deferred outputs are input-addressed too, but need the content of an input
	// that is not built yet: their paths are unknown.
	Deferred
	// Fixed outputs are named after their content, which is known beforehand.
	Fixed
	// Floating outputs are named after their content, which only the build tells.
	Floating
	// Impure outputs are Floating, and differ from build to build.
	Impure
)

func (k Kind) String() string {
	switch k {
	case InputAddressed:
		return "input-addressed"
	case Deferred:
		return "deferred"
	case Fixed:
		return "fixed"
	case Floating:
		return "floating"
	case Impure:
		return "impure"
	}
	return fmt.Sprintf("Kind(%d)", int(k))
}

// InvalidError says why a derivation is none that Nix would accept.
type InvalidError struct {
	Name string // of the derivation
	Why  string
}

func (e *InvalidError) Error() string {
	return fmt.Sprintf("derivation %q: %s", e.Name, e.Why)
}

func (d *Derivation) invalid(format string, args ...any) error {
	return &InvalidError{d.Name, fmt.Sprintf(format, args...)}
}

// Kind returns the kind that all outputs have. It fails with [*InvalidError] if
// there are none, if they are of several kinds, or if a derivation with a fixed
// output has another one or calls it anything but "out".
func (d *Derivation) Kind() (Kind, error) {
	if len(d.Outputs) == 0 {
		return 0, d.invalid("it has no outputs")
	}
	names := d.OutputNames()
	kind := d.Outputs[names[0]].Kind()
	for _, name := range names[1:] {
		if other := d.Outputs[name].Kind(); other != kind {
			return 0, d.invalid("output %q is %v, but %q is %v", names[0], kind, name, other)
		}
	}
	if kind == Fixed && (len(names) != 1 || names[0] != "out") {
		return 0, d.invalid("a fixed output must be the only one and named \"out\", not %q", names)
	}
	return kind, nil
}

// OutputNames returns the names of all outputs, sorted.
func (d *Derivation) OutputNames() []string {
	return sortedKeys(d.Outputs)
}

func (d *Derivation) hasOutput(name string) bool {
	_, ok := d.Outputs[name]
	return ok
}

// Inputs returns the paths of the input derivations, sorted.
func (d *Derivation) Inputs() []store.Path {
	return sortedKeys(d.InputDerivations)
}

// References returns all store paths that the .drv file refers to, as the store
// registers them: input derivations and input sources, sorted, each once.
func (d *Derivation) References() []store.Path {
	paths := slices.Concat(d.InputSources, d.Inputs())
	slices.Sort(paths)
	return slices.Compact(paths)
}

// Path computes the store path of the .drv file. It fails with [*InvalidError]
// as [Derivation.MarshalText] does, and if the name is not fit for a path.
func (d *Derivation) Path(dir store.Dir) (store.Path, error) {
	if err := d.check(); err != nil {
		return "", err
	}
	buffer := buffers.Get().(*[]byte)
	defer buffers.Put(buffer)
	*buffer = d.AppendATerm((*buffer)[:0])
	path, err := dir.TextPath(d.Name+Extension, store.Sum(store.SHA256, *buffer), d.References())
	if err != nil {
		return "", fmt.Errorf("derivation %q: %w", d.Name, err)
	}
	return path, nil
}

// StructuredAttrs returns the attributes of a derivation that was made with
// __structuredAttrs, each as JSON; ok is false for all others. It fails with
// [*InvalidError] if what is there is not a JSON object.
func (d *Derivation) StructuredAttrs() (attrs map[string]json.RawMessage, ok bool, err error) {
	text, ok := d.Env["__json"]
	if !ok {
		return nil, false, nil
	}
	if err := json.Unmarshal([]byte(text), &attrs); err != nil {
		return nil, true, d.invalid("__json is not a JSON object: %v", err)
	}
	if attrs == nil { // the text is null
		return nil, true, d.invalid("__json is not a JSON object")
	}
	return attrs, true, nil
}

// NameOf returns the name of the derivation at a store path, or false if the
// path is not that of a derivation.
func NameOf(p store.Path) (name string, ok bool) {
	if len(p.Base()) <= store.HashLength {
		return "", false
	}
	name, ok = strings.CutSuffix(p.Name(), Extension)
	return name, ok && name != ""
}
