// Package intent turns a sentence into operations: "list my generations" into
// list-generations, "the update broke my wifi, take me back" into rollback.
//
// The path of a sentence:
//
//	choose.go    the language that a sentence is in
//	guard.go     refuses characters that deceive, before anything is read
//	token.go     words, contractions, numbers, by the lists of lexicon.go
//	sentence.go  words looked up in the grammar: forms, misspellings, fillers
//	grammar.go   phrases/en.txt or phrases/de.txt compiled, when the first sentence comes
//	clause.go    politeness taken off, several requests told apart
//	match.go     every pattern of phrases/en.txt aligned with the words
//	slot.go      what a value in a pattern may look like: names.go, query.go,
//	             values.go, date.go, reasons.go
//	arguments.go values parsed into the types of package operation
//	reading.go   the best reading by the patterns, or why there is none
//	patterns.go  a language that has nothing but patterns
//	signs.go     what the patterns and phrases say, for package learn to weigh
//	learned.go   package learn asked what is meant
//	extract.go   the arguments where no pattern fits: extract_numbers.go, extract_day.go,
//	             extract_generations.go, extract_place.go, extract_pin.go,
//	             extract_value.go; narrowed.go takes them from the clauses that ask
//	several.go   more than one request: cuts.go, request_part.go; swap.go: one package
//	             for another
//	framed.go    what stands around a request and makes it none; reported.go
//	caution.go   words beside a request that may take it back (retracted.go, or say it
//	             anew: corrected.go), bind it (condition.go), leave something out of it
//	             (excluded.go, contradiction.go, unless contrast.go), or tell of something
//	             else (aside.go, neighbour.go); and arguments that may be others
//	             (miscounted.go, valued.go, scattered.go)
//	plain.go     of which words a change may be made; prose.go: semicolons
//
// Three rules keep a wrong guess harmless. Phrases such as "don't", "what if" and
// "he said" around a request make it none, however likely it is. What changes something is
// read only where every word is explained by a pattern, or where it is likely and
// its words are plain; beside words that may mean otherwise it is asked about. And every
// name goes through the grammar of its type: no list of bad words decides.
//
// The same sentence always gives the same reading; nothing is kept of it. The
// patterns and models are part of the program: docs/understanding.md tells how
// they were made, and train.go makes the models.
package intent

import (
	"errors"
	"sort"
	"strings"
	"time"

	"luminousnix/internal/language"
	"luminousnix/internal/operation"
)

// Reading is how a sentence was understood.
type Reading struct {
	// Operations are what was asked for, in the order it was said; never empty.
	Operations []operation.Operation
	// Confidence is from 0 to 1; of several operations the least.
	Confidence float64
	// Explained says that a pattern explains every word.
	Explained bool
	// Alternatives are other readings, best first.
	Alternatives []operation.Alternative
	// Corrected are arguments that were put in the place of what was said. Nothing here
	// looks at the machine: package grounding does.
	Corrected []operation.Correction
}

// CorrectedIn are the corrections of one of the operations.
func (r Reading) CorrectedIn(place int) (all []operation.Correction) {
	for _, correction := range r.Corrected {
		if correction.Operation == place {
			all = append(all, correction)
		}
	}
	return all
}

// Understand reads a sentence, whose language it decides itself. Relative dates are
// counted from now. The error is an [*operation.Error] with code not-understood, ambiguous
// (with alternatives) or refused.
func Understand(text string, now time.Time) (Reading, error) {
	return UnderstandIn(language.Auto, text, now)
}

// UnderstandIn is Understand for a language, or for another way to find it.
func UnderstandIn(l language.Language, text string, now time.Time) (Reading, error) {
	if pastedError(text) {
		text = oneLine(text)
	}
	if err := checkText(text); err != nil {
		return Reading{}, err
	}
	if pastedError(text) {
		op := operation.New(operation.ExplainError, operation.Arguments{Text: strings.TrimSpace(text)})
		return Reading{Operations: []operation.Operation{op}, Confidence: 0.95}, nil
	}
	g, sure := choose(l, text)
	reading, err := g.understand(text, now)
	if !sure && unclear(err) {
		return englishGrammar().understand(text, now)
	}
	return reading, err
}

// understand reads a sentence as one of the language of the grammar.
func (g *grammar) understand(text string, now time.Time) (Reading, error) {
	tokens := g.tokenise(text)
	switch {
	case len(tokens) == 0:
		return Reading{}, notUnderstood("there is nothing to understand", nil)
	case len(tokens) > maxTokens:
		if construct := operation.ShellConstruct(text); construct != "" {
			return Reading{}, shellRefusal(construct)
		}
		return Reading{}, notUnderstood("that is too long for me", nil)
	}
	s := g.sentence(text, tokens, now)
	if construct := operation.ShellConstruct(text); construct != "" && !s.prose() {
		if reading, ok := readChain(text, now); ok {
			return reading, nil
		}
		return s.readQuoted(construct)
	}
	return s.read()
}

// unclear reports the error of a sentence that was not understood, rather than understood
// and refused or found to ask for nothing.
func unclear(err error) bool {
	failure := operation.AsError(err)
	return failure != nil && failure.Code != operation.CodeRefused && !errors.Is(err, ErrDeclined)
}

// readQuoted reads a sentence with shell constructs in it: as a question or an
// error, which are only text, or not at all.
func (s *sentence) readQuoted(construct string) (Reading, error) {
	reading, err := s.read()
	if err == nil && len(reading.Operations) == 1 {
		op := reading.Operations[0]
		onlyText := operation.New(op.Name, operation.Arguments{Text: op.Arguments.Text})
		if (op.Name == operation.AnswerQuestion || op.Name == operation.ExplainError) && onlyText.Arguments.Text != "" {
			return Reading{Operations: []operation.Operation{onlyText}, Confidence: reading.Confidence}, nil
		}
	}
	return Reading{}, shellRefusal(construct).WithHint(s.grammar.insteadOf(s, firstConstruct(s.source)))
}

func shellRefusal(construct string) *operation.Error {
	return refused(construct+" means something to a shell, and ask-nix runs none", "Ask for one thing in plain words, for example: ask-nix install firefox")
}

// firstConstruct is where the first shell construct ends.
func firstConstruct(text string) int {
	return sort.Search(len(text), func(i int) bool { return operation.ShellConstruct(text[:i+1]) != "" })
}

// Fill reads the words of an exact command whose operation is known, such as
// "for video editors" of search-packages, with the patterns that a sentence goes
// through, so that both forms mean the same. The error is an [*operation.Error].
func Fill(name operation.Name, words string, now time.Time) (operation.Operation, error) {
	if _, ok := operation.Lookup(name); !ok {
		return operation.Operation{}, operation.New(name, operation.Arguments{}).Validate()
	}
	if err := checkText(words); err != nil {
		return operation.Operation{}, err
	}
	text := strings.TrimSpace(verb(name) + " " + words)
	tokens := tokenise(text)
	if len(tokens) > maxTokens {
		return operation.Operation{}, operation.Errorf(operation.CodeUsage, "these are too many words for %s", name)
	}
	switch name {
	case operation.AnswerQuestion, operation.ExplainError:
		op := operation.New(name, operation.Arguments{Text: strings.TrimSpace(words)})
		return op, op.Validate()
	}
	s := englishGrammar().sentence(text, tokens, now)
	if construct := operation.ShellConstruct(words); construct != "" {
		return operation.Operation{}, shellRefusal(construct).WithHint(s.grammar.insteadOf(s, firstConstruct(text)))
	}
	return s.fill(name)
}

// fill reads a sentence that is known to ask for an operation.
func (s *sentence) fill(name operation.Name) (operation.Operation, error) {
	found := newMatcher(s).all(name)
	if len(found) == 0 {
		op := operation.New(name, operation.Arguments{})
		if err := op.Validate(); err != nil {
			return op, err
		}
		return op, s.leftOver(name, 0)
	}
	if found[0].leavesWords() {
		return operation.Operation{}, s.leftOver(name, found[0].mask)
	}
	op, _, err := s.operation(&found[0])
	if err == nil {
		err = op.Validate()
	}
	return op, err
}

// leftOver names the first word that a command has no use for.
func (s *sentence) leftOver(name operation.Name, mask uint64) error {
	spec, _ := operation.Lookup(name)
	for i := range s.tokens {
		if t := &s.tokens[i]; mask&(1<<i) == 0 && t.kind != filler && i > 0 {
			if _, err := operation.ParseQuery(t.text); err != nil {
				return err
			}
			return operation.Errorf(operation.CodeUsage, "%q is of no use to %s", t.text, name).
				WithHint("For example: ask-nix " + spec.Example)
		}
	}
	return operation.Errorf(operation.CodeUsage, "%s needs more words", name).WithHint("For example: ask-nix " + spec.Example)
}

// verb is what begins a sentence for an operation.
func verb(name operation.Name) string {
	switch name {
	case operation.SearchPackages:
		return "search"
	case operation.SearchOptions:
		return "which option"
	case operation.FindProgram:
		return "which package has"
	case operation.ExplainDependency:
		return "why-depends"
	case operation.ListPackages:
		return "list installed"
	case operation.CompareGenerations:
		return "diff"
	}
	word, _, _ := strings.Cut(plain(name), " ")
	return word
}
