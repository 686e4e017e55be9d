package eval_test

import (
	"os"
	"path/filepath"
	"testing"

	"luminousnix/nix/eval"
)

// What an overlay has is evaluated in place of what is on disk, also where a link
// leads to it, and as part of a folder that goes into the store.
func TestOverlay(t *testing.T) {
	t.Parallel()
	dir, err := filepath.EvalSymlinks(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(dir, "real", "a.nix")
	if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file, []byte("1"), 0o644); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink("real", filepath.Join(dir, "link")); err != nil {
		t.Fatal(err)
	}
	const expression = `{ a = import ./link/a.nix; b = import ./real/b.nix; folder = "${./real}"; there = builtins.pathExists ./real/b.nix; }`
	evaluate := func(inputs eval.Inputs) string {
		ev := eval.New(eval.Options{Inputs: inputs, BaseDir: dir})
		v, err := ev.EvalExpr(t.Context(), "x", expression)
		if err != nil {
			t.Fatal(err)
		}
		text, err := ev.JSON(t.Context(), v, true)
		if err != nil {
			t.Fatal(err)
		}
		return text
	}
	overlay := evaluate(eval.Overlay{Inputs: eval.Host{}, Files: map[string][]byte{
		file: []byte("1000"), filepath.Join(dir, "real", "b.nix"): []byte("2"),
	}})
	// Written to disk, it must be the same, the folder's hash included.
	if err := os.WriteFile(file, []byte("1000"), 0o644); err != nil {
		t.Fatal(err)
	}
	overlayA := evaluate(eval.Overlay{Inputs: eval.Host{}, Files: map[string][]byte{filepath.Join(dir, "real", "b.nix"): []byte("2")}})
	if overlay != overlayA {
		t.Errorf("got  %s\nwant %s", overlay, overlayA)
	}
}
