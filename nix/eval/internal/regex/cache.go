package regex

import "sync"

// Cache keeps compiled patterns, and the errors of those that are none. The zero
// value is ready; it may be used by several goroutines.
type Cache struct {
	mu    sync.Mutex
	known map[string]entry
}

type entry struct {
	re  *Regexp
	err error
}

// maxCached is far more than the patterns of a NixOS; an expression that makes
// patterns from data goes beyond it.
const maxCached = 1024

// Compile is [Compile], once for each pattern as long as it is remembered.
func (c *Cache) Compile(pattern string) (*Regexp, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if e, ok := c.known[pattern]; ok {
		return e.re, e.err
	}
	re, err := Compile(pattern)
	if c.known == nil || len(c.known) >= maxCached {
		c.known = make(map[string]entry)
	}
	c.known[pattern] = entry{re, err}
	return re, err
}
