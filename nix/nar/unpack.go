package nar

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
)

// Unpack makes the tree of the archive in r at path, which must not exist while
// its parent must. Nothing is made outside of path, whatever the archive says:
// each file is made anew, by its name alone, in a directory that Unpack itself
// has made and holds open, and links are made but never followed.
//
// Modes are 0666, or 0777 for directories and executable files, less the umask.
// One file descriptor is held for each level of directories.
//
// Unpack takes no byte of r beyond the archive; give it a bufio.Reader. Its error
// is an [*Error] if the archive is wrong, and the file system's otherwise; what
// was made until then stays.
func Unpack(r io.Reader, path string) error {
	parent, err := os.OpenRoot(filepath.Dir(path))
	if err != nil {
		return fmt.Errorf("nar: %w", err)
	}
	u := unpacker{in: NewReader(r), open: []openDirectory{{root: parent}}, buf: make([]byte, copySize)}
	defer u.closeAll()
	for {
		h, err := u.in.Next()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		if err := u.entry(h, filepath.Base(path)); err != nil {
			return err
		}
	}
}

type openDirectory struct {
	root *os.Root
	path string // in the archive
}

// unpacker holds open the directories from the parent of the tree down to the
// present one.
type unpacker struct {
	in   *Reader
	open []openDirectory
	buf  []byte
}

func (u *unpacker) closeAll() {
	for _, d := range u.open {
		d.root.Close()
	}
}

// entry makes one file. The name is the root's; others have their own.
func (u *unpacker) entry(h *Header, name string) error {
	if h.Path != "" {
		parent, base := splitPath(h.Path)
		for len(u.open) > 2 && u.open[len(u.open)-1].path != parent {
			u.open[len(u.open)-1].root.Close()
			u.open = u.open[:len(u.open)-1]
		}
		name = base
	}
	if err := u.create(h, u.open[len(u.open)-1].root, name); err != nil {
		var wrong *Error
		if errors.As(err, &wrong) {
			return err
		}
		return fmt.Errorf("nar: entry %q: %w", h.Path, err)
	}
	return nil
}

func (u *unpacker) create(h *Header, in *os.Root, name string) error {
	switch h.Type {
	case Directory:
		if err := in.Mkdir(name, 0o777); err != nil {
			return err
		}
		made, err := in.OpenRoot(name)
		if err != nil {
			return err
		}
		u.open = append(u.open, openDirectory{made, h.Path})
		return nil
	case Symlink:
		return in.Symlink(h.Target, name)
	default:
		return u.regular(h, in, name)
	}
}

func (u *unpacker) regular(h *Header, in *os.Root, name string) (err error) {
	mode := os.FileMode(0o666)
	if h.Executable {
		mode = 0o777
	}
	f, err := in.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, mode)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	for {
		n, readErr := u.in.Read(u.buf)
		if _, err := f.Write(u.buf[:n]); err != nil {
			return err
		}
		if errors.Is(readErr, io.EOF) {
			return nil
		}
		if readErr != nil {
			return readErr
		}
	}
}
