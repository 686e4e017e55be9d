package linear

import (
	"cmp"
	"encoding/binary"
	"math"
	"math/bits"
	"slices"
)

// Append adds the file of the weights to text, which are rounded to 1<<levelBits levels. The
// scores are multiplied by sharpness, which makes the probabilities mean what they say.
func (w *Weights) Append(text []byte, levelBits int, sharpness float32) []byte {
	level := w.levels(1 << levelBits)
	table, features := w.tables(level)
	text = binary.LittleEndian.AppendUint32(text, uint32(w.classes))
	text = binary.LittleEndian.AppendUint32(text, uint32(len(table)/bucketSize))
	text = binary.LittleEndian.AppendUint32(text, uint32(len(features)))
	text = binary.LittleEndian.AppendUint32(text, uint32(levelBits))
	for _, x := range level {
		text = binary.LittleEndian.AppendUint32(text, math.Float32bits(x*sharpness))
	}
	text = append(text, table...)
	return append(text, features...)
}

// tables are where the buckets begin, and the features.
func (w *Weights) tables(level []float32) (table, features []byte) {
	kept := slices.DeleteFunc(slices.Clone(w.order), func(feature uint32) bool {
		return !slices.ContainsFunc(w.rows[w.index[feature]], func(x float32) bool { return x != 0 })
	})
	buckets := uint32(len(kept)/inBucket + 1)
	slices.SortFunc(kept, func(a, b uint32) int {
		return cmp.Or(cmp.Compare(a%buckets, b%buckets), cmp.Compare(w.counts[b], w.counts[a]), cmp.Compare(a, b))
	})
	const most = 1 << 24 // a bucket begins in 24 bits
	out, next := &writer{}, 0
	for bucket := range buckets {
		table = append24(table, out.at())
		first := next
		for next < len(kept) && kept[next]%buckets == bucket {
			next++
		}
		out.rice(uint32(next-first), bucketRice)
		for _, feature := range kept[first:next] {
			out.write(feature>>(32-fingerprintBits), fingerprintBits)
		}
		for _, feature := range kept[first:next] {
			out.row(w.rows[w.index[feature]], level)
		}
	}
	if out.at() >= most {
		panic("linear model: it is too long for its table")
	}
	return table, out.bytes()
}

func append24(text []byte, n int) []byte { return append(text, byte(n), byte(n>>8), byte(n>>16)) }

// row writes those of the weights of a feature that are not zero.
func (w *writer) row(row, level []float32) {
	n := 0
	for _, x := range row {
		n += one(x != 0)
	}
	w.rice(uint32(n-1), countRice)
	last, gap := -1, gapRice(n, len(row))
	for class, x := range row {
		if x != 0 {
			w.rice(uint32(class-last-1), gap)
			last = class
		}
	}
	for _, x := range row {
		if x != 0 {
			w.write(uint32(nearest(level, x))<<1|uint32(one(x < 0)), bits.Len(uint(len(level))))
		}
	}
}

// levels are the magnitudes that weights are rounded to, so that little is lost: each is the
// mean of those that are nearest to it (Lloyd's algorithm).
func (w *Weights) levels(n int) []float32 {
	const rounds = 20
	var all []float32
	for _, row := range w.rows {
		for _, x := range row {
			if x != 0 {
				all = append(all, float32(math.Abs(float64(x))))
			}
		}
	}
	level := make([]float32, n)
	if len(all) == 0 {
		return level
	}
	slices.Sort(all)
	for i := range level {
		level[i] = all[(2*i+1)*len(all)/(2*n)]
	}
	for range rounds {
		sums, counts := make([]float64, n), make([]float64, n)
		for _, x := range all {
			i := nearest(level, x)
			sums[i] += float64(x)
			counts[i]++
		}
		for i := range level {
			if counts[i] > 0 {
				level[i] = float32(sums[i] / counts[i])
			}
		}
	}
	return level
}

// nearest is the level that is nearest to the magnitude of a weight.
func nearest(level []float32, x float32) (best int) {
	x = float32(math.Abs(float64(x)))
	for i := range level {
		if math.Abs(float64(level[i]-x)) < math.Abs(float64(level[best]-x)) {
			best = i
		}
	}
	return best
}

func one(b bool) int {
	if b {
		return 1
	}
	return 0
}
