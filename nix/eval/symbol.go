package eval

import (
	"sync"
	"sync/atomic"
)

// Symbol is an interned name: of an attribute or variable. Equal names are equal
// symbols within one Evaluator. The order of symbols means nothing.
type Symbol uint32

// The names that the evaluator itself asks for. They are interned first, in the
// order of wellKnown.
const (
	symNone Symbol = iota
	symFunctor
	symToString
	symOverrides
	symOutPath
	symDrvPath
	symType
	symName
	symValue
	symRight
	symWrong
	symKey
	symStartSet
	symOperator
	symFile
	symLine
	symColumn
	symSuccess
	symPath
	symPrefix
	symBody
	symMeta
	symSystem
	symOutputs
	symOutputName
	symBuiltins
	symPosition
	symDescription
	symFunctionArgs
	symSHA256
	symRecursive
	symFilter
	symStructuredAttrs
	symIgnoreNulls
	symContentAddressed
	symImpure
	symOutputHash
	symOutputHashAlgo
	symOutputHashMode
	symBuilder
	symArgs
	symAllOutputs
	symVersion
	symURL
)

// wellKnown are the names of the constants above.
func wellKnown() []string {
	return []string{
		"", "__functor", "__toString", "__overrides", "outPath", "drvPath", "type",
		"name", "value", "right", "wrong", "key", "startSet", "operator", "file",
		"line", "column", "success", "path", "prefix", "body", "meta", "system",
		"outputs", "outputName", "builtins", "position", "description",
		"__functionArgs", "sha256", "recursive", "filter", "__structuredAttrs",
		"__ignoreNulls", "__contentAddressed", "__impure", "outputHash",
		"outputHashAlgo", "outputHashMode", "builder", "args", "allOutputs",
		"version", "url",
	}
}

// symbols is the table of interned names. Names may be looked up while others
// are added.
type symbols struct {
	mu     sync.RWMutex
	byName map[string]Symbol
	next   Symbol
	// Names live in blocks that never move.
	blocks [symbolBlocks]atomic.Pointer[[symbolBlock]string]
}

const (
	symbolBlock  = 4096
	symbolBlocks = 16384 // 67 million names; as many need gigabytes
)

func newSymbols() *symbols {
	s := &symbols{byName: make(map[string]Symbol, 1024)}
	for _, name := range wellKnown() {
		s.intern(name)
	}
	return s
}

// intern returns the symbol of a name.
func (s *symbols) intern(name string) Symbol {
	s.mu.RLock()
	sym, ok := s.byName[name]
	s.mu.RUnlock()
	if ok {
		return sym
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if sym, ok := s.byName[name]; ok {
		return sym
	}
	sym = s.next
	block := &s.blocks[sym/symbolBlock]
	if block.Load() == nil {
		block.Store(new([symbolBlock]string))
	}
	block.Load()[sym%symbolBlock] = name
	s.byName[name] = sym
	s.next++
	return sym
}

// lookup returns the symbol of a name if it is interned: a name that is not
// cannot be that of an attribute.
func (s *symbols) lookup(name string) (Symbol, bool) {
	s.mu.RLock()
	sym, ok := s.byName[name]
	s.mu.RUnlock()
	return sym, ok
}

// name returns the name of a symbol.
func (s *symbols) name(sym Symbol) string {
	return s.blocks[sym/symbolBlock].Load()[sym%symbolBlock]
}
