package eval

import (
	"hash/maphash"
	"sync"
	"sync/atomic"
)

// symbols is the table of interned names. Looking up takes no lock, also while
// others add.
type symbols struct {
	seed  maphash.Seed
	index atomic.Pointer[symbolIndex]

	mu   sync.Mutex // to add
	next Symbol

	// Names live in blocks that never move.
	blocks [symbolBlocks]atomic.Pointer[[symbolBlock]string]
}

const (
	symbolBlock  = 4096
	symbolBlocks = 16384 // 67 million names; as many need gigabytes
)

// symbolIndex finds symbols by name: an open hash table, at most half full. A slot
// has the upper half of the hash, and the symbol plus 1; 0 is a free slot.
type symbolIndex struct {
	slots []atomic.Uint64 // a power of two
}

func newSymbols() *symbols {
	const slots = 2048
	s := &symbols{seed: maphash.MakeSeed()}
	s.index.Store(&symbolIndex{make([]atomic.Uint64, slots)})
	for _, name := range wellKnown() {
		s.intern(name)
	}
	return s
}

// lookup returns the symbol of a name if it is interned: a name that is not
// cannot be that of an attribute.
func (s *symbols) lookup(name string) (Symbol, bool) {
	return s.find(name, maphash.String(s.seed, name))
}

func (s *symbols) find(name string, hash uint64) (Symbol, bool) {
	slots := s.index.Load().slots
	mask := uint64(len(slots) - 1)
	for i := hash & mask; ; i = (i + 1) & mask {
		slot := slots[i].Load()
		if slot == 0 {
			return symNone, false
		}
		if slot>>32 == hash>>32 {
			if sym := Symbol(uint32(slot) - 1); s.name(sym) == name {
				return sym, true
			}
		}
	}
}

// intern returns the symbol of a name.
func (s *symbols) intern(name string) Symbol {
	hash := maphash.String(s.seed, name)
	if sym, ok := s.find(name, hash); ok {
		return sym
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if sym, ok := s.find(name, hash); ok {
		return sym
	}
	sym := s.next
	block := &s.blocks[sym/symbolBlock]
	if block.Load() == nil {
		block.Store(new([symbolBlock]string))
	}
	block.Load()[sym%symbolBlock] = name
	s.next++
	if slots := len(s.index.Load().slots); int(s.next)*2 > slots {
		s.grow(2 * slots)
	}
	s.index.Load().put(hash, sym)
	return sym
}

// grow makes a larger index. Whoever searches the old one at this moment finds
// what it has, and takes the lock for the rest.
func (s *symbols) grow(slots int) {
	larger := &symbolIndex{make([]atomic.Uint64, slots)}
	for sym := range s.next - 1 { // the last is the one that is being added
		larger.put(maphash.String(s.seed, s.name(sym)), sym)
	}
	s.index.Store(larger)
}

func (x *symbolIndex) put(hash uint64, sym Symbol) {
	mask := uint64(len(x.slots) - 1)
	i := hash & mask
	for x.slots[i].Load() != 0 {
		i = (i + 1) & mask
	}
	x.slots[i].Store(hash>>32<<32 | uint64(sym+1))
}

// name returns the name of a symbol.
func (s *symbols) name(sym Symbol) string {
	return s.blocks[sym/symbolBlock].Load()[sym%symbolBlock]
}
