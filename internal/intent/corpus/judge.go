package corpus

import (
	"slices"
	"strings"

	"luminousnix/internal/operation"
)

// Verdict is how a sentence was understood.
type Verdict struct {
	Operation bool // the right one was found, or was among at most three choices
	Asked     bool // there was a choice
	Judged    bool // the arguments can be compared
	Arguments bool // they are right
	Got       operation.Name
}

// Judge compares what was understood, or the error that says why nothing was, with
// what was meant.
func (s *Sentence) Judge(got []operation.Operation, err error) Verdict {
	v := Verdict{Got: operation.None}
	if err != nil {
		return s.judgeError(v, operation.AsError(err))
	}
	v.Got = got[0].Name
	want := oneList(s.Want)
	switch {
	case len(got) == 1 && slices.Contains(s.Also, v.Got) && v.Got != s.Want[0].Name:
		v.Operation = true
	case sameOperations(want, got):
		v.Operation, v.Judged, v.Arguments = true, true, true
		for i := range got {
			v.Judged = v.Judged && want[i].Validate() == nil // else its arguments are not told
			v.Arguments = v.Arguments && sameArguments(usual(want[i]), usual(got[i]))
		}
		v.Arguments = v.Arguments && v.Judged
	}
	return v
}

func (s *Sentence) judgeError(v Verdict, failure *operation.Error) Verdict {
	if failure.Code == operation.CodeAmbiguous {
		v.Asked = true
		for _, a := range failure.Alternatives {
			v.Operation = v.Operation || len(s.Want) == 1 && (a.Name == s.Want[0].Name || slices.Contains(s.Also, a.Name))
		}
	}
	if s.Want[0].Name == operation.None || slices.Contains(s.Also, operation.None) {
		v.Operation = true
	}
	return v
}

// oneList makes one of two requests for packages in a row: what is done is the same.
func oneList(requests []operation.Operation) (all []operation.Operation) {
	for _, op := range requests {
		if n := len(all); n > 0 && continues(all[n-1], op) {
			all[n-1].Arguments.Packages = slices.Concat(all[n-1].Arguments.Packages, op.Arguments.Packages)
			continue
		}
		all = append(all, op)
	}
	return all
}

// continues reports the same request for other packages.
func continues(a, b operation.Operation) bool {
	return a.Name == b.Name && len(a.Arguments.Packages) > 0 && len(b.Arguments.Packages) > 0 &&
		a.Arguments.Scope == b.Arguments.Scope && a.Arguments.Channel == b.Arguments.Channel
}

func sameOperations(want, got []operation.Operation) bool {
	return slices.EqualFunc(want, got, func(a, b operation.Operation) bool { return a.Name == b.Name })
}

// usual are the arguments without what is meant anyway: one step back, and nixos-unstable.
func usual(op operation.Operation) operation.Arguments {
	a := op.Arguments
	if op.Name == operation.Rollback && a.Steps == 1 {
		a.Steps = 0
	}
	if a.Channel == "unstable" {
		a.Channel = "nixos-unstable"
	}
	return a
}

// sameArguments compares all arguments, of a question only whether it was passed on.
// Of what is searched one word more is no mistake, nor is one or many of it.
func sameArguments(want, got operation.Arguments) bool {
	if !sameWords(string(want.Query), string(got.Query)) || !samePackages(want.Packages, got.Packages) {
		return false
	}
	if !strings.EqualFold(want.Value, got.Value) || !strings.EqualFold(string(want.Program), string(got.Program)) {
		return false
	}
	slices.Sort(want.Generations)
	slices.Sort(got.Generations)
	return slices.Equal(want.Generations, got.Generations) && want.Generation == got.Generation &&
		want.From == got.From && want.To == got.To && want.Steps == got.Steps && want.Date == got.Date &&
		want.Keep == got.Keep && want.OlderThanDays == got.OlderThanDays && want.EnsureFree == got.EnsureFree &&
		want.Scope == got.Scope && want.Option == got.Option && want.Channel == got.Channel &&
		want.Job == got.Job && want.Expired == got.Expired && want.Profile == got.Profile
}

func samePackages(want, got []operation.PackageName) bool {
	normal := func(names []operation.PackageName) (all []string) {
		for _, name := range names {
			all = append(all, strings.ToLower(string(name)))
		}
		slices.Sort(all)
		return all
	}
	return slices.Equal(normal(want), normal(got))
}

// sameWords compares what is searched for, without the small words.
func sameWords(want, got string) bool {
	missing, more := content(want), 0
	for _, word := range content(got) {
		if i := slices.Index(missing, word); i >= 0 {
			missing = slices.Delete(missing, i, i+1)
		} else {
			more++
		}
	}
	return len(missing) == 0 && more <= 1
}

func content(text string) (words []string) {
	for word := range strings.FieldsSeq(strings.ToLower(text)) {
		switch word = strings.Trim(word, ".,;:!?'\"()"); word {
		case "", "a", "an", "the", "for", "of", "to", "in", "on", "my", "and", "with", "some", "that", "can":
		default:
			words = append(words, strings.TrimSuffix(word, "s"))
		}
	}
	return words
}
