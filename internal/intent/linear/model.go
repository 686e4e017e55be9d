// Package linear is a linear classifier over hashed features: as it is trained
// ([Train]), as it is kept in a file ([Weights.Append]), and as it is asked ([Model]).
//
// A feature is any property of a text, known by a hash of 32 bits: "holds the word
// back". The score of a class is the sum of its weights for the features that are
// there, divided by the root of the number of all features, known or not; the
// probabilities are the softmax of the scores. Most weights are zero, and a file holds
// only the others, in about eight bits each.
//
// # The file
//
// All numbers are little-endian. A header of four uint32: the number of classes, of
// buckets, of bytes that the features take, and of bits for a level; then as many float32 as
// these can tell apart, the levels that weights are rounded to. Then, in 24 bits for each
// bucket, where it begins, in bits; a feature is in the bucket of its hash modulo their number.
// Then the buckets, bit by bit: how many features there are, the upper 16 bits of the hash of
// each, and for each of them which classes have a weight, and for each of these a bit for the
// sign and those for the level. Those that are looked for most often come first. One in some
// thousand unknown features is taken for another one.
//
// How many features and classes there are is in Rice codes, and in another one by how much the
// number of each class is greater than that of the one before.
package linear

import (
	"encoding/binary"
	"errors"
	"math"
)

// bias is the feature that every text has.
const bias uint32 = 0

const (
	mostClasses = 64

	headerSize = 16
	bucketSize = 3
	inBucket   = 8 // features, about

	fingerprintBits = 16
	mostLevelBits   = 4
)

// Model is a classifier as it is in a file. It is asked in place and is safe for
// concurrent use.
type Model struct {
	classes   int
	buckets   uint32
	levelBits int
	levels    [1 << mostLevelBits]float32
	table     []byte
	features  []byte
}

// Parse reads what Append has written. The text is kept, not copied; rest is what
// follows the model. Of a file that was altered the weights may be any.
func Parse(text []byte) (m Model, rest []byte, err error) {
	if len(text) < headerSize {
		return m, nil, errors.New("linear model: too short for a header")
	}
	m.classes, m.buckets = int(number(text)), number(text[4:])
	size := int(number(text[8:]))
	m.levelBits = int(number(text[12:]))
	text = text[headerSize:]
	if m.levelBits > mostLevelBits || len(text) < 4<<m.levelBits {
		return m, nil, errors.New("linear model: too short for its levels")
	}
	for i := range 1 << m.levelBits {
		m.levels[i] = math.Float32frombits(number(text[4*i:]))
	}
	text = text[4<<m.levelBits:]
	tableEnd := int(m.buckets) * bucketSize
	if m.buckets == 0 || size < spare || m.classes == 0 || m.classes > mostClasses || tableEnd+size > len(text) {
		return m, nil, errors.New("linear model: too short for its tables")
	}
	m.table, m.features = text[:tableEnd], text[tableEnd:tableEnd+size]
	return m, text[tableEnd+size:], nil
}

// Classes is how many classes there are.
func (m *Model) Classes() int { return m.classes }

// Probabilities puts the probability of each class into p, which has to be of length
// Classes, for a text with these features, each of them once.
func (m *Model) Probabilities(features []uint32, p []float32) {
	clear(p)
	m.add(p, bias)
	for _, feature := range features {
		m.add(p, feature)
	}
	scale := 1 / float32(math.Sqrt(float64(len(features)+1)))
	for class := range p {
		p[class] *= scale
	}
	softmax(p)
}

// add sums up the weights of a feature.
func (m *Model) add(sums []float32, feature uint32) {
	r := reader{m.features, number24(m.table[feature%m.buckets*bucketSize:])}
	count, before := int(r.rice(bucketRice)), 0
	for before < count && uint16(r.window()) != uint16(feature>>16) {
		r.at += fingerprintBits
		before++
	}
	if before == count {
		return
	}
	r.at += (count - before) * fingerprintBits
	var room [mostClasses]uint8
	width := 1 + m.levelBits
	for range before {
		r.at += len(r.classes(room[:0], len(sums))) * width
	}
	for _, class := range r.classes(room[:0], len(sums)) {
		bits := uint32(r.window()) & (1<<width - 1)
		r.at += width
		if x := m.levels[bits>>1]; bits&1 == 0 {
			sums[class] += x
		} else {
			sums[class] -= x
		}
	}
}

// classes reads which of so many classes a feature has weights for.
func (r *reader) classes(found []uint8, n int) []uint8 {
	count := int(r.rice(countRice)) + 1
	class, gap := -1, gapRice(count, n)
	for range count {
		if class += int(r.rice(gap)) + 1; class >= n {
			break // the file was altered
		}
		found = append(found, uint8(class))
	}
	return found
}

func number(text []byte) uint32 { return binary.LittleEndian.Uint32(text) }

func number24(text []byte) int { return int(text[0]) | int(text[1])<<8 | int(text[2])<<16 }
