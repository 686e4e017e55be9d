package catalog

import "testing"

func TestVocabularyNamesExist(t *testing.T) {
	c := snapshotCatalog(t)
	v := sharedVocabulary()
	check := func(name string) {
		if _, ok := c.image.meant(name); !ok {
			t.Errorf("%q is neither an attribute nor the name of a program", name)
		}
	}
	for alias := range v.aliases {
		for _, name := range v.alias(alias) {
			if c.image.askedSet(name) == "" {
				check(name)
			}
		}
	}
	for _, concept := range v.concepts {
		for _, name := range concept.names {
			check(name)
		}
	}
	t.Log(len(v.aliases), len(v.synonyms), len(v.concepts))
}
