// Package vocabulary knows what people call things: plain text files, written and
// checked by hand, that the index of the catalogue is built with.
//
// aliases.txt has names for names, synonyms.txt words for words of descriptions,
// concepts.txt purposes and what serves them, programs.txt the programs of
// packages, renames.txt what a name in nixpkgs has become. Each file tells its
// form at its top. Nothing here is read when a search runs.
package vocabulary

import (
	_ "embed"
	"iter"
	"strings"
)

//go:embed aliases.txt
var aliases string

//go:embed synonyms.txt
var synonyms string

//go:embed concepts.txt
var concepts string

//go:embed programs.txt
var programs string

//go:embed renames.txt
var renames string

// A Vocabulary is what the files say. Words and names are as they are written.
type Vocabulary struct {
	Aliases  []Alias
	Synonyms []Synonym
	Concepts []Concept
	Programs []Programs
	Renames  []Rename
}

// An Alias says what people mean who type one of the names: attributes, names of
// packages or attribute sets, best known first.
type Alias struct{ Names, Targets []string }

// A Synonym says that whoever says one of the words may mean the others.
type Synonym struct{ Words, Others []string }

// A Concept is something people look for by its purpose.
type Concept struct {
	// Phrases are the ways to say it. A query has a concept if it has all words of
	// one phrase, in any order and inflection.
	Phrases [][]string
	// Packages and Options serve it, best known first.
	Packages, Options []string
}

// Programs are the programs of a package that are called otherwise.
type Programs struct {
	Package  string
	Programs []string
}

// A Rename says what became of a name.
type Rename struct {
	Old    string
	New    []string // none if nothing replaces it
	Reason string   // may be empty
}

// Default is the vocabulary of the files.
func Default() *Vocabulary {
	v := &Vocabulary{}
	for left, right := range entries(aliases, "->") {
		v.Aliases = append(v.Aliases, Alias{list(left, ","), strings.Fields(right)})
	}
	for left, right := range entries(synonyms, "~") {
		v.Synonyms = append(v.Synonyms, Synonym{strings.Fields(left), strings.Fields(right)})
	}
	for left, right := range entries(concepts, ":") {
		packages, options, _ := strings.Cut(right, "|")
		c := Concept{Packages: strings.Fields(packages), Options: strings.Fields(options)}
		for _, phrase := range list(left, ",") {
			c.Phrases = append(c.Phrases, strings.Fields(phrase))
		}
		v.Concepts = append(v.Concepts, c)
	}
	for left, right := range entries(programs, "=") {
		v.Programs = append(v.Programs, Programs{strings.TrimSpace(left), strings.Fields(right)})
	}
	for left, right := range entries(renames, "=>") {
		names, reason, _ := strings.Cut(right, ":")
		v.Renames = append(v.Renames, Rename{strings.TrimSpace(left), strings.Fields(names), strings.TrimSpace(reason)})
	}
	return v
}

// Version tells versions of the vocabulary apart: the checksum of the files. It is
// written here, and held to the files by a test, since computing it would take each
// start of the program a third of a millisecond.
const Version = "27aac46b"

// entries gives the two sides of each entry that has the separator. An entry is a
// line and the indented ones below it.
func entries(text, separator string) iter.Seq2[string, string] {
	return func(yield func(left, right string) bool) {
		for text != "" {
			var entry string
			entry, text = cutEntry(text)
			left, right, ok := strings.Cut(entry, separator)
			if ok && !strings.HasPrefix(entry, "#") && !yield(left, right) {
				return
			}
		}
	}
}

// cutEntry parts the first entry from the rest.
func cutEntry(text string) (entry, rest string) {
	end := 0
	for {
		next := strings.IndexByte(text[end:], '\n')
		if next < 0 {
			return text, ""
		}
		end += next + 1
		if !strings.HasPrefix(text[end:], "  ") {
			return text[:end], text[end:]
		}
	}
}

func list(s, separator string) []string {
	var out []string
	for part := range strings.SplitSeq(s, separator) {
		if part = strings.TrimSpace(part); part != "" {
			out = append(out, part)
		}
	}
	return out
}
