package intent

import (
	"cmp"
	"errors"
	"slices"
	"strings"

	"luminousnix/internal/intent/learn"
	"luminousnix/internal/operation"
)

// Confidence below which a reading is not given.
const (
	enoughToShow   = 0.5
	enoughToChange = 0.75
)

// mostRequests is how many requests one sentence may hold.
const mostRequests = 6

// read understands the whole sentence: as what was learnt says that it is, which counts
// what the patterns say; then what stands around a request is looked at.
func (s *sentence) read() (Reading, error) {
	if !s.grammar.learnt {
		return s.readPatterns()
	}
	_, s.gerunds = s.trimPolite()
	l := s.learn(s.match())
	reading, err := l.readFree()
	if err != nil {
		return Reading{}, err
	}
	reading = l.completed(l.narrowed(reading))
	if l.apart {
		return l.together(reading)
	}
	if request, corrected := l.corrected(reading); request != nil {
		return request.unframe(corrected, l.sure(reading))
	}
	if request := l.besideReasons(reading); request != nil {
		return request.unframe(reading, l.sure(reading))
	}
	return s.unframe(reading, l.sure(reading))
}

// patterned is how the patterns read a sentence: as one request, or why not; and as
// several, if each part of it is one.
type patterned struct {
	Reading
	err     error
	part    *sentence // without politeness
	found   []match   // in it, best first
	several Reading   // without operations if it is not several
}

func (s *sentence) match() *patterned {
	p := s.readOne()
	if several, ok := s.readSeveral(); ok && (p.err != nil || p.Confidence < 0.93 && several.Confidence > p.Confidence) {
		p.several = several
	}
	return p
}

// readSeveral reads the clauses one by one. None of them may be a question or be
// unclear: what depends on an "if" or a "how" is no list of requests.
func (s *sentence) readSeveral() (Reading, bool) {
	clauses := s.clauses()
	if len(clauses) < 2 || len(clauses) > mostRequests {
		return Reading{}, false
	}
	reading := Reading{Confidence: 1}
	for _, c := range clauses {
		if c.end <= c.start {
			return Reading{}, false
		}
		part := s.part(c.start, c.end)
		part.pronouns = len(reading.Operations) > 0
		op, confidence, ok := part.plainRequest()
		if !ok {
			return Reading{}, false
		}
		if n := len(reading.Operations); n > 0 {
			if reading.Operations[n-1].Name == operation.SearchPackages && !c.strong && !part.refersBack() {
				return Reading{}, false // "search for backup and restore" is one search
			}
			op = resolve(op, reading.Operations[n-1])
			if op.Name == reading.Operations[n-1].Name && len(op.Arguments.Packages) == 0 {
				return Reading{}, false // said in two ways, or not understood
			}
			if sameList(op, reading.Operations[n-1]) {
				reading.Operations[n-1] = oneList(reading.Operations[n-1], op)
				reading.Confidence = min(reading.Confidence, confidence)
				continue
			}
		}
		if op.Validate() != nil {
			return Reading{}, false
		}
		reading.Operations = append(reading.Operations, op)
		reading.Confidence = min(reading.Confidence, confidence)
	}
	return reading, len(reading.Operations) > 1
}

// refersBack reports a clause about what was said before it.
func (s *sentence) refersBack() bool {
	for i := range s.tokens {
		if s.plays(i, roleIt) {
			return true
		}
	}
	return false
}

// resolve gives "install it" the package of the request before, and "delete it" its
// generation.
func resolve(op, before operation.Operation) operation.Operation {
	op = resolveOption(resolveGeneration(op, before), before)
	if len(op.Arguments.Packages) != 1 || !pronoun(op) {
		return op
	}
	if op.Name == operation.RemovePackages && before.Arguments.Generation > 0 {
		return resolveGeneration(operation.New(operation.DeleteGenerations, operation.Arguments{}), before)
	}
	op.Arguments.Packages = before.Arguments.Packages
	if len(op.Arguments.Packages) == 0 {
		if name, err := operation.ParsePackageName(string(before.Arguments.Query)); err == nil {
			op.Arguments.Packages = []operation.PackageName{name}
		}
	}
	return op
}

func resolveGeneration(op, before operation.Operation) operation.Operation {
	n := before.Arguments.Generation
	switch a := &op.Arguments; {
	case n == 0:
	case op.Name == operation.DeleteGenerations && len(a.Generations) == 0:
		a.Generations = []operation.GenerationNumber{n}
	case op.Name == operation.SwitchGeneration && a.Generation == 0, (op.Name == operation.PinGeneration || op.Name == operation.UnpinGeneration) && a.Generation == 0 && switches(before):
		a.Generation = n
	}
	return op
}

// resolveOption gives "set it to true" the option that was shown or looked for before; what was
// taken for what is sought may be the value again.
func resolveOption(op, before operation.Operation) operation.Operation {
	a := &op.Arguments
	if op.Name != operation.SetOption || a.Option != "" || a.Query != "" && a.Query != "it" && a.Query != "that" && a.Query != operation.Query(a.Value) {
		return op
	}
	switch {
	case before.Name == operation.ShowOption:
		a.Option, a.Query = before.Arguments.Option, ""
	case before.Name == operation.SearchOptions:
		a.Query = before.Arguments.Query
	}
	return op
}

// plainRequest reads a clause that asks for one thing and leaves no doubt.
func (s *sentence) plainRequest() (operation.Operation, float64, bool) {
	part, gerund := s.trimPolite()
	part.allowGerund(gerund)
	return part.plain(newMatcher(part).all(""))
}

// plain makes the operation of the best match, if that leaves no doubt.
func (s *sentence) plain(found []match) (operation.Operation, float64, bool) {
	if len(found) == 0 {
		return operation.Operation{}, 0, false
	}
	m := &found[0]
	if m.confidence < enoughToChange || m.leavesWords() {
		return operation.Operation{}, 0, false
	}
	switch m.pattern.operation {
	case operation.AnswerQuestion, operation.Help, operation.ExplainError:
		return operation.Operation{}, 0, false
	}
	op, vague, err := s.operation(m)
	return op, round(m.confidence), err == nil && !vague
}

// request is plainRequest for a hint.
func (s *sentence) request() (operation.Operation, bool) {
	op, _, ok := s.plainRequest()
	return op, ok && op.Validate() == nil
}

// allowGerund takes "installing" for "install" at the beginning.
func (s *sentence) allowGerund(gerund bool) {
	if !gerund || len(s.tokens) == 0 || inflection(s.word(0)) != learn.Gerund {
		return
	}
	words := slices.Clone(s.tokens[0].words) // other parts have the same tokens
	for i := range words {
		words[i].exact = true
	}
	s.tokens = slices.Clone(s.tokens)
	s.tokens[0].words = words
}

// readOne reads the sentence as a single request or question.
func (s *sentence) readOne() *patterned {
	part, gerund := s.trimPolite()
	part.allowGerund(gerund || s.gerunds)
	p := &patterned{part: part, found: newMatcher(part).all("")}
	p.Reading, p.err = part.readFound(p.found)
	return p
}

func (s *sentence) readFound(found []match) (Reading, error) {
	if s.negated() && (len(found) == 0 || !found[0].pattern.changing || !found[0].clear()) {
		if request := firstRequest(found); len(found) == 0 || !found[0].clear() || request != nil && request.confidence >= 0.4 {
			return Reading{}, notUnderstood("that says what not to do, so nothing is done", nil).WithCause(ErrDeclined)
		}
	}
	for len(found) > 0 && found[0].clear() {
		reading, err := s.accept(&found[0], found[1:])
		if operation.AsError(err) == nil || operation.AsError(err).Code != operation.CodeUsage {
			return reading, err
		}
		found = found[1:] // the pattern left out what the operation needs
	}
	return s.decline(found)
}

// clear reports a match that is good enough to be the reading.
func (f *match) clear() bool {
	if f.pattern.changing {
		return !f.refusedRequest() && f.confidence >= enoughToChange
	}
	return f.confidence >= enoughToShow
}

// accept makes the reading of a clear match.
func (s *sentence) accept(best *match, others []match) (Reading, error) {
	op, vague, err := s.operation(best)
	if err == nil {
		err = op.Validate()
	}
	if err != nil {
		return Reading{}, s.explainRefusal(err)
	}
	alternatives := s.alternatives(others, op)
	switch {
	case best.pattern.extra == "ambiguous=steps":
		byNumber := operation.New(op.Name, operation.Arguments{Generation: operation.GenerationNumber(op.Arguments.Steps)})
		return Reading{}, ambiguous([]operation.Alternative{alternative(op, 0.5), alternative(byNumber, 0.5)})
	case vague && best.pattern.changing:
		return s.describe(best, op)
	}
	if best.pattern.changing && len(alternatives) > 0 && rival(best, others) {
		return Reading{}, ambiguous(append([]operation.Alternative{alternative(op, best.confidence)}, alternatives[0]))
	}
	if op.Name == operation.ShowPackage && best.pattern.weight < 0.8 && len(alternatives) == 0 {
		install := operation.New(operation.InstallPackages, operation.Arguments{Packages: op.Arguments.Packages})
		alternatives = append(alternatives, alternative(install, best.confidence/2))
	}
	return Reading{Operations: []operation.Operation{op}, Confidence: round(best.confidence), Alternatives: alternatives}, nil
}

// describe takes what was described rather than named for a search; only where
// that makes no sense, as for removing, it asks.
func (s *sentence) describe(m *match, op operation.Operation) (Reading, error) {
	search := operation.New(operation.SearchPackages, operation.Arguments{})
	for c := m.captures; c != nil; c = c.previous {
		if c.slot == slotPackages {
			search.Arguments.Query = operation.Query(s.query(c.start, c.end))
		}
	}
	if err := search.Validate(); err != nil {
		return Reading{}, s.explainRefusal(err)
	}
	install := alternative(op, m.confidence*0.6)
	if op.Name == operation.InstallPackages || op.Name == operation.TryPackages {
		return Reading{
			Operations:   []operation.Operation{search},
			Confidence:   round(m.confidence * 0.7),
			Alternatives: []operation.Alternative{install},
		}, nil
	}
	return Reading{}, ambiguous([]operation.Alternative{install, alternative(search, m.confidence*0.5)})
}

// rival reports another changing operation that is as likely.
func rival(best *match, others []match) bool {
	const near = 0.02
	for i := range others {
		if o := &others[i]; o.pattern.changing && o.clear() && best.confidence-o.confidence < near {
			return true
		}
	}
	return false
}

// decline says why none of the matches is the reading; a question about doing
// something is answered.
func (s *sentence) decline(found []match) (Reading, error) {
	alternatives := s.alternatives(found, operation.Operation{})
	request := firstRequest(found)
	switch {
	case request == nil && s.anyTopic(0, len(s.tokens)) && s.wonders():
		return s.answer(enoughToShow, alternatives), nil
	case request == nil:
		return Reading{}, notUnderstood("I did not understand that", alternatives)
	}
	if op, _, err := s.operation(request); err != nil {
		return Reading{}, s.explainRefusal(err)
	} else if request.doubt && request.confidence >= 0.4 && (s.anyTopic(0, len(s.tokens)) || !request.unclear && s.asks()) {
		return s.answer(max(request.confidence*0.8, enoughToShow), first(alternative(op, request.confidence*0.6), alternatives)), nil
	}
	if request.confidence >= 0.6 && !request.doubt {
		return Reading{}, ambiguous(alternatives)
	}
	return Reading{}, notUnderstood("I did not understand that", alternatives)
}

// firstRequest is the best changing match.
func firstRequest(found []match) *match {
	for i := range found {
		if found[i].pattern.changing {
			return &found[i]
		}
	}
	return nil
}

// asks reports the beginning of a question about doing.
func (s *sentence) asks() bool {
	switch s.word(0) {
	case "how", "should", "can", "could", "may", "what", "when", "why", "where", "is", "do", "does", "any", "would", "must", "howto":
		return true
	}
	return s.source[len(s.source)-1] == '?'
}

// negated reports a sentence that forbids: "do not …", "never …", "no need to …".
func (s *sentence) negated() bool {
	if len(s.tokens) < 2 {
		return false
	}
	for i := range s.tokens {
		switch word := s.word(i); {
		case s.tokens[i].kind == filler:
			continue
		case word == "never" || word == "stop" || word == "avoid" || word == "without" || word == "no" || word == "not":
			return true
		case word == "do" || word == "i" || word == "we" || word == "you" || word == "would" || word == "should" || word == "must" || word == "want" || word == "to" || word == "can":
			continue
		}
		return false
	}
	return false
}

// alternatives turns matches into other readings, at most three, without the
// operation that was taken.
func (s *sentence) alternatives(found []match, taken operation.Operation) []operation.Alternative {
	const most, least = 3, 0.4
	var alternatives []operation.Alternative
	for i := range found {
		f := &found[i]
		if f.confidence < least || f.pattern.operation == taken.Name || len(alternatives) == most {
			continue
		}
		op, _, err := s.operation(f)
		if err != nil || op.Validate() != nil {
			continue
		}
		alternatives = append(alternatives, alternative(op, f.confidence))
	}
	slices.SortStableFunc(alternatives, func(a, b operation.Alternative) int { return cmp.Compare(b.Confidence, a.Confidence) })
	return alternatives
}

// answer reads the sentence as a question.
func (s *sentence) answer(confidence float32, alternatives []operation.Alternative) Reading {
	question := operation.New(operation.AnswerQuestion, operation.Arguments{Text: strings.TrimSpace(s.source)})
	others := alternatives[:0]
	for _, a := range alternatives {
		if a.Name != operation.AnswerQuestion {
			others = append(others, a)
		}
	}
	return Reading{Operations: []operation.Operation{question}, Confidence: round(confidence), Alternatives: others}
}

// wonders reports a question anywhere in the sentence.
func (s *sentence) wonders() bool {
	if s.asks() {
		return true
	}
	for i := range s.tokens {
		switch s.word(i) {
		case "how", "why", "what", "which", "where":
			return true
		}
	}
	return false
}

func first(a operation.Alternative, rest []operation.Alternative) []operation.Alternative {
	all := []operation.Alternative{a}
	for _, r := range rest {
		if r.Name != a.Name {
			all = append(all, r)
		}
	}
	return all
}

// explainRefusal adds to a refusal what to type instead.
func (s *sentence) explainRefusal(err error) error {
	var typed *operation.Error
	if !errors.As(err, &typed) {
		return err
	}
	if typed.Code == operation.CodeRefused && typed.Hint == "" {
		typed.Hint = s.grammar.insteadOf(s, s.firstBad())
	}
	return typed
}

// firstBad is where the first word begins that is no name.
func (s *sentence) firstBad() int {
	for i := range s.tokens {
		if _, err := operation.ParsePackageName(s.tokens[i].text); err != nil && s.tokens[i].text != "" {
			return s.tokens[i].start
		}
	}
	return len(s.source)
}

func ambiguous(alternatives []operation.Alternative) *operation.Error {
	err := operation.Errorf(operation.CodeAmbiguous, "that can be understood in more than one way")
	if len(alternatives) == 1 {
		err = operation.Errorf(operation.CodeAmbiguous, "I am not sure that this is what you mean")
	}
	err.Alternatives = alternatives
	return err.WithHint(nearest(alternatives))
}

func notUnderstood(what string, alternatives []operation.Alternative) *operation.Error {
	hint := nearest(alternatives)
	if hint == "" {
		hint = "`ask-nix help` lists what can be done."
	}
	return operation.Errorf(operation.CodeNotUnderstood, "%s", what).WithHint(hint)
}

// nearest lists what to type for alternatives.
func nearest(alternatives []operation.Alternative) string {
	var commands []string
	for _, a := range alternatives {
		commands = append(commands, command(a.Operation))
	}
	if len(commands) == 0 {
		return ""
	}
	return "Perhaps: " + strings.Join(commands, "  or  ")
}
