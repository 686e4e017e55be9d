package picker

import (
	"errors"
	"sync"

	"luminousnix/internal/operation"
)

// turns lets a searcher do one thing at a time, and nothing after the end, when the
// caller may close what it reads from.
type turns struct {
	mu       sync.Mutex
	searcher Searcher
	over     bool
}

var errOver = errors.New("the search is over")

func (t *turns) Search(query string, limit int) (operation.Found, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.over {
		return operation.Found{}, errOver
	}
	return t.searcher.Search(query, limit)
}

func (t *turns) Info(attribute string) (operation.Info, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.over {
		return operation.Info{}, errOver
	}
	return t.searcher.Info(attribute)
}

// end waits for what is being done.
func (t *turns) end() {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.over = true
}
