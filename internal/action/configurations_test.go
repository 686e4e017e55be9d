package action

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"luminousnix/internal/configedit"
	"luminousnix/internal/evaluation"
	"luminousnix/internal/host"
	"luminousnix/nix/eval"
	"luminousnix/nix/syntax"
)

// trial is an edit that is tried on every configuration.
type trial struct {
	name string
	do   func(*configedit.Configuration) error
	// adds says that the edit only adds; else it may put a value in place of another.
	adds bool
	// now is an expression of what the edit is about, which must evaluate before, and
	// meant one that must be true after.
	now, meant string
}

func trials() []trial {
	return []trial{
		{
			"install htop", func(c *configedit.Configuration) error { return c.AddPackage("htop") }, true,
			"map (p: builtins.stringLength (toString p)) config.environment.systemPackages",
			"builtins.elem (toString pkgs.htop) (map toString config.environment.systemPackages)",
		},
		{
			"set the time zone", func(c *configedit.Configuration) error {
				return c.Set([]string{"time", "timeZone"}, `"Pacific/Tahiti"`)
			}, false,
			"config.time.timeZone", setCheck([]string{"time", "timeZone"}, `"Pacific/Tahiti"`),
		},
		{
			"enable avahi", func(c *configedit.Configuration) error {
				return c.Set([]string{"services", "avahi", "enable"}, "true")
			}, false,
			"config.services.avahi.enable", setCheck([]string{"services", "avahi", "enable"}, "true"),
		},
		{
			"open a port", func(c *configedit.Configuration) error {
				return c.AddToList([]string{"networking", "firewall", "allowedTCPPorts"}, "48123")
			}, true,
			"config.networking.firewall.allowedTCPPorts", "builtins.elem 48123 config.networking.firewall.allowedTCPPorts",
		},
	}
}

// tally is what became of one trial on all configurations.
type tally struct {
	placed, already, refused   int
	before, after, differently int
}

// TestConfigurations edits the configurations of people: every configuration.nix below
// the folder that LUMINOUS_NIX_CONFIGURATIONS names. Each edit must parse and leave all
// other bytes as they were; what is not placed must be refused with the lines to add.
// With LUMINOUS_NIX_NIXPKGS, a tree of nixpkgs, what evaluated before the edit must
// evaluate to what was meant after. Since the tree and the configurations are not of one
// year, options that the tree does not have are passed over, another package stands in for
// those that it does not have, and a hardware-configuration that was not published is an
// empty one; all of that before as well as after.
func TestConfigurations(t *testing.T) {
	root, tree := os.Getenv("LUMINOUS_NIX_CONFIGURATIONS"), os.Getenv("LUMINOUS_NIX_NIXPKGS")
	if root == "" {
		t.Skip("LUMINOUS_NIX_CONFIGURATIONS names no folder of configurations")
	}
	for _, refused := range []string{"UNFREE", "BROKEN", "INSECURE", "UNSUPPORTED_SYSTEM"} {
		t.Setenv("NIXPKGS_ALLOW_"+refused, "1")
	}
	var files []string
	err := filepath.WalkDir(root, func(path string, entry fs.DirEntry, err error) error {
		if filepath.Base(path) == "configuration.nix" && !entry.IsDir() {
			files = append(files, path)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	evaluator := &evaluation.Native{Host: host.Find(func(string) string { return "" }, ""), Dry: true}
	all := make(map[string]*tally)
	var mu sync.Mutex
	var unread int
	var group sync.WaitGroup
	queue := make(chan string)
	for range 2 {
		group.Go(func() {
			for file := range queue {
				for _, tr := range trials() {
					one, ok := tr.run(t, evaluator, tree, file)
					mu.Lock()
					if !ok {
						unread++
						mu.Unlock()
						break
					}
					if all[tr.name] == nil {
						all[tr.name] = &tally{}
					}
					sum := all[tr.name]
					sum.placed, sum.already, sum.refused = sum.placed+one.placed, sum.already+one.already, sum.refused+one.refused
					sum.before, sum.after, sum.differently = sum.before+one.before, sum.after+one.after, sum.differently+one.differently
					mu.Unlock()
				}
			}
		})
	}
	for _, file := range files {
		queue <- file
	}
	close(queue)
	group.Wait()
	t.Logf("%d configurations, %d of them no Nix", len(files), unread)
	for _, tr := range trials() {
		if sum := all[tr.name]; sum != nil {
			t.Logf("%-18s placed %d, there already %d, refused with lines %d; of the placed %d evaluated before, and then as meant %d, refused since another definition wins %d",
				tr.name, sum.placed, sum.already, sum.refused, sum.before, sum.after, sum.differently)
		}
	}
}

// run tries the edit on one configuration; ok is false if that is no Nix.
func (tr trial) run(t *testing.T, evaluator *evaluation.Native, tree, file string) (one tally, ok bool) {
	c, err := configedit.Read(file, "/nix/store")
	if err != nil {
		if !errors.As(err, new(*syntax.Error)) && !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("%s: %v", file, err)
		}
		return one, false
	}
	err = tr.do(c)
	var place *configedit.PlaceError
	switch {
	case errors.As(err, new(*configedit.AlreadyError)):
		one.already++
		return one, true
	case errors.As(err, &place):
		one.refused++
		t.Logf("%s: %s: %v", file, tr.name, err)
		if len(place.Lines) == 0 || len(place.Reasons) == 0 || len(c.Edits()) > 0 {
			t.Errorf("%s: %s is refused with %+v and %d edits", file, tr.name, place, len(c.Edits()))
		}
		return one, true
	case err != nil:
		t.Errorf("%s: %s: %v", file, tr.name, err)
		return one, true
	}
	one.placed++
	edits := c.Edits()
	tr.checkBytes(t, file, edits)
	if tree == "" {
		return one, true
	}
	edited := map[string][]byte{}
	names := standIn(t, c, edited)
	if _, err := ask(evaluator, tree, file, names, tr.now, edited); err != nil {
		t.Logf("%s: %s: does not evaluate before: %v", file, tr.name, err)
		return one, true
	}
	one.before++
	for _, e := range edits {
		edited[e.Path] = e.After
	}
	switch got, err := ask(evaluator, tree, file, names, tr.meant, edited); {
	case err != nil:
		t.Errorf("%s: %s does not evaluate any more: %v\n%s", file, tr.name, err, edits[0].Diff())
	case got == "true":
		one.after++
	default:
		one.differently++
		t.Logf("%s: %s: another definition wins", file, tr.name)
	}
	return one, true
}

// checkBytes holds the edits to changing nothing else.
func (tr trial) checkBytes(t *testing.T, file string, edits []configedit.Edit) {
	if len(edits) != 1 {
		t.Errorf("%s: %s has %d edits", file, tr.name, len(edits))
	}
	for _, e := range edits {
		if _, err := syntax.Parse(e.Path, e.After, syntax.ParseOptions{}); err != nil {
			t.Errorf("%s: %s: %v", file, tr.name, err)
		}
		removed := 0
		for line := range strings.Lines(e.Diff()) {
			if strings.HasPrefix(line, "-") && !strings.HasPrefix(line, "---") {
				removed++
			}
		}
		if tr.adds && !inOrder(e.Before, e.After) || removed > 1 {
			t.Errorf("%s: %s changes more than it should:\n%s", file, tr.name, e.Diff())
		}
	}
}

// inOrder reports whether all bytes of part are in whole, in their order.
func inOrder(part, whole []byte) bool {
	for _, c := range whole {
		if len(part) > 0 && part[0] == c {
			part = part[1:]
		}
	}
	return len(part) == 0
}

// standIn stands in for hardware configurations that are imported and not there, and
// gives the names that files use, each as a string of Nix: of variables, and of what is
// selected.
func standIn(t *testing.T, c *configedit.Configuration, edited map[string][]byte) (names [2]string) {
	var found [2][]string
	var look func(syntax.Expr) bool
	look = func(e syntax.Expr) bool {
		switch e := e.(type) {
		case *syntax.Ident:
			found[0] = append(found[0], e.Name)
		case *syntax.Select:
			for _, name := range e.Path {
				if name.Expr == nil {
					found[0], found[1] = append(found[0], name.Name), append(found[1], name.Name)
				}
			}
		}
		syntax.Children(e, look)
		return true
	}
	for _, file := range c.Files() {
		content, err := os.ReadFile(file)
		if err != nil {
			t.Error(err)
			continue
		}
		f, err := syntax.Parse(file, content, syntax.ParseOptions{})
		if err != nil {
			t.Error(err)
			continue
		}
		look(f.Root)
		for _, imported := range configedit.Imports(f) {
			if !filepath.IsAbs(imported) {
				imported = filepath.Join(filepath.Dir(file), imported)
			}
			if _, err := os.Stat(imported); err != nil && strings.Contains(filepath.Base(imported), "hardware") {
				edited[imported] = []byte("{ }")
			}
		}
	}
	for i, list := range found {
		slices.Sort(list)
		for _, name := range slices.Compact(list) {
			names[i] += " " + quoteNix(name)
		}
	}
	return names
}

// standIns is an overlay in which a package stands in for those that there are not.
const standIns = `(self: super: let
    named = names: value: builtins.listToAttrs (map (name: { inherit name; value = value name; }) names);
    others = named [%[2]s ] (_: super.hello);
    filled = v: if builtins.isAttrs v && (v.type or "") != "derivation" then others // v else v;
  in named [%[1]s ] (name: filled (super.${name} or (others // super.hello))))`

// ask evaluates an expression about a configuration.
func ask(evaluator *evaluation.Native, tree, file string, names [2]string, expression string, edited map[string][]byte) (string, error) {
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	system := fmt.Sprintf("import <nixpkgs/nixos> { configuration = { imports = [ %s ]; config._module.check = false; config.nixpkgs.overlays = [ %s ]; }; }",
		file, fmt.Sprintf(standIns, names[0], names[1]))
	if strings.Contains(file, " ") {
		system = strings.Replace(system, file, "(/. + "+quoteNix(file)+")", 1)
	}
	result, err := evaluator.Evaluate(ctx, evaluation.Request{
		Sources:    []evaluation.Source{{Kind: evaluation.Expression, Text: strings.Replace(prelude, "import <nixpkgs/nixos> { }", system, 1) + expression}},
		SearchPath: []eval.SearchEntry{{Prefix: "nixos-config", Path: file}, {Prefix: "nixpkgs", Path: tree}},
		BaseDir:    "/",
		Want:       evaluation.Values,
		Print:      evaluation.Printing{Format: evaluation.JSON, Strict: true},
		Edited:     edited,
	})
	if err != nil {
		return "", evaluation.Reader{}.Explain(err)
	}
	var compact bytes.Buffer
	if err := json.Compact(&compact, []byte(slices.Concat(result.Values)[0])); err != nil {
		return "", err
	}
	return compact.String(), nil
}
