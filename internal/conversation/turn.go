package conversation

import (
	"fmt"
	"strings"
	"time"

	"luminousnix/internal/intent"
	"luminousnix/internal/operation"
)

// longest is how many words a reference may have; longer sentences are read as they are.
const longest = 40

// sentence is one that may refer to something.
type sentence struct {
	text   string
	tokens []token
	now    time.Time
	phrases
}

// Refer makes a step of a sentence that refers to what was said before; ok is false for
// one that stands for itself.
func (c *Conversation) Refer(text string, now time.Time) (step Step, ok bool) {
	if strings.ContainsAny(text, "\n\r") {
		return Step{}, false // an error that was pasted
	}
	s := sentence{text: text, tokens: split(text), now: now, phrases: phrasesOf(c.Language)}
	if text == "?" {
		s.tokens = []token{{raw: "?", low: "?"}}
	}
	s.tokens = s.trim(s.tokens)
	if len(s.tokens) == 0 || len(s.tokens) > longest {
		return Step{}, false
	}
	for _, way := range [...]func(*sentence) (Step, bool){c.short, c.selected, c.correct, c.add, c.whyThis, c.replace} {
		if step, ok := way(&s); ok {
			step.Said = text
			return c.take(step), true
		}
	}
	return Step{}, false
}

// words is a step that only says something.
func words(lines ...string) (Step, bool) { return Step{Answer: lines}, true }

// run is a step that runs operations, which a reference was taken for.
func run(sentence string, operations ...operation.Operation) (Step, bool) {
	return Step{Sentence: sentence, Reading: intent.Reading{Operations: operations, Confidence: 1}}, true
}

// short reads the sentences that refer as a whole.
func (c *Conversation) short(s *sentence) (Step, bool) {
	switch s.meaning(plain(s.tokens)) {
	case "leave":
		return Step{Leave: true}, true
	case "yes":
		return c.yes(false)
	case "do":
		return c.yes(true)
	case "no":
		return c.no()
	case "more":
		return c.more(s)
	case "again":
		return c.again()
	case "undo":
		return c.undo()
	case "why":
		return c.why(s)
	case "how":
		return c.how()
	case "help":
		return help()
	}
	return Step{}, false
}

// yes carries out the plan that was shown, or takes the only choice. After a no to the plan
// only words that can mean nothing else agree to it.
func (c *Conversation) yes(explicit bool) (Step, bool) {
	switch {
	case c.pending != nil:
		step, ok := c.repeat(c.pending.operations)
		if explicit || !c.pending.refused {
			step.Agreed = c.pending.plan
		}
		return step, ok
	case len(c.choices) == 1:
		return run(c.choices[0].Say, c.choices[0].Operation)
	case len(c.choices) > 1:
		return words(fmt.Sprintf("Which one? Say a number from 1 to %d.", len(c.choices)))
	}
	return words("There is no plan to carry out. Ask for something first; what changes the machine shows its plan and asks.")
}

// lastSentence is what was asked for last, in full.
func (c *Conversation) lastSentence() string {
	if c.last.sentence != "" {
		return c.last.sentence
	}
	return c.last.said
}

// no drops what was offered.
func (c *Conversation) no() (Step, bool) {
	if len(c.focus) == 1 && c.focus[0].kind == jobKind && c.pending == nil && len(c.choices) == 0 {
		return Step{}, false // "cancel that" is about the job
	}
	dropped := c.pending != nil || len(c.choices) > 0
	c.pending, c.choices = nil, nil
	if dropped {
		return words("All right. Nothing was changed.")
	}
	return words("All right.")
}

// moreOf is added to the request for a list when it goes on.
const moreOf = " (more)"

// more shows the next rows of the last list.
func (c *Conversation) more(s *sentence) (Step, bool) {
	if c.list == nil {
		return words("There is no list that goes on. Search for something, or list something, first.")
	}
	op, shown := c.list.operation, len(c.list.things)
	if shown >= c.list.total {
		return words("That was all of it.")
	}
	spec, _ := operation.Lookup(op.Name)
	rest := strings.Contains(plain(s.tokens), "rest")
	switch {
	case spec.Takes("offset"):
		op.Arguments.Offset = shown
		if rest {
			op.Arguments.Limit = c.list.total - shown
		}
	case rest:
		op.Arguments.Limit = c.list.total
	default:
		op.Arguments.Limit = min(2*shown, c.list.total)
	}
	return run(c.list.sentence+moreOf, op)
}

// again repeats the last request.
func (c *Conversation) again() (Step, bool) {
	if c.last == nil || len(c.last.reading.Operations) == 0 {
		return words("There is nothing to repeat.")
	}
	return c.repeat(c.last.reading.Operations)
}

// repeat runs operations of the last request, which are no surer to be meant than then.
func (c *Conversation) repeat(operations []operation.Operation) (Step, bool) {
	step, ok := run(c.lastSentence(), operations...)
	step.Reading.Confidence, step.ProposedBy = c.last.reading.Confidence, c.last.proposedBy
	return step, ok
}

// help says what can be said here, and shows what can be done.
func help() (Step, bool) {
	step, ok := run("help", operation.New(operation.Help, operation.Arguments{}))
	step.Answer = []string{
		"Say what you want in plain words, or type an exact command.",
		"About what was shown: the second one, install it, try the first two, more, again.",
		"About what was said: no, I meant vim; why?; how?; undo that.",
		"A plan: do it, never mind. The end: quit.",
		"",
	}
	return step, ok
}

// selected reads a sentence that is nothing but a selection: of the choices that were
// offered, or of the rows of the last list.
func (c *Conversation) selected(s *sentence) (Step, bool) {
	tokens := s.tokens
	if n := s.prefix("choose", tokens); n > 0 && n < len(tokens) {
		tokens = tokens[n:]
	}
	selected, n := s.selectionAt(tokens)
	if n != len(tokens) {
		return Step{}, false
	}
	if len(c.choices) > 0 {
		if step, ok := c.choose(&selected); ok {
			return step, true
		}
	}
	return c.showSelected(&selected)
}

// choose takes one of the choices.
func (c *Conversation) choose(s *selection) (Step, bool) {
	places := append(append([]int{}, s.numbers...), s.places...)
	if len(places) != 1 {
		return Step{}, false
	}
	at := places[0]
	if at < 0 {
		at = len(c.choices)
	}
	switch n := len(c.choices); {
	case at > n && c.list != nil:
		return Step{}, false
	case at > n && n == 1:
		return words("There is only one choice: " + c.choices[0].Say + ".")
	case at > n:
		return words(fmt.Sprintf("There are only %d choices.", n))
	}
	chosen := c.choices[at-1]
	return run(chosen.Say, chosen.Operation)
}

// showSelected shows rows of the last list.
func (c *Conversation) showSelected(s *selection) (Step, bool) {
	if c.list == nil {
		return words("There is nothing to choose from. Search for something, or list something, first.")
	}
	things, unsure, wrong := s.from(c.list)
	switch {
	case wrong != "":
		return words(wrong)
	case len(unsure) > 0:
		things = unsure
	}
	return c.showThings(things)
}

// showThings shows all about packages or an option, and says what is known of others.
func (c *Conversation) showThings(things []thing) (Step, bool) {
	c.focus = things
	var packages []operation.PackageName
	for _, t := range things {
		if name, err := operation.ParsePackageName(t.name); t.kind == packageKind && err == nil {
			packages = append(packages, name)
		}
	}
	if len(packages) == len(things) {
		return run("info "+called(things), operation.New(operation.ShowPackage, operation.Arguments{Packages: packages}))
	}
	if t := things[0]; len(things) == 1 && t.kind == optionKind {
		return run("option "+t.name, operation.New(operation.ShowOption, operation.Arguments{Option: operation.OptionPath(t.name)}))
	}
	var lines []string
	for _, t := range things {
		lines = append(lines, strings.TrimSpace(called([]thing{t})+" "+t.about)+".")
	}
	return words(lines...)
}
