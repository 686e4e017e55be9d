package nar

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"

	"luminousnix/nix/store"
)

// ErrType is the error of packing a device, a socket or a named pipe.
var ErrType = errors.New("neither a regular file, a directory nor a symbolic link")

// ErrChanged is the error of packing a file that changes at the same time.
var ErrChanged = errors.New("the file changed while it was read")

// Pack writes the archive of the tree at path to w. A symbolic link at path is
// packed as such. A file is executable if its owner may execute it. The file
// system's errors are [*fs.PathError] as usual, also with [ErrType] and
// [ErrChanged] in them; names that an archive cannot have are a [*HeaderError].
func Pack(w io.Writer, path string) error {
	p := packer{out: NewWriter(w), buf: make([]byte, copySize)}
	info, err := os.Lstat(path)
	if err != nil {
		return fmt.Errorf("nar: %w", err)
	}
	if err := p.pack(path, "", info); err != nil {
		return err
	}
	return p.out.Close()
}

// Hash returns the SHA-256 of the archive of the tree at path and the archive's
// size in bytes, which is what Nix calls narHash and narSize. Its errors are
// those of [Pack].
func Hash(path string) (narHash store.Hash, narSize int64, err error) {
	state := store.SHA256.New()
	out := hashAhead(state)
	err = Pack(out, path)
	out.finish()
	if err != nil {
		return store.Hash{}, 0, err
	}
	narHash, err = store.NewHash(store.SHA256, state.Sum(nil))
	return narHash, out.count, err
}

// copySize is the size of the pieces in which content is read: few system calls,
// and still in the cache when it is hashed.
const copySize = 256 << 10

type packer struct {
	out *Writer
	buf []byte
}

func (p *packer) pack(file, path string, info fs.FileInfo) error {
	switch mode := info.Mode(); mode.Type() {
	case 0:
		return p.regular(file, path, info)
	case fs.ModeDir:
		return p.directory(file, path)
	case fs.ModeSymlink:
		target, err := os.Readlink(file)
		if err != nil {
			return fmt.Errorf("nar: %w", err)
		}
		return p.out.WriteHeader(&Header{Path: path, Type: Symlink, Target: target})
	}
	return fmt.Errorf("nar: %w", &fs.PathError{Op: "pack", Path: file, Err: ErrType})
}

// directory recurses no deeper than the file system takes a path.
func (p *packer) directory(file, path string) error {
	if err := p.out.WriteHeader(&Header{Path: path, Type: Directory}); err != nil {
		return err
	}
	entries, err := os.ReadDir(file) // sorted by name
	if err != nil {
		return fmt.Errorf("nar: %w", err)
	}
	for _, entry := range entries {
		info, err := entry.Info()
		if err != nil {
			return fmt.Errorf("nar: %w", err)
		}
		below := entry.Name()
		if path != "" {
			below = path + "/" + below
		}
		if err := p.pack(filepath.Join(file, entry.Name()), below, info); err != nil {
			return err
		}
	}
	return nil
}

func (p *packer) regular(file, path string, info fs.FileInfo) error {
	// What was a file a moment ago may now be a link or a named pipe.
	f, err := os.OpenFile(file, os.O_RDONLY|syscall.O_NOFOLLOW|syscall.O_NONBLOCK, 0)
	if err != nil {
		return fmt.Errorf("nar: %w", err)
	}
	defer f.Close()
	opened, err := f.Stat()
	if err != nil {
		return fmt.Errorf("nar: %w", err)
	}
	if !os.SameFile(info, opened) || !opened.Mode().IsRegular() {
		return changed(file)
	}
	h := &Header{Path: path, Type: Regular, Executable: opened.Mode()&0o100 != 0, Size: opened.Size()}
	if err := p.out.WriteHeader(h); err != nil {
		return err
	}
	return p.content(f, h.Size)
}

// content reads to the end of f, also when size bytes were there: it may grow.
func (p *packer) content(f *os.File, size int64) error {
	for {
		n, err := f.Read(p.buf)
		if int64(n) > size {
			return changed(f.Name())
		}
		size -= int64(n)
		if _, err := p.out.Write(p.buf[:n]); err != nil {
			return err
		}
		switch {
		case errors.Is(err, io.EOF) && size > 0:
			return changed(f.Name())
		case errors.Is(err, io.EOF):
			return nil
		case err != nil:
			return fmt.Errorf("nar: %w", err)
		}
	}
}

func changed(file string) error {
	return fmt.Errorf("nar: %w", &fs.PathError{Op: "pack", Path: file, Err: ErrChanged})
}
