package learn

import (
	"math"
	"strings"

	"luminousnix/internal/intent/linear"
	"luminousnix/internal/operation"
)

// Lesson is a sentence to learn from.
type Lesson struct {
	Family string
	Words  []Word
	Signs  []Sign
	Want   operation.Name   // or None, or Several; "": nothing is to be learnt of that
	Also   []operation.Name // just as right
	Tags   []Tag            // by word; nil: nothing is to be learnt of them
	Joints []Joint          // nil: nothing is to be learnt of them
}

// Make learns, and returns the file. Concepts are lines "concept: word, a phrase of
// words", of which words makes the words.
func Make(lessons []Lesson, concepts string, words func(phrase string) []Word) []byte {
	v := &Vocabulary{}
	v.addConcepts(concepts, words)
	v.addCommon(lessons)
	file := v.Append(nil)
	known, _, err := parseVocabulary(file)
	if err != nil {
		panic(err) // it was made just now
	}
	file = linear.Train(known.sentences(lessons), linear.Settings{
		Classes: classOf(Several) + 1, Passes: 6, Rate: 0.4, Decay: 1e-3, Enough: 5e-4, Least: 5, Blank: 0.3, Shrink: 1e-3, Rows: 94_000, Most: 590_000, Again: 4,
	}).Append(file, 2, sharpness)
	file = linear.Train(known.tagged(lessons), linear.Settings{
		Classes: int(tags), Passes: 8, Rate: 0.3, Decay: 1e-3, Enough: 5e-4, Least: 8, Rows: 14_000, Most: 50_000, Again: 3,
	}).Append(file, 3, 1)
	return linear.Train(known.joints(lessons), linear.Settings{
		Classes: 2, Passes: 10, Rate: 0.3, Decay: 1e-3, Enough: 5e-4, Least: 5, Rows: 7_000, Most: 9_000, Again: 4,
	}).Append(file, 3, 1)
}

// sharpness is by how much the scores are multiplied so that what is likely is right
// as often as that says: it was fitted on families that nothing was learnt from.
const sharpness = 2.1

// often is in how many families a word has to be so that it is no name.
const often = 4

func (v *Vocabulary) addConcepts(concepts string, words func(string) []Word) {
	for line := range strings.Lines(concepts) {
		concept, phrases, ok := strings.Cut(strings.TrimSpace(line), ":")
		if !ok || strings.HasPrefix(line, "#") {
			continue
		}
		for phrase := range strings.SplitSeq(phrases, ",") {
			v.Concept(concept, words(phrase))
		}
	}
}

func (v *Vocabulary) addCommon(lessons []Lesson) {
	families := map[string]map[string]bool{}
	for _, lesson := range lessons {
		if lesson.Want == "" {
			continue
		}
		for _, word := range lesson.Words {
			if families[word.Form] == nil {
				families[word.Form] = map[string]bool{}
			}
			families[word.Form][lesson.Family] = true
		}
	}
	for word, in := range families {
		if len(in) >= often {
			v.Common(word)
		}
	}
}

// sentences are what the model of operations learns from.
func (v *vocabulary) sentences(lessons []Lesson) []linear.Example {
	count := map[operation.Name]int{}
	for _, lesson := range lessons {
		count[lesson.Want]++
	}
	var all []linear.Example
	for _, lesson := range lessons {
		if lesson.Want == "" {
			continue
		}
		s := v.see(lesson.Words)
		s.signs = lesson.Signs
		all = append(all, linear.Example{
			Features: s.sentence(nil), Target: lesson.target(), Weight: weight(count[lesson.Want]),
		})
	}
	return all
}

// weight is how much a sentence counts, by how many ask for the same: less where there
// are many, since how many were written says little of how many are said.
func weight(count int) float32 {
	const usual, power = 80, 0.5
	return float32(math.Pow(usual/float64(max(count, usual)), power))
}

// tagged are what the model of tags learns from.
func (v *vocabulary) tagged(lessons []Lesson) []linear.Example {
	var all []linear.Example
	for _, lesson := range lessons {
		s := v.see(lesson.Words)
		for i := range min(len(lesson.Tags), len(s.words)) {
			target, weight := make([]float32, tags), float32(1)
			target[lesson.Tags[i]] = 1
			if lesson.Tags[i] != Plain {
				weight = 2 // there are few
			}
			features := s.word(i, symbolOf(string(lesson.Want)), nil)
			all = append(all, linear.Example{Features: features, Target: target, Weight: weight})
		}
	}
	return all
}

// alsoShare is how much of the target goes to operations that are just as right.
const alsoShare = 0.3

func (l *Lesson) target() []float32 {
	target := make([]float32, classOf(Several)+1)
	target[classOf(l.Want)] = 1
	if len(l.Also) > 0 {
		target[classOf(l.Want)] = 1 - alsoShare
	}
	for _, name := range l.Also {
		target[classOf(name)] += alsoShare / float32(len(l.Also))
	}
	return target
}
