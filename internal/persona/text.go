package persona

import (
	"strings"

	"luminousnix/internal/operation"
	"luminousnix/internal/plainfile"
)

// Text is what `plain` says of an operation.
type Text struct {
	// Changes and Stays are said before a change: what it changes and what it does not.
	Changes, Stays []Line
	// Happened, Matters and Next are said afterwards: what happened, why it matters, what
	// next.
	Happened, Matters, Next []Line
}

// Line is a sentence with placeholders such as {count}, for values of the result.
type Line struct {
	// When is a value without which the sentence is left out, or, where Not is set, with
	// which it is; "" is none.
	When string
	Not  bool
	Text string
}

// The sections of operations.txt that are said in place of an operation's own.
const (
	DryRun       = "dry-run"
	NothingToDo  = "nothing-to-do"
	InBackground = "detached"
)

// About is the text of an operation.
func About(name operation.Name) *Text {
	if text := inEnglish().operations[string(name)]; text != nil {
		return text
	}
	return &Text{}
}

// After is what is said of a result: the text of its operation, or that in place of it.
func After(r operation.Result, dryRun bool) *Text {
	name := string(r.Operation.Name)
	_, job := r.Data.(*operation.Job)
	switch {
	case dryRun && r.Plan != nil:
		name = DryRun
	case r.Plan != nil && r.Plan.Nothing:
		name = NothingToDo
	case job && r.Operation.Name != operation.AttachJob && r.Operation.Name != operation.CancelJob:
		name = InBackground
	}
	return About(operation.Name(name))
}

// Say fills values into lines and leaves out those that are not for them.
func Say(lines []Line, values map[string]string) string {
	var said []string
	for _, line := range lines {
		if line.When != "" && (values[line.When] == "") != line.Not {
			continue
		}
		if text, ok := line.fill(values); ok {
			said = append(said, text)
		}
	}
	return strings.Join(said, " ")
}

// fill is the line with its values; ok is false where one is missing.
func (l Line) fill(values map[string]string) (text string, ok bool) {
	var b strings.Builder
	rest := l.Text
	for {
		before, after, found := strings.Cut(rest, "{")
		b.WriteString(before)
		if !found {
			return strings.TrimSpace(b.String()), true
		}
		name, behind, _ := strings.Cut(after, "}")
		if values[name] == "" {
			return "", false
		}
		b.WriteString(values[name])
		rest = behind
	}
}

// Names are the values that the line is about.
func (l Line) Names() []string {
	var names []string
	if l.When != "" {
		names = append(names, l.When)
	}
	for part := range strings.SplitSeq(l.Text, "{") {
		if name, _, ok := strings.Cut(part, "}"); ok {
			names = append(names, name)
		}
	}
	return names
}

func parseOperations(text string) map[string]*Text {
	found := map[string]*Text{}
	var groups map[string]*[]Line // of the operation that is read
	plainfile.Blocks(text,
		func(name, _ string) {
			t := &Text{}
			found[name] = t
			groups = map[string]*[]Line{"changes": &t.Changes, "stays": &t.Stays, "happened": &t.Happened, "matters": &t.Matters, "next": &t.Next}
		},
		func(word, rest string) {
			if group := groups[word]; group != nil {
				*group = append(*group, parseLine(rest))
			}
		})
	return found
}

func parseLine(text string) Line {
	condition, rest, ok := strings.Cut(text, ": ")
	name, guarded := strings.CutPrefix(condition, "when ")
	if !ok || !guarded {
		return Line{Text: text}
	}
	name, not := strings.CutPrefix(name, "not ")
	return Line{When: name, Not: not, Text: strings.TrimSpace(rest)}
}
