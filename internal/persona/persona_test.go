package persona_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"unicode"

	"github.com/google/go-cmp/cmp"

	"luminousnix/internal/operation"
	"luminousnix/internal/persona"
)

// answers are results of each operation, as full of values as they can be, and without.
func answers(name operation.Name) []operation.Result {
	args := operation.Arguments{
		Packages: []operation.PackageName{"git"}, Query: "editor", Option: "services.openssh.enable",
		Program: "readelf", Job: "j1",
	}
	result := func(data any) operation.Result {
		return operation.Result{Operation: operation.New(name, args), Message: "It is so.", Data: data, Plan: plan(name)}
	}
	switched := []operation.Result{
		result(&operation.Switched{From: 3, To: 2, Activated: true}),
		result(&operation.Switched{From: 3, To: 2}),
	}
	freed := []operation.Result{result(&operation.Freed{Free: 1 << 30, Bytes: 5}), result(&operation.Freed{})}
	edited := result(&operation.Edited{Files: []operation.FileEdit{{Path: "/etc/nixos/configuration.nix"}}})
	switch name {
	case operation.ListGenerations:
		return []operation.Result{
			result(&operation.Generations{Total: 1, Generations: []operation.Generation{{Number: 7, Current: true}}}),
			result(&operation.Generations{}),
		}
	case operation.CompareGenerations:
		return []operation.Result{result(&operation.Comparison{From: 1, To: 2})}
	case operation.SearchPackages, operation.SearchOptions, operation.FindProgram:
		return []operation.Result{result(&operation.Found{})}
	case operation.ListPackages:
		return []operation.Result{result(&operation.InstalledPackages{})}
	case operation.ShowCatalog:
		return []operation.Result{result(&operation.Catalogues{})}
	case operation.DiskUsage:
		return []operation.Result{result(&operation.Disk{FileSystems: []operation.FileSystem{{Free: 5, Total: 10}}})}
	case operation.CheckHealth:
		return []operation.Result{
			result(&operation.Health{Findings: []operation.Finding{{Severity: operation.Problem}}}),
			result(&operation.Health{}),
		}
	case operation.ShowMetrics:
		return []operation.Result{result(&operation.Metrics{})}
	case operation.ShowCache:
		return []operation.Result{result(&operation.Cache{})}
	case operation.ShowHistory:
		return []operation.Result{result(&operation.History{})}
	case operation.AnswerQuestion:
		return []operation.Result{result(&operation.Answered{Topic: operation.Topic{ID: "flake"}}), result(&operation.Topics{})}
	case operation.ListPins:
		return []operation.Result{result(&operation.Pins{})}
	case operation.ListJobs:
		return []operation.Result{result(&operation.Jobs{Jobs: []operation.Job{{State: "running"}, {State: "done"}}})}
	case operation.AttachJob, operation.CancelJob:
		return []operation.Result{result(&operation.Job{ID: "j1"})}
	case operation.InstallPackages, operation.RemovePackages:
		return []operation.Result{result(&operation.Switched{To: 2}), edited}
	case operation.SwitchSystem, operation.BootSystem, operation.TestSystem, operation.Rollback, operation.SwitchGeneration:
		return switched
	case operation.UpdateSystem:
		return append(switched, result(&operation.Updated{System: &operation.Switched{Activated: true}}), result(&operation.Updated{}))
	case operation.DeleteGenerations, operation.CleanUp, operation.CollectGarbage:
		return freed
	case operation.VerifyStore, operation.RepairStore:
		return []operation.Result{result(&operation.StoreCheck{}), result(&operation.StoreCheck{Damaged: []operation.Damage{{}}})}
	case operation.SetOption:
		return []operation.Result{edited}
	}
	return []operation.Result{result(nil)} // its message says it all
}

func plan(name operation.Name) *operation.Plan {
	if spec, _ := operation.Lookup(name); spec.Changing {
		return &operation.Plan{Summary: "Do it", Risk: spec.Risk}
	}
	return nil
}

// TestEveryOperation: whatever was done, it is said what happened, why it matters and what
// next, and before a change what changes and what does not. A placeholder is a value that
// some answer of the operation has.
func TestEveryOperation(t *testing.T) {
	t.Parallel()
	sections := []string{persona.DryRun, persona.NothingToDo, persona.InBackground}
	for _, spec := range operation.All() {
		sections = append(sections, string(spec.Name))
		text, given := persona.About(spec.Name), map[string]bool{}
		for _, r := range answers(spec.Name) {
			values := persona.Values(r)
			for name, value := range values {
				given[name] = given[name] || value != ""
			}
			for part, lines := range map[string][]persona.Line{"happened": text.Happened, "matters": text.Matters, "next": text.Next} {
				if persona.Say(lines, values) == "" {
					t.Errorf("%s: nothing is said of %T for %q", spec.Name, r.Data, part)
				}
			}
			if spec.Changing && (persona.Say(text.Changes, values) == "" || persona.Say(text.Stays, values) == "") {
				t.Errorf("%s: it is not said what changes, or what stays", spec.Name)
			}
		}
		for _, line := range slices.Concat(text.Changes, text.Stays, text.Happened, text.Matters, text.Next) {
			for _, name := range line.Names() {
				if !given[name] {
					t.Errorf("%s: no answer has the value {%s} of %q", spec.Name, name, line.Text)
				}
			}
		}
	}
	slices.Sort(sections)
	if diff := cmp.Diff(sections, persona.Sections()); diff != "" {
		t.Errorf("sections of operations.txt: %s", diff)
	}
}

func TestAfter(t *testing.T) {
	t.Parallel()
	install := operation.New(operation.InstallPackages, operation.Arguments{})
	for name, test := range map[string]struct {
		result operation.Result
		dryRun bool
		want   string
	}{
		"done":       {operation.Result{Operation: install, Plan: &operation.Plan{}}, false, "install-packages"},
		"dry run":    {operation.Result{Operation: install, Plan: &operation.Plan{}}, true, persona.DryRun},
		"no plan":    {operation.Result{Operation: operation.New(operation.CheckHealth, operation.Arguments{})}, true, "check-health"},
		"nothing":    {operation.Result{Operation: install, Plan: &operation.Plan{Nothing: true}}, false, persona.NothingToDo},
		"background": {operation.Result{Operation: install, Data: &operation.Job{}}, false, persona.InBackground},
		"followed":   {operation.Result{Operation: operation.New(operation.AttachJob, operation.Arguments{}), Data: &operation.Job{}}, false, "attach-job"},
	} {
		if got := persona.After(test.result, test.dryRun); got != persona.About(operation.Name(test.want)) {
			t.Errorf("%s: %+v", name, got)
		}
	}
}

func TestExplain(t *testing.T) {
	t.Parallel()
	const generation = " (a saved state that you can go back to)"
	for text, want := range map[string]string{
		"Generation 3 is current.":                                     "Generation 3" + generation + " is current.",
		"3 generations; generation 3 is current":                       "3 generations" + generation + "; generation 3 is current",
		"next: ask-nix generations":                                    "next: ask-nix generations",
		"`ask-nix pin 3` keeps a generation":                           "`ask-nix pin 3` keeps a generation" + generation,
		"ask-nix generations\ngenerations":                             "ask-nix generations\ngenerations" + generation,
		"/nix/store/channel the-flake flake.nix":                       "/nix/store/channel the-flake flake.nix",
		"a flake.":                                                     "a flake (a folder that says how a computer is set up, with exact versions).",
		"the store path is in the store":                               "the store path (a folder with one program or a part of one) is in the store (the place where all programs are kept)",
		"generation 3rd":                                               "generation" + generation + " 3rd",
		"degeneration, généalogie, ünit":                               "degeneration, généalogie, ünit",
		"/x/store/52r5r5p51z1xb7c2vjp43wab7g27mddw-vim-9.1/bin/vim is": "vim-9.1/bin/vim is",
	} {
		if diff := cmp.Diff(want, new(persona.Glossary).Explain(text)); diff != "" {
			t.Errorf("%q: %s", text, diff)
		}
	}
}

func TestMeanings(t *testing.T) {
	t.Parallel()
	var g persona.Glossary
	g.Explain("a channel")
	got := g.Meanings("Kernel 6 of a channel\nthe KERNEL")
	if diff := cmp.Diff([]string{"kernel: the innermost part of the system"}, got); diff != "" {
		t.Error(diff)
	}
}

// FuzzExplain: what is explained is only added to, and a second time nothing is added.
func FuzzExplain(f *testing.F) {
	for _, text := range []string{"generation 3", "`store", "ask-nix ask flakes\n\xff", "store paths", "päth-52r5r5p51z1xb7c2vjp43wab7g27mddw-"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		var g persona.Glossary
		first := g.Explain(text)
		short := persona.ShortPaths(text)
		if len(first) < len(short) {
			t.Errorf("%q became %q", short, first)
		}
		if again := g.Explain(text); again != short {
			t.Errorf("%q is explained again: %q", text, again)
		}
	})
}

func TestShortPaths(t *testing.T) {
	t.Parallel()
	const hash = "52r5r5p51z1xb7c2vjp43wab7g27mddw"
	for text, want := range map[string]string{
		"/nix/store/" + hash + "-vim-9.1":         "vim-9.1",
		"in (/nix/store/" + hash + "-vim), 'x'":   "in (vim), 'x'",
		"file:///nix/store/" + hash + "-vim":      "file:vim",
		"/nix/store":                              "/nix/store",
		"/nix/store/" + hash:                      "/nix/store/" + hash,
		"/nix/store/" + hash[1:] + "e-vim":        "/nix/store/" + hash[1:] + "e-vim", // no digit of base 32
		"/etc/nixos/configuration.nix and ~/.nix": "/etc/nixos/configuration.nix and ~/.nix",
	} {
		if got := persona.ShortPaths(text); got != want {
			t.Errorf("%q: %q, want %q", text, got, want)
		}
	}
}

func TestSteps(t *testing.T) {
	t.Parallel()
	for step, want := range map[string]string{
		"Point the profile at generation 12":                           "Choose saved state 12 as the one to use",
		"Download 3 paths, 1.0 MiB, unpacked 5.0 MiB":                  "Download 3 parts, 1.0 MiB; they take 5.0 MiB on the disk",
		"Update input nixpkgs from 2025-01-01 (abc) to 2025-02-01 (d)": "Renew a source of programs: nixpkgs, from 2025-01-01 (abc) to 2025-02-01 (d)",
		"Delete generation 4 (NixOS 25.05, made 2025-01-01)":           "Delete saved state 4 (NixOS 25.05, made 2025-01-01)",
		"Brush the teeth": "Brush the teeth",
	} {
		if got := persona.Step(step); got != want {
			t.Errorf("%q: %q, want %q", step, got, want)
		}
	}
}

// TestStepsOfActions reads the steps of plans out of the source: each has to have everyday
// words in steps.txt.
func TestStepsOfActions(t *testing.T) {
	t.Parallel()
	found := 0
	check := func(file *ast.File, positions *token.FileSet) {
		ast.Inspect(file, func(n ast.Node) bool {
			pair, ok := n.(*ast.KeyValueExpr)
			if !ok {
				return true
			}
			key, ok := pair.Key.(*ast.Ident)
			start, whole, isText := beginning(pair.Value)
			if !ok || key.Name != "Action" || !isText {
				return true
			}
			found++
			if !persona.KnowsStep(start, whole) {
				t.Errorf("%s: steps.txt has no words for %q", positions.Position(pair.Pos()), start)
			}
			return true
		})
	}
	eachFile(t, "../action", check)
	eachFile(t, "../cli", check)
	if found < 30 {
		t.Errorf("only %d steps were found", found)
	}
}

// beginning is what an expression for a text begins with; whole says that it is all of it.
func beginning(e ast.Expr) (start string, whole, ok bool) {
	switch e := e.(type) {
	case *ast.BasicLit:
		text, err := strconv.Unquote(e.Value)
		return text, true, err == nil
	case *ast.BinaryExpr:
		start, _, ok = beginning(e.X)
		return start, false, ok
	case *ast.CallExpr:
		if len(e.Args) == 0 {
			return "", false, false
		}
		start, _, ok = beginning(e.Args[0])
		start, _, varies := strings.Cut(start, "%")
		return start, !varies, ok && strings.Contains(start, " ")
	}
	return "", false, false
}

// TestPhases: the phases of phases.txt are those of the source.
func TestPhases(t *testing.T) {
	t.Parallel()
	texts := map[string]bool{}
	for _, dir := range []string{"../action", "../activation", "../engine"} {
		eachFile(t, dir, func(file *ast.File, _ *token.FileSet) {
			ast.Inspect(file, func(n ast.Node) bool {
				if literal, ok := n.(*ast.BasicLit); ok && literal.Kind == token.STRING {
					texts[strings.Trim(literal.Value, `"`)] = true
				}
				return true
			})
		})
	}
	for _, name := range persona.PhaseNames() {
		if !texts[name] {
			t.Errorf("there is no phase %q", name)
		}
	}
}

// sayers are the files of the command line that say the fixed words of each persona.
var sayers = map[string]string{
	persona.Standard: "presentation.go", persona.Plain: "persona_plain.go", persona.Brief: "persona_brief.go",
	persona.Technical: "persona_technical.go", persona.ScreenReader: "persona_spoken.go", persona.Calm: "persona_calm.go",
}

// TestFixedWords: the fixed words of each persona are those that its file asks for.
func TestFixedWords(t *testing.T) {
	t.Parallel()
	for _, name := range persona.Names() {
		literals, asked := map[string]bool{}, map[string]bool{}
		ast.Inspect(parsed(t, filepath.Join("../cli", sayers[name])), func(n ast.Node) bool {
			if text, ok := literal(n); ok {
				literals[text] = true
			}
			if call, ok := n.(*ast.CallExpr); ok {
				if text, ok := askedFor(call); ok {
					asked[text] = true
				}
			}
			return true
		})
		words := persona.FixedWords(name)
		for word := range asked {
			if !slices.Contains(words, word) {
				t.Errorf("%s has no %q", name, word)
			}
		}
		for _, word := range words {
			if sign := []rune(word); !literals[word] && (len(sign) > 1 || unicode.IsLetter(sign[0])) {
				t.Errorf("%s does not say %q", name, word)
			}
		}
		if len(asked) == 0 {
			t.Errorf("%s says nothing", name)
		}
	}
}

// askedFor is the name of the fixed word that a call asks for, where it is written there.
func askedFor(call *ast.CallExpr) (name string, ok bool) {
	at := -1
	switch f := call.Fun.(type) {
	case *ast.Ident:
		at = map[string]int{"plainly": 1, "calmly": 1, "aloud": 1, "technically": 1, "add": 1}[f.Name] - 1
	case *ast.SelectorExpr:
		at = map[string]int{"Phrase": 2, "say": 2}[f.Sel.Name] - 1
	}
	if at < 0 || len(call.Args) <= at {
		return "", false
	}
	return literal(call.Args[at])
}

// literal is the text of a string literal.
func literal(n ast.Node) (text string, ok bool) {
	l, ok := n.(*ast.BasicLit)
	if !ok || l.Kind != token.STRING {
		return "", false
	}
	text, err := strconv.Unquote(l.Value)
	return text, err == nil
}

// TestNoWordsInGo has all that a person reads of a persona in the folder en: no text of two
// words is in the code.
func TestNoWordsInGo(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range sayers {
		files = append(files, filepath.Join("../cli", file))
	}
	checked := 0
	for _, file := range files {
		if strings.HasSuffix(file, "_test.go") {
			continue
		}
		checked++
		for _, text := range sentences(parsed(t, file)) {
			// What begins a step that the engine writes is compared, and not said.
			if file != "equivalent.go" || text != "Delete generation " {
				t.Errorf("%s says %q", file, text)
			}
		}
	}
	if checked < 12 {
		t.Errorf("only %d files", checked)
	}
}

// sentences are the string literals of a file with two words or more.
func sentences(file *ast.File) (found []string) {
	ast.Inspect(file, func(n ast.Node) bool {
		if text, ok := literal(n); ok {
			words := slices.DeleteFunc(strings.Fields(text), func(word string) bool {
				return strings.HasPrefix(word, "%") || !strings.ContainsFunc(word, unicode.IsLetter)
			})
			if len(words) > 1 {
				found = append(found, text)
			}
		}
		return true
	})
	return found
}

// TestSentences: the check can fail.
func TestSentences(t *testing.T) {
	t.Parallel()
	file, err := parser.ParseFile(token.NewFileSet(), "a.go", `package a
import "some/path"
const a = "name" + "%s is %d" + "Would do: " + "  %d. %s\n" + `+"`and so on`", 0)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"Would do: ", "and so on"}, sentences(file)); diff != "" {
		t.Error(diff)
	}
}

// TestPhrases fills values in, whatever is in them and in whichever order they come.
func TestPhrases(t *testing.T) {
	t.Parallel()
	for want, got := range map[string]string{
		"{2}, or b": persona.Phrase(persona.Calm, "or", "{2}", "b"),
		"risk: ":    persona.Phrase(persona.Brief, "risk", ""),
		"":          persona.Phrase(persona.Brief, "no such words"),
		"b a":       persona.Numbered("{2} {1}", "a", "b"),
	} {
		if got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}

func parsed(t *testing.T, file string) *ast.File {
	t.Helper()
	tree, err := parser.ParseFile(token.NewFileSet(), file, nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	return tree
}

func TestCodes(t *testing.T) {
	t.Parallel()
	var codes []string
	for _, code := range []operation.Code{
		operation.CodeFailed, operation.CodeNotAvailable, operation.CodeUsage, operation.CodeNotUnderstood, operation.CodeAmbiguous,
		operation.CodePermission, operation.CodeNotFound, operation.CodeNetwork, operation.CodeConfiguration, operation.CodeDeclined,
		operation.CodeRefused, operation.CodeInterrupted,
	} {
		codes = append(codes, string(code))
	}
	slices.Sort(codes)
	if diff := cmp.Diff(codes, persona.Codes()); diff != "" {
		t.Error(diff)
	}
}

// eachFile parses the files of a folder that are no tests.
func eachFile(t *testing.T, dir string, use func(*ast.File, *token.FileSet)) {
	t.Helper()
	err := fs.WalkDir(os.DirFS(dir), ".", func(name string, _ fs.DirEntry, err error) error {
		if err != nil || !strings.HasSuffix(name, ".go") || strings.HasSuffix(name, "_test.go") {
			return err
		}
		positions := token.NewFileSet()
		file, err := parser.ParseFile(positions, filepath.Join(dir, name), nil, 0)
		if err == nil {
			use(file, positions)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

func TestColumns(t *testing.T) {
	t.Parallel()
	got := persona.Columns([][]string{{"GENERATION", "KERNEL", "ODD", ""}, {"3", "6.12", "x", "current"}})
	if diff := cmp.Diff([][]string{{"NUMBER", "ODD", ""}, {"3", "x", "current"}}, got); diff != "" {
		t.Error(diff)
	}
}
