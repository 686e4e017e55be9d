package testbed

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

func TestPopulate(t *testing.T) {
	t.Parallel()
	n := New(t)
	addGeneration(t, n, System{})
	if err := n.Populate(t.Context(), 10); err != nil {
		t.Fatal(err)
	}
	out, err := n.output(t.Context(), "nix-env", "--profile", n.SystemProfile, "--list-generations")
	if err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(out, "\n")
	if len(lines) != 11 || !strings.Contains(lines[10], "(current)") {
		t.Errorf("nix-env --list-generations:\n%s", out)
	}

	// They are in the way of nobody who switches to a real one.
	if result := switchTo(t, n, n.GenerationLink(1), "switch"); result.Status != 0 {
		t.Errorf("switch beside them: status %d\n%s", result.Status, result.Output)
	}
	if entries := stateOf(t, n).Entries; len(entries) != 13 {
		t.Errorf("%d menu entries, want those of 11 generations and of 2 specialisations: %v", len(entries), entries)
	}

	for number := 2; number <= 11; number++ {
		link := n.GenerationLink(number)
		info, err := os.Lstat(link)
		if err != nil {
			t.Fatal(err)
		}
		days := time.Since(info.ModTime()).Hours() / 24
		if want := float64(11 - number); days < want-0.1 || days > want+0.1 {
			t.Errorf("generation %d is %.1f days old, want %.0f", number, days, want)
		}
		version := read(t, link, "nixos-version")
		release := "25.05."
		if number > 6 {
			release = "25.11."
		}
		if !strings.HasPrefix(version, release) {
			t.Errorf("generation %d is a %s, want a %s…", number, version, release)
		}
		kernels, err := filepath.Glob(filepath.Join(link, "kernel-modules/lib/modules/6.*"))
		if err != nil || len(kernels) != 1 {
			t.Errorf("generation %d has the kernels %v, %v", number, kernels, err)
		}
		if revision, err := n.output(t.Context(), filepath.Join(link, "sw/bin/nixos-version"), "--configuration-revision"); len(revision) != 40 {
			t.Errorf("generation %d has the revision %q, %v", number, revision, err)
		}
		entries, err := os.ReadDir(filepath.Join(link, "specialisation"))
		if has := len(entries) == 1; err != nil || has != (number%5 == 0) {
			t.Errorf("generation %d has the specialisations %v, %v", number, entries, err)
		}
	}
}

func BenchmarkStart(b *testing.B) {
	for b.Loop() {
		n := New(b)
		if err := n.Stop(); err != nil {
			b.Fatal(err)
		}
	}
}

// A fresh Nix with three generations, of two releases.
func BenchmarkThreeGenerations(b *testing.B) {
	for b.Loop() {
		n := New(b)
		for _, s := range []System{
			{Release: "25.05", Packages: []string{"git"}},
			{Release: "25.05", Packages: []string{"git", "firefox"}},
			{Packages: []string{"git", "firefox"}},
		} {
			toplevel, err := n.Build(b.Context(), s)
			if err != nil {
				b.Fatal(err)
			}
			if _, err := n.AddGeneration(b.Context(), toplevel); err != nil {
				b.Fatal(err)
			}
		}
	}
}

func BenchmarkPopulate200(b *testing.B) {
	for b.Loop() {
		b.StopTimer()
		n := New(b)
		b.StartTimer()
		if err := n.Populate(b.Context(), 200); err != nil {
			b.Fatal(err)
		}
	}
}
