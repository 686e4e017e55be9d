package derivation

import (
	"fmt"
	"strings"

	"luminousnix/nix/store"
)

// Output is one output of a derivation. The zero value is a [Deferred] one.
type Output struct {
	// Path is where the output will be, or "" if only the build will tell.
	Path store.Path

	// Method and Algorithm say how the content is hashed, for outputs that are
	// named after it; they are empty for all others.
	Method    store.Method
	Algorithm store.Algorithm

	// Hash is the content's, for [Fixed] outputs; its algorithm is Algorithm.
	Hash store.Hash

	// Impure marks an [Impure] output.
	Impure bool
}

// Kind tells what the fields of the output amount to.
func (o Output) Kind() Kind {
	switch {
	case o.Impure:
		return Impure
	case !o.Hash.IsZero():
		return Fixed
	case o.Algorithm != "":
		return Floating
	case o.Path == "":
		return Deferred
	}
	return InputAddressed
}

// Fields returns the output as derivations and the daemon's protocol write it:
// its path, how it is hashed (such as r:sha256) and the hash in base 16, or
// "impure"; each may be "".
func (o Output) Fields() (path, algorithm, hash string) {
	if o.Algorithm != "" {
		algorithm = methodPrefix(o.Method) + string(o.Algorithm)
	}
	switch o.Kind() {
	case Fixed:
		hash = o.Hash.Base16()
	case Impure:
		hash = "impure"
	}
	return string(o.Path), algorithm, hash
}

// OutputError says why three fields are not an output.
type OutputError struct {
	Field    int    // 0 the path, 1 the algorithm, 2 the hash
	Expected string // in place of what the field has
	Err      error  // what was wrong with it, or nil
}

func (e *OutputError) Error() string {
	text := fmt.Sprintf("%s expected", e.Expected)
	if e.Err != nil {
		text += ": " + e.Err.Error()
	}
	return text
}

func (e *OutputError) Unwrap() error { return e.Err }

// ParseOutput is the reverse of [Output.Fields]. The path must be in dir. Its
// error is an [*OutputError].
func ParseOutput(dir store.Dir, path, algorithm, hash string) (Output, error) {
	var output Output
	var err error
	if path != "" {
		if output.Path, err = dir.Parse(path); err != nil {
			return Output{}, &OutputError{0, "a store path or nothing", err}
		}
	}
	if algorithm == "" {
		if hash != "" {
			return Output{}, &OutputError{2, "no hash, as there is no algorithm", nil}
		}
		return output, nil
	}
	if output.Method, output.Algorithm, err = parseMethod(algorithm); err != nil {
		return Output{}, &OutputError{1, "a hash algorithm", err}
	}
	switch hash {
	case "":
	case "impure":
		output.Impure = true
	default:
		if output.Hash, err = store.ParseHashOf(output.Algorithm, hash); err != nil || output.Hash.Base16() != hash {
			return Output{}, &OutputError{2, "a hash in base 16", err}
		}
	}
	if fixed := !output.Hash.IsZero(); fixed != (path != "") {
		expected := "no path, as the hash is not known"
		if fixed {
			expected = "the path of a fixed output"
		}
		return Output{}, &OutputError{0, expected, nil}
	}
	return output, nil
}

// parseMethod parses what stands before the hash of a content-addressed output,
// such as r:sha256.
func parseMethod(s string) (store.Method, store.Algorithm, error) {
	method := store.Flat
	for _, m := range []store.Method{store.Recursive, store.Text, store.Git} {
		if rest, ok := strings.CutPrefix(s, methodPrefix(m)); ok {
			method, s = m, rest
			break
		}
	}
	algorithm, err := store.ParseAlgorithm(s)
	return method, algorithm, err
}

func methodPrefix(m store.Method) string {
	switch m {
	case store.Recursive:
		return "r:"
	case store.Text:
		return "text:"
	case store.Git:
		return "git:"
	}
	return "" // store.Flat
}
