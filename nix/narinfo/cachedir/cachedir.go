// Package cachedir keeps a binary cache in a directory, as Nix's stores of the
// form file://DIRECTORY do, from where a web server can serve it.
//
// The directory has nix-cache-info, a .narinfo for each store path and the
// archives below nar, named after their content. Files appear whole or not at
// all, and a path's .narinfo only after its archive and those of its references:
// a cache that is being written can be read. A write that was cut off leaves at
// most files whose names begin with .tmp-, which may be deleted.
//
// What is read is checked against the hashes that the .narinfo tells; whether
// that is to be believed is for [narinfo.Verify].
package cachedir

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"iter"
	"os"
	"strings"
	"syscall"

	"luminousnix/nix/narinfo"
	"luminousnix/nix/store"
)

// archives is the directory of archives within a cache.
const archives = "nar"

// ErrNoStoreDir is the error of opening a cache that does not tell whose store's
// paths it has.
var ErrNoStoreDir = errors.New("it does not tell its store directory")

// StoreDirError means that a cache has paths of another store directory.
type StoreDirError struct{ Want, Got store.Dir }

func (e *StoreDirError) Error() string {
	return fmt.Sprintf("the cache is for the store directory %s, not %s", e.Got, e.Want)
}

// CompressionError means that an archive is compressed in a way that this
// package does not know.
type CompressionError struct{ Compression narinfo.Compression }

func (e *CompressionError) Error() string {
	return fmt.Sprintf("archives compressed with %q cannot be used here", string(e.Compression))
}

// MismatchError means that an archive is not what its path's info says.
type MismatchError struct {
	Path      store.Path
	Field     string // NarHash, NarSize, FileHash or FileSize
	Want, Got string // in words where an archive is too long to be read to its end
}

func (e *MismatchError) Error() string {
	return fmt.Sprintf("the archive of %s has another %s than its info says: %s, not %s", e.Path, e.Field, e.Got, e.Want)
}

// Cache is a binary cache in a directory. Its methods may be called from several
// goroutines, and several processes may have the same cache open.
type Cache struct {
	root *os.Root
	info narinfo.CacheInfo
}

// Open opens the cache in the directory. Its error is ErrNoStoreDir, a
// *narinfo.ParseError, or the file system's.
func Open(directory string) (*Cache, error) {
	root, err := os.OpenRoot(directory)
	if err != nil {
		return nil, fmt.Errorf("opening the binary cache: %w", err)
	}
	c := &Cache{root: root}
	if err := c.readInfo(); err != nil {
		root.Close()
		return nil, fmt.Errorf("opening the binary cache %s: %w", directory, err)
	}
	return c, nil
}

// Create opens the cache in the directory and makes it with the info if there is
// none. Its errors are those of Open, a *narinfo.FieldError of info, and a
// *StoreDirError if the cache that is there is for another store directory.
func Create(directory string, info narinfo.CacheInfo) (*Cache, error) {
	text, err := info.MarshalText()
	if err == nil && info.StoreDir == "" {
		err = ErrNoStoreDir
	}
	if err == nil {
		err = os.MkdirAll(directory, 0o777)
	}
	if err != nil {
		return nil, fmt.Errorf("making the binary cache %s: %w", directory, err)
	}
	root, err := os.OpenRoot(directory)
	if err != nil {
		return nil, fmt.Errorf("making the binary cache: %w", err)
	}
	c := &Cache{root: root}
	if err := c.create(text, info.StoreDir); err != nil {
		root.Close()
		return nil, fmt.Errorf("making the binary cache %s: %w", directory, err)
	}
	return c, nil
}

func (c *Cache) create(text []byte, dir store.Dir) error {
	if err := c.root.Mkdir(archives, 0o777); err != nil && !errors.Is(err, fs.ErrExist) {
		return err
	}
	err := c.readInfo()
	if errors.Is(err, fs.ErrNotExist) {
		if err := c.write(".", narinfo.CacheInfoName, text); err != nil {
			return err
		}
		err = c.readInfo()
	}
	if err == nil && c.info.StoreDir != dir {
		err = &StoreDirError{Want: dir, Got: c.info.StoreDir}
	}
	return err
}

func (c *Cache) readInfo() error {
	f, err := c.open(narinfo.CacheInfoName)
	if err != nil {
		return err
	}
	defer f.Close()
	text, err := io.ReadAll(io.LimitReader(f, narinfo.MaxCacheInfoSize+1))
	if err != nil {
		return err
	}
	info, err := narinfo.ParseCacheInfo(text)
	if err != nil {
		return err
	}
	if info.StoreDir == "" {
		return ErrNoStoreDir
	}
	c.info = *info
	return nil
}

// Close closes the directory. Archives that are being read stay open.
func (c *Cache) Close() error { return c.root.Close() }

// Info returns what the cache says of itself.
func (c *Cache) Info() narinfo.CacheInfo { return c.info }

// Get returns what the cache says of the path. Its error is a
// *store.NotValidError if it has no such path, a *narinfo.ParseError or the file
// system's.
func (c *Cache) Get(p store.Path) (*narinfo.NarInfo, error) {
	if _, err := c.info.StoreDir.Parse(string(p)); err != nil {
		return nil, err
	}
	info, err := c.read(narinfo.FileName(p))
	if errors.Is(err, fs.ErrNotExist) || err == nil && info.Path != p {
		return nil, &store.NotValidError{Path: p}
	}
	return info, err
}

// All yields what the cache says of all its paths, in no order. For a text that
// cannot be read it yields an error with the text's name, and goes on.
func (c *Cache) All() iter.Seq2[*narinfo.NarInfo, error] {
	return func(yield func(*narinfo.NarInfo, error) bool) {
		directory, err := c.root.Open(".")
		if err != nil {
			yield(nil, err)
			return
		}
		defer directory.Close()
		for {
			entries, err := directory.ReadDir(1024)
			for _, entry := range entries {
				name := entry.Name()
				if !strings.HasSuffix(name, ".narinfo") || strings.HasPrefix(name, ".") {
					continue
				}
				if !yield(c.read(name)) {
					return
				}
			}
			if err == io.EOF {
				return
			}
			if err != nil {
				yield(nil, err)
				return
			}
		}
	}
}

func (c *Cache) read(name string) (*narinfo.NarInfo, error) {
	f, err := c.open(name)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	info, err := narinfo.Read(c.info.StoreDir, f)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	return info, nil
}

// open opens a regular file for reading; a named pipe would never open.
func (c *Cache) open(name string) (*os.File, error) {
	f, err := c.root.OpenFile(name, os.O_RDONLY|syscall.O_NONBLOCK, 0)
	if err != nil {
		return nil, err
	}
	stat, err := f.Stat()
	if err == nil && !stat.Mode().IsRegular() {
		err = &fs.PathError{Op: "open", Path: name, Err: errors.New("not a regular file")}
	}
	if err != nil {
		f.Close()
		return nil, err
	}
	return f, nil
}
