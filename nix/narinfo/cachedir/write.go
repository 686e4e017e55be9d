package cachedir

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"slices"
	"strconv"

	"luminousnix/nix/narinfo"
	"luminousnix/nix/store"
)

// PutOptions says how a path is put into a cache.
type PutOptions struct {
	// Compression is None, Zstd or Gzip; Zstd if it is empty.
	Compression narinfo.Compression
	// Keys sign the path, in addition to the signatures that it has.
	Keys []narinfo.SecretKey
}

// Put puts a path with its archive, not compressed, into the cache and returns
// what the cache now says of it. A path that is there already is replaced. The
// archive is taken in a stream, and is on the disk when Put returns. If the
// info's NarSize is 0, as in old databases, the archive's is taken.
//
// Its error is a *MismatchError when the archive is not what info says, a
// *store.NotValidError when the cache lacks a path that info refers to, a
// *CompressionError, a *narinfo.FieldError, narinfo.ErrNothingToSign, ctx's, or
// that of the archive's reader or the file system; the cache then has no part of
// the path.
func (c *Cache) Put(ctx context.Context, info *store.PathInfo, archive io.Reader, o PutOptions) (*narinfo.NarInfo, error) {
	added, err := c.put(ctx, info, archive, o)
	if err != nil {
		return nil, fmt.Errorf("adding %s to the binary cache: %w", info.Path, err)
	}
	return added, nil
}

func (c *Cache) put(ctx context.Context, info *store.PathInfo, archive io.Reader, o PutOptions) (*narinfo.NarInfo, error) {
	if err := c.checkPaths(info); err != nil {
		return nil, err
	}
	n := &narinfo.NarInfo{PathInfo: *info, Compression: o.Compression}
	if n.Compression == "" {
		n.Compression = narinfo.Zstd
	}
	if err := c.putArchive(n, &cancellable{ctx, archive}); err != nil {
		return nil, err
	}
	n.Signatures = slices.Clone(n.Signatures)
	for _, key := range o.Keys {
		signature, err := key.Sign(&n.PathInfo)
		if err != nil {
			return nil, err
		}
		n.Signatures = append(n.Signatures, signature)
	}
	text, err := n.MarshalText()
	if err != nil {
		return nil, err
	}
	added, err := narinfo.Parse(c.info.StoreDir, text) // as a later Get will
	if err != nil {
		return nil, err
	}
	return added, c.write(".", narinfo.FileName(n.Path), text)
}

// PutInfo writes only what the cache says of a path, for example with a further
// signature. Its error is a *narinfo.FieldError or the file system's.
func (c *Cache) PutInfo(info *narinfo.NarInfo) error {
	if _, err := c.info.StoreDir.Parse(string(info.Path)); err != nil {
		return err
	}
	text, err := info.MarshalText()
	if err != nil {
		return err
	}
	return c.write(".", narinfo.FileName(info.Path), text)
}

// checkPaths checks that the path is of this store and its references are here.
func (c *Cache) checkPaths(info *store.PathInfo) error {
	for _, p := range append([]store.Path{info.Path}, info.References...) {
		if _, err := c.info.StoreDir.Parse(string(p)); err != nil {
			return err
		}
		if p == info.Path {
			continue
		}
		_, err := c.root.Stat(narinfo.FileName(p))
		if errors.Is(err, fs.ErrNotExist) {
			return &store.NotValidError{Path: p}
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// putArchive writes the archive and sets what n says of its file.
func (c *Cache) putArchive(n *narinfo.NarInfo, archive io.Reader) error {
	f, err := c.newFile(archives)
	if err != nil {
		return err
	}
	defer f.discard()
	if err := f.compress(n, archive); err != nil {
		return err
	}
	n.URL = archives + "/" + n.FileHash.Nix32() + ".nar" + suffix(n.Compression)
	return f.commit(n.URL)
}

func (f *file) compress(n *narinfo.NarInfo, archive io.Reader) error {
	raw, nar := newTally(store.SHA256), newTally(store.SHA256)
	w, err := compressor(n.Compression, io.MultiWriter(f, &raw))
	if err != nil {
		return err
	}
	if n.NarSize > 0 {
		archive = io.LimitReader(archive, n.NarSize+1)
	}
	_, err = io.Copy(io.MultiWriter(&nar, w), archive)
	if err := errors.Join(err, w.Close()); err != nil {
		return err
	}
	if n.NarSize == 0 {
		n.NarSize = nar.size
	}
	if nar.size != n.NarSize {
		return &MismatchError{n.Path, "NarSize", strconv.FormatInt(n.NarSize, 10), strconv.FormatInt(nar.size, 10)}
	}
	if nar.sum() != n.NarHash {
		return &MismatchError{n.Path, "NarHash", n.NarHash.String(), nar.sum().String()}
	}
	n.FileHash, n.FileSize = raw.sum(), raw.size
	return nil
}

// write writes a small file as a whole.
func (c *Cache) write(directory, name string, text []byte) error {
	f, err := c.newFile(directory)
	if err != nil {
		return err
	}
	defer f.discard()
	if _, err := f.Write(text); err != nil {
		return err
	}
	return f.commit(name)
}

// file is one that has not yet its name.
type file struct {
	*os.File
	root                 *os.Root
	directory, temporary string
}

func (c *Cache) newFile(directory string) (*file, error) {
	temporary := directory + "/.tmp-" + rand.Text()
	f, err := c.root.OpenFile(temporary, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o666)
	if err != nil {
		return nil, err
	}
	return &file{f, c.root, directory, temporary}, nil
}

// commit gives the file its name within the cache once its content is on the
// disk, so that a power cut leaves no text about an archive that is not there.
func (f *file) commit(name string) error {
	if err := f.Sync(); err != nil {
		return err
	}
	if err := f.root.Rename(f.temporary, name); err != nil {
		return err
	}
	f.temporary = ""
	directory, err := f.root.Open(f.directory)
	if err != nil {
		return err
	}
	defer directory.Close()
	return directory.Sync()
}

// discard closes the file and removes it unless it was committed.
func (f *file) discard() {
	f.Close()
	if f.temporary != "" {
		f.root.Remove(f.temporary)
	}
}

// cancellable reads until its context is done.
type cancellable struct {
	ctx context.Context
	r   io.Reader
}

func (c *cancellable) Read(p []byte) (int, error) {
	if err := c.ctx.Err(); err != nil {
		return 0, err
	}
	return c.r.Read(p)
}
