package metrics

import (
	"math"
	"sort"
	"time"

	"luminousnix/internal/operation"
)

// bounds is how many bounds the histogram has: ten a decade, from 0.1 ms to 8,000 s.
const bounds = 80

// bound is the n-th bound, from 0. They are the preferred numbers R10, each about a
// quarter more than the one before: a quantile is as exact as that.
func bound(n int) time.Duration {
	d := [...]time.Duration{100, 125, 160, 200, 250, 315, 400, 500, 630, 800}[n%10] * time.Microsecond
	for range n / 10 {
		d *= 10
	}
	return d
}

// histogram counts runs by how long they took: the n-th count is of those that took
// longer than bound(n-1) and at most bound(n), the last of all that took longer than
// that.
type histogram [bounds + 1]uint32

func (h *histogram) add(d time.Duration) {
	if n := &h[bucketOf(d)]; *n < math.MaxUint32 {
		*n++
	}
}

func bucketOf(d time.Duration) int {
	return sort.Search(bounds, func(n int) bool { return d <= bound(n) })
}

// quantiles are how long at most the given shares of the runs took, from 0 to 1, in
// milliseconds. Within a bucket the runs count as spread evenly; longest bounds the last.
func quantiles(buckets []operation.LatencyBucket, longest float64, shares ...float64) []float64 {
	total := 0
	for _, b := range buckets {
		total += b.Count
	}
	values := make([]float64, len(shares))
	for i, share := range shares {
		rank, below := share*float64(total), 0
		for _, b := range buckets {
			if below += b.Count; float64(below) < rank {
				continue
			}
			from, to := b.Above, b.UpTo
			if to == 0 || to > longest {
				to = max(longest, from)
			}
			values[i] = to - (to-from)*(float64(below)-rank)/float64(b.Count)
			break
		}
	}
	return values
}

// buckets are the counts that are not zero.
func (h *histogram) buckets() []operation.LatencyBucket {
	var all []operation.LatencyBucket
	for n, count := range h {
		if count == 0 {
			continue
		}
		b := operation.LatencyBucket{Count: int(count)}
		if n > 0 {
			b.Above = milliseconds(bound(n - 1))
		}
		if n < bounds {
			b.UpTo = milliseconds(bound(n))
		}
		all = append(all, b)
	}
	return all
}

// merged adds the counts of two lists of buckets.
func merged(a, b []operation.LatencyBucket) []operation.LatencyBucket {
	var all []operation.LatencyBucket
	for len(a) > 0 && len(b) > 0 {
		switch {
		case a[0].Above < b[0].Above:
			all, a = append(all, a[0]), a[1:]
		case a[0].Above > b[0].Above:
			all, b = append(all, b[0]), b[1:]
		default:
			sum := a[0]
			sum.Count += b[0].Count
			all, a, b = append(all, sum), a[1:], b[1:]
		}
	}
	return append(append(all, a...), b...)
}

func milliseconds(d time.Duration) float64 { return float64(d) / float64(time.Millisecond) }
