// Package tarball reads archives of source trees, as Nix's fetchTarball does: tar
// files, compressed or not, and zip files.
//
// Read indexes an archive in memory and copies the content of its files to one
// nameless temporary file. Nothing is unpacked: an archive's names and links
// never meet the file system, so none of them can lead out of the tree. A Tree
// is then written as a Nix archive, or its files are read one by one.
//
// A tree has what a store object has: files, executable or not, symbolic links,
// which may point to anywhere, and directories. Of a name that is there twice
// the later one counts. A hard link is the file itself. If all is in a single
// directory, that directory is the tree.
package tarball

import (
	"archive/tar"
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
)

// Options are limits for an archive. The zero value takes what the largest source
// trees need, and no more.
type Options struct {
	// TempDir is where the content lies while the tree is open; os.TempDir() if
	// empty.
	TempDir string
	// MaxEntries is how many files, links and directories there may be; 2,000,000
	// if 0.
	MaxEntries int
	// MaxBytes is how large the content of all files together may be; 32 GiB if 0.
	MaxBytes int64
}

func (o Options) withDefaults() Options {
	if o.MaxEntries == 0 {
		o.MaxEntries = 2_000_000
	}
	if o.MaxBytes == 0 {
		o.MaxBytes = 32 << 30
	}
	return o
}

// FormatError means that a file is no archive, or a damaged one.
type FormatError struct {
	Why string
	Err error // what a decompressor said, or nil
}

func (e *FormatError) Error() string {
	if e.Err != nil {
		return fmt.Sprintf("not a valid archive: %s: %v", e.Why, e.Err)
	}
	return "not a valid archive: " + e.Why
}

func (e *FormatError) Unwrap() error { return e.Err }

// CompressionError means that an archive is compressed in a way that cannot be
// read.
type CompressionError struct {
	Name string // such as xz
}

func (e *CompressionError) Error() string {
	return fmt.Sprintf("archives that are compressed with %s cannot be read", e.Name)
}

// EntryError means that an entry cannot be part of a tree.
type EntryError struct {
	Name string // as in the archive
	Why  string
}

func (e *EntryError) Error() string { return fmt.Sprintf("archive member %q %s", e.Name, e.Why) }

// LimitError means that an archive has more than it may.
type LimitError struct {
	What string // "members" or "bytes"
	Max  int64
}

func (e *LimitError) Error() string {
	return fmt.Sprintf("the archive has more than %d %s", e.Max, e.What)
}

// Open is Read of a file.
func Open(ctx context.Context, file string, options Options) (*Tree, error) {
	f, err := os.Open(file)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return Read(ctx, f, options)
}

// Read reads an archive of whatever format it turns out to be. The tree does not
// need the file any more, and has to be closed. Errors are a *FormatError,
// *CompressionError, *EntryError or *LimitError, or ctx's, or one of reading or
// writing.
func Read(ctx context.Context, file *os.File, options Options) (*Tree, error) {
	b, err := newBuilder(ctx, options.withDefaults())
	if err != nil {
		return nil, err
	}
	if err := b.read(file); err != nil {
		b.spool.Close()
		if ctx.Err() != nil {
			return nil, ctx.Err()
		}
		return nil, err
	}
	return b.tree(), nil
}

func (b *builder) read(file *os.File) error {
	in := bufio.NewReaderSize(contextReader{b.ctx, file}, bufferSize)
	kind, err := detect(in)
	if err != nil {
		return err
	}
	if kind == zipped {
		err = b.readZip(file)
	} else {
		err = b.readCompressedTar(in, kind)
	}
	if err != nil {
		return err
	}
	return b.out.Flush()
}

func (b *builder) readCompressedTar(in io.Reader, kind compression) error {
	content, closeReader, err := decompress(in, kind)
	if err != nil {
		return err
	}
	defer closeReader()
	return b.readTar(content)
}

// readTar adds what is in a tar file.
func (b *builder) readTar(in io.Reader) error {
	r := tar.NewReader(in)
	for {
		h, err := r.Next()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return readError(err, "tar")
		}
		if err := b.addHeader(h, r); err != nil {
			return err
		}
	}
}

func (b *builder) addHeader(h *tar.Header, content io.Reader) error {
	switch h.Typeflag {
	case tar.TypeXGlobalHeader:
		return nil // a comment, such as git's with the commit
	case tar.TypeDir:
		return b.add(h.Name, &node{kind: fs.ModeDir})
	case tar.TypeSymlink:
		return b.add(h.Name, &node{kind: fs.ModeSymlink, target: h.Linkname})
	case tar.TypeLink:
		return b.addHardLink(h.Name, h.Linkname)
	case tar.TypeReg, tar.TypeCont, tar.TypeGNUSparse:
		return b.addFile(h.Name, h.Mode&0o100 != 0, content)
	}
	return &EntryError{h.Name, "is neither a file, a link nor a directory"}
}

// readError tells an archive that is damaged from one that cannot be read.
func readError(err error, format string) error {
	var path *fs.PathError
	if errors.As(err, &path) || errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) {
		return err
	}
	if errors.Is(err, io.EOF) {
		err = io.ErrUnexpectedEOF
	}
	return &FormatError{format, err}
}

// contextReader fails when its context has ended.
type contextReader struct {
	ctx context.Context
	io.Reader
}

func (r contextReader) Read(p []byte) (int, error) {
	if err := r.ctx.Err(); err != nil {
		return 0, err
	}
	return r.Reader.Read(p)
}
