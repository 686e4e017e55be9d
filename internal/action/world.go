package action

import (
	"context"
	"encoding/json"
	"errors"
	"io/fs"
	"os"
	"slices"
	"strings"

	"luminousnix/internal/catalog"
	"luminousnix/internal/catalog/shelf"
	"luminousnix/internal/evaluation"
	"luminousnix/internal/host"
	"luminousnix/internal/job"
	"luminousnix/internal/operation"
	"luminousnix/internal/retention"
	"luminousnix/nix/profile"
	"luminousnix/nix/profile/environment"
	"luminousnix/nix/profile/manifest"
)

// World is the machine as package grounding asks of it. Everything is read when it is first
// asked for, and what cannot be read is not known. It is to be closed.
type World struct {
	ctx      context.Context // of the one request that it is for
	machine  *Machine
	observer operation.Observer
	build    bool // the index of the catalogue, where there is none yet

	book   *shelf.Book
	opened bool
	named  map[string][]operation.FoundEntry // that were asked for
}

// NewWorld returns the world of a request. build says that the index of the catalogue is
// made where there is none yet, as the first search does it.
func NewWorld(ctx context.Context, m *Machine, build bool, o operation.Observer) *World {
	return &World{ctx: ctx, machine: m, observer: o, build: build}
}

// Close closes the catalogue.
func (w *World) Close() error {
	if w.book == nil {
		return nil
	}
	return w.book.Close()
}

// Err tells that the catalogue is damaged.
func (w *World) Err() error {
	if w.book == nil {
		return nil
	}
	return w.book.Err()
}

// Catalogued tells whether there is a catalogue.
func (w *World) Catalogued() bool {
	if w.opened {
		return w.book != nil
	}
	w.opened = true
	open := w.machine.Shelf.OpenReady
	if w.build {
		open = func(ctx context.Context) (*shelf.Book, error) {
			return w.machine.Shelf.Open(ctx, indexProgress(w.observer))
		}
	}
	book, err := open(w.ctx)
	if err != nil {
		w.machine.Log.Debug("no catalogue to check names by", "error", err)
		return false
	}
	w.book = book
	return true
}

// Packages are those that go by exactly a name.
func (w *World) Packages(name string) []operation.FoundEntry {
	all, ok := w.named[name]
	if ok {
		return all
	}
	for _, e := range w.book.Lookup(name) {
		if e.Kind == catalog.Package {
			all = append(all, operation.FoundEntry{Kind: operation.KindPackage, Attribute: e.Attribute, Name: e.Name})
		}
	}
	if w.named == nil {
		w.named = map[string][]operation.FoundEntry{}
	}
	w.named[name] = all
	return all
}

// InLibrary tells whether an attribute is in a set of libraries or plugins.
func (w *World) InLibrary(attribute string) bool { return catalog.InLibrary(attribute) }

// Known tells whether anything goes by exactly a name, or did once.
func (w *World) Known(name string) bool {
	_, renamed := w.book.Renamed(name)
	return renamed || len(w.book.Lookup(name)) > 0
}

// Programs are the packages that have a program, without those that are in sets.
func (w *World) Programs(program string, most int) (attributes []string) {
	for _, e := range w.book.WithProgram(program) {
		if len(attributes) < most && !catalog.InLibrary(e.Attribute) {
			attributes = append(attributes, e.Attribute)
		}
	}
	return attributes
}

// Nearest are packages that are spelled like a name.
func (w *World) Nearest(name string, most int) []string {
	if strings.Contains(name, ".") {
		return nil // the paths of options
	}
	return nearest(w.book, name, most)
}

// Option tells whether there is an option, or one above it that takes any name.
func (w *World) Option(path string) bool {
	for {
		for _, e := range w.book.Lookup(path) {
			if e.Kind != catalog.Package && e.Attribute == path {
				return true
			}
		}
		above := strings.LastIndexByte(path, '.')
		if above < 0 {
			return false
		}
		path = path[:above]
	}
}

// NearestOptions are options like one that there is not.
func (w *World) NearestOptions(path string, most int) []string {
	near, _ := nearestOptions(w.book, path, strings.HasSuffix(path, ".enable"), most)
	return near
}

// Settings are the options that words may mean. near tells that none of them is called so.
func (w *World) Settings(words, value string, most int) (paths []string, near bool) {
	switches := value == "true" || value == "false"
	if paths = w.called(words, switches); len(paths) > 0 {
		return paths, false
	}
	for _, name := range w.Nearest(words, mostNear) {
		paths = append(paths, w.called(name, switches)...)
	}
	found, _ := nearestOptions(w.book, words, switches, most)
	return append(paths, found...), true
}

// called are the options that words are the name of.
func (w *World) called(words string, switches bool) (paths []string) {
	names, _ := optionsCalled(words, switches)
	for _, path := range names {
		if w.Option(path) {
			paths = append(paths, path)
		}
	}
	return paths
}

// InNixpkgs tells whether the machine's nixpkgs has an attribute.
func (w *World) InNixpkgs(attribute string) (there, ok bool) {
	request := evaluation.Request{
		Sources:    []evaluation.Source{{Kind: evaluation.Expression, Text: "import <nixpkgs> { } ? " + quotedPath(attribute)}},
		SearchPath: searchPath(w.machine, ""),
		BaseDir:    "/",
		Features:   w.machine.Host.ExperimentalFeatures(),
		Want:       evaluation.Values,
		Print:      evaluation.Printing{Format: evaluation.JSON, Strict: true},
		NoCache:    w.machine.NoCache,
	}
	result, err := w.machine.Evaluator.Evaluate(w.ctx, request)
	if err != nil || len(result.Values) != 1 || json.Unmarshal([]byte(result.Values[0]), &there) != nil {
		w.machine.Log.Debug("not evaluated", "attribute", attribute, "error", err)
		return false, false
	}
	return there, true
}

// Installed are the names of the packages of a profile: their own, and those of its
// elements.
func (w *World) Installed(name operation.ProfileName) (names []string, ok bool) {
	chosen := w.machine.Host.Profile(name)
	target, err := currentTarget(w.ctx, w.machine, chosen.Profile)
	if err != nil || target == "" {
		return nil, err == nil
	}
	packages, err := packagesIn(w.ctx, w.machine, chosen, target)
	if err != nil {
		w.machine.Log.Debug("not read", "profile", target, "error", err)
		return nil, false
	}
	for _, p := range packages {
		names = append(names, p.Name)
	}
	if !chosen.System {
		names = append(names, w.elements(target)...)
	}
	slices.Sort(names)
	return slices.Compact(names), true
}

// elements are the names of a profile's elements.
func (w *World) elements(target string) (names []string) {
	path, err := w.machine.Host.StoreDir.Parse(target)
	if err != nil {
		return nil
	}
	m, err := environment.Load(w.machine.Host.StoreDir, path, manifest.V3)
	if err != nil {
		return nil // the names of the packages are enough
	}
	for i := range m.Elements {
		names = append(names, m.Elements[i].Name)
	}
	return names
}

// Configured tells whether the configuration may name a package: whether the word is in
// one of its files, or they cannot be read so.
func (w *World) Configured(name string) bool {
	files := readDefinitions(w.machine).files
	for _, file := range files {
		content, err := os.ReadFile(file)
		if err != nil && !errors.Is(err, fs.ErrNotExist) || slices.Contains(strings.FieldsFunc(string(content), isBetweenNames), name) {
			return true
		}
	}
	return len(files) == 0
}

// isBetweenNames reports a character that cannot be part of a name, or parts attribute
// paths.
func isBetweenNames(r rune) bool {
	return r == '.' || (r < '0' || r > '9') && (r < 'a' || r > 'z') && (r < 'A' || r > 'Z') && !strings.ContainsRune("-_+", r)
}

// Generations are the numbers of a profile's generations.
func (w *World) Generations(name operation.ProfileName) (numbers []operation.GenerationNumber, ok bool) {
	_, state, err := w.profile(name)
	for _, g := range state.Generations {
		numbers = append(numbers, operation.GenerationNumber(g.Number))
	}
	slices.Sort(numbers)
	return numbers, err == nil
}

func (w *World) profile(name operation.ProfileName) (host.Chosen, profile.State, error) {
	chosen := w.machine.Host.Profile(name)
	state, err := w.machine.Backend.Profile(w.ctx, chosen.Profile)
	return chosen, state, err
}

// Pinned are the generations of a profile that are pinned.
func (w *World) Pinned(name operation.ProfileName) (numbers []operation.GenerationNumber, ok bool) {
	chosen := w.machine.Host.Profile(name)
	kept, err := keptFile(w.machine, chosen).Read()
	for _, e := range kept {
		if e.Profile == chosen.Profile && e.Kind == retention.Pinned {
			numbers = append(numbers, operation.GenerationNumber(e.Generation))
		}
	}
	slices.Sort(numbers)
	return numbers, err == nil
}

// Jobs are the ids of the jobs of the person asking and of the machine.
func (w *World) Jobs() (ids []string, ok bool) {
	for _, folder := range []job.Folder{w.machine.Jobs, w.machine.SystemJobs} {
		jobs, err := folder.List()
		if err != nil {
			return nil, false
		}
		for _, j := range jobs {
			ids = append(ids, j.Request.ID)
		}
	}
	slices.Sort(ids)
	return slices.Compact(ids), true
}
