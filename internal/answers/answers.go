// Package answers has answers to questions about Nix, NixOS and ask-nix, and finds the
// one that a question asks for.
//
// They are plain text in the folders en and de, a file for each subject; README.md tells the
// form. Nothing is made up: a question is compared with the ways in which each topic is
// asked for (see rank.go), and one that is like none of them is said to have no answer.
// The files are read when the first question is asked, which takes a few milliseconds;
// starting the program costs nothing.
package answers

import (
	"embed"
	"strings"
	"sync"

	"luminousnix/internal/language"
	"luminousnix/internal/operation"
	"luminousnix/internal/plainfile"
)

//go:embed en de
var files embed.FS

// A Topic is an answer, and how it is asked for.
type Topic struct {
	operation.Topic
	Asks []string // ways to ask for it
}

// subjects are the files of topics in the order in which they are shown.
var subjects = [...]string{"concepts", "packages", "updates", "system", "safety", "differences", "ask-nix"}

var (
	inEnglish = sync.OnceValue(func() *index { return read("en") })
	inGerman  = sync.OnceValue(func() *index { return read("de") })
)

// Topics are all that there are, by subject. The slice is shared.
func Topics() []Topic { return inEnglish().topics }

// read reads the files of a language, which are part of the program.
func read(language string) *index {
	var topics []Topic
	for _, subject := range subjects {
		plainfile.Blocks(plainfile.Must(files, language+"/"+subject+".txt"),
			func(id, title string) {
				topics = append(topics, Topic{Topic: operation.Topic{ID: id, Subject: subject, Title: title}})
			},
			func(word, rest string) { topics[len(topics)-1].add(word, rest) })
	}
	return newIndex(stemmers(language), topics, plainfile.Must(files, language+"/words.txt"))
}

func (t *Topic) add(word, rest string) {
	text, say := plainfile.Cut(rest, " | ")
	switch word {
	case "ask":
		t.Asks = append(t.Asks, rest)
	case "say":
		t.Text = append(t.Text, rest)
	case "run":
		t.Tries = append(t.Tries, operation.Fix{Command: text, Say: say})
	case "add":
		t.Tries = append(t.Tries, operation.Fix{Line: text, Say: say})
	case "see":
		t.See = strings.Split(rest, ", ")
	}
}

// A Match is a topic that may be meant, with a confidence between 0 and 1.
type Match struct {
	*Topic
	Confidence float64
}

// Certainty says how sure a search is.
type Certainty int

// The certainties.
const (
	Unknown Certainty = iota // nothing answers it; what is nearest may not help
	Unsure                   // one of several
	Sure                     // the first answers it
)

// mostMatches is how many topics a question is given to choose from.
const mostMatches = 3

// longest is how many bytes of a question are looked at, and mostWords how many of its
// words.
const (
	longest   = 1000
	mostWords = 40
)

// Search finds the topics that may answer a question in English, best first, at most
// three. The id or title of a topic finds that topic.
func Search(question string) ([]Match, Certainty) { return SearchIn(language.English, question) }

// SearchIn is Search for a question in another language, or in one that the question
// says.
func SearchIn(l language.Language, question string) ([]Match, Certainty) {
	if len(question) > longest {
		question = question[:longest]
	}
	marked := l != language.English && language.Marked(question)
	if l == language.English || l != language.German && !marked {
		return inEnglish().search(question)
	}
	german, english := onlyKnown(inGerman(), inEnglish(), question)
	if !l.IsGerman(marked, german, english) {
		return inEnglish().search(question)
	}
	matches, certainty := inGerman().search(question)
	if german == english && certainty != Sure { // what could be both, such as the id of a topic
		return inEnglish().search(question)
	}
	return matches, certainty
}
