package tarball

import (
	"io"
	"io/fs"
	"maps"
	"os"
	"path"
	"slices"
	"syscall"
	"time"

	"luminousnix/nix/nar"
)

// Tree is the content of an archive. Its methods may be called by several
// goroutines, but none after Close. Names are relative to the tree, with slashes,
// "" for the tree itself. Symbolic links are not followed. Errors about names are
// *fs.PathError.
type Tree struct {
	root  *node
	spool *os.File
}

// Close gives back the disk space.
func (t *Tree) Close() error { return t.spool.Close() }

// WriteNAR writes the tree as a Nix archive.
func (t *Tree) WriteNAR(w io.Writer) error {
	archive := nar.NewWriter(w)
	if err := t.WriteEntry(archive, ""); err != nil {
		return err
	}
	return archive.Close()
}

// WriteEntry writes the tree as an entry of an archive, by its path in that.
func (t *Tree) WriteEntry(archive *nar.Writer, path string) error {
	return t.writeNode(archive, path, t.root, make([]byte, bufferSize))
}

func (t *Tree) writeNode(archive *nar.Writer, name string, n *node, buffer []byte) error {
	switch n.kind {
	case fs.ModeSymlink:
		return archive.WriteHeader(&nar.Header{Path: name, Type: nar.Symlink, Target: n.target})
	case fs.ModeDir:
		if err := archive.WriteHeader(&nar.Header{Path: name, Type: nar.Directory}); err != nil {
			return err
		}
		for _, child := range n.names() {
			if err := t.writeNode(archive, path.Join(name, child), n.children[child], buffer); err != nil {
				return err
			}
		}
		return nil
	}
	h := &nar.Header{Path: name, Type: nar.Regular, Size: n.size, Executable: n.executable}
	if err := archive.WriteHeader(h); err != nil {
		return err
	}
	_, err := io.CopyBuffer(archive, plainReader{t.content(n)}, buffer)
	return err
}

func (t *Tree) content(n *node) io.Reader { return io.NewSectionReader(t.spool, n.offset, n.size) }

func (n *node) names() []string { return slices.Sorted(maps.Keys(n.children)) }

// plainReader hides all methods but Read, so that copying uses its buffer.
type plainReader struct{ io.Reader }

// ReadFile returns the content of a file.
func (t *Tree) ReadFile(name string) ([]byte, error) {
	n, err := t.find("read", name)
	if err != nil {
		return nil, err
	}
	if n.kind != 0 {
		return nil, &fs.PathError{Op: "read", Path: name, Err: syscall.EISDIR}
	}
	content := make([]byte, n.size)
	_, err = io.ReadFull(t.content(n), content)
	return content, err
}

// ReadDir lists a directory, sorted by name.
func (t *Tree) ReadDir(name string) ([]fs.DirEntry, error) {
	n, err := t.find("readdir", name)
	if err != nil {
		return nil, err
	}
	if !n.kind.IsDir() {
		return nil, &fs.PathError{Op: "readdir", Path: name, Err: syscall.ENOTDIR}
	}
	names := n.names()
	entries := make([]fs.DirEntry, len(names))
	for i, child := range names {
		entries[i] = fs.FileInfoToDirEntry(info{child, n.children[child]})
	}
	return entries, nil
}

// Lstat says what is at a name. Modes are 0444, and 0555 for what is executable
// and directories.
func (t *Tree) Lstat(name string) (fs.FileInfo, error) {
	n, err := t.find("lstat", name)
	if err != nil {
		return nil, err
	}
	return info{path.Base(name), n}, nil
}

// Readlink returns the target of a symbolic link.
func (t *Tree) Readlink(name string) (string, error) {
	n, err := t.find("readlink", name)
	if err != nil {
		return "", err
	}
	if n.kind != fs.ModeSymlink {
		return "", &fs.PathError{Op: "readlink", Path: name, Err: syscall.EINVAL}
	}
	return n.target, nil
}

func (t *Tree) find(op, name string) (*node, error) {
	elements, err := split(name)
	if err != nil {
		return nil, &fs.PathError{Op: op, Path: name, Err: fs.ErrInvalid}
	}
	n := t.root
	for _, element := range elements {
		if !n.kind.IsDir() {
			return nil, &fs.PathError{Op: op, Path: name, Err: syscall.ENOTDIR}
		}
		if n = n.children[element]; n == nil {
			return nil, &fs.PathError{Op: op, Path: name, Err: fs.ErrNotExist}
		}
	}
	return n, nil
}

// info is what is known of a node.
type info struct {
	name string
	*node
}

func (i info) Name() string       { return i.name }
func (i info) Size() int64        { return i.size }
func (i info) ModTime() time.Time { return time.Unix(1, 0) } // as of all store objects
func (i info) IsDir() bool        { return i.kind.IsDir() }
func (i info) Sys() any           { return nil }

func (i info) Mode() fs.FileMode {
	switch {
	case i.kind == fs.ModeSymlink:
		return fs.ModeSymlink | 0o777
	case i.kind.IsDir() || i.executable:
		return i.kind | 0o555
	}
	return 0o444
}
