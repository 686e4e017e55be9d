package bench_test

import (
	"os"
	"path/filepath"
	"testing"
	"time"

	"luminousnix/internal/testbed"
)

// peers are the arguments of one evaluation, ours and nix-instantiate's.
type peers struct {
	flags []string // ours only
	env   []string // ours only
	args  []string
}

// evaluate times an expression as a whole process, ours and nix-instantiate of the
// newest Nix here, in turns. Ours evaluates each time.
func evaluate(b *testing.B, args ...string) {
	b.Helper()
	peers{flags: []string{"--no-eval-cache", "--backend", "native"}, args: args}.compare(b)
}

// cached times what is unchanged since it was evaluated.
func cached(b *testing.B, args ...string) {
	b.Helper()
	peers{flags: []string{"--backend", "native"}, args: args}.compare(b)
}

func (p peers) compare(b *testing.B) {
	b.Helper()
	release, err := testbed.Fetched("forky")
	if err != nil {
		b.Fatal(err)
	}
	env := append(machine.Env(), "NIX_REMOTE=dummy://")
	nix := &bed{machine.Nix, machine.askNix, env, machine.null}
	us := &bed{machine.Nix, machine.askNix, append(env, p.env...), machine.null}
	args := append([]string{"--eval", "--strict"}, p.args...)
	ours := append(append([]string{us.askNix, "instantiate"}, p.flags...), args...)
	theirs := append([]string{filepath.Join(release.BinDir, "nix-instantiate")}, args...)
	us.time(b, ours...)
	nix.time(b, theirs...)
	var ourTimes, theirTimes []time.Duration
	ourPeak, theirPeak := 0.0, 0.0
	for b.Loop() {
		took, peak := us.measure(b, ours...)
		ourTimes, ourPeak = append(ourTimes, took), max(ourPeak, peak)
		took, peak = nix.measure(b, theirs...)
		theirTimes, theirPeak = append(theirTimes, took), max(theirPeak, peak)
	}
	our, their := median(ourTimes), median(theirTimes)
	report(b, our)
	b.ReportMetric(milliseconds(their), "nix-ms")
	b.ReportMetric(ratio(our, their), "of-nix")
	b.ReportMetric(ourPeak, "MiB")
	b.ReportMetric(ourPeak/theirPeak, "of-nix-memory")
}

func BenchmarkEval(b *testing.B) {
	for _, c := range []struct{ name, expression string }{
		{"fib27", `let fib = n: if n < 2 then n else fib (n - 1) + fib (n - 2); in fib 27`},
		{"foldl", `builtins.foldl' (a: b: a + b) 0 (builtins.genList (x: x) 1000000)`},
		{"update", `builtins.length (builtins.attrNames (builtins.foldl' (a: n: a // { ${"a" + toString n} = n; }) { } (builtins.genList (n: n - n / 100 * 100) 20000)))`},
		{"concat", `builtins.stringLength (builtins.foldl' (a: n: a + toString n) "" (builtins.genList (x: x) 20000))`},
		{"recSets", `builtins.foldl' (a: n: a + (rec { x = n; y = x + 1; z = y + x; }).z) 0 (builtins.genList (x: x) 300000)`},
		{"sort", `builtins.length (builtins.sort (a: b: a < b) (builtins.genList (n: n * 7919 - n * 7919 / 200003 * 200003) 200000))`},
	} {
		b.Run(c.name, func(b *testing.B) { evaluate(b, "-E", c.expression) })
	}
	const fixture = `(import <nixpkgs/nixos> { }).config.system.build.toplevel.drvPath`
	b.Run("fixture", func(b *testing.B) { evaluate(b, "-E", fixture) })
	b.Run("cachedFixture", func(b *testing.B) { cached(b, "-E", fixture) })
	b.Run("nixos", func(b *testing.B) { evaluate(b, "-E", ofTree(b)) })
	b.Run("cachedNixos", func(b *testing.B) { cached(b, "-E", ofTree(b)) })
}

// BenchmarkEvalPackages evaluates the derivations of all packages of NIXPKGS, by one
// worker, by two, and by two that collect no garbage.
func BenchmarkEvalPackages(b *testing.B) {
	for _, c := range []struct {
		name, workers string
		env           []string
	}{
		{"one", "1", nil},
		{"two", "2", nil},
		{"twoUnbounded", "2", []string{"GOGC=off", "GOMEMLIMIT=16GiB"}},
	} {
		b.Run(c.name, func(b *testing.B) {
			flags := []string{"--no-eval-cache", "--backend", "native", "--workers", c.workers}
			peers{flags, c.env, []string{"-E", packagesOf(tree(b))}}.compare(b)
		})
	}
}

// packagesOf gives the derivation of each package of a tree that can be evaluated.
func packagesOf(tree string) string {
	return `
		let
		  pkgs = import ` + tree + ` { system = "x86_64-linux"; config = { allowUnfree = true; allowBroken = true; }; };
		  one = name: builtins.tryEval (
		    let p = pkgs.${name}; in
		    if builtins.isAttrs p && p.type or "" == "derivation" then p.drvPath else null
		  );
		in builtins.mapAttrs (name: _: let r = one name; in if r.success then r.value else "failed") pkgs`
}

// tree is the nixpkgs that NIXPKGS names.
func tree(b *testing.B) string {
	b.Helper()
	tree := os.Getenv("NIXPKGS")
	if tree == "" {
		b.Skip("NIXPKGS does not name a tree of nixpkgs")
	}
	return tree
}

// ofTree is a NixOS of the tree that NIXPKGS names.
func ofTree(b *testing.B) string {
	b.Helper()
	return `(import ` + tree(b) + `/nixos {
		system = "x86_64-linux";
		configuration = { fileSystems."/".device = "/dev/sda1"; boot.loader.grub.device = "/dev/sda"; };
	}).system.drvPath`
}
