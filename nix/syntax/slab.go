package syntax

// slab allocates values of one type in chunks, which costs much less than one at a
// time. All of a chunk lives as long as any value of it, as do a file's nodes.
type slab[T any] struct {
	free []T
	size int // of the last chunk
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
	if n > len(s.free) {
		if n > lastChunk/4 {
			return append([]T(nil), values...)
		}
		s.grow(n)
	}
	out := s.free[:n:n]
	copy(out, values)
	s.free = s.free[n:]
	return out
}

// grow makes a chunk for at least n values.
func (s *slab[T]) grow(n int) {
	s.size = min(max(2*s.size, firstChunk), lastChunk)
	s.free = make([]T, max(s.size, n))
}
