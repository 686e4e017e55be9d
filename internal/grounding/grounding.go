// Package grounding checks what a sentence was understood as against the machine: whether
// the packages, options, generations and jobs that it names are there.
//
// [Ground] gives back a reading as it is when all is there, which costs a few exact
// look-ups. Names of which the words stand apart are put together ("visual studio code").
// What is not there is replaced by the nearest where that only looks and is plainly
// mistyped; what changes something is never guessed but asked: the error then has the
// choices. Where the machine cannot tell, as without a catalogue, nothing is said: whoever
// plans the operation finds out.
//
//	grounding.go   the world, and operations one after the other
//	words.go       which words of a list stand together in the sentence
//	packages.go    packages to install, try and show
//	installed.go   packages to remove and update
//	options.go     options
//	numbers.go     generations and jobs
//	later.go       the world as the operations before leave it
//
// Three rules, which tests hold it to: an operation stays the operation that it is, but for
// choices; a choice of something that only looks only looks; and no name is put in that the
// world does not have.
package grounding

import (
	"slices"

	"luminousnix/internal/intent"
	"luminousnix/internal/operation"
)

// World is what there is on a machine. Where a method returns ok, false says that the
// machine cannot tell.
type World interface {
	Catalogue
	// Catalogued tells whether there is a catalogue; without one it is not asked.
	Catalogued() bool
	// InNixpkgs tells whether the machine's nixpkgs has an attribute, catalogued or not.
	// It may take a second.
	InNixpkgs(attribute string) (there, ok bool)
	// Installed are the names of the packages of a profile.
	Installed(operation.ProfileName) (names []string, ok bool)
	// Configured tells whether the system's configuration may name a package.
	Configured(name string) bool
	// Generations are the numbers of a profile's generations, ascending.
	Generations(operation.ProfileName) (numbers []operation.GenerationNumber, ok bool)
	// Pinned are those of them that are pinned, or were before they were deleted.
	Pinned(operation.ProfileName) (numbers []operation.GenerationNumber, ok bool)
	// Jobs are the ids of the jobs that are known.
	Jobs() (ids []string, ok bool)
	// Err is not nil where the catalogue turned out to be damaged: its answers may lack
	// something.
	Err() error
}

// Catalogue is what there is to be had: packages and options.
type Catalogue interface {
	// Packages are those that go by exactly a name, which may be of several words; the
	// likeliest first.
	Packages(name string) []operation.FoundEntry
	// InLibrary tells whether an attribute is in a set of libraries or plugins, so that it is
	// hardly meant by words of the language.
	InLibrary(attribute string) bool
	// Known tells whether anything goes by exactly this name, or did once.
	Known(name string) bool
	// Programs are the attributes of packages that have a program, best first.
	Programs(program string, most int) []string
	// Nearest are the attributes of packages that are spelled like a name, best first.
	Nearest(name string, most int) []string
	// Option tells whether there is an option of NixOS, or one above that takes any name.
	Option(path string) bool
	// NearestOptions are the paths of options like one that there is not, best first.
	NearestOptions(path string, most int) []string
	// Settings are the options that words may mean to which a value is given, and near
	// tells that they only are like that.
	Settings(words, value string, most int) (paths []string, near bool)
}

// Ground checks a reading of a sentence. The error is an [*operation.Error] with what there
// is in place of what is not, of code ambiguous, or not-found where none of that does what
// was asked for, and comes with the reading as it was given. That is not changed; the one
// that is returned may share memory with it.
func Ground(w World, sentence string, reading intent.Reading) (intent.Reading, error) {
	grounded, err := ground(w, sentence, reading)
	if w.Err() != nil {
		return reading, nil
	}
	return grounded, err
}

func ground(w World, sentence string, reading intent.Reading) (intent.Reading, error) {
	given, after := reading, &later{World: w}
	for i, op := range reading.Operations {
		c := &check{world: after, sentence: plainly(sentence), op: op}
		c.ground()
		if len(c.choices) > 0 {
			if len(reading.Operations) > 1 {
				c.absent += "; nothing was done"
			}
			return given, intent.Choose(c.code(), c.absent, choices(reading.Confidence, c.choices))
		}
		if len(c.corrected) > 0 {
			reading = c.correct(reading, i)
		}
		if i < len(reading.Operations)-1 {
			after.take(c.op)
		}
	}
	return reading, nil
}

// hardly is how sure it is that what changes something was corrected as it was meant: less
// than what any presentation wants for a change without a question.
const hardly = 0.8

// correct puts the operation that was corrected in its place, among the alternatives too.
func (c *check) correct(reading intent.Reading, i int) intent.Reading {
	before := reading.Operations[i].Arguments
	reading.Operations = slices.Clone(reading.Operations)
	reading.Operations[i] = c.op
	for n := range c.corrected {
		c.corrected[n].Operation = i
	}
	if c.changes() {
		reading.Confidence = min(reading.Confidence, hardly)
	}
	reading.Corrected = append(slices.Clip(reading.Corrected), c.corrected...)
	reading.Alternatives = slices.Clone(reading.Alternatives)
	for n, other := range reading.Alternatives {
		if op := other.Operation; len(op.Arguments.Packages) > 0 && slices.Equal(op.Arguments.Packages, before.Packages) {
			op.Arguments.Packages = c.op.Arguments.Packages
			reading.Alternatives[n] = intent.Choice(op, other.Confidence)
		}
	}
	return reading
}

// choices are the operations as alternatives, each less likely than the one before.
func choices(confidence float64, operations []operation.Operation) []operation.Alternative {
	var all []operation.Alternative
	for _, op := range operations {
		confidence *= 0.6
		all = append(all, intent.Choice(op, confidence))
	}
	return all
}

// check is the checking of one operation.
type check struct {
	world    World
	sentence string // of which the operation is one
	op       operation.Operation

	corrected []operation.Correction
	absent    string // what there is not, where it has to be asked
	choices   []operation.Operation
}

// ground checks the arguments that name something.
func (c *check) ground() {
	switch c.op.Name {
	case operation.InstallPackages, operation.TryPackages, operation.ShowPackage:
		c.packages()
	case operation.RemovePackages, operation.UpdateSystem:
		c.installed()
	case operation.ShowOption, operation.SetOption:
		c.option()
	case operation.AttachJob, operation.CancelJob:
		c.job()
	case operation.Rollback, operation.SwitchGeneration, operation.PinGeneration, operation.UnpinGeneration,
		operation.DeleteGenerations, operation.CompareGenerations:
		c.generations()
	}
}

// code is that of the error which offers the choices.
func (c *check) code() operation.Code {
	if slices.ContainsFunc(c.choices, func(op operation.Operation) bool { return op.Name == c.op.Name }) {
		return operation.CodeAmbiguous
	}
	return operation.CodeNotFound
}

// catalogue is what there is to be had; nil where that is not known.
func (c *check) catalogue() Catalogue {
	if !c.world.Catalogued() {
		return nil
	}
	return c.world
}

// changes reports whether the operation changes something.
func (c *check) changes() bool {
	spec, _ := operation.Lookup(c.op.Name)
	return spec.Changing
}

// with is the operation with its arguments changed.
func (c *check) with(change func(*operation.Arguments)) operation.Operation {
	op := c.op
	change(&op.Arguments)
	return op
}

// take puts an argument in the place of what was said.
func (c *check) take(argument, from, to string, nearest []string, change func(*operation.Arguments)) {
	change(&c.op.Arguments)
	c.corrected = append(c.corrected, operation.Correction{Argument: argument, From: from, To: to, Nearest: nearest})
}

// offer adds a choice that is not there yet, if it is a good request.
func (c *check) offer(op operation.Operation) {
	same := func(other operation.Operation) bool { return intent.Choice(other, 0).Say == intent.Choice(op, 0).Say }
	if op.Validate() == nil && !slices.ContainsFunc(c.choices, same) {
		c.choices = append(c.choices, op)
	}
}
