package nar

import "hash"

// ahead is a writer whose hashing is done by a goroutine of its own, so that a
// tree is read while what was read before is hashed.
type ahead struct {
	full  chan []byte // to be hashed, in order
	free  chan []byte // hashed, to be filled again
	done  chan struct{}
	piece []byte // being filled
	count int64
}

// aheadPieces is how many pieces of copySize there are: one being filled, one
// being hashed, one between them.
const aheadPieces = 3

// hashAhead starts hashing; finish must be called.
func hashAhead(state hash.Hash) *ahead {
	a := &ahead{
		full:  make(chan []byte, aheadPieces),
		free:  make(chan []byte, aheadPieces),
		done:  make(chan struct{}),
		piece: make([]byte, 0, copySize),
	}
	for range aheadPieces - 1 {
		a.free <- nil // made when it is needed: most trees are small
	}
	go func() {
		defer close(a.done)
		for piece := range a.full {
			state.Write(piece)
			a.free <- piece[:0]
		}
	}()
	return a
}

func (a *ahead) Write(p []byte) (int, error) {
	a.count += int64(len(p))
	for rest := p; len(rest) > 0; {
		n := min(len(rest), cap(a.piece)-len(a.piece))
		a.piece, rest = append(a.piece, rest[:n]...), rest[n:]
		if len(a.piece) < cap(a.piece) {
			break
		}
		a.full <- a.piece
		if a.piece = <-a.free; a.piece == nil {
			a.piece = make([]byte, 0, copySize)
		}
	}
	return len(p), nil
}

// finish waits until all that was written is hashed.
func (a *ahead) finish() {
	a.full <- a.piece
	close(a.full)
	<-a.done
}
