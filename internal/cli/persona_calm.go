package cli

import (
	"fmt"
	"slices"
	"strings"

	"luminousnix/internal/operation"
	"luminousnix/internal/persona"
)

// calm has the same order and the same last line for everything, and moves nothing.
type calm struct{ usual }

func (c calm) observer(op operation.Operation) operation.Observer {
	return &phases{
		to:    c.Err,
		say:   func(e operation.Event) string { return withStop(e.Text) },
		plan:  func(plan *operation.Plan) { c.plan(c.Err, op, plan) },
		takes: true,
	}
}

// result is the message, the data, notes, and the last line.
func (c calm) result(r operation.Result) error {
	fmt.Fprintln(c.Out, c.style.bold(clean(r.Message)))
	if err := c.renderData(r); err != nil {
		return err
	}
	c.renderWarnings(r)
	undo, changed := calmly("not-needed"), changed(r, c.flags.dryRun)
	if changed != "nothing" {
		undo = calmly("no-command")
		if r.Plan != nil && r.Plan.Undo != "" {
			undo = r.Plan.Undo
		}
	}
	fmt.Fprintln(c.Out, clean(lastLine("finished", r.Operation.Name, changed, undo, besidesUndo(r))))
	return nil
}

// calmly is one of the words of calm, by its name.
func calmly(name string, values ...string) string {
	return persona.Phrase(persona.Calm, name, values...)
}

// changed says whether an operation has changed something, by the name of what is said.
func changed(r operation.Result, dryRun bool) string {
	spec, _ := operation.Lookup(r.Operation.Name)
	switch {
	case !spec.Changing, dryRun, r.Plan != nil && r.Plan.Nothing:
		return "nothing"
	case r.Plan == nil:
		return "background"
	}
	return "planned"
}

// besidesUndo are the suggestions that do not just take the change back.
func besidesUndo(r operation.Result) []string {
	return slices.DeleteFunc(slices.Clone(r.Suggestions), func(s string) bool { return r.Plan != nil && s == r.Plan.Undo })
}

func (c calm) failure(r operation.Result) {
	c.showError(r.Err)
	if r.Operation.Name == "" {
		return
	}
	changed, undo := "perhaps", "see-above"
	if harmless(r) {
		changed, undo = "nothing", "not-needed"
	}
	c.note(lastLine("not-finished", r.Operation.Name, changed, calmly(undo), nil))
}

// harmless reports whether something failed before anything was changed: there was no plan
// yet, or nobody said yes to it.
func harmless(r operation.Result) bool {
	return r.Plan == nil || r.Err.Code == operation.CodeDeclined || r.Err.Code == operation.CodePermission
}

// lastLine has the same four parts whatever was done. What ended how, and what has changed,
// are names of what is said.
func lastLine(end string, name operation.Name, changed, undo string, next []string) string {
	said := calmly("no-next")
	for i, command := range next {
		if i == 0 {
			said = command
			continue
		}
		said = calmly("or", said, command)
	}
	return calmly(end, string(name), calmly(changed), undo, said)
}

// withStop makes a sentence of a line.
func withStop(text string) string {
	if text == "" || strings.HasSuffix(text, ".") {
		return text
	}
	return text + "."
}
