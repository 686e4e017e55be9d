package eval

import (
	"errors"
	"io/fs"
	"path/filepath"
	"strings"

	"luminousnix/nix/syntax"
)

// importFile evaluates a file of Nix, once for each evaluator.
func (w *worker) importFile(path string) (Value, error) {
	file, err := w.expressionFile(path)
	if err != nil {
		return Value{}, err
	}
	w.mu.Lock()
	t := w.imports[file]
	if t == nil {
		t = nativeThunk(func(w *worker) (Value, error) { return w.evalImported(file) })
		w.imports[file] = t
	}
	w.mu.Unlock()
	return w.force(t, noPos)
}

func (w *worker) evalImported(file string) (Value, error) {
	v, err := w.evalPath(file, w.globals.scope, w.globals.env)
	if err != nil {
		var e *Error
		if errors.As(err, &e) && (e.Kind == KindParse || e.Kind == KindUndefined && e.trace == nil && e.static) {
			return Value{}, err
		}
		return Value{}, w.tracef(err, noPos, "while evaluating the file '%s':", file)
	}
	return v, nil
}

// evalPath reads, compiles and evaluates a file in a scope.
func (w *worker) evalPath(file string, s *scope, env *Env) (Value, error) {
	text, err := w.readSource(file)
	if err != nil {
		return Value{}, err
	}
	n, err := w.parse(file, file, text, filepath.Dir(file), s)
	if err != nil {
		return Value{}, err
	}
	return n.eval(w, env)
}

// parse compiles the text of a file, or of an expression from elsewhere if path is
// empty. name is what positions show.
func (ev *Evaluator) parse(name, path string, text []byte, dir string, s *scope) (node, error) {
	arena := ev.arenas.Get().(*syntax.Arena)
	defer ev.arenas.Put(arena)
	options := syntax.ParseOptions{PipeOperators: ev.feature("pipe-operators"), Arena: arena}
	file, err := syntax.Parse(name, text, options)
	if err != nil {
		return nil, ev.parseError(err, path)
	}
	return ev.compile(ev.positions.add(file, path), dir, s)
}

// parseError makes an error of this package of one of the parser's.
func (ev *Evaluator) parseError(err error, path string) error {
	var at *syntax.Error
	if !errors.As(err, &at) {
		return &Error{Kind: KindParse, Message: err.Error(), positions: ev.positions, cause: err}
	}
	src := ev.positions.add(at.File, path)
	return &Error{Kind: KindParse, Message: at.Message, pos: src.at(at.Start), positions: ev.positions, cause: err}
}

// expressionFile follows path, if it is a symbolic link, to the file itself, and
// from a directory to its default.nix.
func (w *worker) expressionFile(path string) (string, error) {
	if _, ok := internalFile(path); ok {
		return path, nil
	}
	const maxLinks = 1024
	for range maxLinks {
		real, err := resolve(w.inputs, path, false)
		if err != nil {
			return "", w.fileError(err)
		}
		info, err := w.stat(real, path)
		if err != nil {
			return "", err
		}
		if info.Mode()&fs.ModeSymlink == 0 {
			if info.IsDir() {
				return filepath.Join(path, "default.nix"), nil
			}
			return path, nil
		}
		target, err := w.inputs.Readlink(real)
		if err != nil {
			return "", w.fileError(err)
		}
		if !filepath.IsAbs(target) {
			target = filepath.Join(filepath.Dir(path), target)
		}
		path = filepath.Clean(target)
	}
	return "", w.fail(KindFile, noPos, "too many symbolic links encountered while traversing the path '%s'", path)
}

// stat is Lstat of a path without symbolic links on the way. shown is the path
// that errors show.
func (w *worker) stat(path, shown string) (fs.FileInfo, error) {
	info, err := w.inputs.Lstat(path)
	if errors.Is(err, fs.ErrNotExist) || err != nil && strings.HasSuffix(err.Error(), "not a directory") {
		e := w.fail(KindFile, noPos, "path '%s' does not exist", shown)
		e.cause = err
		return nil, e
	}
	if err != nil {
		return nil, w.fileError(err)
	}
	return info, nil
}

// readSource reads a file.
func (w *worker) readSource(path string) ([]byte, error) {
	if text, ok := internalFile(path); ok {
		return []byte(text), nil
	}
	real, err := resolve(w.inputs, path, true)
	if err != nil {
		return nil, w.fileError(err)
	}
	text, err := w.inputs.ReadFile(real)
	if err == nil {
		return text, nil
	}
	if _, err := w.stat(real, path); err != nil {
		return nil, err // which says it better
	}
	return nil, w.fileError(err)
}

// fileError is the error of a file that cannot be read.
func (w *worker) fileError(err error) error {
	e := w.fail(KindFile, noPos, "%v", err)
	if restricted(err) {
		e.Kind = KindRestricted
	}
	e.cause = err
	return e
}
