package cli

import (
	"fmt"
	"io"
	"strings"

	"luminousnix/internal/operation"
	"luminousnix/internal/persona"
	"luminousnix/internal/progress"
)

// plain says step by step, in everyday words, what will happen and how to undo it, and
// afterwards what happened, why it matters and what next.
type plain struct {
	usual
	glossary *persona.Glossary
}

func newPlain(a *app) plain {
	glossary := &persona.Glossary{}
	a.style = style{}
	a.Out = &filter{a.Out, glossary.Explain}
	a.Err = &filter{a.Err, glossary.Explain}
	return plain{usual{a}, glossary}
}

func (p plain) observer(op operation.Operation) operation.Observer {
	return &phases{
		to: p.Err,
		say: func(e operation.Event) string {
			if text := persona.Phase(e.Phase); text != "" && e.Text != "" {
				return text + "…"
			}
			return e.Text
		},
		plan:  func(plan *operation.Plan) { p.plan(p.Err, op, plan) },
		takes: true,
	}
}

// plainly is one of the words of plain, by its name.
func plainly(name string, values ...string) string {
	return persona.Phrase(persona.Plain, name, values...)
}

func (p plain) question() string {
	return plainly("question") + " "
}

func (p plain) signs() signs {
	return signs{plainly("new"), plainly("gone"), plainly("other"), plainly("which-needs"), true}
}

func (p plain) reword(text string) string { return p.glossary.Explain(text) }

// say writes a paragraph with a label before it, by its name, if there is something to say.
func (p plain) say(w io.Writer, label, text string) {
	if text == "" {
		return
	}
	for i, line := range wrap(p.reword(clean(plainly(label)+": "+text)), widest) {
		if i > 0 {
			line = "  " + line
		}
		fmt.Fprintln(exact(w), line)
	}
}

func (p plain) plan(w io.Writer, op operation.Operation, plan *operation.Plan) {
	text := persona.About(op.Name)
	values := persona.Values(operation.Result{Operation: op, Plan: plan})
	p.say(w, "plan", plan.Summary+".")
	for i, step := range plan.Steps {
		p.step(w, i+1, persona.Step(step.Action))
	}
	if plan.Option != nil {
		p.renderPlanOption(w, plan.Option)
	}
	p.renderFiles(w, plan.Files)
	p.say(w, "changes", persona.Say(text.Changes, values))
	p.sayEffects(w, plan)
	p.say(w, "stays", persona.Say(text.Stays, values))
	for _, warning := range plan.Warnings {
		p.say(w, "note", withStop(warning))
	}
	p.sayUndo(w, plan)
}

// sayEffects says what is known of the effects of a plan: on programs, services and disks.
func (p plain) sayEffects(w io.Writer, plan *operation.Plan) {
	if plan.Changes != nil {
		p.renderChanges(w, plan.Changes, mostInPlan)
	}
	if i := plan.Impact; i != nil {
		p.say(w, "starts", someOf(i.Started))
		p.say(w, "stops", someOf(i.Stopped))
		p.say(w, "alters", someOf(i.Changed))
		p.say(w, "reboot", someOf(i.Reboot))
	}
	for _, room := range plan.Space {
		if room.Needed > 0 {
			p.say(w, "needs", plainly("needs-of", operation.Size(room.Needed), operation.Size(room.Free), room.Path))
		}
	}
	if plan.Frees > 0 {
		p.say(w, "frees", operation.Size(plan.Frees))
	}
	if plan.Time != nil {
		p.say(w, "time", progress.SpokenRangeOf(*plan.Time))
	}
}

func (p plain) step(w io.Writer, n int, text string) {
	for i, line := range wrap(p.reword(clean(text)), widest-len("  1. ")) {
		if i == 0 {
			fmt.Fprintf(exact(w), "  %d. %s\n", n, line)
			continue
		}
		fmt.Fprintln(exact(w), "     "+line)
	}
}

func (p plain) sayUndo(w io.Writer, plan *operation.Plan) {
	undo := plan.Undo
	switch {
	case undo != "":
	case plan.Risk == operation.Destructive:
		undo = plainly("undo-never")
	case plan.Risk == operation.Reversible:
		undo = plainly("undo-none")
	default:
		return
	}
	fmt.Fprintln(exact(w), plainly("undo")+": "+clean(undo))
}

func (p plain) result(r operation.Result) error {
	text, values := persona.After(r, p.flags.dryRun), persona.Values(r)
	p.say(p.Out, "happened", persona.Say(text.Happened, values))
	if err := p.renderData(r); err != nil {
		return err
	}
	p.flush()
	for _, warning := range r.Warnings {
		p.say(p.Err, "note", withStop(warning))
	}
	p.say(p.Out, "matters", persona.Say(text.Matters, values))
	p.say(p.Out, "next", persona.Say(text.Next, values))
	for _, suggestion := range besidesUndo(r) {
		fmt.Fprintln(exact(p.Out), "  "+plainly("type")+": "+suggestion)
	}
	if spec, _ := operation.Lookup(r.Operation.Name); spec.Asks() && r.Plan != nil && !r.Plan.Nothing && !p.flags.dryRun {
		p.sayUndo(p.Out, r.Plan)
	}
	return nil
}

func (p plain) failure(r operation.Result) {
	err := r.Err
	p.flush()
	p.say(p.Err, "happened", withStop(err.Message))
	matters := persona.Failure(err.Code)
	if harmless(r) {
		matters += " " + plainly("unchanged")
	}
	p.say(p.Err, "matters", matters)
	for i, other := range err.Alternatives {
		fmt.Fprintf(exact(p.Err), "  %d. %s\n", i+1, clean(other.Say))
	}
	p.say(p.Err, "next", err.Hint)
	for _, line := range err.Details {
		p.note("  " + line)
	}
}

// table has everyday names, and fewer columns. What its words mean comes after it.
func (p plain) table(w io.Writer, rows [][]string) {
	rows = persona.Columns(rows)
	p.columns(exact(w), rows)
	var all strings.Builder
	for _, row := range rows[1:] {
		all.WriteString(strings.Join(row, "\n") + "\n")
	}
	for _, meaning := range p.glossary.Meanings(all.String()) {
		fmt.Fprintln(exact(w), "  "+meaning)
	}
}
