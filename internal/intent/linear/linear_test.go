package linear_test

import (
	"bytes"
	"testing"

	"luminousnix/internal/intent/linear"
)

// Three classes, each with a feature of its own and one that all have.
func examples() []linear.Example {
	var all []linear.Example
	for i := range 60 {
		target := make([]float32, 3)
		target[i%3] = 1
		all = append(all, linear.Example{Features: []uint32{uint32(0x10000 * (i%3 + 1)), 0xabcdef, uint32(1000 + i)}, Target: target, Weight: 1})
	}
	return all
}

func train(t *testing.T) []byte {
	t.Helper()
	w := linear.Train(examples(), linear.Settings{Classes: 3, Passes: 20, Rate: 0.3, Decay: 1e-3, Least: 2})
	return w.Append(nil, 3, 1)
}

func TestLearnsAndIsRead(t *testing.T) {
	t.Parallel()
	m, rest, err := linear.Parse(append(train(t), "rest"...))
	if err != nil || string(rest) != "rest" || m.Classes() != 3 {
		t.Fatalf("%d classes, rest %q, %v", m.Classes(), rest, err)
	}
	p := make([]float32, 3)
	for class := range 3 {
		m.Probabilities([]uint32{uint32(0x10000 * (class + 1)), 0xabcdef}, p)
		sum := p[0] + p[1] + p[2]
		if p[class] < 0.9 || sum < 0.999 || sum > 1.001 {
			t.Errorf("class %d: %v", class, p)
		}
	}
	m.Probabilities([]uint32{77, 78}, p) // nothing is known of these
	if p[0] > 0.6 || p[1] > 0.6 || p[2] > 0.6 {
		t.Errorf("unknown features: %v", p)
	}
}

func TestSameExamplesSameFile(t *testing.T) {
	t.Parallel()
	first, second := train(t), train(t)
	if !bytes.Equal(first, second) {
		t.Error("two files differ")
	}
}

func TestParseRefusesWhatIsCut(t *testing.T) {
	t.Parallel()
	file := train(t)
	for n := range len(file) {
		if _, _, err := linear.Parse(file[:n]); err == nil {
			t.Fatalf("%d of %d bytes are a model", n, len(file))
		}
	}
}

func FuzzParse(f *testing.F) {
	w := linear.Train(examples(), linear.Settings{Classes: 3, Passes: 1, Rate: 0.3, Least: 2})
	f.Add(w.Append(nil, 3, 1), uint32(0x10000))
	f.Fuzz(func(_ *testing.T, text []byte, feature uint32) {
		m, _, err := linear.Parse(text)
		if err == nil {
			m.Probabilities([]uint32{feature}, make([]float32, m.Classes()))
		}
	})
}
