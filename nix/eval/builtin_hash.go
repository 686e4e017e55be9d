package eval

import (
	"strings"

	"luminousnix/nix/derivation"
	"luminousnix/nix/store"
)

// hashBuiltins are those about hashes.
func hashBuiltins() []Builtin {
	return []Builtin{
		{Name: "hashString", fn2: builtinHashString},
		{Name: "hashFile", fn2: builtinHashFile},
		{Name: "convertHash", fn1: builtinConvertHash},
		{Name: "placeholder", fn1: builtinPlaceholder},
	}
}

// forceAlgorithm evaluates t to the name of a hash algorithm.
func (w *worker) forceAlgorithm(t *Thunk, pos Pos, why string) (store.Algorithm, error) {
	name, err := w.forcePlainString(t, pos, why)
	if err != nil {
		return "", err
	}
	algorithm, err := store.ParseAlgorithm(name)
	if err != nil || algorithm == store.BLAKE3 && !w.feature("blake3-hashes") {
		return "", w.unknownAlgorithm(pos, name)
	}
	return algorithm, nil
}

// UnknownAlgorithmError means that something else was given where the name of a
// hash algorithm is wanted. nix-instantiate takes it for wrong usage and points
// to its help.
type UnknownAlgorithmError struct {
	Name string
}

func (e *UnknownAlgorithmError) Error() string {
	return "unknown hash algorithm '" + e.Name + "', expect 'blake3', 'md5', 'sha1', 'sha256', or 'sha512'"
}

func (w *worker) unknownAlgorithm(pos Pos, name string) error {
	cause := &UnknownAlgorithmError{name}
	failure := w.fail(KindEval, pos, "%v", cause)
	failure.cause = cause
	return failure
}

func builtinHashString(w *worker, _ Pos, a, b *Thunk) (Value, error) {
	algorithm, err := w.forceAlgorithm(a, noPos, "while evaluating the first argument passed to builtins.hashString")
	if err != nil {
		return Value{}, err
	}
	text, _, err := w.forceString(b, noPos, "while evaluating the second argument passed to builtins.hashString")
	if err != nil {
		return Value{}, err
	}
	return stringValue(store.Sum(algorithm, []byte(text)).Base16()), nil
}

func builtinHashFile(w *worker, _ Pos, a, b *Thunk) (Value, error) {
	algorithm, err := w.forceAlgorithm(a, noPos, "while evaluating the first argument passed to builtins.hashFile")
	if err != nil {
		return Value{}, err
	}
	path, err := w.realisePath(b, noPos, "")
	if err != nil {
		return Value{}, err
	}
	content, err := w.inputs.ReadFile(path)
	if err != nil {
		return Value{}, w.readError(err, noPos, path)
	}
	return stringValue(store.Sum(algorithm, content).Base16()), nil
}

func builtinConvertHash(w *worker, _ Pos, a *Thunk) (Value, error) {
	set, err := w.forceAttrs(a, noPos, "while evaluating the first argument passed to builtins.convertHash")
	if err != nil {
		return Value{}, err
	}
	text, err := w.requiredString(set, noPos, "hash")
	if err != nil {
		return Value{}, err
	}
	var algorithm store.Algorithm
	if attr := set.get(w.intern("hashAlgo")); attr != nil {
		if algorithm, err = w.forceAlgorithm(attr.Value, noPos, "while evaluating the attribute 'hashAlgo'"); err != nil {
			return Value{}, err
		}
	}
	format, err := w.requiredString(set, noPos, "toHashFormat")
	if err != nil {
		return Value{}, err
	}

	var hash store.Hash
	if algorithm == "" {
		hash, err = store.ParseHash(text)
	} else {
		hash, err = store.ParseHashOf(algorithm, text)
	}
	if err != nil {
		return Value{}, w.hashError(err, noPos, text, algorithm)
	}
	switch format {
	case "base16":
		return stringValue(hash.Base16()), nil
	case "base32":
		w.warn(`"base32" is a deprecated alias for hash format "nix32".`)
		return stringValue(hash.Nix32()), nil
	case "nix32":
		return stringValue(hash.Nix32()), nil
	case "base64":
		return stringValue(hash.Base64()), nil
	case "sri":
		return stringValue(hash.SRI()), nil
	}
	return Value{}, w.fail(KindEval, noPos, "unknown hash format '%s', expect 'base16', 'base32', 'base64', or 'sri'", format)
}

// requiredString evaluates an attribute of the argument of builtins.convertHash.
func (w *worker) requiredString(set *Attrs, pos Pos, name string) (string, error) {
	attr := set.get(w.intern(name))
	if attr == nil {
		err := w.fail(KindMissingAttribute, pos, "attribute '%s' missing", name)
		return "", w.tracef(err, pos, "while locating the attribute '%s'", name)
	}
	return w.forcePlainString(attr.Value, pos, "while evaluating the attribute '"+name+"'")
}

// hashError says what is wrong with a hash in the words of Nix as far as it
// distinguishes.
func (w *worker) hashError(err error, pos Pos, text string, algorithm store.Algorithm) error {
	digest := text
	for _, separator := range []string{":", "-"} {
		if name, rest, ok := strings.Cut(text, separator); ok {
			named, unknown := store.ParseAlgorithm(name)
			if unknown != nil {
				return w.unknownAlgorithm(pos, name)
			}
			if algorithm != "" && algorithm != named {
				return w.fail(KindEval, pos, "hash '%s' should have type '%s'", text, algorithm)
			}
			digest, algorithm = rest, named
			break
		}
	}
	if algorithm == "" {
		return w.fail(KindEval, pos, "hash '%s' does not include a type, nor is the type otherwise known from context", text)
	}
	switch size := algorithm.Size(); len(digest) {
	case 2 * size, (8*size-1)/5 + 1, (size + 2) / 3 * 4:
		return w.fail(KindEval, pos, "hash '%s' is not valid: %v", text, err)
	}
	return w.fail(KindEval, pos, "hash '%s' has wrong length for hash algorithm '%s'", digest, algorithm)
}

func builtinPlaceholder(w *worker, _ Pos, a *Thunk) (Value, error) {
	output, err := w.forcePlainString(a, noPos, "while evaluating the first argument passed to builtins.placeholder")
	if err != nil {
		return Value{}, err
	}
	return stringValue(derivation.Placeholder(output)), nil
}
