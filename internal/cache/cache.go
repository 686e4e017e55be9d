// Package cache keeps answers: in memory for as long as the process lives, and in a
// private folder for other processes of the same user.
//
// An answer that is put in with [Cache.Put] has a key that names everything that it
// depends on, so that it is never wrong, only unused, and lasts until it has to make
// room. One that nobody can check, such as what a server said, is put in with
// [Cache.PutFor] and lasts for the time to live.
//
// The folder has one file an entry. One process at a time writes; whoever finds it
// locked leaves it: an answer that is not kept is found out again. Readers wait for
// nobody. Anything odd about the folder or an entry means that there is no answer,
// never an error.
package cache

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"os"
	"path/filepath"
	"sync"
	"time"
)

// Bounds of the folder; the oldest entries make room. What is in memory has the first
// one too, and is forgotten all at once.
const (
	maxBytes   = 10 << 20
	maxEntries = 1000
)

// headerSize is the length of what precedes an answer in its file: a checksum,
// then the moment of expiry in nanoseconds of Unix time, 0 for none.
const headerSize = sha256.Size + 8

// Cache holds answers. It is safe for concurrent use.
type Cache struct {
	dir string
	ttl time.Duration
	now func() time.Time

	writing sync.Mutex // to the folder

	mu     sync.Mutex
	memory map[string]memo
	size   int64 // of what is in memory
}

// memo is an answer in memory.
type memo struct {
	answer  []byte
	expires int64 // as in a header
	since   time.Time
}

// Stats describes the cache.
type Stats struct {
	Entries int
	Expired int       // of them past their time
	Bytes   int64     // of all of them
	Oldest  time.Time // when the oldest was put in; zero if there is none
}

func (s *Stats) add(size int64, expired bool, since time.Time) {
	s.Entries++
	s.Bytes += size
	if expired {
		s.Expired++
	}
	if s.Oldest.IsZero() || since.Before(s.Oldest) {
		s.Oldest = since
	}
}

// New returns the cache in dir, which is made when something is put into it; an empty
// dir keeps answers in memory only. Without a time to live nothing is kept at all.
func New(dir string, ttl time.Duration, now func() time.Time) *Cache {
	return &Cache{dir: dir, ttl: ttl, now: now, memory: map[string]memo{}}
}

// Dir is the folder, "" if there is none.
func (c *Cache) Dir() string { return c.dir }

// TTL is how long an answer is kept that nobody can check.
func (c *Cache) TTL() time.Duration { return c.ttl }

// Get returns the answer kept under key, which the caller does not change.
func (c *Cache) Get(key string) (answer []byte, ok bool) {
	if c.ttl == 0 {
		return nil, false
	}
	c.mu.Lock()
	m, ok := c.memory[key]
	c.mu.Unlock()
	if ok && !c.expired(m.expires) {
		return m.answer, true
	}
	if !c.trusted() {
		return nil, false
	}
	content, err := os.ReadFile(c.file(key))
	answer, ok = Answer(content)
	if err != nil || !ok || c.expired(expiry(content)) {
		return nil, false
	}
	c.remember(key, answer, expiry(content))
	return answer, true
}

// Put keeps an answer under a key that names all that it depends on. A reader sees it
// whole or not at all.
func (c *Cache) Put(key string, answer []byte) error { return c.put(key, answer, 0) }

// PutFor keeps an answer that may become wrong while its key stays the same, for the
// time to live.
func (c *Cache) PutFor(key string, answer []byte) error {
	return c.put(key, answer, c.now().Add(c.ttl).UnixNano())
}

func (c *Cache) put(key string, answer []byte, expires int64) error {
	if c.ttl == 0 || len(answer) > maxBytes/4 {
		return nil
	}
	c.remember(key, answer, expires)
	if c.dir == "" {
		return nil
	}
	content := make([]byte, headerSize, headerSize+len(answer))
	binary.LittleEndian.PutUint64(content[sha256.Size:], uint64(expires))
	content = append(content, answer...)
	sum := sha256.Sum256(content[sha256.Size:])
	copy(content, sum[:])
	return c.write(c.file(key), content)
}

func (c *Cache) remember(key string, answer []byte, expires int64) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.size += int64(len(answer) - len(c.memory[key].answer))
	if c.size > maxBytes || len(c.memory) >= maxEntries {
		clear(c.memory)
		c.size = int64(len(answer))
	}
	c.memory[key] = memo{answer, expires, c.now()}
}

// Stats counts the entries of the folder, or those in memory if there is none.
func (c *Cache) Stats() (stats Stats, err error) {
	if c.dir != "" {
		err = c.each(func(e entry) error {
			stats.add(e.info.Size(), c.expiredFile(e.file), e.info.ModTime())
			return nil
		})
		return stats, err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, m := range c.memory {
		stats.add(int64(len(m.answer)), c.expired(m.expires), m.since)
	}
	return stats, nil
}

// Clear removes all entries, or only those past their time, and tells what they were.
func (c *Cache) Clear(onlyExpired bool) (removed Stats, err error) {
	forgotten := c.forget(onlyExpired)
	if c.dir == "" {
		return forgotten, nil
	}
	return c.removeFiles(onlyExpired)
}

// forget removes entries from memory.
func (c *Cache) forget(onlyExpired bool) (removed Stats) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for key, m := range c.memory {
		if expired := c.expired(m.expires); expired || !onlyExpired {
			removed.add(int64(len(m.answer)), expired, m.since)
			c.size -= int64(len(m.answer))
			delete(c.memory, key)
		}
	}
	return removed
}

func (c *Cache) file(key string) string {
	sum := sha256.Sum256([]byte(key))
	return filepath.Join(c.dir, hex.EncodeToString(sum[:16]))
}

// Answer is the answer that a file of a cache has, as it was put there; ok is false for a
// file that is none, or damaged.
func Answer(file []byte) (answer []byte, ok bool) {
	if len(file) < headerSize || [sha256.Size]byte(file) != sha256.Sum256(file[sha256.Size:]) {
		return nil, false
	}
	return file[headerSize:], true
}

func expiry(content []byte) int64 {
	return int64(binary.LittleEndian.Uint64(content[sha256.Size:]))
}

// expired reports whether the moment has come. One that is further away than the time to
// live was put down before the clock was set back.
func (c *Cache) expired(expires int64) bool {
	now := c.now()
	return expires != 0 && (expires <= now.UnixNano() || expires > now.Add(c.ttl).UnixNano())
}
