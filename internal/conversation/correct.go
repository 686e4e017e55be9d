package conversation

import (
	"fmt"
	"slices"
	"strings"

	"luminousnix/internal/intent"
	"luminousnix/internal/operation"
)

// correction is what was meant, and what was not, if that was said.
type correction struct {
	meant, not []token
}

// correct reads "no, I meant vim": the last request with something else in it, or another
// request.
func (c *Conversation) correct(s *sentence) (Step, bool) {
	said, ok := s.correction()
	if !ok {
		return Step{}, false
	}
	if c.last == nil {
		return c.readPlain(s, said.meant)
	}
	if selected, n := s.selectionAt(said.meant); n == len(said.meant) && (selected.marked || c.list.kind() != "") && !c.isNumber(&selected) {
		return c.correctTo(s, &selected)
	}
	for _, before := range c.last.reading.Operations {
		op := before
		if !s.isRequest(said.meant) && replaceIn(&op, said) && op.Validate() == nil {
			return c.corrected(before, op)
		}
	}
	return c.readPlain(s, said.meant)
}

// isNumber reports whether a number is that of a generation which the last request had.
func (c *Conversation) isNumber(s *selection) bool {
	return len(s.numbers) > 0 && !s.marked && slices.ContainsFunc(c.last.reading.Operations, func(op operation.Operation) bool {
		a := op.Arguments
		return a.Generation != 0 || len(a.Generations) > 0 || a.Steps != 0 || a.Value != ""
	})
}

// correction takes the correction out of a sentence.
func (s *sentence) correction() (said correction, ok bool) {
	rest := s.tokens
	wrong := 0
	for {
		n := s.prefix("wrong", rest)
		if n == 0 || n == len(rest) {
			break
		}
		wrong += n
		rest = rest[n:]
	}
	firm := wrong > 0 && (s.tokens[wrong-1].comma || s.tokens[0].low == "no" && len(rest) == 1)
	switch n := s.prefix("meant", rest); {
	case n > 0 && n < len(rest):
		rest, firm = rest[n:], true
	case wrong == 0 && s.prefix("not", rest) > 0:
		return s.notBut(rest)
	}
	if before, after, found := s.instead(rest); found {
		return correction{before, after}, len(before) > 0
	}
	if at := s.indexOf("not", rest); firm && at > 0 && at < len(rest)-1 {
		return correction{rest[:at], rest[at+s.prefix("not", rest[at:]):]}, true
	}
	if said, ok := s.notBut(rest); ok {
		return said, true
	}
	return correction{meant: rest}, firm && len(rest) > 0
}

// notBut reads "not vi but vim".
func (s *sentence) notBut(tokens []token) (correction, bool) {
	n := s.prefix("not", tokens)
	at := s.indexOf("but", tokens)
	if n == 0 || at <= n || at >= len(tokens)-1 {
		return correction{}, false
	}
	return correction{tokens[at+s.prefix("but", tokens[at:]):], tokens[n:at]}, true
}

// instead reads "vim instead" and "vim instead of vi".
func (s *sentence) instead(tokens []token) (meant, not []token, ok bool) {
	at := s.indexOf("instead", tokens)
	switch {
	case at < 1:
		return nil, nil, false
	case at == len(tokens)-1:
		return tokens[:at], nil, true
	case tokens[at+1].low == "of" && at+2 < len(tokens):
		return tokens[:at], tokens[at+2:], true
	}
	return nil, nil, false
}

// indexOf is where a member of a group begins; -1 for nowhere.
func (s *sentence) indexOf(group string, tokens []token) int {
	for i := range tokens {
		if s.prefix(group, tokens[i:]) > 0 {
			return i
		}
	}
	return -1
}

// isRequest reports whether words are a request in full.
func (s *sentence) isRequest(tokens []token) bool {
	return len(tokens) > 1 && s.is("verb", tokens[0].low)
}

// correctTo is "no, the second one": the last request about another row, or that row.
func (c *Conversation) correctTo(s *sentence, selected *selection) (Step, bool) {
	if len(c.choices) > 0 {
		if step, ok := c.choose(selected); ok {
			return preview(step), true
		}
	}
	if c.list == nil {
		return c.showSelected(selected)
	}
	things, unsure, wrong := selected.from(c.list)
	if wrong != "" || len(unsure) > 0 || len(things) == 0 {
		return c.showSelected(selected)
	}
	for _, before := range c.last.reading.Operations {
		op := before
		if replaceThings(&op, things) && op.Validate() == nil {
			return c.corrected(before, op)
		}
	}
	return c.showSelected(selected)
}

// replaceThings puts things in the place of those that an operation is about.
func replaceThings(op *operation.Operation, things []thing) bool {
	a := &op.Arguments
	switch kind := things[0].kind; {
	case kind == packageKind && len(a.Packages) > 0:
		a.Packages = nil
		for _, t := range things {
			a.Packages = append(a.Packages, operation.PackageName(t.name))
		}
	case kind == generationKind && len(a.Generations) > 0:
		a.Generations = nil
		for _, t := range things {
			a.Generations = append(a.Generations, t.number)
		}
	case len(things) > 1:
		return false
	case kind == generationKind && a.Generation != 0:
		a.Generation = things[0].number
	case kind == optionKind && a.Option != "":
		a.Option = operation.OptionPath(things[0].name)
	case kind == jobKind && a.Job != "":
		a.Job = things[0].name
	default:
		return false
	}
	return true
}

// replaceIn puts what was meant in the place of what an operation has, where that is of
// the same form.
func replaceIn(op *operation.Operation, said correction) bool {
	a := &op.Arguments
	words := written(said.meant)
	names := namesIn(said.meant)
	numbers := numbersIn(said.meant)
	switch {
	case op.Name == operation.Rollback && len(numbers) == 1 && len(said.meant) > 1: // "generation 41"
		*a = operation.Arguments{Generation: numbers[0], Profile: a.Profile, ConfirmWithin: a.ConfirmWithin}
	case a.Generation != 0 && len(numbers) == 1:
		a.Generation = numbers[0]
	case len(a.Generations) > 0 && len(numbers) > 0:
		a.Generations = swap(a.Generations, numbers, numbersIn(said.not))
	case a.Steps != 0 && len(numbers) == 1:
		a.Steps = int(numbers[0])
	case len(a.Packages) > 0 && len(names) > 0:
		a.Packages = swap(a.Packages, names, namesIn(said.not))
	case a.Program != "" && len(names) == 1:
		a.Program = names[0]
	case a.Option != "" && len(said.meant) == 1 && strings.Contains(words, "."):
		path, err := operation.ParseOptionPath(words)
		a.Option = path
		return err == nil
	case a.Value != "" && len(said.meant) == 1:
		a.Value = words
	case a.Query != "" && op.Name != operation.SetOption:
		query, err := operation.ParseQuery(words)
		a.Query, a.Offset = query, 0
		return err == nil
	default:
		return false
	}
	return true
}

// swap puts new members in the place of one that was not meant, or of all.
func swap[T comparable](all, meant, not []T) []T {
	if len(not) == 1 {
		if at := slices.Index(all, not[0]); at >= 0 {
			return slices.Replace(slices.Clone(all), at, at+1, meant...)
		}
	}
	return meant
}

// members are the words of an enumeration: "vim", "vim and git", "vim, git"; nil if they
// are not one.
func members(tokens []token) (words []token) {
	joined := true
	for _, t := range tokens {
		switch and := t.low == "and"; {
		case and && len(words) > 0:
			joined = true
		case and || !joined:
			return nil
		default:
			words = append(words, t)
			joined = t.comma
		}
	}
	return words
}

// namesIn are the names of packages that words are; nil if one is not.
func namesIn(tokens []token) (names []operation.PackageName) {
	for _, t := range members(tokens) {
		name, err := operation.ParsePackageName(t.raw)
		if err != nil {
			return nil
		}
		names = append(names, name)
	}
	return names
}

// numbersIn are the numbers that words are, without "generation" before them.
func numbersIn(tokens []token) (numbers []operation.GenerationNumber) {
	if len(tokens) > 1 && (tokens[0].low == "generation" || tokens[0].low == "generations" || tokens[0].low == "number") {
		tokens = tokens[1:]
	}
	for _, t := range members(tokens) {
		number := english().number(t.low)
		if number == 0 {
			return nil
		}
		numbers = append(numbers, operation.GenerationNumber(number))
	}
	return numbers
}

// corrected is the step of a request that was corrected. What was done by the first one
// stays, which has to be said.
func (c *Conversation) corrected(before, op operation.Operation) (Step, bool) {
	step, ok := run(c.inOtherWords(before, op), op)
	step.ProposedBy = c.last.proposedBy
	if c.changedLast() {
		step.Answer = []string{"What was done before stays; `undo that` takes it back."}
	}
	return preview(step), ok
}

// butMeant comes between a request and what was meant, where that has no place in it.
const butMeant = ", but "

// inOtherWords is the last request with what op has in the place of what it had before.
func (c *Conversation) inOtherWords(before, op operation.Operation) string {
	sentence, old, now := c.lastSentence(), argumentsOf(before.Arguments), argumentsOf(op.Arguments)
	for i := range old {
		if old[i] != now[i] && old[i] != "" && now[i] != "" && strings.Contains(sentence, old[i]) {
			return strings.Replace(sentence, old[i], now[i], 1)
		}
	}
	sentence, _, _ = strings.Cut(sentence, butMeant)
	return sentence + butMeant + strings.TrimSpace(strings.Join(now[:], " "))
}

// argumentsOf are those arguments that can be corrected, as they are said.
func argumentsOf(a operation.Arguments) (said [5]string) {
	var packages, generations []thing
	for _, name := range a.Packages {
		packages = append(packages, thing{kind: packageKind, name: string(name)})
	}
	for _, number := range a.Generations {
		generations = append(generations, thing{kind: generationKind, number: number})
	}
	if a.Generation != 0 {
		generations = append(generations, thing{kind: generationKind, number: a.Generation})
	}
	if len(packages) > 0 {
		said[0] = called(packages)
	}
	if len(generations) > 0 {
		said[1] = called(generations)
	}
	said[2], said[3] = string(a.Query+operation.Query(a.Option))+string(a.Program), a.Value
	if a.Steps != 0 {
		said[4] = fmt.Sprintf("%d generations", a.Steps)
	}
	return said
}

// changedLast reports whether the last request made a change that can be taken back.
func (c *Conversation) changedLast() bool {
	if len(c.changes) == 0 || c.last.err != nil {
		return false
	}
	last := c.changes[len(c.changes)-1]
	return last.reversible() && slices.ContainsFunc(c.last.results, func(r operation.Result) bool { return r.Plan == last.plan })
}

// hardly is how sure it is that a correction was taken as it was meant: less than what
// any presentation wants for a change without a question.
const hardly = 0.8

// preview has a change be shown before it is done that nobody would be asked about.
func preview(step Step) Step {
	step.Reading.Confidence = min(step.Reading.Confidence, hardly)
	for _, op := range step.Reading.Operations {
		if spec, _ := operation.Lookup(op.Name); spec.Changing && !spec.Asks() {
			step.DryRun = true
		}
	}
	return step
}

// readPlain reads what was meant as a request by itself, in which there may be a
// reference.
func (c *Conversation) readPlain(s *sentence, tokens []token) (Step, bool) {
	meant := *s
	meant.tokens = tokens
	if step, ok := c.replace(&meant); ok {
		return preview(step), true
	}
	text := written(tokens)
	reading, err := intent.UnderstandIn(c.Language, text, s.now)
	return preview(Step{Sentence: text, Reading: reading, Err: operation.AsError(err)}), true
}

// add reads "and git too" and "what about git?": the last request, about another package.
func (c *Conversation) add(s *sentence) (Step, bool) {
	n := s.prefix("also", s.tokens)
	if n == 0 || n == len(s.tokens) || c.last == nil {
		return Step{}, false
	}
	rest := s.tokens[n:]
	if m := s.suffix("too", rest); m > 0 && m < len(rest) {
		rest = rest[:len(rest)-m]
	}
	if len(rest) > 1 && s.isRequest(rest) || len(c.last.reading.Operations) != 1 {
		return Step{}, false
	}
	op := c.last.reading.Operations[0]
	before, said := op, correction{meant: rest}
	switch {
	case len(op.Arguments.Packages) == 0 && op.Arguments.Program == "" && op.Name != operation.SearchPackages:
		return Step{}, false
	case !replaceIn(&op, said) || op.Validate() != nil:
		return Step{}, false
	}
	step, ok := run(c.inOtherWords(before, op), op)
	step.ProposedBy = c.last.proposedBy
	return preview(step), ok
}
