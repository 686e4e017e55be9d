package derivation

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"

	"luminousnix/nix/store"
)

// Hasher computes the paths of outputs. It remembers the hash of every
// derivation that it met as an input, about 200 bytes each, so a graph costs one
// pass however many of its derivations are asked about. Its methods may be
// called from several goroutines.
type Hasher struct {
	dir  store.Dir
	load Load

	mu   sync.Mutex
	memo map[store.Path]inputHash
}

// NewHasher returns a Hasher for derivations of the store dir, which gets inputs
// from load. A path must always stand for the same derivation.
func NewHasher(dir store.Dir, load Load) *Hasher {
	return &Hasher{dir: dir, load: load, memo: make(map[store.Path]inputHash)}
}

// Modulo is the hash of a derivation modulo the fixed-output derivations that it
// needs: how these fetch their content changes nothing, as long as the content
// is the same.
type Modulo struct {
	Hash store.Hash

	// Deferred says that the hash is not enough to name outputs after, since they
	// depend on content that only a build tells.
	Deferred bool
}

// inputHash is what a derivation contributes to the hash of those that need it.
type inputHash struct {
	hash     string   // in base 16
	outputs  []string // sorted
	deferred bool
}

// HashModulo computes the hash that the paths of input-addressed outputs are
// made from, and by which Nix registers the outputs of content-addressed ones.
// It does not depend on the paths of d's own outputs, nor on the values of the
// variables named after them: both may be empty, but the variables must be there.
//
// It fails with [*InvalidError] if a derivation of the graph is not valid or
// needs an output that is not there, and otherwise as [Walk] does.
func (h *Hasher) HashModulo(ctx context.Context, d *Derivation) (Modulo, error) {
	if err := h.learn(ctx, d); err != nil {
		return Modulo{}, err
	}
	return h.modulo(d, true)
}

// OutputPaths computes the paths of all outputs of d, whatever d says they are.
// A path is "" if only a build can tell it: for floating and impure outputs, and
// for input-addressed ones that need such an output. It fails as
// [Hasher.HashModulo] does.
func (h *Hasher) OutputPaths(ctx context.Context, d *Derivation) (map[string]store.Path, error) {
	kind, err := d.Kind()
	if err != nil {
		return nil, err
	}
	paths := make(map[string]store.Path, len(d.Outputs))
	switch kind {
	case Fixed:
		paths["out"], err = h.fixedPath(d)
		return paths, err
	case Floating, Impure:
		for name := range d.Outputs {
			paths[name] = ""
		}
		return paths, nil
	}

	modulo, err := h.HashModulo(ctx, d)
	if err != nil {
		return nil, err
	}
	for name := range d.Outputs {
		paths[name] = ""
		if modulo.Deferred {
			continue
		}
		if paths[name], err = h.dir.OutputPath(name, modulo.Hash, d.Name); err != nil {
			return nil, fmt.Errorf("derivation %q: output %q: %w", d.Name, name, err)
		}
	}
	return paths, nil
}

// Fill completes a derivation whose outputs have no paths yet: it sets these,
// and for each output the variable of its name, as Nix does when it instantiates
// a derivation. The variable holds the path, or the [Placeholder] of a floating
// or impure output, or nothing for a deferred one.
func (h *Hasher) Fill(ctx context.Context, d *Derivation) error {
	if d.Env == nil {
		d.Env = make(map[string]string, len(d.Outputs))
	}
	for name := range d.Outputs {
		d.Env[name] = "" // that the variable is there is a part of the hash
	}
	paths, err := h.OutputPaths(ctx, d)
	if err != nil {
		return err
	}
	for name, path := range paths {
		output := d.Outputs[name]
		output.Path = path
		d.Outputs[name] = output
		d.Env[name] = string(path)
		if kind := output.Kind(); kind == Floating || kind == Impure {
			d.Env[name] = Placeholder(name)
		}
	}
	return nil
}

// Placeholder returns what stands for the path of a derivation's own output
// where the path is not known before the build, as builtins.placeholder does.
func Placeholder(output string) string {
	return "/" + store.Sum(store.SHA256, []byte("nix-output:"+output)).Nix32()
}

// learn makes sure that all inputs of d are remembered.
func (h *Hasher) learn(ctx context.Context, d *Derivation) error {
	w := walk{
		load:   h.load,
		inputs: followed,
		known: func(p store.Path) bool {
			_, ok := h.recall(p)
			return ok
		},
		visit: h.Remember,
	}
	return w.run(ctx, followed(d))
}

// followed returns the inputs whose hashes matter to the hash of d.
func followed(d *Derivation) []store.Path {
	if kind, err := d.Kind(); err != nil || kind == Fixed || kind == Impure {
		return nil
	}
	return d.Inputs()
}

func (h *Hasher) recall(p store.Path) (inputHash, bool) {
	h.mu.Lock()
	defer h.mu.Unlock()
	known, ok := h.memo[p]
	return known, ok
}

// Remember hashes d, of which p is the path and whose inputs are remembered, for
// those that need it: it will not be loaded. [Hasher.Fill] remembers inputs.
func (h *Hasher) Remember(p store.Path, d *Derivation) error {
	modulo, err := h.modulo(d, false)
	if err != nil {
		return err
	}
	known := inputHash{hash: modulo.Hash.Base16(), outputs: d.OutputNames(), deferred: modulo.Deferred}
	// What comes from Parse is a part of a whole file, which must not stay.
	for i, name := range known.outputs {
		known.outputs[i] = strings.Clone(name)
	}
	p = store.Path(strings.Clone(string(p)))

	h.mu.Lock()
	defer h.mu.Unlock()
	h.memo[p] = known
	return nil
}

// modulo hashes d, whose inputs are remembered. masked is for the hash that d's
// own outputs are named after; those who need d also take its paths into account.
func (h *Hasher) modulo(d *Derivation, masked bool) (Modulo, error) {
	kind, err := d.Kind()
	if err != nil {
		return Modulo{}, err
	}
	switch kind {
	case Fixed:
		return h.fixedModulo(d)
	case Impure:
		return Modulo{store.Sum(store.SHA256, []byte("impure")), true}, nil
	}
	inputs, deferred, err := h.inputs(d)
	if err != nil {
		return Modulo{}, err
	}
	if kind == Floating || kind == Deferred && !masked {
		deferred = true
	}
	buffer := buffers.Get().(*[]byte)
	defer buffers.Put(buffer)
	*buffer = d.appendATerm((*buffer)[:0], inputs, masked)
	return Modulo{store.Sum(store.SHA256, *buffer), deferred}, nil
}

// buffers are for texts that are only hashed.
var buffers = sync.Pool{New: func() any { return new([]byte) }}

// inputs returns the inputs of d by hash, sorted. Inputs with the same hash
// become one that has the outputs of all.
func (h *Hasher) inputs(d *Derivation) (inputs []input, deferred bool, err error) {
	inputs = make([]input, 0, len(d.InputDerivations))
	for _, path := range d.Inputs() {
		known, ok := h.recall(path)
		if !ok { // learn was not called
			return nil, false, d.invalid("its input %s was not hashed", path)
		}
		outputs := d.InputDerivations[path]
		for _, name := range outputs {
			if _, ok := slices.BinarySearch(known.outputs, name); !ok {
				return nil, false, d.invalid("it needs the output %q of %s, which has only %q", name, path, known.outputs)
			}
		}
		deferred = deferred || known.deferred
		if len(outputs) > 0 {
			inputs = append(inputs, input{known.hash, outputs})
		}
	}
	slices.SortStableFunc(inputs, func(a, b input) int { return strings.Compare(a.key, b.key) })
	return merge(inputs), deferred, nil
}

// merge joins neighbours with the same key.
func merge(inputs []input) []input {
	merged := inputs[:0]
	for _, in := range inputs {
		last := len(merged) - 1
		if last < 0 || merged[last].key != in.key {
			merged = append(merged, in)
			continue
		}
		merged[last].outputs = slices.Concat(merged[last].outputs, in.outputs)
	}
	return merged
}

// fixedModulo is the short-cut: content and path stand for the whole derivation.
func (h *Hasher) fixedModulo(d *Derivation) (Modulo, error) {
	path, err := h.fixedPath(d)
	if err != nil {
		return Modulo{}, err
	}
	out := d.Outputs["out"]
	text := "fixed:out:" + methodPrefix(out.Method) + string(out.Algorithm) + ":" + out.Hash.Base16() + ":" + string(path)
	return Modulo{store.Sum(store.SHA256, []byte(text)), false}, nil
}

func (h *Hasher) fixedPath(d *Derivation) (store.Path, error) {
	out := d.Outputs["out"]
	path, err := h.dir.PathFor(d.Name, store.ContentAddress{Method: out.Method, Hash: out.Hash}, store.References{})
	if err != nil {
		return "", fmt.Errorf("derivation %q: %w", d.Name, err)
	}
	return path, nil
}
