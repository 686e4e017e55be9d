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
	data      any
	pin       operation.Pin // that an unpinned generation had, if it was shown
}

// undo takes back the last change of this conversation.
func (c *Conversation) undo() (Step, bool) {
	if len(c.changes) == 0 {
		return words("There is nothing to undo: nothing was changed in this conversation.",
			"`history` shows what was changed before it, and `rollback` goes back a generation.")
	}
	last := c.changes[len(c.changes)-1]
	op, note := last.inverse()
	if op.Name == "" {
		return words(note)
	}
	step, ok := run("undo: "+last.plan.Summary, op)
	step.undoes = true
	if note != "" {
		step.Answer = []string{note}
	}
	return step, ok
}

// inverse is the operation that takes the change back. Without one, note says what can be
// done; beside one, what it leaves.
func (c change) inverse() (op operation.Operation, note string) {
	a := c.operation.Arguments
	if to := c.before(); to != 0 {
		back := operation.Arguments{Generation: to, Profile: c.profile()}
		if c.operation.Name == operation.UpdateSystem {
			note = "The channels, or inputs of the flake, stay as new as they are; the system goes back."
		}
		return operation.New(operation.SwitchGeneration, back), note
	}
	packages := operation.Arguments{Packages: c.packages(), Scope: c.scope(), Profile: a.Profile, Source: a.Source}
	switch c.operation.Name {
	case operation.InstallPackages, operation.RemovePackages:
		if len(packages.Packages) == 0 {
			return operation.Operation{}, c.noInverse()
		}
		back := operation.RemovePackages
		if c.operation.Name == back {
			back = operation.InstallPackages
		}
		return operation.New(back, packages), ""
	case operation.PinGeneration:
		if !strings.HasPrefix(c.plan.Undo, "ask-nix unpin ") {
			return operation.Operation{}, "The generation was pinned before, too, with another name or note: unpin it, and pin it again with those."
		}
		return operation.New(operation.UnpinGeneration, operation.Arguments{Generation: a.Generation, Profile: a.Profile}), ""
	case operation.UnpinGeneration:
		if c.pin.Name+c.pin.Note == "" {
			note = "If the pin had a name or a note, they have to be given again."
		}
		return operation.New(operation.PinGeneration, operation.Arguments{
			Generation: a.Generation, Profile: a.Profile, PinName: c.pin.Name, Note: c.pin.Note,
		}), note
	case operation.SetOption:
		return c.setBack()
	}
	return operation.Operation{}, c.noInverse()
}

// before is the generation that was current before the change; 0 for none.
func (c change) before() operation.GenerationNumber {
	switch data := c.data.(type) {
	case *operation.Switched:
		return data.From
	case *operation.Updated:
		if data.System != nil {
			return data.System.From
		}
	}
	return 0
}

// packages are those that were really installed, or removed: others may have been there
// before.
func (c change) packages() (names []operation.PackageName) {
	data, edited := c.data.(*operation.Edited)
	if !edited {
		return c.operation.Arguments.Packages
	}
	for _, attribute := range data.Packages {
		name, err := operation.ParsePackageName(attribute)
		if err != nil {
			return nil
		}
		names = append(names, name)
	}
	return names
}

// scope says for whom packages were installed or removed.
func (c change) scope() operation.Scope {
	if _, edited := c.data.(*operation.Edited); edited {
		return operation.ScopeSystem
	}
	return operation.ScopeUser
}

// profile is the one that was changed. Packages are the user's where nothing else was
// said.
func (c change) profile() operation.ProfileName {
	a := c.operation.Arguments
	switch c.operation.Name {
	case operation.InstallPackages, operation.RemovePackages:
	case operation.UpdateSystem:
		if len(a.Packages) == 0 && a.Scope != operation.ScopeUser {
			return a.Profile
		}
	default:
		return a.Profile
	}
	if a.Profile == "" {
		return operation.UserProfile
	}
	return a.Profile
}

// setBack sets an option to the value it had, where that was one that can be set: an
// element that was added to a list cannot be taken out of it by setting.
func (c change) setBack() (op operation.Operation, note string) {
	details := c.plan.Option
	if details == nil || details.Value == "" || strings.HasPrefix(details.Value, "[") || strings.HasPrefix(details.Type, "list") {
		return op, "The value before cannot be set again by ask-nix. " + c.noInverse()
	}
	a := c.operation.Arguments
	return operation.New(operation.SetOption, operation.Arguments{Option: operation.OptionPath(details.Option), Value: details.Value, Source: a.Source}), ""
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
