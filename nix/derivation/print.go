package derivation

import (
	"slices"

	"luminousnix/nix/store"
)

// MarshalText returns the content of the .drv file. It sorts what Nix sorts. It
// fails with [*InvalidError] if the derivation has no outputs, an output whose
// fields contradict each other, or a quote or backslash where Nix cannot write
// one.
func (d *Derivation) MarshalText() ([]byte, error) {
	if err := d.check(); err != nil {
		return nil, err
	}
	return d.AppendATerm(nil), nil
}

// AppendATerm appends the content of the .drv file to dst without checking it.
// For a derivation that came from [Parse] there is nothing to check.
func (d *Derivation) AppendATerm(dst []byte) []byte {
	inputs := make([]input, 0, len(d.InputDerivations))
	for _, path := range d.Inputs() {
		inputs = append(inputs, input{string(path), d.InputDerivations[path]})
	}
	return d.appendATerm(dst, inputs, false)
}

// input is an input derivation as it is written: by its path, or by its hash
// when the text is only to be hashed.
type input struct {
	key     string
	outputs []string
}

// appendATerm writes the derivation with these inputs. masked leaves out all
// that follows from the rest: the paths of outputs and the variables that hold
// them.
func (d *Derivation) appendATerm(dst []byte, inputs []input, masked bool) []byte {
	dst = append(dst, "Derive("...)
	dst = appendList(dst, d.OutputNames(), func(dst []byte, name string) []byte {
		return appendOutput(dst, name, d.Outputs[name], masked)
	})
	dst = append(dst, ',')
	dst = appendList(dst, inputs, appendInput)
	dst = append(dst, ',')
	dst = appendList(dst, sorted(d.InputSources), func(dst []byte, p store.Path) []byte {
		return appendVerbatim(dst, string(p))
	})
	dst = append(dst, ',')
	dst = appendVerbatim(dst, d.System)
	dst = append(dst, ',')
	dst = appendQuoted(dst, d.Builder)
	dst = append(dst, ',')
	dst = appendList(dst, d.Args, appendQuoted)
	dst = append(dst, ',')
	dst = appendList(dst, sortedKeys(d.Env), func(dst []byte, name string) []byte {
		value := d.Env[name]
		if masked && d.hasOutput(name) {
			value = ""
		}
		dst = append(dst, '(')
		dst = appendQuoted(dst, name)
		dst = append(dst, ',')
		dst = appendQuoted(dst, value)
		return append(dst, ')')
	})
	return append(dst, ')')
}

func appendOutput(dst []byte, name string, o Output, masked bool) []byte {
	path, algorithm, hash := o.Fields()
	if masked {
		path = ""
	}
	dst = append(dst, '(')
	dst = appendVerbatim(dst, name)
	dst = append(dst, ',')
	dst = appendVerbatim(dst, path)
	dst = append(dst, ',')
	dst = appendVerbatim(dst, algorithm)
	dst = append(dst, ',')
	dst = appendVerbatim(dst, hash)
	return append(dst, ')')
}

func appendInput(dst []byte, in input) []byte {
	dst = append(dst, '(')
	dst = appendVerbatim(dst, in.key)
	dst = append(dst, ',')
	dst = appendList(dst, sorted(in.outputs), appendVerbatim)
	return append(dst, ')')
}

func appendList[T any](dst []byte, list []T, appendOne func([]byte, T) []byte) []byte {
	dst = append(dst, '[')
	for i, element := range list {
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = appendOne(dst, element)
	}
	return append(dst, ']')
}

// sorted returns list, or a sorted copy without duplicates if that is needed.
func sorted[T ~string](list []T) []T {
	for i := 1; i < len(list); i++ {
		if list[i-1] >= list[i] {
			list = slices.Clone(list)
			slices.Sort(list)
			return slices.Compact(list)
		}
	}
	return list
}

// check finds what would not come back from [Parse], but for store paths, which
// were checked when they were made.
func (d *Derivation) check() error {
	if len(d.Outputs) == 0 {
		return d.invalid("it has no outputs")
	}
	if !isVerbatim(d.System) {
		return d.invalid("the system %q contains a quote or a backslash", d.System)
	}
	for _, name := range d.OutputNames() {
		if !isVerbatim(name) {
			return d.invalid("the output name %q contains a quote or a backslash", name)
		}
		if why := d.Outputs[name].contradiction(); why != "" {
			return d.invalid("output %q %s", name, why)
		}
	}
	for _, path := range d.Inputs() {
		for _, name := range d.InputDerivations[path] {
			if !isVerbatim(name) {
				return d.invalid("the output name %q of %s contains a quote or a backslash", name, path)
			}
		}
	}
	return nil
}

func (o Output) contradiction() string {
	switch {
	case (o.Method == "") != (o.Algorithm == ""):
		return "has a method without an algorithm, or the reverse"
	case !o.Hash.IsZero() && o.Hash.Algorithm() != o.Algorithm:
		return "has the hash of another algorithm"
	case o.Impure && (o.Algorithm == "" || !o.Hash.IsZero()):
		return "is impure, for which it needs an algorithm and no hash"
	case o.Kind() == Fixed && o.Path == "":
		return "is fixed, but has no path"
	case (o.Kind() == Floating || o.Kind() == Impure) && o.Path != "":
		return "has a path, though its hash is not known"
	}
	return ""
}

// sortedKeys returns the keys of a map in order.
func sortedKeys[K ~string, V any](m map[K]V) []K {
	keys := make([]K, 0, len(m))
	for key := range m {
		keys = append(keys, key)
	}
	slices.Sort(keys)
	return keys
}
