package learn

import "luminousnix/internal/intent/linear"

// Joint is a place in a sentence where one request may end and another begin: the first
// ends before the word Before, the second begins at the word After. Between them stand words
// that join, if any.
type Joint struct {
	Before, After int
	Two           bool // to learn from: two requests meet here
}

// Joint says how likely two requests meet between two words.
func (s Sentence) Joint(before, after int) float32 {
	var p [2]float32
	s.model.joints.Probabilities(s.seen.joint(before, after, make([]uint32, 0, 256)), p[:])
	return p[1]
}

// joint are the features of such a place, each once: the words on both sides, how the
// sentence begins, and what joins.
func (s *seen) joint(before, after int, features []uint32) []uint32 {
	n := len(s.words)
	if before < 1 || after >= n {
		return features
	}
	add := func(kind symbol, of ...symbol) {
		for _, x := range of {
			kind = kind.then(x)
		}
		features = append(features, uint32(kind))
	}
	joiner := symbol(s.words[before-1].After)
	for i := before; i < after; i++ {
		joiner = joiner.then(s.forms[i])
	}
	add(aJoint, 1, joiner)
	add(aJoint, 2, s.form(before-1))
	add(aJoint, 3, s.form(after))
	add(aJoint, 4, s.form(after), s.form(after+1))
	add(aJoint, 5, joiner, s.form(after))
	add(aJoint, 6, s.form(before-1), s.form(after))
	add(aJoint, 7, symbol(min(before, 6)), symbol(min(n-after, 6)))
	add(aJoint, 8, joiner, symbol(min(n-after, 4)))
	add(aJoint, 9, joiner, s.form(0))
	add(aJoint, 10, s.form(after+1))
	for _, right := range s.concepts[after] {
		add(aJoint, 11, right)
		add(aJoint, 12, right, joiner)
		for _, first := range s.concepts[0] {
			add(aJoint, 13, right, first)
		}
		for _, left := range s.concepts[before-1] {
			add(aJoint, 14, right, left)
		}
	}
	for i := range s.words {
		side := symbol(15)
		if i >= after {
			side = 16
		} else if i >= before {
			continue
		}
		for _, c := range s.concepts[i] {
			add(aJoint, side, c)
			if i != after && i != 0 {
				add(aJoint, side+2, c, s.concepts[after][0])
			}
		}
	}
	if s.words[n-1].After == '?' {
		add(aJoint, 19)
	}
	return unique(features)
}

// joints are what the model of joints learns from.
func (v *vocabulary) joints(lessons []Lesson) []linear.Example {
	var all []linear.Example
	for _, lesson := range lessons {
		s := v.see(lesson.Words)
		for _, joint := range lesson.Joints {
			target := []float32{1, 0}
			if joint.Two {
				target = []float32{0, 1}
			}
			if features := s.joint(joint.Before, joint.After, nil); len(features) > 0 {
				all = append(all, linear.Example{Features: features, Target: target, Weight: 1})
			}
		}
	}
	return all
}
