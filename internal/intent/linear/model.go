// Package linear is a linear classifier over hashed features: as it is trained
// ([Train]), as it is kept in a file ([Weights.Append]), and as it is asked ([Model]).
//
// A feature is any property of a text, known by a hash of 32 bits: "holds the word
// back". The score of a class is the sum of its weights for the features that are
// there, divided by the root of the number of all features, known or not; the
// probabilities are the softmax of the scores. Most weights are zero, and a file holds
// only the others, in a byte each.
//
// # The file
//
// All numbers are little-endian. A header of five uint32: the number of classes, of
// buckets, of features and of weights, and the bits of a float32, the worth of a weight of
// one. Then the buckets: for each, in 24 bits each, which feature and which weight is its
// first; a feature is in the bucket of its hash modulo their number. Then the features, three
// bytes each: the upper 16 bits of the hash, and how many weights there are. One in some
// thousand unknown features is taken for another one. Then the weights, 12 bits each, two in
// three bytes: six bits the class, one the sign, and five the root of the weight, since small
// weights need to be told apart more finely than great ones.
package linear

import (
	"cmp"
	"encoding/binary"
	"errors"
	"math"
	"slices"
)

// bias is the feature that every text has.
const bias uint32 = 0

const (
	mostClasses = 64

	headerSize  = 20
	bucketSize  = 6
	featureSize = 3
	inBucket    = 16 // features, about
)

// Model is a classifier as it is in a file. It is asked in place and is safe for
// concurrent use.
type Model struct {
	classes  int
	buckets  uint32
	unit     float32
	table    string
	features string
	weights  string
}

// Parse checks what Append has written. The text is kept, not copied; rest is what
// follows the model.
func Parse(text string) (m Model, rest string, err error) {
	if len(text) < headerSize {
		return m, "", errors.New("linear model: too short for a header")
	}
	m.classes, m.buckets = int(number(text)), number(text[4:])
	features, weights := int(number(text[8:])), int(number(text[12:]))
	m.unit = math.Float32frombits(number(text[16:]))
	text = text[headerSize:]
	tableEnd := int(m.buckets) * bucketSize
	featuresEnd := tableEnd + features*featureSize
	end := featuresEnd + packed(weights)
	if m.buckets == 0 || m.classes > mostClasses || featuresEnd > len(text) || end > len(text) {
		return m, "", errors.New("linear model: too short for its tables")
	}
	m.table, m.features, m.weights = text[:tableEnd], text[tableEnd:featuresEnd], text[featuresEnd:end]
	return m, text[end:], m.check(features, weights)
}

// check reads through the tables once: what they point at is there.
func (m *Model) check(features, weights int) error {
	feature, weight := 0, 0
	for bucket := range m.buckets {
		first, firstWeight, end := m.bucket(bucket)
		if first != feature || firstWeight != weight || end < first || end > features {
			return errors.New("linear model: its buckets are not in order")
		}
		for ; feature < end; feature++ {
			weight += int(m.features[feature*featureSize+2])
		}
	}
	if feature != features || weight != weights {
		return errors.New("linear model: its tables do not fit")
	}
	return nil
}

// packed is how many bytes weights take.
func packed(weights int) int { return (weights*3 + 1) / 2 }

// Classes is how many classes there are.
func (m *Model) Classes() int { return m.classes }

// Probabilities puts the probability of each class into p, which has to be of length
// Classes, for a text with these features, each of them once.
func (m *Model) Probabilities(features []uint32, p []float32) {
	var sums [mostClasses]int32
	m.add(&sums, bias)
	for _, feature := range features {
		m.add(&sums, feature)
	}
	scale := m.unit / float32(math.Sqrt(float64(len(features)+1)))
	for class := range p {
		p[class] = float32(sums[class]) * scale
	}
	softmax(p)
}

// bucket is where the features and weights of a bucket begin, and where its features end.
func (m *Model) bucket(i uint32) (feature, weight, end int) {
	at := m.table[i*bucketSize:]
	if end = len(m.features) / featureSize; i+1 < m.buckets {
		end = number24(at[bucketSize:])
	}
	return number24(at), number24(at[3:]), end
}

// add sums up the weights of a feature.
func (m *Model) add(sums *[mostClasses]int32, feature uint32) {
	at, weight, end := m.bucket(feature % m.buckets)
	for ; at < end; at++ {
		f := m.features[at*featureSize : at*featureSize+featureSize]
		if uint32(f[0])|uint32(f[1])<<8 != feature>>16 {
			weight += int(f[2])
			continue
		}
		for range f[2] {
			class, x := m.weight(weight)
			sums[class] += x
			weight++
		}
		return
	}
}

// weight is the class of a weight, and the weight.
func (m *Model) weight(i int) (class, weight int32) {
	at := i / 2 * 3
	bits := int32(m.weights[at+i%2]) >> (4 * (i % 2))
	bits |= int32(m.weights[at+1+i%2]) << (8 - 4*(i%2))
	root := bits >> 7 & 31
	if bits&64 != 0 {
		return bits & 63, -root * root
	}
	return bits & 63, root * root
}

func number(text string) uint32 {
	return uint32(text[0]) | uint32(text[1])<<8 | uint32(text[2])<<16 | uint32(text[3])<<24
}

func number24(text string) int { return int(text[0]) | int(text[1])<<8 | int(text[2])<<16 }

func softmax(p []float32) {
	highest, sum := p[0], float32(0)
	for _, x := range p {
		highest = max(highest, x)
	}
	for i, x := range p {
		p[i] = float32(math.Exp(float64(x - highest)))
		sum += p[i]
	}
	for i := range p {
		p[i] /= sum
	}
}

// Append adds the file of the weights to text. The scores are multiplied by sharpness, which
// makes the probabilities mean what they say.
func (w *Weights) Append(text []byte, sharpness float32) []byte {
	greatest := float32(0)
	for _, row := range w.rows {
		for _, x := range row {
			greatest = max(greatest, float32(math.Abs(float64(x))))
		}
	}
	e := encoder{unit: greatest / (mostRoot * mostRoot)}
	for _, feature := range w.order {
		e.add(feature, w.rows[w.index[feature]])
	}
	table, features := e.tables()
	text = binary.LittleEndian.AppendUint32(text, uint32(w.classes))
	text = binary.LittleEndian.AppendUint32(text, uint32(len(table)/bucketSize))
	text = binary.LittleEndian.AppendUint32(text, uint32(len(features)/featureSize))
	text = binary.LittleEndian.AppendUint32(text, uint32(len(e.weights)))
	text = binary.LittleEndian.AppendUint32(text, math.Float32bits(e.unit*sharpness))
	text = append(text, table...)
	text = append(text, features...)
	return append(text, pack(e.weights)...)
}

// mostRoot is the root of the greatest weight, in units.
const mostRoot = 31

// encoder collects the features that have weights.
type encoder struct {
	unit     float32
	features []placed
	weights  []uint16 // by bucket, at last
}

// placed is a feature and its weights.
type placed struct {
	feature uint32
	weights []uint16
}

func (e *encoder) add(feature uint32, row []float32) {
	p := placed{feature: feature}
	for class, x := range row {
		root := uint16(math.Round(math.Sqrt(math.Abs(float64(x / e.unit)))))
		if root == 0 {
			continue
		}
		bits := uint16(class) | root<<7
		if x < 0 {
			bits |= 64
		}
		p.weights = append(p.weights, bits)
	}
	if len(p.weights) > 0 {
		e.features = append(e.features, p)
	}
}

// tables are the buckets and the features; the weights are put into the order of these.
func (e *encoder) tables() (table, features []byte) {
	buckets := uint32(len(e.features)/inBucket + 1)
	slices.SortFunc(e.features, func(a, b placed) int {
		return cmp.Or(cmp.Compare(a.feature%buckets, b.feature%buckets), cmp.Compare(a.feature, b.feature))
	})
	next := 0
	for bucket := range buckets {
		table = append24(append24(table, next), len(e.weights))
		for ; next < len(e.features) && e.features[next].feature%buckets == bucket; next++ {
			p := &e.features[next]
			features = append(features, byte(p.feature>>16), byte(p.feature>>24), byte(len(p.weights)))
			e.weights = append(e.weights, p.weights...)
		}
	}
	return table, features
}

func append24(text []byte, n int) []byte { return append(text, byte(n), byte(n>>8), byte(n>>16)) }

// pack puts two weights of 12 bits into three bytes.
func pack(weights []uint16) []byte {
	text := make([]byte, packed(len(weights)))
	for i, bits := range weights {
		at := i/2*3 + i%2
		shifted := bits << (4 * (i % 2))
		text[at] |= byte(shifted)
		if i%2 == 0 {
			text[at+1] |= byte(bits >> 8)
		} else {
			text[at+1] |= byte(bits >> 4)
		}
	}
	return text
}
