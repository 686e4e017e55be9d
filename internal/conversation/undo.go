package conversation

import (
	"fmt"
	"strings"

	"luminousnix/internal/operation"
)

// change is one that was carried out.
type change struct {
	operation operation.Operation
	plan      *operation.Plan
	entry     operation.EntryNumber // in the history, from which it can be taken back
}

// undo takes back the last change of this conversation.
func (c *Conversation) undo() (Step, bool) {
	if len(c.changes) == 0 {
		return words("There is nothing to undo: nothing was changed in this conversation.",
			"`history` shows what was changed before it, and `undo NUMBER` takes one of those back.")
	}
	last := c.changes[len(c.changes)-1]
	if !last.reversible() {
		return words(last.noInverse())
	}
	step, ok := run("undo: "+last.plan.Summary, operation.New(operation.Undo, operation.Arguments{Entry: last.entry}))
	step.undoes = true
	return step, ok
}

// reversible reports whether it is of a kind that can be taken back. Whether it can be now,
// the operation finds out.
func (c change) reversible() bool {
	if c.entry == "" {
		return false
	}
	switch c.operation.Name {
	case operation.InstallPackages, operation.RemovePackages, operation.SetOption, operation.UpdateSystem,
		operation.SwitchSystem, operation.BootSystem, operation.Rollback, operation.SwitchGeneration,
		operation.PinGeneration, operation.UnpinGeneration, operation.Undo:
		return true
	}
	return false
}

// noInverse says what can be done about a change that no operation takes back.
func (c change) noInverse() string {
	switch {
	case c.plan.Risk == operation.Destructive:
		return fmt.Sprintf("That cannot be undone (%s). What is gone has to be built or downloaded again.", lowerFirst(c.plan.Summary))
	case strings.HasPrefix(c.plan.Undo, "ask-nix "):
		return "This takes it back: " + strings.TrimPrefix(c.plan.Undo, "ask-nix ")
	case c.plan.Undo != "":
		return "Outside of ask-nix this takes it back: " + c.plan.Undo
	}
	return fmt.Sprintf("Nothing has to be taken back: %s changes no generation and no configuration.", c.operation.Name)
}

func lowerFirst(s string) string {
	if s == "" {
		return s
	}
	return strings.ToLower(s[:1]) + s[1:]
}
