package daemontest

import (
	"crypto/sha256"
	"hash"
	"slices"

	"luminousnix/nix/store"
)

// scanner hashes what is written to it and looks for hash parts of store paths.
type scanner struct {
	candidates map[string]store.Path // by hash part
	seen       map[store.Path]bool
	tail       []byte // the end of what was written before
	digest     hash.Hash
	size       int64
}

func newScanner(candidates []store.Path) *scanner {
	s := &scanner{candidates: map[string]store.Path{}, seen: map[store.Path]bool{}, digest: sha256.New()}
	for _, p := range candidates {
		s.candidates[p.HashPart()] = p
	}
	return s
}

func (s *scanner) Write(p []byte) (int, error) {
	s.digest.Write(p)
	s.size += int64(len(p))
	s.tail = append(s.tail, p...)
	for i := 0; i+store.HashLength <= len(s.tail); {
		window := s.tail[i : i+store.HashLength]
		if wrong := lastWrong(window); wrong >= 0 {
			i += wrong + 1 // no hash part goes over it
			continue
		}
		if p, ok := s.candidates[string(window)]; ok {
			s.seen[p] = true
		}
		i++
	}
	s.tail = append(s.tail[:0], s.tail[max(0, len(s.tail)-store.HashLength+1):]...)
	return len(p), nil
}

// lastWrong returns the index of the last byte that is not nix32, or -1.
func lastWrong(window []byte) int {
	for i := len(window) - 1; i >= 0; i-- {
		b := window[i]
		digit := b >= '0' && b <= '9'
		letter := b >= 'a' && b <= 'z' && b != 'e' && b != 'o' && b != 'u' && b != 't'
		if !digit && !letter {
			return i
		}
	}
	return -1
}

// found returns the paths that occur, sorted.
func (s *scanner) found() []store.Path {
	var found []store.Path
	for p := range s.seen {
		found = append(found, p)
	}
	slices.Sort(found)
	return found
}

func (s *scanner) sum() (store.Hash, int64) {
	sum, err := store.NewHash(store.SHA256, s.digest.Sum(nil))
	if err != nil {
		return store.Hash{}, s.size // cannot be: SHA-256 has the right size
	}
	return sum, s.size
}
