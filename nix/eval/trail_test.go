package eval_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"luminousnix/nix/eval"
)

// TestTrail: what is nearest to an error comes first, each step once.
func TestTrail(t *testing.T) {
	t.Parallel()
	const expression = `let
  deep = n: if n == 0 then { name = 1; }.nam else builtins.addErrorContext "in deep ${toString n}" (deep (n - 1));
in deep 2`
	_, err := eval.New(eval.Options{}).EvalExpr(t.Context(), "«string»", expression)
	var failed *eval.Error
	if !errors.As(err, &failed) {
		t.Fatalf("error %v", err)
	}
	if diff := cmp.Diff(eval.Position{File: "«string»", Line: 2, Column: 28}, failed.Position()); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff([]string{"name"}, failed.Suggestions()); diff != "" {
		t.Error(diff)
	}
	lines := strings.Split(failed.Excerpt(), "\n")
	if caret := strings.Index(lines[2], "^"); len(lines) != 4 || strings.Index(lines[1], "{ name") != caret {
		t.Error(failed.Excerpt())
	}
	var custom, steps []string
	for _, frame := range failed.Trail() {
		step := fmt.Sprintf("%s:%d:%d %s", frame.Position.File, frame.Position.Line, frame.Position.Column, frame.Text)
		if steps = append(steps, step); frame.Custom {
			custom = append(custom, frame.Text)
		}
	}
	if diff := cmp.Diff([]string{"in deep 1", "in deep 2"}, custom); diff != "" {
		t.Error(diff)
	}
	seen := map[string]bool{}
	for _, step := range steps {
		if seen[step] {
			t.Errorf("twice: %s", step)
		}
		seen[step] = true
	}
}
