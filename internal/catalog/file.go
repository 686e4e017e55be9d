package catalog

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"golang.org/x/sys/unix"
)

// indexPath is where the index of a source lies.
func indexPath(dir, id string) (string, error) {
	valid := id != "" && len(id) <= 100 && id[0] != '.'
	for i := 0; i < len(id); i++ {
		switch c := id[i]; {
		case 'a' <= c && c <= 'z', 'A' <= c && c <= 'Z', '0' <= c && c <= '9', c == '.', c == '-', c == '_':
		default:
			valid = false
		}
	}
	if !valid {
		return "", fmt.Errorf("catalogue source has an unusable ID %q", id)
	}
	return filepath.Join(dir, id+".index"), nil
}

// OpenFile maps the index at path. If that is not one that can be used, the error is
// a *[DamagedError].
func OpenFile(path string) (*Catalog, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	b, err := mapFile(f)
	if err != nil {
		return nil, errors.Join(err, f.Close())
	}
	release := func() error { return errors.Join(unix.Munmap(b), f.Close()) }
	c, err := newCatalog(b, release)
	if err != nil {
		return nil, errors.Join(err, release())
	}
	c.image.records = &blockReader{file: f, blocks: make(map[uint64][]byte), expect: willNeed(f)}
	c.image.readAhead(f)
	return c, nil
}

// willNeed returns a function that has the kernel read a part of a file. What it makes
// of that only changes speed.
func willNeed(f *os.File) func(offset, length int64) {
	fd := int(f.Fd())
	return func(offset, length int64) { _ = unix.Fadvise(fd, offset, length, unix.FADV_WILLNEED) }
}

// readAhead has the kernel read what every search reads here and there: the
// dictionary and what documents are worth. Of the rest it reads what is touched, see
// mapFile.
func (m *image) readAhead(f *os.File) {
	read := willNeed(f)
	for _, section := range []int{sectionTermOffsets, sectionTermTexts, sectionStandings, sectionLeaders} {
		read(int64(m.sections[section].start), int64(m.sections[section].length()))
	}
}

// mapFile maps a whole file, read-only and shared with other processes. Indexes
// are replaced by rename and never written in place, so a mapping doesn't
// shrink under its reader.
func mapFile(f *os.File) ([]byte, error) {
	info, err := f.Stat()
	if err != nil {
		return nil, err
	}
	size := info.Size()
	if !info.Mode().IsRegular() || size < blockSize || size > 1<<32-1 {
		return nil, &DamagedError{"not an index"}
	}
	b, err := unix.Mmap(int(f.Fd()), 0, int(size), unix.PROT_READ, unix.MAP_SHARED)
	if err != nil {
		return nil, fmt.Errorf("map %s: %w", f.Name(), err)
	}
	// A search jumps about: reading ahead, the kernel would read half of a file that is
	// not in memory. It has to be told before the first byte is touched.
	_ = unix.Madvise(b, unix.MADV_RANDOM)
	return b, nil
}

// openOf opens the index of a source; it is nil where there is none that can be used,
// without an error where it is one of another source.
func openOf(path string, src Source) (*Catalog, error) {
	c, err := OpenFile(path)
	if err != nil || c.source.id == src.ID {
		return c, err
	}
	return nil, c.Close()
}

// mostWaiting is how long one process waits for another that builds the same index, which
// takes a second or two unless the machine is very busy.
const mostWaiting = 30 * time.Second

// awaitBuilder waits until no other process builds the index, and then is the one that
// does until the file is closed. It is nil where that cannot be settled: two that build
// at the same time only do the work twice.
func awaitBuilder(ctx context.Context, path string) *os.File {
	if os.MkdirAll(filepath.Dir(path), 0o700) != nil {
		return nil
	}
	file, err := os.OpenFile(path+".lock", os.O_RDWR|os.O_CREATE|unix.O_NOFOLLOW, 0o600)
	if err != nil {
		return nil
	}
	for deadline := time.Now().Add(mostWaiting); ; {
		if unix.Flock(int(file.Fd()), unix.LOCK_EX|unix.LOCK_NB) == nil {
			return file
		}
		if time.Now().After(deadline) {
			file.Close()
			return nil
		}
		select {
		case <-ctx.Done():
			file.Close()
			return nil
		case <-time.After(20 * time.Millisecond):
		}
	}
}

// doneBuilding lets the next one look. One that has opened the file meanwhile builds
// without anybody waiting for it, should there still be no index.
func doneBuilding(lock *os.File) {
	_ = os.Remove(lock.Name()) // one that stays does no harm
	_ = unix.Flock(int(lock.Fd()), unix.LOCK_UN)
	lock.Close()
}

// writeIndex puts an index at path at once: other processes see the old file or
// the new one, whole. When two write at the same time the last one stays.
func writeIndex(path string, b []byte) (err error) {
	dir := filepath.Dir(path)
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return err
	}
	f, err := os.CreateTemp(dir, filepath.Base(path)+".tmp-*")
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, os.Remove(f.Name()))
		}
	}()
	_, err = f.Write(b)
	if err == nil {
		err = f.Sync()
	}
	if err := errors.Join(err, f.Close()); err != nil {
		return err
	}
	return os.Rename(f.Name(), path)
}
