package trace_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"luminousnix/nix/eval/trace"
)

// everything reads in every way that an expression can.
func everything() map[string]string {
	return map[string]string{
		"default.nix": `{
			imported = import ./imported.nix;
			directory = import ./imported;
			linked = import ./link1;
			text = builtins.readFile ./text;
			listing = builtins.readDir ./listing;
			present = builtins.pathExists ./present;
			absent = builtins.pathExists ./absent;
			absentBelow = builtins.pathExists ./nowhere/below/here;
			type = builtins.readFileType ./type;
			hash = builtins.hashFile "sha256" ./hashed;
			source = "${./source}";
			filtered = builtins.filterSource (path: type: baseNameOf path != "skipped") ./filtered;
			path = builtins.path { path = ./flat; name = "flat"; recursive = false; };
			searched = import <named/searched.nix>;
			missed = (builtins.tryEval <missing.nix>).success;
			set = builtins.getEnv "SET";
			unset = builtins.getEnv "UNSET";
		}`,
		"imported.nix":         "{ a = 1; }",
		"imported/default.nix": "{ b = 1; }",
		"link1":                "->link2",
		"link2":                "->linked/target.nix",
		"linked/target.nix":    "{ c = 1; }",
		"linked/other.nix":     "{ c = 2; }",
		"text":                 "some text",
		"listing/a":            "a",
		"listing/b/c":          "c",
		"present":              "",
		"type":                 "",
		"hashed":               "hashed",
		"source/file":          "content",
		"source/program":       "#!/bin/sh",
		"source/link":          "->file",
		"source/deep/er":       "deeper",
		"filtered/kept":        "kept",
		"filtered/skipped":     "skipped",
		"flat":                 "flat",
		"search1/unrelated":    "",
		"search2/searched.nix": "{ d = 1; }",
		"beside":               "nobody reads this",
	}
}

// mutation is a change of a tree, and the difference that it makes, nil if none.
type mutation struct {
	name   string
	change func(t *testing.T, w world)
	want   *trace.Difference
}

// The changes below are of files in the tree.

func rewrite(name, content string) func(*testing.T, world) {
	return func(t *testing.T, w world) {
		t.Helper()
		path := filepath.Join(w.root, name)
		must(t, os.RemoveAll(path))
		write(t, path, content)
	}
}

// forge changes the content and leaves length, time of modification and inode.
func forge(name string) func(*testing.T, world) {
	return func(t *testing.T, w world) {
		t.Helper()
		path := filepath.Join(w.root, name)
		before, err := os.Stat(path)
		must(t, err)
		content, err := os.ReadFile(path)
		must(t, err)
		content = []byte(strings.NewReplacer("1", "2", "t", "T", "e", "E").Replace(string(content)))
		must(t, os.WriteFile(path, content, 0o644))
		must(t, os.Chtimes(path, before.ModTime(), before.ModTime()))
	}
}

func touch(name string) func(*testing.T, world) {
	return func(t *testing.T, w world) {
		t.Helper()
		must(t, os.Chtimes(filepath.Join(w.root, name), time.Now(), time.Now()))
	}
}

// same puts an equal file in the place of one.
func same(name string) func(*testing.T, world) {
	return func(t *testing.T, w world) {
		t.Helper()
		path := filepath.Join(w.root, name)
		content, err := os.ReadFile(path)
		must(t, err)
		must(t, os.WriteFile(path+".new", content, 0o644))
		must(t, os.Rename(path+".new", path))
	}
}

func remove(name string) func(*testing.T, world) {
	return func(t *testing.T, w world) {
		t.Helper()
		must(t, os.RemoveAll(filepath.Join(w.root, name)))
	}
}

func mkdir(name string) func(*testing.T, world) {
	return func(t *testing.T, w world) {
		t.Helper()
		must(t, os.RemoveAll(filepath.Join(w.root, name)))
		must(t, os.MkdirAll(filepath.Join(w.root, name), 0o755))
	}
}

func chmod(name string, mode os.FileMode) func(*testing.T, world) {
	return func(t *testing.T, w world) {
		t.Helper()
		must(t, os.Chmod(filepath.Join(w.root, name), mode))
	}
}

func setenv(name, value string) func(*testing.T, world) {
	return func(_ *testing.T, w world) { w.environment[name] = value }
}

func difference(kind trace.Kind, name string, change trace.Change) *trace.Difference {
	return &trace.Difference{Input: trace.Input{Kind: kind, Name: name}, Change: change}
}

func mutations() []mutation {
	const (
		changed  = trace.Changed
		appeared = trace.Appeared
		gone     = trace.Gone
	)
	list := []mutation{
		{"nothing", func(*testing.T, world) {}, nil},
		{"a file beside", rewrite("beside", "something else"), nil},
		{"a file beside appears", rewrite("new", ""), nil},
		{"a file beside goes", remove("beside"), nil},
		{"content of what is only listed", rewrite("listing/b/c", "else"), nil},
		{"content of what is filtered out", rewrite("filtered/skipped", "else"), nil},
		{"what a filter drops goes", remove("filtered/skipped"), difference(trace.Listing, "filtered", changed)},
		{"content of what only has to exist", rewrite("present", "else"), nil},
		{"what has to exist goes", remove("present"), difference(trace.Entry, "present", gone)},
		{"what has to exist becomes a directory", mkdir("present"), difference(trace.Entry, "present", trace.Retyped)},
		{"absent appears", rewrite("absent", ""), difference(trace.Entry, "absent", appeared)},
		{"absent appears as a broken link", rewrite("absent", "->nothing"), difference(trace.Entry, "absent", appeared)},
		{"absent parent appears", mkdir("nowhere"), difference(trace.Entry, "nowhere", appeared)},
		{"type", mkdir("type"), difference(trace.Entry, "type", trace.Retyped)},
		{"executable", chmod("source/file", 0o755), difference(trace.Entry, "source/file", trace.NowExecutable)},
		{"not executable", chmod("source/program", 0o644), difference(trace.Entry, "source/program", trace.NoLongerExecutable)},
		{"other permissions", chmod("source/file", 0o600), nil},
		{"link into the middle", rewrite("link1", "->linked/other.nix"), difference(trace.Link, "link1", changed)},
		{"end of a chain of links", rewrite("link2", "->linked/other.nix"), difference(trace.Link, "link2", changed)},
		{"link becomes a file", rewrite("link2", "{ c = 3; }"), difference(trace.Entry, "link2", trace.Retyped)},
		{"equal link", rewrite("link1", "->link2"), nil},
		{"link in a source", rewrite("source/link", "->deep"), difference(trace.Link, "source/link", changed)},
		{"listing grows", rewrite("listing/new", ""), difference(trace.Listing, "listing", changed)},
		{"listing shrinks", remove("listing/a"), difference(trace.Listing, "listing", changed)},
		{"listed type", mkdir("listing/a"), difference(trace.Listing, "listing", changed)},
		{"listed again", rewrite("listing/a", "a"), nil},
		{"source grows", rewrite("source/deep/new", ""), difference(trace.Listing, "source/deep", changed)},
		{"filtered grows", rewrite("filtered/new", ""), difference(trace.Listing, "filtered", changed)},
		{"directory goes", remove("listing"), difference(trace.Entry, "listing", gone)},
		{"earlier search entry", rewrite("search1/missing.nix", "1"), difference(trace.Entry, "search1/missing.nix", appeared)},
		{"search entry without the file", rewrite("search1/named/searched.nix", "1"), difference(trace.Entry, "search1/named", appeared)},
		{"set variable", setenv("SET", "two"), difference(trace.Variable, "SET", changed)},
		{"set variable emptied", setenv("SET", ""), difference(trace.Variable, "SET", gone)},
		{"unset variable", setenv("UNSET", "x"), difference(trace.Variable, "UNSET", appeared)},
		{"other variable", setenv("OTHER", "x"), nil},
	}
	for _, name := range []string{
		"default.nix", "imported.nix", "imported/default.nix", "linked/target.nix", "text", "hashed",
		"source/file", "source/deep/er", "filtered/kept", "flat", "search2/searched.nix",
	} {
		list = append(
			list,
			mutation{"forged " + name, forge(name), difference(trace.Content, name, changed)},
			mutation{"rewritten " + name, rewrite(name, "{ }"), difference(trace.Content, name, changed)},
			mutation{"touched " + name, touch(name), nil},
			mutation{"same " + name, same(name), nil},
			mutation{"gone " + name, remove(name), difference(trace.Entry, name, gone)},
			mutation{"directory " + name, mkdir(name), difference(trace.Entry, name, trace.Retyped)},
		)
	}
	return list
}

// Each thing that an evaluation read is changed in turn, and things that it did
// not read. Files are old enough to be trusted by what lstat says, or too young.
func TestMutations(t *testing.T) {
	t.Parallel()
	for _, margin := range []time.Duration{tick, time.Hour} {
		for _, m := range mutations() {
			t.Run(margin.String()+"/"+m.name, func(t *testing.T) {
				t.Parallel()
				w := newWorld(t, t.TempDir(), everything())
				time.Sleep(2 * tick)
				before, read := w.evaluate(t, margin)
				kept := again(t, read)
				m.change(t, w)

				got, err := kept.CheckMargin(t.Context(), w, margin)
				must(t, err)
				if diff := cmp.Diff(m.want, w.relative(got)); diff != "" {
					t.Errorf("difference (-want +got):\n%s", diff)
				}
				after := w.result(t, w)
				if got == nil && before != after {
					t.Errorf("unchanged, yet the result was\n%s\nand is\n%s", before, after)
				}
			})
		}
	}
}
