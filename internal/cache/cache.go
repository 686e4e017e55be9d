// Package cache keeps answers between runs, until the next boot at the longest.
//
// It is a private folder with one file an entry. A key names everything that
// the answer depends on, so an entry is never wrong, only unused; the time to
// live bounds how long it is kept. Anything odd about the folder or an entry
// means that there is no answer, never an error.
package cache

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"time"

	"golang.org/x/sys/unix"
)

// maxBytes bounds the folder; the oldest entries make room.
const maxBytes = 10 << 20

// headerSize is the length of what precedes an answer in its file: a checksum,
// then the moment of expiry in nanoseconds of Unix time.
const headerSize = sha256.Size + 8

// Cache is a folder of answers.
type Cache struct {
	dir string
	ttl time.Duration
	now func() time.Time
}

// Stats describes the cache.
type Stats struct {
	Entries int
	Expired int   // of them past their time
	Bytes   int64 // of all of them
}

// New returns the cache in dir, which is made when something is put into it.
func New(dir string, ttl time.Duration, now func() time.Time) *Cache {
	return &Cache{dir, ttl, now}
}

// Dir is the folder.
func (c *Cache) Dir() string { return c.dir }

// TTL is how long an answer is kept.
func (c *Cache) TTL() time.Duration { return c.ttl }

// Get returns the answer kept under key.
func (c *Cache) Get(key string) (answer []byte, ok bool) {
	if c.ttl == 0 || !c.trusted() {
		return nil, false
	}
	content, err := os.ReadFile(c.file(key))
	if err != nil || len(content) < headerSize {
		return nil, false
	}
	sum := sha256.Sum256(content[sha256.Size:])
	if [sha256.Size]byte(content) != sum || c.expired(content) {
		return nil, false
	}
	return content[headerSize:], true
}

// Put keeps an answer under key. A reader sees it whole or not at all.
func (c *Cache) Put(key string, answer []byte) error {
	if c.ttl == 0 || len(answer) > maxBytes/4 {
		return nil
	}
	if err := c.makeDir(); err != nil {
		return fmt.Errorf("caching: %w", err)
	}
	content := make([]byte, headerSize, headerSize+len(answer))
	binary.LittleEndian.PutUint64(content[sha256.Size:], uint64(c.now().Add(c.ttl).UnixNano()))
	content = append(content, answer...)
	sum := sha256.Sum256(content[sha256.Size:])
	copy(content, sum[:])
	if err := c.makeRoom(int64(len(content))); err != nil {
		return fmt.Errorf("caching: %w", err)
	}
	return c.replace(c.file(key), content)
}

func (c *Cache) replace(file string, content []byte) error {
	temporary, err := os.CreateTemp(c.dir, "new-")
	if err != nil {
		return fmt.Errorf("caching: %w", err)
	}
	_, err = temporary.Write(content)
	err = errors.Join(err, temporary.Close())
	if err == nil {
		err = os.Rename(temporary.Name(), file)
	}
	if err != nil {
		return fmt.Errorf("caching: %w", errors.Join(err, os.Remove(temporary.Name())))
	}
	return nil
}

// Stats counts the entries.
func (c *Cache) Stats() (Stats, error) {
	var stats Stats
	err := c.each(func(file string, info fs.FileInfo) error {
		stats.Entries++
		stats.Bytes += info.Size()
		if c.expiredFile(file) {
			stats.Expired++
		}
		return nil
	})
	return stats, err
}

// Clear removes all entries, or only those past their time, and tells how many
// and how many bytes they were.
func (c *Cache) Clear(onlyExpired bool) (removed Stats, err error) {
	err = c.each(func(file string, info fs.FileInfo) error {
		if onlyExpired && !c.expiredFile(file) {
			return nil
		}
		if err := os.Remove(file); err != nil {
			return fmt.Errorf("clearing the cache: %w", err)
		}
		removed.Entries++
		removed.Bytes += info.Size()
		return nil
	})
	return removed, err
}

func (c *Cache) file(key string) string {
	sum := sha256.Sum256([]byte(key))
	return filepath.Join(c.dir, hex.EncodeToString(sum[:16]))
}

func (c *Cache) expired(content []byte) bool {
	return int64(binary.LittleEndian.Uint64(content[sha256.Size:])) <= c.now().UnixNano()
}

func (c *Cache) expiredFile(file string) bool {
	content, err := os.ReadFile(file)
	return err != nil || len(content) < headerSize || c.expired(content)
}

// trusted reports whether the folder is ours alone: others could put answers
// into it otherwise.
func (c *Cache) trusted() bool {
	var stat unix.Stat_t
	return unix.Lstat(c.dir, &stat) == nil &&
		stat.Mode&unix.S_IFMT == unix.S_IFDIR && int(stat.Uid) == os.Geteuid() && stat.Mode&0o077 == 0
}

var errNotOurs = errors.New("the cache folder belongs to somebody else")

func (c *Cache) makeDir() error {
	if err := os.MkdirAll(c.dir, 0o700); err != nil {
		return err
	}
	if !c.trusted() {
		return fmt.Errorf("%s: %w", c.dir, errNotOurs)
	}
	return nil
}

// makeRoom removes the oldest entries until there is room for size bytes.
func (c *Cache) makeRoom(size int64) error {
	type entry struct {
		file string
		info fs.FileInfo
	}
	var entries []entry
	total := size
	err := c.each(func(file string, info fs.FileInfo) error {
		entries = append(entries, entry{file, info})
		total += info.Size()
		return nil
	})
	if err != nil || total <= maxBytes {
		return err
	}
	slices.SortFunc(entries, func(a, b entry) int { return a.info.ModTime().Compare(b.info.ModTime()) })
	for _, e := range entries {
		if total <= maxBytes {
			break
		}
		if err := os.Remove(e.file); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
		total -= e.info.Size()
	}
	return nil
}

func (c *Cache) each(visit func(file string, info fs.FileInfo) error) error {
	if !c.trusted() {
		return nil
	}
	entries, err := os.ReadDir(c.dir)
	if err != nil {
		return fmt.Errorf("reading the cache: %w", err)
	}
	for _, entry := range entries {
		info, err := entry.Info()
		if err != nil || !info.Mode().IsRegular() {
			continue // gone by now, or none of ours
		}
		if err := visit(filepath.Join(c.dir, entry.Name()), info); err != nil {
			return err
		}
	}
	return nil
}
