package cachedir

import (
	"bufio"
	"fmt"
	"hash"
	"io"
	"os"
	"strconv"

	"luminousnix/nix/narinfo"
	"luminousnix/nix/store"
)

// Nar opens the archive that info, of this cache, tells of, decompressed. It can
// read none, zstd, gzip and bzip2, but not xz.
//
// The reader ends with a *MismatchError in place of io.EOF when the archive or
// its compressed form is not what info says, and never gives more than NarSize
// bytes; so what was read counts only once io.EOF is reached. Nothing outside of
// the cache's directory is opened, whatever info's URL is. The error is a
// *CompressionError, that of the decompression, or the file system's.
func (c *Cache) Nar(info *narinfo.NarInfo) (io.ReadCloser, error) {
	f, err := c.open(info.URL)
	if err != nil {
		return nil, fmt.Errorf("the archive of %s: %w", info.Path, err)
	}
	r := &reader{info: info, file: f, raw: newTally(info.FileHash.Algorithm()), nar: newTally(store.SHA256)}
	r.source = bufio.NewReaderSize(io.TeeReader(f, &r.raw), 64<<10)
	if r.decompressed, err = decompressor(info.Compression, r.source); err != nil {
		f.Close()
		return nil, fmt.Errorf("the archive of %s: %w", info.Path, err)
	}
	return r, nil
}

// reader decompresses an archive and checks it at its end.
type reader struct {
	info         *narinfo.NarInfo
	file         *os.File
	source       io.Reader // the file, counted in raw
	decompressed io.ReadCloser
	raw, nar     tally
	end          error // what Read returns from now on
}

func (r *reader) Read(p []byte) (int, error) {
	if r.end != nil {
		return 0, r.end
	}
	n, err := r.decompressed.Read(p)
	if left := r.info.NarSize - r.nar.size; int64(n) > left {
		r.end = r.mismatch("NarSize", strconv.FormatInt(r.info.NarSize, 10), "more than that")
		return int(left), r.end
	}
	r.nar.Write(p[:n])
	if err == io.EOF {
		err = r.check()
	}
	if err != nil {
		r.end = err
	}
	return n, err
}

// check returns io.EOF if all is as info says.
func (r *reader) check() error {
	// What follows the compressed stream belongs to the file and its hash.
	if _, err := io.Copy(io.Discard, r.source); err != nil {
		return err
	}
	i := r.info
	switch {
	case r.nar.size != i.NarSize:
		return r.mismatch("NarSize", strconv.FormatInt(i.NarSize, 10), strconv.FormatInt(r.nar.size, 10))
	case r.nar.sum() != i.NarHash:
		return r.mismatch("NarHash", i.NarHash.String(), r.nar.sum().String())
	case i.FileSize != 0 && r.raw.size != i.FileSize:
		return r.mismatch("FileSize", strconv.FormatInt(i.FileSize, 10), strconv.FormatInt(r.raw.size, 10))
	case r.raw.sum() != i.FileHash:
		return r.mismatch("FileHash", i.FileHash.String(), r.raw.sum().String())
	}
	return io.EOF
}

func (r *reader) mismatch(field, want, got string) error {
	return &MismatchError{Path: r.info.Path, Field: field, Want: want, Got: got}
}

// Close closes the archive's file. What was not read is not checked.
func (r *reader) Close() error {
	r.decompressed.Close()
	if r.end == nil {
		r.end = os.ErrClosed
	}
	return r.file.Close()
}

// tally hashes and counts what is written to it.
type tally struct {
	algorithm store.Algorithm // "" when there is nothing to compare with
	state     hash.Hash
	size      int64
}

func newTally(a store.Algorithm) tally {
	t := tally{algorithm: a}
	if a != "" {
		t.state = a.New()
	}
	return t
}

func (t *tally) Write(p []byte) (int, error) {
	if t.state != nil {
		t.state.Write(p)
	}
	t.size += int64(len(p))
	return len(p), nil
}

// sum is the zero hash when there is nothing to compare with.
func (t *tally) sum() store.Hash {
	if t.state == nil {
		return store.Hash{}
	}
	h, err := store.NewHash(t.algorithm, t.state.Sum(nil))
	if err != nil {
		panic(err) // a digest of the algorithm's own
	}
	return h
}
