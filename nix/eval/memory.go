package eval

import (
	"math"
	"runtime"
	"runtime/metrics"
)

// maxListSize is how long a list may be; see Value.
const maxListSize = 1 << 31

const (
	// checksPerLook is how many looks at the context pass between two looks at the
	// memory, some 10 ms.
	checksPerLook = 64
	// large is the size in bytes from which on memory is asked for before one
	// allocation, and many that of smaller ones together.
	large = 1 << 20
	many  = 8 << 20
)

// checkMemory fails if the program needs more memory than it may.
func (w *worker) checkMemory() error { return w.memoryFor(0) }

// reserve fails if there is no memory for so many bytes more. It has to be asked
// before one allocation that may be large; nothing is kept for it. Of those that
// are not, it asks after many.
func (w *worker) reserve(bytes int) error {
	if w.reserved += bytes; bytes < large && w.reserved < many {
		return nil
	}
	w.reserved = 0
	return w.memoryFor(bytes)
}

func (w *worker) memoryFor(bytes int) error {
	limit := w.options.MaxMemory
	if limit == 0 {
		limit = math.MaxInt64
	}
	room := limit - int64(bytes)
	if room >= 0 && heap() <= room {
		return nil
	}
	if room >= 0 {
		if runtime.GC(); heap() <= room {
			return nil
		}
	}
	return w.fail(KindOutOfMemory, noPos, "out of memory: the evaluation needs more than %d MiB", limit>>20)
}

// heap returns how many bytes objects take, those included that are not needed any
// more but not yet collected.
func heap() int64 {
	sample := []metrics.Sample{{Name: "/memory/classes/heap/objects:bytes"}}
	metrics.Read(sample)
	return int64(sample[0].Value.Uint64())
}

// reserveAttrs is reserve for a set of so many attributes.
func (w *worker) reserveAttrs(size int) error {
	const attr = 16
	return w.reserve(size * attr)
}

// reserveList is reserve for a list of so many elements, each with a thunk of its
// own if thunks is set.
func (w *worker) reserveList(size int, thunks bool) error {
	const pointer, thunk = 8, 24
	each := pointer
	if thunks {
		each += thunk
	}
	if size < 0 || size > maxListSize {
		return w.fail(KindEval, noPos, "cannot create list of size %d", size)
	}
	return w.reserve(size * each)
}
