package persona

import (
	"maps"
	"slices"
)

// Sections are the operations and other cases that operations.txt has texts for.
func Sections() []string { return slices.Sorted(maps.Keys(inEnglish().operations)) }

// PhaseNames are the phases of phases.txt, and Codes those of failures.txt.
func PhaseNames() []string { return slices.Sorted(maps.Keys(inEnglish().phases)) }
func Codes() []string      { return slices.Sorted(maps.Keys(inEnglish().failures)) }

// FixedWords are the names of the fixed words of a persona.
func FixedWords(of string) []string {
	Phrase(of, "")
	phrases, _ := fixed.Load(of)
	return slices.Sorted(maps.Keys(phrases.(map[string]string)))
}

// Numbered puts values in the place of {1}, {2} and so on.
func Numbered(text string, values ...string) string { return numbered(text, values) }

// KnowsStep reports whether steps.txt has a shape that can be a step that begins so.
func KnowsStep(start string, whole bool) bool {
	for _, s := range inEnglish().steps {
		if _, ok := s.match(start); ok {
			return true
		}
		first := s.shape[0]
		if !whole && len(s.shape) > 1 && (len(first) >= len(start) && first[:len(start)] == start || len(start) >= len(first) && start[:len(first)] == first) {
			return true
		}
	}
	return false
}
