package intent

import (
	"cmp"
	"strings"

	"luminousnix/internal/intent/learn"
	"luminousnix/internal/operation"
)

// extraction takes the arguments of an operation out of a sentence that no pattern
// fits: names where the learnt tags are, numbers, days and sizes by the words around
// them.
type extraction struct {
	*sentence
	spec operation.Spec
	tags []learn.Tags
	used uint64 // tokens that were taken
	args operation.Arguments
}

// extract makes the operation. The error is that of the grammar which a name or a query
// broke.
func (s *sentence) extract(name operation.Name, look learn.Sentence) (operation.Operation, error) {
	spec, _ := operation.Lookup(name)
	e := &extraction{sentence: s, spec: spec, tags: look.Tags(name)}
	for _, timed := range []bool{true, false} { // a number of a date is none of a generation
		for _, argument := range spec.Arguments {
			if timed != (argument.Name == "date" || argument.Name == "olderThanDays") {
				continue
			}
			if err := e.take(argument); err != nil {
				return operation.Operation{}, err
			}
		}
	}
	return s.withPinName(operation.New(name, e.args)), nil
}

// take looks for one argument. What is not there is left out: an operation that needs
// it says so when it is checked.
func (e *extraction) take(argument operation.Argument) (err error) {
	a := &e.args
	switch argument.Name {
	case "packages":
		return e.packages(argument.Required)
	case "program":
		if i := e.likeliest(learn.Program, argument.Required); i >= 0 {
			a.Program, err = operation.ParsePackageName(program(e.tokens[i].text))
		}
	case "query":
		return e.queryArgument()
	case "option":
		if i := e.first(func(i int) bool { return isOption(e.tokens[i].text) }); i >= 0 {
			a.Option, err = operation.ParseOptionPath(e.tokens[i].text)
		}
	case "value":
		return e.valueArgument()
	case "date":
		a.Date = e.day()
	case "generation":
		a.Generation = operation.GenerationNumber(e.generation())
	case "generations":
		a.Generations = e.generationList()
	case "from":
		a.From, a.To = e.twoGenerations()
	case "steps":
		a.Steps = e.steps()
	case "keep":
		a.Keep = e.keep()
	case "olderThanDays":
		a.OlderThanDays = e.age()
	case "ensureFree":
		a.EnsureFree = e.size()
	case "channel":
		a.Channel = e.channelArgument()
	case "scope":
		a.Scope = e.scopeArgument()
	case "profile":
		a.Profile = e.profileArgument()
	case "job":
		a.Job = e.job()
	case "expired":
		a.Expired = e.first(e.expired) >= 0
	case "text":
		if e.spec.Name == operation.AnswerQuestion || e.spec.Name == operation.ExplainError && e.quotesError() {
			a.Text = e.said()
		}
	}
	return err
}

// expired reports a word for what is no longer good.
func (e *extraction) expired(i int) bool {
	switch word := e.word(i); word {
	case "stale":
		return e.word(i+1) != "results" && e.word(i+1) != "answers"
	case "outdated", "out-of-date", "expiry":
		return true
	case "past":
		return e.word(i+2) == "date"
	case "out":
		return e.word(i+1) == "of" && e.word(i+2) == "date"
	default:
		return strings.HasPrefix(word, "expire")
	}
}

// first is the first token that holds, -1 for none.
func (s *sentence) first(holds func(int) bool) int {
	for i := range s.tokens {
		if holds(i) {
			return i
		}
	}
	return -1
}

// likeliest is the token that is most likely of a tag; -1 when none is at all.
func (e *extraction) likeliest(tag learn.Tag, needed bool) int {
	least, best := float32(0.5), -1
	if needed {
		least = 0.015
	}
	for i := range e.tags {
		if p := e.tags[i][tag]; p > least && e.named(i) && e.tokens[i].number < 0 {
			least, best = p, i
		}
	}
	if best < 0 && needed {
		return e.first(func(i int) bool { return i > 0 && (i == 1 || i+1 == len(e.tokens)) && alsoName(e.word(i)) })
	}
	return best
}

// alsoName reports a word of the language that is the name of a program, too.
func alsoName(word string) bool {
	switch word {
	case "make", "go", "just", "less", "more", "at", "which", "who", "time":
		return true
	}
	return false
}

// named reports a word that can be a name: none that only stands for one, such as "it", or
// says how something is done.
func (e *extraction) named(i int) bool {
	switch e.word(i) {
	case "temporarily", "permanently", "properly", "forever", "first", "afterwards", "mate", "install", "uninstall", "remove", "update", "upgrade", "alone", "only", "too", "completely", "entirely", "altogether", "rest", "things", "everything", "thereafter", "temporary", "oh", "ta", "reboot", "restart", "disown", "finished":
		if (i > 0 || len(e.tokens) > 1) && !e.tokens[i].quoted {
			return false
		}
	}
	if t := &e.tokens[i]; t.sense.weekday > 0 || e.word(i) == "tomorrow" || e.word(i) == "tonight" || e.word(i) == "yesterday" || e.word(i) == "week" {
		return false
	}
	return e.tokens[i].text != "" && (e.tokens[i].kind == content || e.tokens[i].quoted)
}

// packages takes every word that is likely a name; at least one where one is needed. What is
// asked about is one thing.
func (e *extraction) packages(needed bool) error {
	if e.spec.Name == operation.ExplainDependency {
		if i := e.likeliest(learn.Package, needed); i >= 0 {
			return e.addPackage(i)
		}
		return nil
	}
	found := 0
	for i := range e.tags {
		if (e.tags[i][learn.Package] > 0.5 || e.oneMore(i)) && e.named(i) && !versionNumber(e.tokens[i].text) && e.tokens[i].meant == "" {
			found++
			if err := e.addPackage(i); err != nil {
				return err
			}
		}
	}
	if found == 0 && needed {
		if i := e.likeliest(learn.Package, true); i >= 0 {
			return e.addPackage(i)
		}
	}
	return nil
}

// oneMore reports a word that stands between names, or behind one, as one more of a list: the
// second one in "git, make and gcc".
func (e *extraction) oneMore(i int) bool {
	const least = 0.03
	if e.tags[i][learn.Package] < least || i == 0 {
		return false
	}
	before := i - 1
	for before > 0 && e.tokens[before].plays(roleAnd) {
		before--
	}
	ends := i+1 == len(e.tags) || e.tokens[i].after != 0 || e.plays(i+1, roleAnd)
	return ends && (before < i-1 || e.tokens[before].after == ',') && e.tags[before][learn.Package] > 0.5
}

func (e *extraction) addPackage(i int) error {
	if !e.spec.Changing && odd(e.tokens[i].text) != "" {
		return nil // an option or a path of the tool whose command it is
	}
	name, err := operation.ParsePackageName(strings.ToLower(e.nameAt(i)))
	if err != nil {
		return err
	}
	for _, other := range e.args.Packages {
		if other == name {
			return nil
		}
	}
	e.args.Packages = append(e.args.Packages, name)
	return nil
}

// queryArgument takes the words that are likely sought.
func (e *extraction) queryArgument() (err error) {
	if e.args.Option != "" {
		return nil
	}
	var words []string
	for i := range e.tags {
		if p := e.tags[i][learn.Query]; (p > 0.2 && e.tokens[i].kind == content) && e.tokens[i].text != "" {
			words = append(words, e.sought(i))
		}
	}
	if len(words) == 0 && (e.spec.Name == operation.SearchPackages || e.spec.Name == operation.SearchOptions || e.spec.Name == operation.SetOption) {
		if i := e.likeliest(learn.Query, true); i >= 0 {
			words = append(words, e.sought(i))
		}
	}
	if len(words) > 0 {
		e.args.Query, err = operation.ParseQuery(strings.Join(words, " "))
	}
	return err
}

// sought is a word that is sought, as it was meant.
func (e *extraction) sought(i int) string {
	return cmp.Or(e.tokens[i].meant, withoutGenitive(e.tokens[i].text))
}
