package cache

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"time"

	"golang.org/x/sys/unix"
)

// The files beside the entries: the one that whoever writes has locked, and the one that
// is being written, which a crash may leave behind.
const (
	lockName = "lock"
	newName  = "new"
)

// entry is a file of the folder.
type entry struct {
	file string
	info fs.FileInfo
}

// write puts a file into the folder, unless somebody else is writing now.
func (c *Cache) write(file string, content []byte) error {
	if err := c.makeDir(); err != nil {
		return fmt.Errorf("caching: %w", err)
	}
	c.writing.Lock() // within a process one waits for the other
	defer c.writing.Unlock()
	lock, err := c.lock()
	if errors.Is(err, unix.EWOULDBLOCK) {
		return nil
	}
	if err == nil {
		defer unlock(lock)
		err = c.makeRoom(lock, int64(len(content)))
	}
	if err == nil {
		err = c.replace(file, content)
	}
	if err != nil {
		return fmt.Errorf("caching: %w", err)
	}
	return nil
}

// lock locks the folder for writing. The error is EWOULDBLOCK while another process writes.
func (c *Cache) lock() (*os.File, error) {
	file, err := os.OpenFile(filepath.Join(c.dir, lockName), os.O_RDWR|os.O_CREATE|unix.O_NOFOLLOW, 0o600)
	if err != nil {
		return nil, err
	}
	if err := unix.Flock(int(file.Fd()), unix.LOCK_EX|unix.LOCK_NB); err != nil {
		file.Close()
		return nil, err
	}
	return file, nil
}

// unlock unlocks the folder. Closing the file would not do that while a program is being
// started, which has the file as well until it runs.
func unlock(lock *os.File) {
	_ = unix.Flock(int(lock.Fd()), unix.LOCK_UN) // it was locked
	lock.Close()
}

func (c *Cache) replace(file string, content []byte) error {
	name := filepath.Join(c.dir, newName)
	temporary, err := os.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_TRUNC|unix.O_NOFOLLOW, 0o600)
	if err != nil {
		return err
	}
	_, err = temporary.Write(content)
	if err = errors.Join(err, temporary.Close()); err == nil {
		err = os.Rename(name, file)
	}
	if err != nil {
		return errors.Join(err, os.Remove(name))
	}
	return nil
}

// makeRoom makes sure that there is room for one more entry of so many bytes.
//
// How much there is stands in the file of the lock, so that not all entries have to be
// looked at: their number and bytes, written before the entry is. It is never too little
// but where entries were put in and not counted by a crash of the machine, and too much
// where one takes the place of another. They are counted when it seems to be too much.
func (c *Cache) makeRoom(lock *os.File, size int64) error {
	count, total, ok := readCount(lock)
	count, total = count+1, total+size
	if !ok || count > maxEntries || total > maxBytes {
		var err error
		if count, total, err = c.removeOldest(size); err != nil {
			return err
		}
	}
	return writeCount(lock, count, total)
}

// removeOldest counts the entries, with one more of so many bytes. If they are too many
// the oldest go, a quarter of all.
func (c *Cache) removeOldest(size int64) (count, total int64, err error) {
	var entries []entry
	total = size
	err = c.each(func(e entry) error {
		entries = append(entries, e)
		total += e.info.Size()
		return nil
	})
	count = int64(len(entries)) + 1
	if err != nil || count <= maxEntries && total <= maxBytes {
		return count, total, err
	}
	slices.SortFunc(entries, func(a, b entry) int { return a.info.ModTime().Compare(b.info.ModTime()) })
	for _, oldest := range entries {
		if count <= maxEntries*3/4 && total <= maxBytes*3/4 {
			break
		}
		if err := os.Remove(oldest.file); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return count, total, err
		}
		count, total = count-1, total-oldest.info.Size()
	}
	return count, total, nil
}

// readCount reads the number and bytes of the entries from the file of the lock.
func readCount(lock *os.File) (count, total int64, ok bool) {
	var text [16]byte
	if _, err := lock.ReadAt(text[:], 0); err != nil {
		return 0, 0, false
	}
	count, total = int64(binary.LittleEndian.Uint64(text[:])), int64(binary.LittleEndian.Uint64(text[8:]))
	return count, total, count >= 0 && total >= 0
}

func writeCount(lock *os.File, count, total int64) error {
	text := binary.LittleEndian.AppendUint64(nil, uint64(count))
	_, err := lock.WriteAt(binary.LittleEndian.AppendUint64(text, uint64(total)), 0)
	return err
}

// await locks the folder as soon as nobody else writes. That takes a moment at the most,
// unless the one who does was stopped.
func (c *Cache) await() (*os.File, error) {
	const patience, pause = 2 * time.Second, 5 * time.Millisecond
	for deadline := time.Now().Add(patience); ; time.Sleep(pause) {
		lock, err := c.lock()
		if !errors.Is(err, unix.EWOULDBLOCK) || time.Now().After(deadline) {
			return lock, err
		}
	}
}

// removeFiles removes entries.
func (c *Cache) removeFiles(onlyExpired bool) (removed Stats, err error) {
	if !c.trusted() {
		return removed, nil
	}
	c.writing.Lock()
	defer c.writing.Unlock()
	lock, err := c.await()
	if err != nil {
		return removed, fmt.Errorf("clearing the cache: %w", err)
	}
	defer unlock(lock)
	err = c.each(func(e entry) error {
		expired := c.expiredFile(e.file)
		if onlyExpired && !expired {
			return nil
		}
		if err := os.Remove(e.file); err != nil {
			return fmt.Errorf("clearing the cache: %w", err)
		}
		removed.add(e.info.Size(), expired, e.info.ModTime())
		return nil
	})
	return removed, errors.Join(err, lock.Truncate(0)) // they are counted at the next write
}

// expiredFile reports whether an entry is past its time, or no entry that could be used.
func (c *Cache) expiredFile(name string) bool {
	file, err := os.Open(name)
	if err != nil {
		return true
	}
	defer file.Close()
	var header [headerSize]byte
	if _, err := io.ReadFull(file, header[:]); err != nil {
		return true
	}
	return c.expired(int64(binary.LittleEndian.Uint64(header[len(header)-8:])))
}

// trusted reports whether the folder is ours alone: others could put answers
// into it otherwise.
func (c *Cache) trusted() bool {
	var stat unix.Stat_t
	return c.dir != "" && unix.Lstat(c.dir, &stat) == nil &&
		stat.Mode&unix.S_IFMT == unix.S_IFDIR && int(stat.Uid) == os.Geteuid() && stat.Mode&0o077 == 0
}

var errNotOurs = errors.New("the cache folder is not ours alone")

func (c *Cache) makeDir() error {
	if err := os.MkdirAll(c.dir, 0o700); err != nil {
		return err
	}
	if !c.trusted() {
		return fmt.Errorf("%s: %w", c.dir, errNotOurs)
	}
	return nil
}

// each visits the entries of the folder.
func (c *Cache) each(visit func(entry) error) error {
	if !c.trusted() {
		return nil
	}
	files, err := os.ReadDir(c.dir)
	if err != nil {
		return fmt.Errorf("reading the cache: %w", err)
	}
	for _, file := range files {
		info, err := file.Info()
		if err != nil || !info.Mode().IsRegular() || file.Name() == lockName || file.Name() == newName {
			continue // gone by now, or none of the entries
		}
		if err := visit(entry{filepath.Join(c.dir, file.Name()), info}); err != nil {
			return err
		}
	}
	return nil
}
