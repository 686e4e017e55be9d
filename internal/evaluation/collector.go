package evaluation

import (
	"math"
	"runtime"
	"runtime/debug"
)

const (
	// firstCollection is how large the program may become, in bytes, before garbage
	// is collected for the first time. Most evaluations end before.
	firstCollection = 300 << 20
	// gcPercent is Go's GOGC from then on.
	gcPercent = 100
)

// CollectLate has the garbage collector of this program begin late: an evaluation makes much that
// lives to its end, and looking through it while it is small frees little.
func CollectLate() {
	if debug.SetMemoryLimit(-1) != math.MaxInt64 {
		return // GOMEMLIMIT knows better
	}
	debug.SetGCPercent(-1)
	debug.SetMemoryLimit(firstCollection)
	// The first collection finds that nobody has this any more.
	gone := new([16]byte)
	runtime.AddCleanup(gone, func(percent int) {
		debug.SetGCPercent(percent)
		debug.SetMemoryLimit(math.MaxInt64)
	}, gcPercent)
}
