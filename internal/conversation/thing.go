package conversation

import (
	"fmt"
	"slices"
	"strings"

	"luminousnix/internal/operation"
)

// kind is what a thing is.
type kind string

const (
	packageKind    kind = "package"
	optionKind     kind = "option"
	generationKind kind = "generation"
	jobKind        kind = "job"
)

// thing is what can be referred to.
type thing struct {
	kind    kind
	name    string // attribute, path of an option, or id of a job
	number  operation.GenerationNumber
	profile operation.ProfileName // of the generation, as it was asked for
	about   string                // one line
	why     []string              // why it was found
	pin     operation.Pin
}

// list are the rows that were shown last. Those of the pages before are among them.
type list struct {
	sentence  string // that asked for it
	operation operation.Operation
	things    []thing
	page      int // index of the first row that was shown last
	total     int // how many there are in all
}

func (l *list) kind() kind {
	if l == nil || len(l.things) == 0 {
		return ""
	}
	return l.things[0].kind
}

// rowsOf are the things of a result that has rows; nil for one that has none.
func rowsOf(r *operation.Result) []thing {
	things := []thing{}
	profile := r.Operation.Arguments.Profile
	switch data := r.Data.(type) {
	case *operation.Found:
		for _, e := range data.Results {
			t := thing{kind: packageKind, name: e.Attribute, about: strings.TrimSpace(e.Version + " " + e.Description), why: e.Why}
			if e.Kind == operation.KindOption {
				t.kind = optionKind
			}
			things = append(things, t)
		}
	case *operation.InstalledPackages:
		for _, p := range data.Packages {
			things = append(things, thing{kind: packageKind, name: p.Name, about: p.Version})
		}
	case *operation.Generations:
		for _, g := range data.Generations {
			things = append(things, thing{kind: generationKind, number: g.Number, profile: profile, about: aboutGeneration(&g)})
		}
	case *operation.Pins:
		for _, p := range data.Pins {
			about := strings.TrimSpace(p.Name + " " + p.Note)
			things = append(things, thing{kind: generationKind, number: p.Generation, profile: profile, about: about, pin: p})
		}
	case *operation.Jobs:
		for _, j := range data.Jobs {
			things = append(things, thing{kind: jobKind, name: j.ID, about: fmt.Sprintf("%s, %s", j.Operation, j.State)})
		}
	default:
		return nil
	}
	return things
}

func aboutGeneration(g *operation.Generation) string {
	parts := []string{"of " + g.Date}
	add := func(on bool, text string) {
		if on {
			parts = append(parts, text)
		}
	}
	add(g.NixosVersion != "" && g.NixosVersion != operation.Unknown, "NixOS "+g.NixosVersion)
	add(g.KernelVersion != "" && g.KernelVersion != operation.Unknown, "kernel "+g.KernelVersion)
	add(g.Current, "current")
	add(g.Booted, "booted")
	add(g.Pinned, "pinned")
	return strings.Join(parts, ", ")
}

// look takes up the things of a result: what the next reference can mean.
func (c *Conversation) look(r *operation.Result) {
	if things := rowsOf(r); things != nil && r.Success() {
		c.lookAtRows(r, things)
		return
	}
	if about := thingsIn(r); len(about) > 0 {
		c.focus = about
	}
}

func (c *Conversation) lookAtRows(r *operation.Result, things []thing) {
	l := &list{sentence: strings.TrimSuffix(c.lastSentence(), moreOf), operation: r.Operation, things: things, total: len(things)}
	switch data := r.Data.(type) {
	case *operation.Found:
		l.total, l.page = data.Total, data.Offset
		if data.Offset > 0 && c.list != nil && len(c.list.things) >= data.Offset {
			l.things = append(slices.Clip(c.list.things[:data.Offset]), things...)
		} else {
			l.page = 0
		}
	case *operation.Generations:
		l.total = data.Total
	case *operation.InstalledPackages:
		l.total = data.Total
	}
	c.list, c.focus = l, nil
	if query := string(r.Operation.Arguments.Query); len(things) == 1 || len(things) > 0 && strings.EqualFold(things[0].name, query) {
		c.focus = things[:1]
	}
}

// thingsIn are what an operation was about.
func thingsIn(r *operation.Result) (things []thing) {
	a := &r.Operation.Arguments
	if info, ok := r.Data.(*operation.Info); ok && len(info.Packages) == 0 && len(info.Installed) == 0 && len(info.Options) > 0 {
		return []thing{{kind: optionKind, name: info.Options[0].Option, about: info.Options[0].Description}}
	}
	for _, name := range a.Packages {
		things = append(things, thing{kind: packageKind, name: string(name)})
	}
	switch {
	case len(things) > 0:
	case a.Option != "":
		things = append(things, thing{kind: optionKind, name: string(a.Option)})
	case a.Job != "":
		things = append(things, thing{kind: jobKind, name: a.Job})
	case a.Generation != 0:
		things = append(things, thing{kind: generationKind, number: a.Generation, profile: a.Profile})
	}
	if job, ok := r.Data.(*operation.Job); ok && r.Success() {
		things = []thing{{kind: jobKind, name: job.ID}}
	}
	return things
}

// called is what to call things in a sentence: "vlc and mpv", "generation 41".
func called(things []thing) string {
	var names []string
	for _, t := range things {
		if t.kind == generationKind {
			names = append(names, fmt.Sprint(int(t.number)))
		} else {
			names = append(names, t.name)
		}
	}
	text := names[0]
	if n := len(names) - 1; n > 0 {
		text = strings.Join(names[:n], ", ") + " and " + names[n]
	}
	switch {
	case things[0].kind != generationKind:
		return text
	case len(things) > 1:
		return "generations " + text
	}
	return "generation " + text
}

// mentions reports whether an operation is about a thing.
func mentions(op operation.Operation, t thing) bool {
	a := op.Arguments
	switch t.kind {
	case generationKind:
		return slices.Contains(append([]operation.GenerationNumber{a.Generation, a.From, a.To}, a.Generations...), t.number)
	case jobKind:
		return a.Job == t.name
	case optionKind:
		return string(a.Option) == t.name || slices.Contains(a.Packages, operation.PackageName(t.name))
	}
	return slices.Contains(a.Packages, operation.PackageName(t.name)) || string(a.Program) == t.name || string(a.Query) == t.name
}
