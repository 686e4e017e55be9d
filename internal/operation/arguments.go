package operation

import (
	"errors"
	"slices"
)

// Arguments holds every argument that any operation takes; which of them an
// operation takes is told by its [Spec]. One argument has one name and one type
// wherever it appears. The zero value of a field means "not given".
type Arguments struct {
	// Packages are package names or attribute paths, in the order given.
	Packages []PackageName `json:"packages,omitempty"`
	// Query is free text to search for.
	Query Query `json:"query,omitempty"`
	// Generation is the generation that is meant.
	Generation GenerationNumber `json:"generation,omitempty"`
	// Generations are several generations, for deleting.
	Generations []GenerationNumber `json:"generations,omitempty"`
	// From and To are the two sides of a comparison.
	From GenerationNumber `json:"from,omitempty"`
	To   GenerationNumber `json:"to,omitempty"`
	// Steps is how many generations to go back.
	Steps int `json:"steps,omitempty"`
	// Date is a day: the state of the machine at its end is meant.
	Date Date `json:"date,omitempty"`
	// Keep is how many generations a clean-up keeps.
	Keep int `json:"keep,omitempty"`
	// OlderThanDays is the age from which a clean-up deletes.
	OlderThanDays int `json:"olderThanDays,omitempty"`
	// EnsureFree is how many bytes of disk space a clean-up makes sure are free.
	EnsureFree int64 `json:"ensureFree,omitempty"`
	// PinName and Note are the name and the note of a pin.
	PinName string `json:"name,omitempty"`
	Note    string `json:"note,omitempty"`
	// Profile is the profile that is meant; empty is the system's, or the
	// user's where the machine has no system profile.
	Profile ProfileName `json:"profile,omitempty"`
	// Scope says for whom packages are installed or listed.
	Scope Scope `json:"scope,omitempty"`
	// Option is the path of a NixOS option, such as services.openssh.enable.
	Option OptionPath `json:"option,omitempty"`
	// Value is what the option is set to, as written.
	Value string `json:"value,omitempty"`
	// Program is the name of an executable.
	Program PackageName `json:"program,omitempty"`
	// Text is quoted text that is only read: an error message, a question.
	Text string `json:"text,omitempty"`
	// Topic is what help is wanted about.
	Topic string `json:"topic,omitempty"`
	// Channel is a release or channel such as 25.05 or nixos-unstable, or an input of a
	// flake.
	Channel string `json:"channel,omitempty"`
	// ConfirmWithin is in how many seconds a switch has to be confirmed; without that
	// it is taken back.
	ConfirmWithin int `json:"confirmWithin,omitempty"`
	// Specialisation is a variant of a system, by its name.
	Specialisation PackageName `json:"specialisation,omitempty"`
	// InstallBootLoader has the boot loader itself installed anew.
	InstallBootLoader bool `json:"installBootLoader,omitempty"`
	// Upgrade has the channels, or the inputs of the flake, updated before the system is
	// built.
	Upgrade bool `json:"upgrade,omitempty"`
	// Source says where a system's configuration is, and Build how it is built.
	Source Source `json:"source,omitzero"`
	Build  Build  `json:"build,omitzero"`
	// Command is what nixos-rebuild is given: switch, boot or test, and flags that only it
	// reads.
	Command []string `json:"command,omitempty"`
	// Job is the id of a detached job.
	Job string `json:"job,omitempty"`
	// Entry is the number of a change in the history.
	Entry EntryNumber `json:"entry,omitempty"`
	// Verify has the history checked for damage in place of being shown.
	Verify bool `json:"verify,omitempty"`
	// Limit is the greatest number of rows wanted; zero is the default.
	Limit int `json:"limit,omitempty"`
	// Offset is how many rows to leave out before the first.
	Offset int `json:"offset,omitempty"`
	// Kind restricts a search to rows of one kind: "package" or "option".
	Kind string `json:"kind,omitempty"`
	// Variants has a search show each variant in a row of its own.
	Variants bool `json:"variants,omitempty"`
	// Tree is a folder of nixpkgs.
	Tree string `json:"tree,omitempty"`
	// OutputPaths has build-catalog find out where packages are in the store.
	OutputPaths bool `json:"outputPaths,omitempty"`
	// Expired restricts clear-cache to entries past their time.
	Expired bool `json:"expired,omitempty"`
	// Restore has migrate put back what it has changed.
	Restore bool `json:"restore,omitempty"`
}

// present lists the JSON names of the arguments that are given.
func (a Arguments) present() []string {
	var names []string
	add := func(given bool, name string) {
		if given {
			names = append(names, name)
		}
	}
	add(len(a.Packages) > 0, "packages")
	add(a.Query != "", "query")
	add(a.Generation != 0, "generation")
	add(len(a.Generations) > 0, "generations")
	add(a.From != 0, "from")
	add(a.To != 0, "to")
	add(a.Steps != 0, "steps")
	add(a.Date != "", "date")
	add(a.Keep != 0, "keep")
	add(a.OlderThanDays != 0, "olderThanDays")
	add(a.EnsureFree != 0, "ensureFree")
	add(a.PinName != "", "name")
	add(a.Note != "", "note")
	add(a.Profile != "", "profile")
	add(a.Scope != "", "scope")
	add(a.Option != "", "option")
	add(a.Value != "", "value")
	add(a.Program != "", "program")
	add(a.Text != "", "text")
	add(a.Topic != "", "topic")
	add(a.Channel != "", "channel")
	add(a.ConfirmWithin != 0, "confirmWithin")
	add(a.Specialisation != "", "specialisation")
	add(a.InstallBootLoader, "installBootLoader")
	add(a.Upgrade, "upgrade")
	add(!a.Source.IsZero(), "source")
	add(!a.Build.IsZero(), "build")
	add(len(a.Command) > 0, "command")
	add(a.Job != "", "job")
	add(a.Entry != "", "entry")
	add(a.Verify, "verify")
	add(a.Limit != 0, "limit")
	add(a.Offset != 0, "offset")
	add(a.Kind != "", "kind")
	add(a.Variants, "variants")
	add(a.Tree != "", "tree")
	add(a.OutputPaths, "outputPaths")
	add(a.Expired, "expired")
	add(a.Restore, "restore")
	return names
}

func (a Arguments) has(name string) bool { return slices.Contains(a.present(), name) }

// validate checks every given value against the grammar of its type.
func (a Arguments) validate() error {
	for _, name := range a.Packages {
		if _, err := ParsePackageName(string(name)); err != nil {
			return err
		}
	}
	for _, n := range append([]GenerationNumber{a.Generation, a.From, a.To}, a.Generations...) {
		if n < 0 || n > maxGeneration {
			return Errorf(CodeUsage, "%d is not a generation number", int(n))
		}
	}
	for _, n := range []int{a.Steps, a.Keep, a.OlderThanDays, a.ConfirmWithin, a.Limit, a.Offset} {
		if n < 0 {
			return Errorf(CodeUsage, "%d is negative; a count of 1 or more is meant here", n)
		}
	}
	if err := errors.Join(a.Source.validate(), a.Build.validate()); err != nil {
		return err
	}
	for _, word := range a.Command {
		if err := checkPrintable(word); err != nil {
			return err
		}
	}
	if a.EnsureFree < 0 {
		return Errorf(CodeUsage, "%d is negative; a number of bytes is meant here", a.EnsureFree)
	}
	checks := []struct {
		value string
		parse func(string) error
	}{
		{string(a.Query), discard(ParseQuery)},
		{string(a.Date), discard(ParseDate)},
		{string(a.Profile), discard(ParseProfileName)},
		{string(a.Scope), discard(ParseScope)},
		{string(a.Option), discard(ParseOptionPath)},
		{string(a.Program), named("program")},
		{a.Value, checkPrintable},
		{a.PinName, checkPrintable},
		{a.Note, checkPrintable},
		{a.Topic, checkPrintable},
		{a.Kind, checkKind},
		{a.Tree, checkPrintable},
		{a.Channel, named("channel or release")},
		{string(a.Specialisation), named("specialisation")},
		{a.Job, named("job")},
		{string(a.Entry), discard(ParseEntryNumber)},
	}
	for _, check := range checks {
		if check.value == "" {
			continue
		}
		if err := check.parse(check.value); err != nil {
			return err
		}
	}
	return nil
}

func checkKind(kind string) error {
	if kind != KindPackage && kind != KindOption {
		return Errorf(CodeUsage, "%s is neither %q nor %q", Quote(kind), KindPackage, KindOption)
	}
	return nil
}

func discard[T any](parse func(string) (T, error)) func(string) error {
	return func(s string) error {
		_, err := parse(s)
		return err
	}
}

func named(what string) func(string) error {
	return func(s string) error {
		_, err := ParseName(what, s)
		return err
	}
}
