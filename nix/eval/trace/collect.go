package trace

import (
	"maps"
	"slices"
	"strings"

	"luminousnix/nix/store"
)

// Trace returns what was read so far.
func (r *Recorder) Trace() *Trace {
	t := &Trace{inputs: r.files.inputs()}
	r.mu.Lock()
	defer r.mu.Unlock()
	t.obstacle = r.obstacle
	for _, p := range slices.Sorted(maps.Keys(r.stores)) {
		t.inputs = append(t.inputs, input{kind: StorePath, name: string(p), failure: r.stores[p]})
	}
	for _, name := range slices.Sorted(maps.Keys(r.variables)) {
		t.inputs = append(t.inputs, variableOf(name, r.variables[name]))
	}
	for _, url := range slices.Sorted(maps.Keys(r.urls)) {
		t.inputs = append(t.inputs, input{kind: URL, name: url, sum: urlSum(r.urls[url])})
	}
	return t
}

// inputs returns what was asked about files, in order.
func (m memory) inputs() []input {
	type entry struct {
		path string
		file file
	}
	var entries []entry
	for i := range m.parts {
		p := &m.parts[i]
		p.mu.Lock()
		for path, f := range p.files {
			entries = append(entries, entry{path, *f})
		}
		p.mu.Unlock()
	}
	slices.SortFunc(entries, func(a, b entry) int { return strings.Compare(a.path, b.path) })
	const usual = 2 // questions about a file
	inputs := make([]input, 0, usual*len(entries))
	for i := range entries {
		inputs = entries[i].file.appendTo(inputs, entries[i].path)
	}
	return inputs
}

// appendTo appends what was asked about the path, in order.
func (f *file) appendTo(inputs []input, path string) []input {
	if l := f.look; l != nil && f.asked && !l.inStore {
		inputs = append(inputs, input{kind: Entry, name: path, failure: failureOf(l.err), file: l.file})
	}
	if l := f.link; l != nil {
		inputs = append(inputs, input{kind: Link, name: path, failure: failureOf(l.err), target: l.target})
	}
	if r := f.reading; r != nil {
		inputs = append(inputs, input{kind: r.kind, name: path, failure: r.failure, sum: r.sum, stat: r.stat})
	}
	return inputs
}

// urlSum is the digest of what was downloaded. A hash that is not a SHA-256 is
// like none that is.
func urlSum(h store.Hash) (s sum) {
	copy(s[:], h.Digest())
	return s
}
