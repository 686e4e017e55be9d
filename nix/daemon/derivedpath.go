package daemon

import (
	"slices"
	"strings"

	"luminousnix/nix/daemon/internal/wire"
	"luminousnix/nix/store"
)

// DerivedPath is something that a build can give: a store path itself, by
// downloading it, or outputs of a derivation.
type DerivedPath struct {
	Path store.Path
	// Outputs are the names of outputs of the derivation Path, [AllOutputs] for
	// every one; none if the path itself is meant.
	Outputs []string
}

// AllOutputs, as the only name, is every output that a derivation has.
const AllOutputs = "*"

// Outputs returns the named outputs of a derivation, all if there are no names.
func Outputs(drv store.Path, names ...string) DerivedPath {
	if len(names) == 0 {
		names = []string{AllOutputs}
	}
	return DerivedPath{drv, names}
}

// String returns the text of the protocol, such as /nix/store/…-hello.drv!out.
func (p DerivedPath) String() string {
	if len(p.Outputs) == 0 {
		return string(p.Path)
	}
	return string(p.Path) + "!" + strings.Join(p.Outputs, ",")
}

// ParseDerivedPath is the reverse of [DerivedPath.String]. The error is a
// [*store.ParseError].
func ParseDerivedPath(dir store.Dir, s string) (DerivedPath, error) {
	path, names, hasNames := strings.Cut(s, "!")
	p, err := dir.Parse(path)
	if err != nil {
		return DerivedPath{}, err
	}
	if !hasNames {
		return DerivedPath{Path: p}, nil
	}
	list := strings.Split(names, ",")
	if slices.Contains(list, "") {
		return DerivedPath{}, &store.ParseError{Text: s, Why: "the name of an output is empty"}
	}
	return DerivedPath{p, list}, nil
}

func sendDerived(paths []DerivedPath) func(*wire.Writer) {
	return func(w *wire.Writer) {
		w.Uint(uint64(len(paths)))
		for _, p := range paths {
			w.Text(p.String())
		}
	}
}
