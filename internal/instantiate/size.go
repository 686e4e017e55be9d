package instantiate

import (
	"math"
	"strconv"
	"strings"
)

// parseSize reads a number of bytes, or one with KiB, MiB or GiB behind it.
func parseSize(text string) (bytes int64, ok bool) {
	shift := 0
	for i, unit := range []string{"KiB", "MiB", "GiB"} {
		if number, found := strings.CutSuffix(text, unit); found {
			text, shift = number, 10*(i+1)
		}
	}
	n, err := strconv.ParseInt(strings.TrimSpace(text), 10, 64)
	if err != nil || n < 0 || n > math.MaxInt64>>shift {
		return 0, false
	}
	return n << shift, true
}
