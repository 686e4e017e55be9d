package syntax

// slab allocates values of one type in chunks, which costs much less than one at a
// time. All of a chunk lives as long as any value of it, as do a file's nodes.
type slab[T any] struct {
	free   []T
	chunks [][]T
	used   int // chunks that values are in, or free is of
}

const (
	firstChunk = 4
	lastChunk  = 256
)

// add is a pointer to a copy of the value.
func (s *slab[T]) add(value T) *T {
	if len(s.free) == 0 {
		s.grow(1)
	}
	p := &s.free[0]
	*p = value
	s.free = s.free[1:]
	return p
}

// slice is a copy of the values, at full capacity; nil for none.
func (s *slab[T]) slice(values []T) []T {
	n := len(values)
	if n == 0 {
		return nil
	}
	return append(s.room(n), values...)
}

// room is an empty slice with room for n values.
func (s *slab[T]) room(n int) []T {
	if n > lastChunk/4 {
		return make([]T, 0, n)
	}
	if n > len(s.free) {
		s.grow(n)
	}
	out := s.free[:0:n]
	s.free = s.free[n:]
	return out
}

// reset frees all values, whose memory is used again.
func (s *slab[T]) reset() { s.free, s.used = nil, 0 }

// grow takes a chunk for at least n values, a new one if there is none.
func (s *slab[T]) grow(n int) {
	for s.used < len(s.chunks) {
		s.free = s.chunks[s.used]
		s.used++
		if len(s.free) >= n {
			return
		}
	}
	size := firstChunk
	if s.used > 0 {
		size = min(2*len(s.chunks[s.used-1]), lastChunk)
	}
	s.free = make([]T, max(size, n))
	s.chunks = append(s.chunks, s.free)
	s.used++
}
