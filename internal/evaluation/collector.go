package evaluation

import (
	"math"
	"runtime"
	"runtime/debug"
	"runtime/metrics"
)

// How large the heap may become, in bytes, before garbage is collected: for the
// first time, and later unless more than half of that is needed still. Most
// evaluations end before. Nix takes about as much, and does not collect earlier
// either.
const (
	firstCollection = 640 << 20
	laterCollection = 800 << 20
)

// CollectLate has the garbage collector of this program begin late: an evaluation
// makes much that lives to its end, and looking through it while it is small frees
// little. Whoever sets GOMEMLIMIT knows better.
func CollectLate() {
	if debug.SetMemoryLimit(-1) != math.MaxInt64 {
		return
	}
	most := MemoryLimit()
	debug.SetGCPercent(-1)
	debug.SetMemoryLimit(min(firstCollection, most/3))
	afterCollection(func() {
		debug.SetMemoryLimit(most)
		debug.SetGCPercent(percentAbove(min(laterCollection, most/2)))
	})
}

// afterCollection calls do after each collection of garbage.
func afterCollection(do func()) {
	gone := new([16]byte) // which the next collection finds
	runtime.AddCleanup(gone, func(struct{}) {
		do()
		afterCollection(do)
	}, struct{}{})
}

// percentAbove returns the GOGC with which the next collection begins when the heap
// has so many bytes, or twice what is alive now.
func percentAbove(bytes int64) int {
	sample := []metrics.Sample{{Name: "/gc/heap/live:bytes"}}
	metrics.Read(sample)
	alive := max(int64(sample[0].Value.Uint64()), 1<<20)
	return int(max(100, 100*(bytes-alive)/alive))
}
