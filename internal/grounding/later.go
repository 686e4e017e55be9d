package grounding

import (
	"slices"

	"luminousnix/internal/operation"
)

// later is the world as operations leave it that come before.
type later struct {
	World
	added, removed []string // names of packages, for whomever
	deleted        []deleted
	pinned         []deleted
	unsettled      bool // which generations there are now cannot be told
	undone         bool // nor which packages
}

// deleted is a generation that is gone, or one that is pinned.
type deleted struct {
	profile operation.ProfileName
	number  operation.GenerationNumber
}

// take remembers what an operation does.
func (l *later) take(op operation.Operation) {
	a := op.Arguments
	switch op.Name {
	case operation.InstallPackages:
		l.added = append(l.added, l.called(a.Packages)...)
		l.removed = slices.DeleteFunc(l.removed, func(name string) bool { return slices.Contains(l.added, name) })
	case operation.RemovePackages:
		l.removed = append(l.removed, l.called(a.Packages)...)
		l.added = slices.DeleteFunc(l.added, func(name string) bool { return slices.Contains(l.removed, name) })
	case operation.DeleteGenerations:
		for _, number := range a.Generations {
			l.deleted = append(l.deleted, deleted{a.Profile, number})
		}
	case operation.PinGeneration:
		l.pinned = append(l.pinned, deleted{a.Profile, a.Generation})
	case operation.Undo:
		l.undone = true
	}
	switch op.Name {
	case operation.InstallPackages, operation.RemovePackages, operation.CleanUp, operation.Undo, operation.UpdateSystem,
		operation.SwitchSystem, operation.BootSystem, operation.RecoverSwitch, operation.RebuildRemotely:
		l.unsettled = true // makes generations, or deletes some
	case operation.Rollback, operation.SwitchGeneration:
		l.undone = true // a generation has packages of its own
	}
}

// called are all names that packages go by.
func (l *later) called(packages []operation.PackageName) (names []string) {
	for _, name := range packages {
		names = append(names, string(name))
		if !l.Catalogued() {
			continue
		}
		if found := l.Packages(string(name)); len(found) > 0 {
			names = append(names, found[0].Attribute, found[0].Name)
		}
	}
	return names
}

func (l *later) Installed(profile operation.ProfileName) ([]string, bool) {
	names, ok := l.World.Installed(profile)
	if len(l.added)+len(l.removed) > 0 {
		names = slices.DeleteFunc(slices.Clone(names), func(name string) bool { return slices.Contains(l.removed, name) })
		names = append(names, l.added...)
	}
	return names, ok && !l.undone
}

func (l *later) Configured(name string) bool {
	return l.undone || !slices.Contains(l.removed, name) && l.World.Configured(name)
}

func (l *later) Generations(profile operation.ProfileName) ([]operation.GenerationNumber, bool) {
	if l.unsettled {
		return nil, false
	}
	numbers, ok := l.World.Generations(profile)
	if len(l.deleted) > 0 {
		numbers = slices.DeleteFunc(slices.Clone(numbers), func(n operation.GenerationNumber) bool {
			return slices.Contains(l.deleted, deleted{profile, n})
		})
	}
	return numbers, ok
}

func (l *later) Pinned(profile operation.ProfileName) ([]operation.GenerationNumber, bool) {
	numbers, ok := l.World.Pinned(profile)
	for _, pin := range l.pinned {
		if pin.profile == profile {
			numbers = append(slices.Clip(numbers), pin.number)
		}
	}
	return numbers, ok
}
