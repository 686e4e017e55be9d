package wire

import (
	"time"

	"luminousnix/nix/derivation"
	"luminousnix/nix/store"
)

// PathInfo writes what is known of a path, without the path itself.
func (w *Writer) PathInfo(info *store.PathInfo) {
	w.Text(string(info.Deriver))
	w.Text(info.NarHash.Base16())
	w.Paths(info.References)
	w.Uint(uint64(registration(info.Registered)))
	w.Uint(uint64(info.NarSize))
	w.Bool(info.Ultimate)
	w.Texts(info.Signatures)
	w.Text(info.ContentAddress.String())
}

// PathInfo reads what is known of p.
func (r *Reader) PathInfo(dir store.Dir, p store.Path) *store.PathInfo {
	info := &store.PathInfo{Path: p}
	info.Deriver = r.OptionalPath(dir)
	hash := r.Text()
	if hash != "" && r.err == nil {
		parsed, err := store.ParseHashOf(store.SHA256, hash)
		if err != nil {
			r.Refuse("%v", err)
		}
		info.NarHash = parsed
	}
	info.References = r.Paths(dir)
	if seconds := r.Int(); seconds != 0 {
		info.Registered = time.Unix(seconds, 0)
	}
	info.NarSize = r.Int()
	info.Ultimate = r.Bool()
	info.Signatures = r.Texts()
	info.ContentAddress = r.ContentAddress()
	return info
}

// ContentAddress reads a content address, or "" for none.
func (r *Reader) ContentAddress() store.ContentAddress {
	text := r.Text()
	if text == "" {
		return store.ContentAddress{}
	}
	ca, err := store.ParseContentAddress(text)
	if err != nil {
		r.Refuse("%v", err)
	}
	return ca
}

// registration is the time in seconds since 1970, 0 for unknown.
func registration(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return max(t.Unix(), 0)
}

// BasicDerivation writes a derivation without its name and without the
// derivations that it is made from: all of its inputs are sources.
func (w *Writer) BasicDerivation(d *derivation.Derivation) {
	names := d.OutputNames()
	w.Uint(uint64(len(names)))
	for _, name := range names {
		path, algorithm, hash := d.Outputs[name].Fields()
		for _, field := range []string{name, path, algorithm, hash} {
			w.Text(field)
		}
	}
	w.Paths(d.InputSources)
	w.Text(d.System)
	w.Text(d.Builder)
	w.Texts(d.Args)
	w.Map(d.Env)
}

// BasicDerivation reads a derivation of that name.
func (r *Reader) BasicDerivation(dir store.Dir, name string) *derivation.Derivation {
	d := &derivation.Derivation{Name: name, Outputs: map[string]derivation.Output{}}
	for range r.Items() {
		output, path, algorithm, hash := r.Text(), r.Text(), r.Text(), r.Text()
		parsed, err := derivation.ParseOutput(dir, path, algorithm, hash)
		if err != nil {
			r.Refuse("output %q: %v", output, err)
		}
		d.Outputs[output] = parsed
	}
	d.InputSources = r.Paths(dir)
	d.System = r.Text()
	d.Builder = r.Text()
	d.Args = r.Texts()
	d.Env = r.Map()
	return d
}
