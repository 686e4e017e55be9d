package eval

import (
	"io/fs"
	"os"
	"syscall"

	"luminousnix/nix/store"
)

// mount is a store object that the evaluation can read although the store does
// not have it, as when nothing is to be written: a *tarball.Tree or a file. Names
// are relative to it, "" for itself.
type mount interface {
	ReadFile(name string) ([]byte, error)
	ReadDir(name string) ([]fs.DirEntry, error)
	Lstat(name string) (fs.FileInfo, error)
	Readlink(name string) (string, error)
}

// mounted returns the store object that a path is in, if it is one of those, and
// the path in it.
func (r *reading) mounted(name string) (m mount, rest string) {
	if !r.mounting.Load() {
		return nil, "" // in most evaluations nothing ever is
	}
	p, rest, err := r.dir.Split(name)
	if err != nil {
		return nil, ""
	}
	r.mu.RLock()
	defer r.mu.RUnlock()
	return r.mounts[p], rest
}

// mount lets the evaluation read m as p, if the store does not have it. It says
// whether m is in use now.
func (w *worker) mount(p store.Path, m mount) (bool, error) {
	r, ok := w.inputs.(*reading)
	if !ok {
		return false, nil
	}
	valid, err := w.store.IsValid(w.ctx, p)
	if err != nil || valid {
		return false, err
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.mounts[p] != nil {
		return false, nil // the same, by another name
	}
	r.mounts[p] = m
	r.mounting.Store(true)
	return true, nil
}

// mountedFile is a store object that is a single file, which lies elsewhere.
type mountedFile string

func (f mountedFile) ReadFile(name string) ([]byte, error) {
	if name != "" {
		return nil, &fs.PathError{Op: "read", Path: name, Err: syscall.ENOTDIR}
	}
	return os.ReadFile(string(f))
}

func (f mountedFile) ReadDir(name string) ([]fs.DirEntry, error) {
	return nil, &fs.PathError{Op: "readdir", Path: name, Err: syscall.ENOTDIR}
}

func (f mountedFile) Lstat(name string) (fs.FileInfo, error) {
	if name != "" {
		return nil, &fs.PathError{Op: "lstat", Path: name, Err: syscall.ENOTDIR}
	}
	info, err := os.Stat(string(f))
	if err != nil {
		return nil, err
	}
	return fileInfo{info}, nil
}

func (f mountedFile) Readlink(name string) (string, error) {
	return "", &fs.PathError{Op: "readlink", Path: name, Err: syscall.EINVAL}
}

// fileInfo is that of a file of the store, which is not executable.
type fileInfo struct{ fs.FileInfo }

func (fileInfo) Mode() fs.FileMode { return 0o444 }
