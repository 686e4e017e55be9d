package environment_test

import (
	"errors"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"

	"luminousnix/internal/testbed"
	"luminousnix/nix/profile/environment"
	"luminousnix/nix/profile/manifest"
	"luminousnix/nix/store"
)

// step changes a profile: it adds packages or removes elements.
type step struct {
	add      []int // indices of packages
	priority int   // 0 for the default; a Nix without priorities skips the case then
	remove   []int // indices of packages, whose elements are removed by store path
	named    string
	all      bool
	conflict bool   // both Nix and we refuse
	nixEnv   bool   // nix-env adds the packages, and only Nix does
	flake    string // an attribute that is added from a flake, by Nix only
}

// scenario is a series of changes of one profile.
type scenario struct {
	name  string
	packs []pack
	steps []step
}

func scenarios() []scenario {
	hello := pack{"hello-1.0", files{"bin/hello": "a", "share/doc/hello/README": "b"}}
	git := pack{"git-2.51", files{"bin/git": "a", "share/doc/git/README": "b", "share/man/man1/git.1": "c"}}
	rival := pack{"hello-rival-1.0", files{"bin/hello": "other"}}
	return []scenario{
		{"one", []pack{hello}, []step{{add: []int{0}}, {remove: []int{0}}}},
		{"several", []pack{hello, git}, []step{{add: []int{0, 1}}, {remove: []int{0}}, {add: []int{0}}, {all: true}}},
		{"in another order", []pack{hello, git}, []step{{add: []int{1}}, {add: []int{0}}}},
		{"twice", []pack{hello}, []step{{add: []int{0, 0}}, {add: []int{0}}, {remove: []int{0}}}},
		{"twice with priorities", []pack{hello, rival}, []step{
			{add: []int{0}, priority: 7}, {add: []int{0}, priority: 3}, {add: []int{1}, priority: 4}, {named: "hello-1"}, {named: "hello"},
		}},
		{"conflict", []pack{hello, rival}, []step{
			{add: []int{0}}, {add: []int{1}, conflict: true}, {add: []int{0, 1}, conflict: true}, {add: []int{1}, priority: 4}, {add: []int{1}, priority: -4},
		}},
		{"directories three deep", []pack{
			{"a", files{"share/x/y/a": "", "share/x/y/deep/a": "", "lib/a": ""}},
			{"b", files{"share/x/y/b": "", "share/x/y/deep/b": "", "lib/sub/b": ""}},
			{"c", files{"share/x/c": "", "share/x/y/deep/c": ""}},
		}, []step{{add: []int{0, 1, 2}}, {remove: []int{1}}}},
		{"dangling links", []pack{
			{"a", files{"bin/x": "-> /nonexistent/x", "lib": "-> ../nowhere", "bin/y": ""}},
			{"b", files{"bin/x": "", "lib/z": "", "through": "-> bin/x/y"}},
		}, []step{{add: []int{0}}, {add: []int{1}}}},
		{"links to directories", []pack{
			{"base", files{"share/a": "", "share/sub/s": "", "file": ""}},
			{"linked", files{"share": "-> {0}/share", "bin": "-> sbin", "sbin/tool": "", "file2": "-> {0}/file"}},
			{"more", files{"share/b": "", "bin/more": "", "sbin/more": "", "share/sub/t": ""}},
		}, []step{{add: []int{1}}, {add: []int{2}}}},
		{"a link to a link to a directory", []pack{
			{"base", files{"etc/xdg/a": ""}},
			{"one", files{"etc": "-> {0}/etc"}},
			{"two", files{"etc": "-> {1}/etc"}},
			{"three", files{"etc/xdg/b": "", "etc/c": ""}},
		}, []step{{add: []int{2}}, {add: []int{3}}}},
		{"the same directory by two links", []pack{
			{"base", files{"share/a": ""}},
			{"one", files{"share": "-> {0}/share"}},
			{"two", files{"share": "-> {0}/share"}},
		}, []step{{add: []int{1}}, {add: []int{2}, conflict: true}}},
		{"kinds", []pack{
			{"directory", files{"x/a": ""}},
			{"file", files{"x": ""}},
			{"second", files{"x/b": ""}},
		}, []step{{add: []int{0, 1}, conflict: true}, {add: []int{0, 2}}, {add: []int{1}, conflict: true}}},
		{"a file first", []pack{
			{"directory", files{"x/a": ""}},
			{"file", files{"x": ""}},
		}, []step{{add: []int{1}, priority: 2}, {add: []int{0}, priority: 3, conflict: true}}},
		{"a file in place of a link to a directory", []pack{
			{"directory", files{"x/a": ""}},
			{"file", files{"x": ""}},
		}, []step{{add: []int{0}, priority: 2}, {add: []int{1}, priority: 3}}},
		{"propagated", []pack{
			{"leaf", files{"bin/leaf": "", "bin/shared": "leaf"}},
			{"second", files{"bin/second": "", "bin/shared": "second"}},
			{"middle", files{"bin/middle": "", "nix-support/propagated-user-env-packages": "{0}\n{1} {0}"}},
			{"top", files{"bin/top": "", "bin/shared": "top", "nix-support/propagated-user-env-packages": " {2}\n"}},
		}, []step{{add: []int{2}}, {add: []int{3}}, {add: []int{1}, conflict: true}, {remove: []int{2}}}},
		{"left out", []pack{
			{"a", files{
				".hidden": "", "bin/.hidden": "", "share/info/dir": "", "info/dir": "", "share/info/a.info": "", "log": "", "var/log/x": "",
				"lib/perl/perllocal.pod": "", "manifest.json": "", "share/manifest.nix": "", "nix-support/x": "", "propagated-build-inputs": "",
				"share/logs": "", "dir": "", "xmanifest.json": "",
			}},
			{"b", files{"bin/.hidden": "", "share/info/dir": "", "share/info/b.info": "", "lib/perl/perllocal.pod": "", "manifest.json": "", "share/manifest.nix": "", "nix-support/x": "", "var/log/x": ""}},
		}, []step{{add: []int{0}}, {add: []int{1}}}},
		{"names", []pack{
			{"a", files{"share/ä ö/with space": "", "share/ä ö/日本": "", "share/-x": "", "share/a\nb": "", "share/\"q\"\\": "", "share/\xff": "", "Share/A": ""}},
			{"b", files{"share/ä ö/b c": "", "share/a": "", "share/a.b": "", "share/a-b/x": "", "share/e": "/"}},
		}, []step{{add: []int{0}}, {add: []int{1}}}},
		{"empty", []pack{
			{"empty", files{"/": "/"}},
			{"hollow", files{"share/empty": "/"}},
			{"hollow2", files{"share/empty": "/"}},
		}, []step{{add: []int{0}}, {add: []int{1}}, {add: []int{2}}, {all: true}}},
		{"not a directory", []pack{
			{"file", files{"": "content"}},
			{"to-directory", files{"": "-> {2}"}},
			{"directory", files{"a": ""}},
		}, []step{{add: []int{0}}, {add: []int{2}}}},
		{"after nix-env", []pack{hello, git, {"hello-2.0", files{"bin/hello2": ""}}}, []step{
			{add: []int{0, 1}, nixEnv: true}, {add: []int{2}}, {remove: []int{0}},
		}},
		{"from a flake", []pack{hello}, []step{
			{flake: "hello"}, {add: []int{0}}, {flake: "default"}, {named: "hello"}, {flake: "several^*"}, {remove: []int{0}},
		}},
		{"nix-env only, removed", []pack{hello, git}, []step{{add: []int{0, 1}, nixEnv: true}, {remove: []int{1}}}},
	}
}

// TestInstalledNix compares store paths of profiles with those of the Nix of
// this machine.
func TestInstalledNix(t *testing.T) {
	t.Parallel()
	release, err := testbed.Installed()
	if err != nil {
		t.Fatal(err)
	}
	compareProfiles(t, release)
}

// TestRealNix does so with newer ones.
func TestRealNix(t *testing.T) {
	t.Parallel()
	for _, release := range testbed.AllReleases(t)[1:] {
		t.Run(release.Name, func(t *testing.T) { compareProfiles(t, release) })
	}
}

func compareProfiles(t *testing.T, release testbed.Release) {
	b := newBed(t, release)
	format := b.format()
	compared := 0
	for i, s := range scenarios() {
		t.Run(s.name, func(t *testing.T) {
			c := comparison{bed: &bed{b.Nix, t, b.dir}, format: format, profile: b.profile("p" + strconv.Itoa(i))}
			c.paths = c.add(s.packs)
			for n, step := range s.steps {
				if !c.step(n, step) {
					break
				}
				compared++
			}
		})
	}
	t.Logf("%s writes format %d; %d changes compared", release.Name, format, compared)
}

type comparison struct {
	*bed
	format  manifest.Format
	profile string
	paths   []store.Path
}

// step does one step with Nix and with us. It returns false when this Nix
// cannot do the step.
func (c *comparison) step(n int, s step) bool {
	c.t.Helper()
	if (s.priority != 0 || s.named != "") && !c.format.HasPriorities() {
		return false
	}
	before := c.current(c.profile)
	command := c.command(s)
	_, stderr, err := c.try(command[0], command[1:]...)
	if s.nixEnv || s.flake != "" {
		if err != nil {
			c.t.Fatalf("step %d: %v\n%s", n, err, stderr)
		}
		return true
	}
	ours, ourErr := c.ours(before, s)
	if s.conflict {
		c.compareErrors(n, stderr, err, ourErr)
		return true
	}
	if err != nil || ourErr != nil {
		c.t.Fatalf("step %d: Nix: %v\n%s\nwe: %v", n, err, stderr, ourErr)
	}
	c.compare(n, stderr, ours)
	return true
}

// command is what Nix is called with.
func (c *comparison) command(s step) []string {
	var paths []string
	for _, i := range append(s.add, s.remove...) {
		paths = append(paths, string(c.paths[i]))
	}
	if s.nixEnv {
		return append([]string{"nix-env", "--profile", c.profile, "--install"}, paths...)
	}
	args := []string{"nix", "profile", "install", "--profile", c.profile}
	if s.flake != "" {
		return append(args, "path:"+writeFlake(c.t)+"#"+s.flake)
	}
	switch {
	case s.all && c.format == manifest.V3:
		return []string{"nix", "profile", "remove", "--profile", c.profile, "--all"}
	case s.all:
		args[2] = "remove"
		for _, path := range c.paths {
			paths = append(paths, string(path))
		}
	case s.named != "":
		return []string{"nix", "profile", "remove", "--profile", c.profile, s.named}
	case s.remove != nil:
		args[2] = "remove"
	case s.priority != 0:
		args = append(args, "--priority", strconv.Itoa(s.priority))
	}
	return append(args, paths...)
}

// writeFlake makes a flake in a folder of its own and returns that.
func writeFlake(t *testing.T) string {
	t.Helper()
	const text = `{
  outputs = { self }: let
    make = system: {
      default = drv system { name = "tool-1.0"; };
      hello = drv system { name = "hello-3.0"; } // { meta.priority = 8; };
      several = drv system { name = "several"; outputs = [ "out" "dev" ]; };
    };
    drv = system: args: derivation ({
      inherit system; builder = "/bin/sh"; PATH = "/usr/bin:/bin"; args = [ "-c" "mkdir -p $out/share \${dev:-$out}; touch $out/share/$name" ];
    } // args);
  in { packages.x86_64-linux = make "x86_64-linux"; packages.aarch64-linux = make "aarch64-linux"; };
}
`
	dir := t.TempDir()
	if err := os.WriteFile(dir+"/flake.nix", []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	return dir
}

func (c *comparison) ours(before store.Path, s step) (*environment.Environment, error) {
	options := environment.Options{Format: c.format}
	if s.priority != 0 {
		options.Priority = &s.priority
	}
	if s.add != nil {
		var paths []store.Path
		for _, i := range s.add {
			paths = append(paths, c.paths[i])
		}
		return environment.Add(c.t.Context(), c.dir, before, paths, options)
	}
	match := []func(*manifest.Element) bool{}
	switch {
	case s.all:
		match = append(match, manifest.All)
	case s.named != "":
		match = append(match, manifest.Named(s.named))
	}
	for _, i := range s.remove {
		match = append(match, manifest.Holding(c.paths[i]))
	}
	e, _, err := environment.Remove(c.t.Context(), c.dir, before, options, match...)
	return e, err
}

func (c *comparison) compare(n int, stderr string, ours *environment.Environment) {
	c.t.Helper()
	want := c.current(c.profile)
	if ours.Info.Path != want {
		text, err := os.ReadFile(string(want) + "/manifest.json")
		c.t.Errorf("step %d: %s, Nix has %s with (%v) %s", n, ours.Info.Path, want, err, text)
	}
	for _, skipped := range ours.Tree.Skipped {
		// Nix names the place in the profile, not in the package.
		name := skipped.Path[strings.LastIndexByte(skipped.Path, '/'):]
		if !strings.Contains(stderr, name) {
			c.t.Errorf("step %d: we skipped %s, Nix did not warn:\n%s", n, skipped, stderr)
		}
	}
}

// compareErrors checks that both refuse, and for the same files.
func (c *comparison) compareErrors(n int, stderr string, nix, ours error) {
	c.t.Helper()
	var conflict *environment.ConflictError
	var kind *environment.KindError
	var names []string
	switch {
	case errors.As(ours, &conflict):
		names = []string{conflict.First, conflict.Second}
	case errors.As(ours, &kind):
		names = []string{kind.File}
	default:
		c.t.Errorf("step %d: we: %v", n, ours)
	}
	if nix == nil {
		c.t.Errorf("step %d: Nix did not refuse", n)
	}
	// Nix knows only one of the files where a package links to another's
	// directory: it looks for the element by the beginning of the path.
	if !slices.ContainsFunc(names, func(name string) bool { return strings.Contains(stderr, name) }) {
		c.t.Errorf("step %d: Nix names none of %q:\n%s", n, names, stderr)
	}
	c.t.Logf("Nix: %s\nwe: %v", stderr, ours)
}
