package grounding_test

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"luminousnix/internal/grounding"
	"luminousnix/internal/intent"
	"luminousnix/internal/operation"
	"luminousnix/internal/spelling"
)

// fake is a small world.
type fake struct {
	packages    map[string]string // by what they go by: attributes; "a b" is for both words
	programs    map[string]string
	options     []string
	settings    map[string]string
	nixpkgs     []string // that the catalogue does not have
	system      []string
	user        []string
	configured  []string
	generations []operation.GenerationNumber
	pinned      []operation.GenerationNumber
	jobs        []string
	bare        bool // no catalogue, no store
	damaged     bool
}

func (f *fake) Catalogued() bool { return !f.bare }

func (f *fake) Packages(name string) []operation.FoundEntry {
	if attribute, ok := f.packages[name]; ok {
		return []operation.FoundEntry{{Attribute: attribute, Name: attribute[strings.LastIndexByte(attribute, '.')+1:]}}
	}
	return nil
}

func (f *fake) InLibrary(attribute string) bool { return strings.Contains(attribute, "Packages.") }

func (f *fake) Known(name string) bool {
	return len(f.Packages(name)) > 0 || slices.Contains(f.options, name)
}

func (f *fake) Programs(program string, _ int) []string {
	if attribute, ok := f.programs[program]; ok {
		return []string{attribute}
	}
	return nil
}

func (f *fake) Nearest(name string, most int) (near []string) {
	var names []string
	for known := range f.packages {
		names = append(names, known)
	}
	slices.Sort(names)
	for _, known := range spelling.Nearest(names, name) {
		near = append(near, f.packages[known])
	}
	near = slices.Compact(near)
	return near[:min(len(near), most)]
}

func (f *fake) Option(path string) bool { return slices.Contains(f.options, path) }

func (f *fake) NearestOptions(string, int) []string { return slices.Clone(f.options) }

func (f *fake) Settings(words, _ string, _ int) ([]string, bool) {
	if path, ok := f.settings[words]; ok {
		return []string{path}, false
	}
	return slices.Clone(f.options), true
}

func (f *fake) InNixpkgs(attribute string) (bool, bool) {
	return slices.Contains(f.nixpkgs, attribute), !f.bare
}

func (f *fake) Installed(profile operation.ProfileName) ([]string, bool) {
	if profile == operation.SystemProfile {
		return f.system, !f.bare
	}
	return f.user, !f.bare
}

func (f *fake) Configured(name string) bool { return slices.Contains(f.configured, name) }

func (f *fake) Generations(operation.ProfileName) ([]operation.GenerationNumber, bool) {
	return f.generations, !f.bare
}

func (f *fake) Pinned(operation.ProfileName) ([]operation.GenerationNumber, bool) {
	return f.pinned, !f.bare
}

func (f *fake) Jobs() ([]string, bool) { return f.jobs, !f.bare }

func (f *fake) Err() error {
	if f.damaged {
		return errors.New("a block is not as its checksum says")
	}
	return nil
}

func smallWorld() *fake {
	return &fake{
		packages: map[string]string{
			"firefox": "firefox", "vim": "vim", "git": "git", "htop": "htop", "atop": "atop", "nano": "nano", "vlc": "vlc",
			"libre office": "libreoffice-fresh", "libreoffice": "libreoffice-fresh", "vs code": "vscode", "vscode": "vscode",
			"visual studio code": "vscode", "google chrome": "google-chrome", "google-chrome": "google-chrome",
			"chrome": "google-chrome", "node": "nodejs", "nodejs": "nodejs", "numpy": "pythonPackages.numpy",
			"google": "pythonPackages.google", "vim git": "vimPackages.vim-git", "player": "haskellPackages.player",
			"git crypt": "git-crypt", "git-crypt": "git-crypt", "crypt": "crypt", "ms word": "libreoffice-fresh",
			"python3": "python3", "ripgrep": "ripgrep", "libreoffice-fresh": "libreoffice-fresh",
		},
		programs:    map[string]string{"rg": "ripgrep"},
		options:     []string{"services.openssh.enable", "networking.hostName", "networking.firewall.enable"},
		settings:    map[string]string{"ssh": "services.openssh.enable"},
		nixpkgs:     []string{"mytool", "pythonPackages.requests"},
		system:      []string{"bash", "git", "python3"},
		user:        []string{"firefox", "google-chrome", "htop"},
		configured:  []string{"nano", "atop"},
		generations: []operation.GenerationNumber{3, 4, 8, 12},
		pinned:      []operation.GenerationNumber{2, 4},
		jobs:        []string{"20250101-120000-ab12", "20250102-120000-cd34"},
	}
}

// outcome is what becomes of a sentence, in words.
func outcome(w grounding.World, sentence string) []string {
	now := time.Date(2025, 6, 15, 12, 0, 0, 0, time.UTC)
	reading, err := intent.Understand(sentence, now)
	if err != nil {
		return []string{"not understood: " + err.Error()}
	}
	return told(grounding.Ground(w, sentence, reading))
}

func told(grounded intent.Reading, err error) (lines []string) {
	if err != nil {
		failed := operation.AsError(err)
		lines = []string{string(failed.Code) + ": " + failed.Message}
		for _, choice := range failed.Alternatives {
			lines = append(lines, "or "+choice.Say)
		}
		return lines
	}
	for _, op := range grounded.Operations {
		lines = append(lines, intent.Choice(op, 1).Say)
	}
	for _, correction := range grounded.Corrected {
		lines = append(lines, correction.String())
	}
	return lines
}

func TestGround(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		sentence string
		want     []string
	}{
		// All is there.
		{"install vim and git", []string{"install vim git"}},
		{"install numpy", []string{"install numpy"}},
		{"install node", []string{"install node"}},
		{"show my generations", []string{"generations"}},
		{"go back to generation 4", []string{"rollback to generation 4"}},
		{"remove htop", []string{"remove htop"}},
		{"set services.openssh.enable to true", []string{"set services.openssh.enable true"}},
		{"enable ssh", []string{"enable ssh"}},

		// Words that are one name.
		{"install libre office", []string{"install libreoffice-fresh", `"libre office" was taken for libreoffice-fresh`}},
		{"please install vs code and vim", []string{"install vscode vim", `"vs code" was taken for vscode`}},
		{"install visual studio code", []string{"install vscode", `"visual studio code" was taken for vscode`}},
		{"install google chrome", []string{"install google-chrome", `"google chrome" was taken for google-chrome`}},
		{"install vs and code", []string{`not-found: there is no package called "vs"`, "or search vs"}},
		{"install vim git", []string{"install vim git"}}, // and not the plugin
		{"install git crypt", []string{`ambiguous: "git crypt" may be one package or several`, "or install git-crypt", "or install git crypt"}},
		{"install ms word", []string{`ambiguous: there is no package called "ms word", but one that does the same`, "or install libreoffice-fresh", "or search ms word"}},

		// Mistyped.
		{"install firefx", []string{`ambiguous: there is no package called "firefx"`, "or install firefox", "or search firefx"}},
		{"try firefx", []string{`ambiguous: there is no package called "firefx"`, "or try firefox", "or search firefx"}},
		{"install firefx and nanno", []string{`ambiguous: there is no package called "firefx"`, "or install firefox nano", "or search firefx"}},
		{"tell me about firefx", []string{"info firefox", `"firefx" was taken for firefox`}},
		{"firefx", []string{"info firefox", `"firefx" was taken for firefox`}},
		{"install rg", []string{`ambiguous: there is no package called "rg"`, "or install ripgrep", "or search rg"}},
		{"install vlc media player", []string{`ambiguous: there is no package called "media"`, "or install vlc", "or search vlc media player"}},

		// Not there at all.
		{"install democracy", []string{`not-found: there is no package called "democracy"`, "or search democracy"}},
		{"tell me about zzyzx", []string{"info zzyzx"}},
		{"install mytool", []string{"install mytool"}}, // only in the machine's nixpkgs
		{"install pythonPackages.requests", []string{"install pythonPackages.requests"}},

		// To be removed.
		{"uninstall chrome", []string{"remove google-chrome", `"chrome" was taken for google-chrome`}},
		{"remove google chrome", []string{"remove google-chrome", `"google chrome" was taken for google-chrome`}},
		{"remove python", []string{"remove python3", `"python" was taken for python3`}},
		{"uninstall fierfox", []string{`ambiguous: "fierfox" is not installed`, "or remove firefox", "or installed"}},
		{"remove nano", []string{"remove nano"}}, // of the configuration
		{"remove atop", []string{"remove atop"}}, // of the configuration, though htop is near
		{"remove vim", []string{"remove vim"}},   // the plan says that it is not installed
		{"uninstall patriarchy", []string{"remove patriarchy"}},
		{"remove google chrome and vim", []string{"remove google-chrome vim", `"google chrome" was taken for google-chrome`}},
		{"remove patriarchy, fierfox and htop", []string{`ambiguous: "fierfox" is not installed`, "or remove patriarchy firefox htop", "or installed"}},
		{"remove git for my user", []string{"ambiguous: git is not installed there, but it is part of the system", "or remove git for everyone", "or installed"}},
		{"remove htop for everyone", []string{"ambiguous: htop is not installed there, but it is in your profile", "or remove htop for my user", "or installed"}},
		{"update firefx", []string{`ambiguous: "firefx" is not installed`, "or update firefox", "or installed"}},

		// Options.
		{"show option services.opensh.enable", []string{"option services.openssh.enable", `"services.opensh.enable" was taken for services.openssh.enable`}},
		{"set services.opensh.enable to true", []string{"ambiguous: there is no option services.opensh.enable", "or set services.openssh.enable true", "or search options for services opensh enable"}},
		{"set services.mine.enable to true", []string{"set services.mine.enable true"}}, // of the machine's own modules, maybe
		{"enable opensh", []string{`ambiguous: "opensh" is not the name of an option; nothing was changed`, "or set services.openssh.enable true", "or search options for opensh"}},
		{"enable mine", []string{"enable mine"}},

		// Numbers.
		{"go back to generation 99", []string{"ambiguous: there is no generation 99", "or rollback to generation 12", "or generations"}},
		{"switch to generation 6", []string{"ambiguous: there is no generation 6", "or switch to generation 4", "or switch to generation 8", "or generations"}},
		{"switch to generation 7", []string{"ambiguous: there is no generation 7", "or switch to generation 8", "or switch to generation 4", "or generations"}},
		{"compare generation 3 with 99", []string{"ambiguous: there is no generation 99", "or diff 3 12", "or generations"}},
		{"delete generations 3 to 6", []string{"ambiguous: there is no generation 5, 6", "or delete generations 3 4", "or generations"}},
		{"delete generation 99", []string{"not-found: there is no generation 99", "or generations"}}, // no other is offered
		{"unpin generation 2", []string{"unpin 2"}}, // which is gone
		{"unpin generation 1", []string{"ambiguous: there is no generation 1", "or unpin 2", "or generations"}},
		{"cancel job 20250102-120000-cd35", []string{`ambiguous: there is no job "20250102-120000-cd35"`, "or cancel 20250102-120000-cd34", "or jobs"}},

		// Several, one after the other.
		{"install vim and then remove vim", []string{"install vim", "remove vim"}},
		{"install vs code then remove htop", []string{"install vscode", "remove htop", `"vs code" was taken for vscode`}},
		{"show my generations then install firefx", []string{`ambiguous: there is no package called "firefx"; nothing was done`, "or install firefox", "or search firefx"}},
		{"delete generation 3 and then switch to generation 3", []string{"ambiguous: there is no generation 3; nothing was done", "or switch to generation 4", "or generations"}},
		{"pin generation 8 and then unpin generation 8", []string{"pin 8", "unpin 8"}},
	} {
		if diff := cmp.Diff(test.want, outcome(smallWorld(), test.sentence)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", test.sentence, diff)
		}
	}
}

// TestGroundOperations are operations that no short sentence gives.
func TestGroundOperations(t *testing.T) {
	t.Parallel()
	job := func(id string) operation.Operation {
		return operation.New(operation.AttachJob, operation.Arguments{Job: id})
	}
	remove := func(name operation.PackageName) operation.Operation {
		return operation.New(operation.RemovePackages, operation.Arguments{Packages: []operation.PackageName{name}})
	}
	for _, test := range []struct {
		operations []operation.Operation
		want       []string
	}{
		{[]operation.Operation{job("20250102")}, []string{"attach 20250102-120000-cd34", `"20250102" was taken for 20250102-120000-cd34`}},
		{[]operation.Operation{job("2025")}, []string{`ambiguous: there is no job "2025"`, "or attach 20250101-120000-ab12", "or attach 20250102-120000-cd34", "or jobs"}},
		{[]operation.Operation{remove("firefox"), remove("fierfox")}, []string{"remove firefox", "remove fierfox"}}, // it is gone then
		{[]operation.Operation{operation.New(operation.CleanUp, operation.Arguments{}), operation.New(operation.SwitchGeneration, operation.Arguments{Generation: 99})}, []string{"clean up", "switch to generation 99"}},
		{[]operation.Operation{operation.New(operation.Undo, operation.Arguments{}), remove("fierfox")}, []string{"undo", "remove fierfox"}},
	} {
		got := told(grounding.Ground(smallWorld(), "", intent.Reading{Operations: test.operations, Confidence: 1}))
		if diff := cmp.Diff(test.want, got); diff != "" {
			t.Errorf("%v (-want +got):\n%s", test.operations, diff)
		}
	}
}

// TestGroundSaysNothing: what cannot be known is left to the plan.
func TestGroundSaysNothing(t *testing.T) {
	t.Parallel()
	for _, w := range []*fake{{bare: true}, {damaged: true}} {
		for sentence, want := range map[string]string{
			"install firefx": "install firefx", "remove fierfox": "remove fierfox", "go back to generation 99": "rollback to generation 99",
			"enable opensh": "enable opensh", "firefx": "info firefx", "cancel job abc12": "cancel abc12",
		} {
			if diff := cmp.Diff([]string{want}, outcome(w, sentence)); diff != "" {
				t.Errorf("%+v, %s (-want +got):\n%s", w, sentence, diff)
			}
		}
	}
}

// TestGroundCorrects looks at what else a correction changes.
func TestGroundCorrects(t *testing.T) {
	t.Parallel()
	show := operation.New(operation.ShowPackage, operation.Arguments{Packages: []operation.PackageName{"htpo"}})
	install := operation.New(operation.InstallPackages, show.Arguments)
	before := intent.Reading{
		Operations: []operation.Operation{operation.New(operation.ListPins, operation.Arguments{}), show}, Confidence: 0.9,
		Alternatives: []operation.Alternative{intent.Choice(install, 0.4), intent.Choice(operation.New(operation.Help, operation.Arguments{}), 0.2)},
	}
	got, err := grounding.Ground(smallWorld(), "htpo", before)
	if err != nil {
		t.Fatal(err)
	}
	show.Arguments.Packages, install.Arguments.Packages = []operation.PackageName{"htop"}, []operation.PackageName{"htop"}
	want := intent.Reading{
		Operations: []operation.Operation{operation.New(operation.ListPins, operation.Arguments{}), show}, Confidence: 0.9,
		Alternatives: []operation.Alternative{intent.Choice(install, 0.4), intent.Choice(operation.New(operation.Help, operation.Arguments{}), 0.2)},
		Corrected:    []operation.Correction{{Operation: 1, Argument: "packages", From: "htpo", To: "htop"}},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
	if name := before.Operations[1].Arguments.Packages[0]; name != "htpo" {
		t.Errorf("the reading that was given was changed: %s", name)
	}
	installed, err := grounding.Ground(smallWorld(), "install vs code", intent.Reading{
		Operations: []operation.Operation{operation.New(operation.InstallPackages, operation.Arguments{Packages: []operation.PackageName{"vs", "code"}})},
		Confidence: 1,
	})
	if err != nil || installed.Confidence >= 0.9 {
		t.Errorf("a change was corrected and is taken for sure: %v, %v", installed, err)
	}
}

// TestRules holds Ground to its rules, whatever the reading.
func TestRules(t *testing.T) {
	t.Parallel()
	names := []string{
		"firefox", "firefx", "vim", "vmi", "git", "crypt", "libre", "office", "vs", "code", "visual", "studio", "google", "chrome",
		"numpy", "democracy", "rg", "htop", "htpo", "ms", "word", "mytool", "player", "x", "services.opensh.enable",
	}
	rapid.Check(t, func(t *rapid.T) {
		w := smallWorld()
		w.bare = rapid.IntRange(0, 9).Draw(t, "bare") == 0
		words := rapid.SliceOfNDistinct(rapid.SampledFrom(names), 1, 5, rapid.ID).Draw(t, "words")
		a := operation.Arguments{Scope: rapid.SampledFrom([]operation.Scope{"", "user", "system"}).Draw(t, "scope")}
		for _, word := range words {
			a.Packages = append(a.Packages, operation.PackageName(word))
		}
		number := operation.GenerationNumber(rapid.IntRange(1, 15).Draw(t, "number"))
		op := rapid.SampledFrom([]operation.Operation{
			operation.New(operation.InstallPackages, a), operation.New(operation.RemovePackages, a), operation.New(operation.UpdateSystem, a),
			operation.New(operation.TryPackages, operation.Arguments{Packages: a.Packages}),
			operation.New(operation.ShowPackage, operation.Arguments{Packages: a.Packages}),
			operation.New(operation.ShowOption, operation.Arguments{Option: "services.opensh.enable"}),
			operation.New(operation.SetOption, operation.Arguments{Option: "services.opensh.enable", Value: "true"}),
			operation.New(operation.SetOption, operation.Arguments{Query: "opensh", Value: "true"}),
			operation.New(operation.Rollback, operation.Arguments{Generation: number}),
			operation.New(operation.DeleteGenerations, operation.Arguments{Generations: []operation.GenerationNumber{number, 4}}),
			operation.New(operation.CompareGenerations, operation.Arguments{From: 3, To: number}),
		}).Draw(t, "operation")
		sentence := rapid.SampledFrom([]string{strings.Join(words, " "), strings.Join(words, ", ")}).Draw(t, "sentence")

		grounded, err := grounding.Ground(w, sentence, intent.Reading{Operations: []operation.Operation{op}, Confidence: 1})
		again, errAgain := grounding.Ground(w, sentence, intent.Reading{Operations: []operation.Operation{op}, Confidence: 1})
		if diff := cmp.Diff(told(grounded, err), told(again, errAgain)); diff != "" {
			t.Fatalf("twice is not the same: %s", diff)
		}
		if err != nil {
			failed := operation.AsError(err)
			if failed.Code != operation.CodeAmbiguous && failed.Code != operation.CodeNotFound || len(failed.Alternatives) == 0 || len(failed.Alternatives) > 3 {
				t.Fatalf("%v: %v", err, failed.Alternatives)
			}
			for _, choice := range failed.Alternatives {
				checkRules(t, w, op, choice.Operation, true)
			}
			return
		}
		if len(grounded.Operations) != 1 {
			t.Fatalf("%v", grounded.Operations)
		}
		checkRules(t, w, op, grounded.Operations[0], false)
		for _, word := range op.Arguments.Packages {
			corrected := slices.ContainsFunc(grounded.Corrected, func(c operation.Correction) bool {
				return slices.Contains(strings.Fields(c.From), string(word))
			})
			if !corrected && !slices.Contains(grounded.Operations[0].Arguments.Packages, word) {
				t.Fatalf("%s was left out: %v", word, grounded)
			}
		}
		settled, err := grounding.Ground(w, sentence, grounded)
		if diff := cmp.Diff(told(grounded, nil), told(settled, err)); diff != "" {
			t.Fatalf("what was corrected is not there: %s", diff)
		}
	})
}

func checkRules(t *rapid.T, w *fake, before, after operation.Operation, choice bool) {
	was, _ := operation.Lookup(before.Name)
	is, _ := operation.Lookup(after.Name)
	if is.Changing && !was.Changing {
		t.Fatalf("%v only looks, %v changes something", before, after)
	}
	if before.Name != after.Name && (!choice || is.Changing) {
		t.Fatalf("%v became %v", before, after)
	}
	if err := after.Validate(); err != nil {
		t.Fatal(err)
	}
	for _, name := range after.Arguments.Packages {
		said := slices.Contains(before.Arguments.Packages, name)
		if !said && !w.Known(string(name)) && !slices.Contains(slices.Concat(w.system, w.user, attributes(w)), string(name)) {
			t.Fatalf("%s was made up for %v", name, before)
		}
	}
	for _, number := range after.Arguments.Generations {
		if !slices.Contains(before.Arguments.Generations, number) {
			t.Fatalf("%v became %v", before, after)
		}
	}
	if option := after.Arguments.Option; option != "" && option != before.Arguments.Option && !w.Option(string(option)) {
		t.Fatalf("%s was made up", option)
	}
}

func attributes(w *fake) (all []string) {
	for _, attribute := range w.packages {
		all = append(all, attribute)
	}
	return all
}
