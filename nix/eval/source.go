package eval

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path"
	"strings"
	"sync"
	"syscall"

	"luminousnix/nix/derivation"
	"luminousnix/nix/eval/internal/regex"
	"luminousnix/nix/nar"
	"luminousnix/nix/store"
)

// made is what an Evaluator remembers of what it put into the store, and of
// patterns. The zero value is empty.
type made struct {
	regexes regex.Cache

	fetches  onceEach[download, store.Path]
	searches onceEach[string, foundEntry] // by the path of the entry

	mu      sync.Mutex
	sources map[string]store.Path // copies of paths
	hasher  *derivation.Hasher
}

// copyPath adds the file or directory to the store, as a path in a string does.
// A path is read once, however often it is used.
func (w *worker) copyPath(source string) (store.Path, error) {
	if strings.HasSuffix(source, derivation.Extension) {
		return "", w.fail(KindEval, noPos, "file names are not allowed to end in '.drv'")
	}
	w.made.mu.Lock()
	p, ok := w.made.sources[source]
	w.made.mu.Unlock()
	if ok {
		return p, nil
	}

	p, err := w.addTree(path.Base(source), source, nil)
	if err != nil {
		return "", err
	}
	w.allow(p)
	w.made.mu.Lock()
	defer w.made.mu.Unlock()
	if w.made.sources == nil {
		w.made.sources = make(map[string]store.Path)
	}
	w.made.sources[source] = p
	return p, nil
}

// addTree adds what is at source, without the entries for which keep is false.
// keep may be nil.
func (w *worker) addTree(name, source string, keep keepFunc) (store.Path, error) {
	real, err := resolve(w.inputs, source, false)
	if err != nil {
		return "", w.readError(err, noPos, source)
	}
	if _, err := w.inputs.Lstat(real); err != nil {
		return "", w.readError(err, noPos, source)
	}
	// A store writes the archive twice if it has to add it. The second time it may
	// be busy with that, while a filter needs it for what it evaluates: so the
	// filter is asked only the first time.
	kept := filtered{keep: keep}
	p, err := w.store.AddSource(w.ctx, name, func(out io.Writer) error {
		archive := nar.NewWriter(out)
		if err := w.packEntry(archive, real, "", kept.filter()); err != nil {
			return err
		}
		if err := archive.Close(); err != nil {
			return err
		}
		kept.complete = true
		return nil
	})
	return p, w.storeError(err, name)
}

// filtered is what a filter answered about the entries of a tree.
type filtered struct {
	keep     keepFunc // nil without a filter
	answers  map[string]bool
	complete bool // all entries that there are have an answer
}

func (f *filtered) filter() keepFunc {
	if f.keep == nil {
		return nil
	}
	if f.answers == nil {
		f.answers = make(map[string]bool)
	}
	return f.ask
}

func (f *filtered) ask(file string, kind fs.FileMode) (bool, error) {
	answer, known := f.answers[file]
	switch {
	case known:
		return answer, nil
	case f.complete:
		return false, fmt.Errorf("'%s' has come into being while its directory was copied to the store", file)
	}
	answer, err := f.keep(file, kind)
	if err == nil {
		f.answers[file] = answer
	}
	return answer, err
}

// addFile adds the content of a single file.
func (w *worker) addFile(name, source string) (store.Path, error) {
	real, err := resolve(w.inputs, source, false)
	if err != nil {
		return "", w.readError(err, noPos, source)
	}
	content, err := w.inputs.ReadFile(real)
	if err != nil {
		return "", w.readError(err, noPos, source)
	}
	p, err := w.store.AddFile(w.ctx, name, content)
	return p, w.storeError(err, name)
}

// keepFunc says whether the entry at a path, of the type of a directory entry,
// belongs to a source.
type keepFunc func(path string, kind fs.FileMode) (bool, error)

// packEntry writes the entry at source, which is called name in the archive.
func (w *worker) packEntry(archive *nar.Writer, source, name string, keep keepFunc) error {
	info, err := w.inputs.Lstat(source)
	if err != nil {
		return w.readError(err, noPos, source)
	}
	switch info.Mode().Type() {
	case fs.ModeSymlink:
		target, err := w.inputs.Readlink(source)
		if err != nil {
			return w.readError(err, noPos, source)
		}
		return archive.WriteHeader(&nar.Header{Path: name, Type: nar.Symlink, Target: target})
	case fs.ModeDir:
		return w.packDir(archive, source, name, keep)
	case 0:
		content, err := w.inputs.ReadFile(source)
		if err != nil {
			return w.readError(err, noPos, source)
		}
		header := &nar.Header{
			Path: name, Type: nar.Regular,
			Size: int64(len(content)), Executable: info.Mode()&0o100 != 0,
		}
		if err := archive.WriteHeader(header); err != nil {
			return err
		}
		_, err = archive.Write(content)
		return err
	}
	return w.fail(KindFile, noPos, "file '%s' has an unsupported type", source)
}

func (w *worker) packDir(archive *nar.Writer, source, name string, keep keepFunc) error {
	if err := archive.WriteHeader(&nar.Header{Path: name, Type: nar.Directory}); err != nil {
		return err
	}
	entries, err := w.inputs.ReadDir(source)
	if err != nil {
		return w.readError(err, noPos, source)
	}
	for _, entry := range entries {
		below := path.Join(source, entry.Name())
		if keep != nil {
			kept, err := keep(below, entry.Type())
			if err != nil {
				return err
			}
			if !kept {
				continue
			}
		}
		if err := w.packEntry(archive, below, path.Join(name, entry.Name()), keep); err != nil {
			return err
		}
	}
	return nil
}

// readError is the error of a file or directory that cannot be read.
func (w *worker) readError(err error, pos Pos, file string) error {
	var e *Error
	if errors.As(err, &e) {
		return err // of an Inputs that has its own words
	}
	var failure *Error
	switch {
	case restricted(err):
		failure = w.fail(KindRestricted, pos, "%v", err)
	case errors.Is(err, fs.ErrNotExist):
		failure = w.fail(KindFile, pos, "path '%s' does not exist", file)
	case errors.Is(err, syscall.ENOTDIR):
		failure = w.fail(KindFile, pos, "'%s' is not a directory", file)
	default:
		failure = w.fail(KindFile, pos, "cannot read '%s': %v", file, underlying(err))
	}
	failure.cause = err
	return failure
}

// underlying is the error without the operation and path that package fs adds.
func underlying(err error) error {
	var e *fs.PathError
	if errors.As(err, &e) {
		return e.Err
	}
	return err
}

// storeError gives an error of the store the form of others.
func (w *worker) storeError(err error, name string) error {
	if err == nil {
		return nil
	}
	var e *Error
	if errors.As(err, &e) {
		return err
	}
	var invalid *store.MakeError
	failure := w.fail(KindEval, noPos, "%v", err)
	if errors.As(err, &invalid) {
		failure.Message = "store path name '" + name + "' is not valid: " + invalid.Why
		if err := checkName(name); err != nil {
			failure.Message = err.Error()
		}
	}
	failure.cause = err
	return failure
}

// realisePath evaluates t to a path that can be read: what it depends on is
// built, and symbolic links in it are followed.
func (w *worker) realisePath(t *Thunk, pos Pos, why string) (string, error) {
	path, err := w.realiseParents(t, pos, why)
	if err != nil {
		return "", err
	}
	real, err := resolve(w.inputs, path, true)
	if err != nil {
		return "", w.readError(err, pos, path)
	}
	return real, nil
}

// realiseParents is realisePath, but a link at the path itself stays.
func (w *worker) realiseParents(t *Thunk, pos Pos, why string) (string, error) {
	if why == "" {
		why = "while realising the context of a path"
	}
	path, context, err := w.coerceToPath(t, pos, why)
	if err != nil {
		return "", err
	}
	if err := w.realise(context, pos); err != nil {
		return "", err
	}
	real, err := resolve(w.inputs, path, false)
	if err != nil {
		return "", w.readError(err, pos, path)
	}
	return real, nil
}

// realise makes what a context names exist.
func (w *worker) realise(context Context, pos Pos) error {
	if len(context) == 0 {
		return nil
	}
	err := w.store.Realise(w.ctx, context)
	if err == nil {
		err = w.allowOutputs(context)
	}
	if err == nil {
		return nil
	}
	failure := w.fail(KindEval, pos, "%v", err)
	failure.cause = err
	return failure
}

// warn prints a warning.
func (w *worker) warn(text string) {
	fmt.Fprintln(w.options.Stderr, "warning: "+text)
}
