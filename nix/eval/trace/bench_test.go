package trace_test

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	"luminousnix/nix/eval"
	"luminousnix/nix/eval/trace"
)

// system makes a tree of files like those that a NixOS system is made of, read in
// the way that an evaluation does, and returns their paths.
func system(b *testing.B) (paths []string) {
	b.Helper()
	dir := b.TempDir()
	content := make([]byte, 5400)
	for i := range 1500 {
		path := filepath.Join(dir, fmt.Sprint("group", i%40), fmt.Sprint("package", i), "default.nix")
		must(b, os.MkdirAll(filepath.Dir(path), 0o777))
		must(b, os.WriteFile(path, content, 0o644))
		paths = append(paths, path)
	}
	return paths
}

func read(b *testing.B, paths []string) *trace.Trace {
	b.Helper()
	recorder := trace.NewRecorderMargin(eval.Host{}, trace.Options{}, tick)
	for _, path := range paths {
		for dir := path; dir != "/"; dir = filepath.Dir(dir) {
			_, err := recorder.Lstat(dir)
			must(b, err)
		}
		_, err := recorder.ReadFile(path)
		must(b, err)
	}
	return recorder.Trace()
}

func BenchmarkCheck(b *testing.B) {
	paths := system(b)
	time.Sleep(2 * tick)
	encoded, err := read(b, paths).MarshalBinary()
	must(b, err)
	check := func(b *testing.B) {
		b.Helper()
		var kept trace.Trace
		must(b, kept.UnmarshalBinary(encoded))
		different, err := kept.CheckMargin(b.Context(), eval.Host{}, tick)
		if different != nil || err != nil {
			b.Fatal(different, err)
		}
	}
	b.Run("unchanged", func(b *testing.B) {
		for b.Loop() {
			check(b)
		}
		b.ReportMetric(float64(len(encoded)), "bytes")
	})
	b.Run("touched", func(b *testing.B) {
		for _, path := range paths {
			must(b, os.Chtimes(path, time.Now(), time.Now()))
		}
		for b.Loop() {
			check(b)
		}
	})
	b.Run("unmarshal", func(b *testing.B) {
		for b.Loop() {
			must(b, new(trace.Trace).UnmarshalBinary(encoded))
		}
	})
}

func BenchmarkRecorder(b *testing.B) {
	path := b.TempDir()
	for name, in := range map[string]eval.Inputs{"host": eval.Host{}, "recorder": trace.NewRecorder(eval.Host{}, trace.Options{})} {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				if _, err := in.Lstat(path); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// BenchmarkEvaluate evaluates the NixOS of a tree with and without recording.
func BenchmarkEvaluate(b *testing.B) {
	tree := os.Getenv("NIXPKGS")
	if tree == "" {
		b.Skip("NIXPKGS does not name a tree of nixpkgs")
	}
	expression := `(import ` + tree + `/nixos {
		system = "x86_64-linux";
		configuration = { fileSystems."/".device = "/dev/sda1"; boot.loader.grub.device = "/dev/sda"; };
	}).system.drvPath`
	evaluate := func(b *testing.B, in eval.Inputs) {
		b.Helper()
		ev := eval.New(eval.Options{Inputs: in, CurrentSystem: "x86_64-linux"})
		_, err := ev.EvalExpr(b.Context(), "«bench»", expression)
		must(b, err)
	}
	b.Run("host", func(b *testing.B) {
		for b.Loop() {
			evaluate(b, eval.Host{})
		}
	})
	b.Run("recorder", func(b *testing.B) {
		for b.Loop() {
			recorder := trace.NewRecorder(eval.Host{}, trace.Options{})
			evaluate(b, recorder)
			recorder.Trace()
		}
	})
	recorder := trace.NewRecorder(eval.Host{}, trace.Options{})
	evaluate(b, recorder)
	kept := recorder.Trace()
	b.Run("check", func(b *testing.B) {
		for b.Loop() {
			different, err := kept.Check(b.Context(), eval.Host{})
			if different != nil || err != nil {
				b.Fatal(different, err)
			}
		}
		encoded, err := kept.MarshalBinary()
		must(b, err)
		b.ReportMetric(float64(len(encoded)), "bytes")
		b.ReportMetric(float64(kept.Len()), "inputs")
	})
}
