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
// All numbers are little-endian. A header of four uint32: the number of classes, of
// slots of the table, of weights, and the bits of a float32, the worth of a weight of
// one. Then the table: for each slot the upper 16 bits of the hash of its feature, in 24
// bits where its weights begin, from one, and in 8 how many there are. Free slots are
// zero. A feature is in the first slot from its hash modulo the number of slots on that
// has these bits: one in some thousand unknown features is taken for another one. Then
// the weights: two bytes each, the class and an int8.
package linear

import (
	"encoding/binary"
	"errors"
	"math"
)

// bias is the feature that every text has.
const bias uint32 = 0

const (
	mostClasses = 256

	headerSize = 16
	slotSize   = 6
	weightSize = 2
)

// Model is a classifier as it is in a file. It is asked in place and is safe for
// concurrent use.
type Model struct {
	classes int
	slots   uint32
	unit    float32
	table   string
	weights string
}

// Parse checks what Append has written. The text is kept, not copied; rest is what
// follows the model.
func Parse(text string) (m Model, rest string, err error) {
	if len(text) < headerSize {
		return m, "", errors.New("linear model: too short for a header")
	}
	m.classes, m.slots = int(number(text)), number(text[4:])
	count := int(number(text[8:]))
	m.unit = math.Float32frombits(number(text[12:]))
	text = text[headerSize:]
	tableEnd := int(m.slots) * slotSize
	end := tableEnd + count*weightSize
	if m.slots == 0 || m.classes > mostClasses || tableEnd > len(text) || end > len(text) {
		return m, "", errors.New("linear model: too short for its tables")
	}
	m.table, m.weights = text[:tableEnd], text[tableEnd:end]
	return m, text[end:], nil
}

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

// add sums up the weights of a feature.
func (m *Model) add(sums *[mostClasses]int32, feature uint32) {
	for i := feature % m.slots; ; i++ {
		if i == m.slots {
			i = 0
		}
		slot := m.table[i*slotSize : i*slotSize+slotSize]
		where := uint32(slot[2]) | uint32(slot[3])<<8 | uint32(slot[4])<<16
		if where == 0 {
			return
		}
		if uint32(slot[0])|uint32(slot[1])<<8 != feature>>16 {
			continue
		}
		weights := m.weights[(where-1)*weightSize : (where-1+uint32(slot[5]))*weightSize]
		for at := 0; at < len(weights); at += weightSize {
			sums[weights[at]] += int32(int8(weights[at+1]))
		}
		return
	}
}

func number(text string) uint32 {
	return uint32(text[0]) | uint32(text[1])<<8 | uint32(text[2])<<16 | uint32(text[3])<<24
}

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

// Append adds the file of the weights to text. Weights that are next to nothing are
// left out: those below least times the greatest one. The scores are multiplied by
// sharpness, which makes the probabilities mean what they say.
func (w *Weights) Append(text []byte, least, sharpness float32) []byte {
	greatest := float32(0)
	for _, row := range w.rows {
		for _, x := range row {
			greatest = max(greatest, float32(math.Abs(float64(x))))
		}
	}
	unit := greatest / 127
	e := encoder{least: least * greatest, unit: unit}
	for _, feature := range w.order {
		e.add(feature, w.rows[w.index[feature]])
	}
	table := e.table()
	text = binary.LittleEndian.AppendUint32(text, uint32(w.classes))
	text = binary.LittleEndian.AppendUint32(text, uint32(len(table)/slotSize))
	text = binary.LittleEndian.AppendUint32(text, uint32(len(e.weights)/weightSize))
	text = binary.LittleEndian.AppendUint32(text, math.Float32bits(unit*sharpness))
	text = append(text, table...)
	return append(text, e.weights...)
}

// encoder collects the features that have weights.
type encoder struct {
	least, unit float32
	features    []placed
	weights     []byte
}

// placed is a feature and where its weights are.
type placed struct {
	feature uint32
	first   int // from one
	count   int
}

func (e *encoder) add(feature uint32, row []float32) {
	p := placed{feature: feature, first: len(e.weights)/weightSize + 1}
	for class, x := range row {
		rounded := math.Round(float64(x / e.unit))
		if float32(math.Abs(float64(x))) < e.least || rounded == 0 {
			continue
		}
		e.weights = append(e.weights, byte(class), byte(int8(rounded)))
		p.count++
	}
	if p.count > 0 {
		e.features = append(e.features, p)
	}
}

// table puts the features into slots, of which a fifth stays free, so that what is
// sought is near.
func (e *encoder) table() []byte {
	slots := len(e.features)*5/4 + 3
	table := make([]byte, slots*slotSize)
	for _, p := range e.features {
		i := int(p.feature % uint32(slots))
		for table[i*slotSize+2]|table[i*slotSize+3]|table[i*slotSize+4] != 0 {
			i = (i + 1) % slots
		}
		copy(table[i*slotSize:], []byte{
			byte(p.feature >> 16), byte(p.feature >> 24),
			byte(p.first), byte(p.first >> 8), byte(p.first >> 16), byte(p.count),
		})
	}
	return table
}
