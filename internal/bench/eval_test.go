package bench_test

import (
	"os"
	"path/filepath"
	"testing"
	"time"

	"luminousnix/internal/testbed"
)

// evaluate times an expression as a whole process, ours and nix-instantiate of the
// newest Nix here, in turns. Ours evaluates each time.
func evaluate(b *testing.B, args ...string) {
	b.Helper()
	compareWithNix(b, []string{"--no-eval-cache", "--backend", "native"}, args...)
}

// cached times what is unchanged since it was evaluated.
func cached(b *testing.B, args ...string) {
	b.Helper()
	compareWithNix(b, []string{"--backend", "native"}, args...)
}

func compareWithNix(b *testing.B, flags []string, args ...string) {
	b.Helper()
	release, err := testbed.Fetched("forky")
	if err != nil {
		b.Fatal(err)
	}
	m := &bed{machine.Nix, machine.askNix, append(machine.Env(), "NIX_REMOTE=dummy://"), machine.null}
	args = append([]string{"--eval", "--strict"}, args...)
	ours := append(append([]string{m.askNix, "instantiate"}, flags...), args...)
	theirs := append([]string{filepath.Join(release.BinDir, "nix-instantiate")}, args...)
	m.time(b, ours...)
	m.time(b, theirs...)
	var ourTimes, theirTimes []time.Duration
	for b.Loop() {
		ourTimes = append(ourTimes, m.time(b, ours...))
		theirTimes = append(theirTimes, m.time(b, theirs...))
	}
	our, their := median(ourTimes), median(theirTimes)
	report(b, our)
	b.ReportMetric(milliseconds(their), "nix-ms")
	b.ReportMetric(ratio(our, their), "of-nix")
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

// ofTree is a NixOS of the tree that NIXPKGS names.
func ofTree(b *testing.B) string {
	b.Helper()
	tree := os.Getenv("NIXPKGS")
	if tree == "" {
		b.Skip("NIXPKGS does not name a tree of nixpkgs")
	}
	return `(import ` + tree + `/nixos {
		system = "x86_64-linux";
		configuration = { fileSystems."/".device = "/dev/sda1"; boot.loader.grub.device = "/dev/sda"; };
	}).system.drvPath`
}
