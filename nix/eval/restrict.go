package eval

import (
	"context"
	"errors"
	"io/fs"
	"net/url"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"

	"luminousnix/nix/store"
)

// reading is what an evaluation reads through: the inputs that it was given, of
// which pure and restricted evaluation see only what is allowed, and what it
// fetched, at its place in the store.
//
// What is allowed is checked at each step that leads through a symbolic link: the
// evaluator resolves them itself, by Lstat and Readlink, and never leaves that to
// the file system.
type reading struct {
	Inputs
	dir store.Dir

	limited bool // only what is allowed
	pure    bool
	uris    []string
	// references is for finding closures.
	references func(context.Context, store.Path) ([]store.Path, error)

	directories directories

	mounting atomic.Bool // once there is a mount
	mu       sync.RWMutex
	allowed  map[string]bool // these and all that is below
	above    map[string]bool // directories on the way to what is allowed
	closures []store.Path    // of which the closure is yet to be allowed
	mounts   map[store.Path]mount
}

// reading makes the inputs of an evaluation with these options. Doing so twice is
// doing it once.
func (o Options) reading() *reading {
	if r, ok := o.Inputs.(*reading); ok {
		return r
	}
	r := &reading{
		Inputs: o.Inputs, limited: o.Pure || o.Restrict, pure: o.Pure, uris: o.AllowedURIs,
		allowed: make(map[string]bool), above: make(map[string]bool), mounts: make(map[store.Path]mount),
	}
	if r.Inputs == nil {
		r.Inputs = Host{}
	}
	st := o.Store
	if st == nil {
		st = new(DryStore)
	}
	r.dir, r.references = st.Dir(), st.References
	for _, name := range o.AllowedPaths {
		r.allowPath(o.absolute(name))
	}
	if !o.Pure {
		for _, entry := range o.SearchPath {
			if !isURL(entry.Path) {
				r.allowPath(o.absolute(entry.Path))
			}
		}
	}
	return r
}

// absolute is a path of the options as seen from BaseDir.
func (o Options) absolute(name string) string {
	if !path.IsAbs(name) {
		name = path.Join(o.BaseDir, name)
	}
	return path.Join("/", name)
}

// allowPath allows what is at a path and below, and for a path in the store what
// it refers to.
func (r *reading) allowPath(name string) {
	if !r.limited {
		return
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.add(name)
	if p, _, err := r.dir.Split(name); err == nil {
		r.closures = append(r.closures, p)
	}
}

func (r *reading) add(name string) {
	name = path.Clean(name)
	r.allowed[name] = true
	for name != "/" {
		name = path.Dir(name)
		r.above[name] = true
	}
}

// isAllowed says whether a path may be read: if it is below what is allowed, or
// leads there.
func (r *reading) isAllowed(name string) bool {
	if !r.limited {
		return true
	}
	name = path.Clean(name)
	r.mu.RLock()
	known := r.covers(name)
	waiting := len(r.closures)
	r.mu.RUnlock()
	if known || waiting == 0 {
		return known
	}
	if _, _, err := r.dir.Split(name); err != nil {
		return false // no closure has it
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.addClosures()
	return r.covers(name)
}

func (r *reading) covers(name string) bool {
	if r.above[name] {
		return true
	}
	for !r.allowed[name] {
		if name == "/" {
			return false
		}
		name = path.Dir(name)
	}
	return true
}

// addClosures allows what the store says that the waiting paths refer to. It is
// put off until somebody asks, and most often nobody does.
func (r *reading) addClosures() {
	seen := make(map[store.Path]bool)
	for len(r.closures) > 0 {
		p := r.closures[len(r.closures)-1]
		r.closures = r.closures[:len(r.closures)-1]
		if seen[p] {
			continue
		}
		seen[p] = true
		r.add(string(p))
		// A path of which the store knows nothing refers to nothing.
		references, _ := r.references(context.Background(), p)
		r.closures = append(r.closures, references...)
	}
}

// check is the error of reading what is not allowed.
func (r *reading) check(name string) error {
	if r.isAllowed(name) {
		return nil
	}
	return &RestrictedError{Path: path.Clean(name), Pure: r.pure}
}

// RestrictedError means that an evaluation may not read a file or fetch from a
// URL.
type RestrictedError struct {
	Path string // of the file; "" for a URL
	URI  string // "" for a file
	Pure bool   // pure evaluation forbids it, and not restricted evaluation alone
}

func (e *RestrictedError) Error() string {
	switch {
	case e.URI != "":
		return "access to URI '" + e.URI + "' is forbidden in restricted mode"
	case e.Pure:
		return "access to absolute path '" + e.Path + "' is forbidden in pure evaluation mode (use '--impure' to override)"
	}
	return "access to absolute path '" + e.Path + "' is forbidden in restricted mode"
}

// restricted says whether err denies access that an evaluation must not have.
func restricted(err error) bool {
	var e *RestrictedError
	return errors.As(err, &e)
}

// ReadFile implements Inputs.
func (r *reading) ReadFile(name string) ([]byte, error) {
	if err := r.check(name); err != nil {
		return nil, err
	}
	if m, rest := r.mounted(name); m != nil {
		return m.ReadFile(rest)
	}
	return r.Inputs.ReadFile(name)
}

// ReadDir implements Inputs. A directory that only leads to what is allowed has
// only that.
func (r *reading) ReadDir(name string) ([]fs.DirEntry, error) {
	if err := r.check(name); err != nil {
		return nil, err
	}
	if m, rest := r.mounted(name); m != nil {
		return m.ReadDir(rest)
	}
	entries, err := r.Inputs.ReadDir(name)
	if err != nil || !r.limited {
		return entries, err
	}
	return slices.DeleteFunc(slices.Clone(entries), func(e fs.DirEntry) bool {
		return !r.isAllowed(path.Join(name, e.Name()))
	}), nil
}

// Lstat implements Inputs.
func (r *reading) Lstat(name string) (fs.FileInfo, error) {
	if err := r.check(name); err != nil {
		return nil, err
	}
	if m, rest := r.mounted(name); m != nil {
		return m.Lstat(rest)
	}
	return r.Inputs.Lstat(name)
}

// Readlink implements Inputs.
func (r *reading) Readlink(name string) (string, error) {
	if err := r.check(name); err != nil {
		return "", err
	}
	if m, rest := r.mounted(name); m != nil {
		return m.Readlink(rest)
	}
	return r.Inputs.Readlink(name)
}

// allow lets the evaluation read what it put into the store.
func (w *worker) allow(p store.Path) {
	if r, ok := w.inputs.(*reading); ok && r.limited {
		r.mu.Lock()
		r.add(string(p))
		r.mu.Unlock()
	}
}

// allowOutputs lets the evaluation read what it has built, with all that it
// refers to.
func (w *worker) allowOutputs(context Context) error {
	r, ok := w.inputs.(*reading)
	if !ok || !r.limited {
		return nil
	}
	for _, e := range context {
		if e.Output() == "" {
			continue
		}
		outputs, err := w.store.Outputs(w.ctx, e.Path())
		if err != nil {
			return err
		}
		// An output of which the path is not known before it is built cannot be
		// read by that.
		if out, ok := outputs[e.Output()]; ok && out.Path != "" {
			r.allowPath(string(out.Path))
		}
	}
	return nil
}

// checkURI says whether restricted evaluation may download from a URL.
func (w *worker) checkURI(uri string) error {
	if !w.options.Restrict {
		return nil
	}
	// What is fetched is the URL without "..": that has to be allowed too.
	if isAllowedURI(uri, w.options.AllowedURIs) && isAllowedURI(withoutDots(uri), w.options.AllowedURIs) {
		return nil
	}
	if r, ok := w.inputs.(*reading); ok {
		if name, isFile := localPath(uri); isFile {
			real, err := resolve(r, name, true)
			if err != nil {
				real = name
			}
			if err := r.check(real); err != nil {
				return w.readError(err, noPos, real)
			}
			return nil
		}
	}
	return w.readError(&RestrictedError{URI: uri}, noPos, uri)
}

func withoutDots(uri string) string {
	u, err := url.Parse(uri)
	if err != nil || !strings.Contains(uri, "..") && !strings.Contains(uri, "%2") {
		return uri
	}
	return u.ResolveReference(u).String()
}

// localPath is the file that a URI names, if it is one of this machine.
func localPath(uri string) (string, bool) {
	if filepath.IsAbs(uri) {
		return path.Clean(uri), true
	}
	u, err := url.Parse(uri)
	if err != nil || u.Scheme != "file" || !path.IsAbs(u.Path) {
		return "", false
	}
	return path.Clean(u.Path), true
}

// isAllowedURI says whether uri is one of the prefixes, or continues one after a
// slash: https://github.com does not allow https://github.community. A scheme
// with its colon allows all of the scheme.
func isAllowedURI(uri string, prefixes []string) bool {
	return slices.ContainsFunc(prefixes, func(prefix string) bool {
		rest, ok := strings.CutPrefix(uri, prefix)
		switch {
		case !ok || prefix == "":
			return false
		case rest == "" || rest[0] == '/' || strings.HasSuffix(prefix, "/"):
			return true
		}
		return isScheme(prefix)
	})
}

// isScheme says whether s is the beginning of a URI, such as https:.
func isScheme(s string) bool {
	name, ok := strings.CutSuffix(s, ":")
	if !ok || name == "" || name[0] < 'a' || name[0] > 'z' {
		return false
	}
	return strings.Trim(name, "abcdefghijklmnopqrstuvwxyz0123456789+.-") == ""
}
