package evaluation_test

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"luminousnix/internal/evaluation"
	"luminousnix/internal/host"
	"luminousnix/internal/operation"
	"luminousnix/nix/eval"
)

// fake is a nix-instantiate that is a script.
func fake(t *testing.T, script string) *evaluation.Command {
	t.Helper()
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, evaluation.Program), []byte("#!/bin/sh\n"+script), 0o755); err != nil {
		t.Fatal(err)
	}
	return commandIn(dir)
}

// commandIn finds programs in folders only.
func commandIn(path string) *evaluation.Command {
	env := map[string]string{"PATH": path, "NIX_STATE_DIR": "/nowhere"}
	return &evaluation.Command{Host: host.Find(func(name string) string { return env[name] }, "/nowhere"), Env: []string{"PATH=" + path}}
}

const unsupported = `builtins.trace "begun" (builtins.fetchGit "/nowhere")`

// TestAutoFallsBack has the nix command do what is not supported natively, and says
// so. What was said before is not said again.
func TestAutoFallsBack(t *testing.T) {
	t.Parallel()
	auto := &evaluation.Auto{Native: keeping(t), Command: fake(t, `echo "trace: begun" >&2; echo more >&2; echo 42`)}
	for _, test := range []struct {
		text, said string
		want       *evaluation.Result
	}{
		{"1 + 1", "", &evaluation.Result{Values: []string{"2\n"}, Backend: "native"}},
		{
			unsupported,
			"trace: begun\nwarning: builtins.fetchGit is not supported natively, so nix-instantiate evaluates this\nmore\n",
			&evaluation.Result{Values: []string{"42\n"}, Backend: "command", Reason: "builtins.fetchGit is not supported natively"},
		},
	} {
		var said bytes.Buffer
		got, err := auto.Evaluate(t.Context(), evaluation.Request{
			Sources: []evaluation.Source{{Kind: evaluation.Expression, Text: test.text}}, Want: evaluation.Values, Stderr: &said,
		})
		if err != nil {
			t.Fatal(err)
		}
		short := &evaluation.Result{Values: got.Values, Backend: got.Backend, Reason: got.Reason}
		if diff := cmp.Diff(test.want.Values, short.Values); diff != "" || test.want.Backend != short.Backend || test.want.Reason != short.Reason {
			t.Errorf("%s: %+v %s", test.text, short, diff)
		}
		if diff := cmp.Diff(test.said, said.String()); diff != "" {
			t.Errorf("%s: %s", test.text, diff)
		}
	}
}

// TestAutoWithoutCommand keeps the native error.
func TestAutoWithoutCommand(t *testing.T) {
	t.Parallel()
	auto := &evaluation.Auto{Native: keeping(t), Command: commandIn("")}
	_, err := auto.Evaluate(t.Context(), evaluation.Request{
		Sources: []evaluation.Source{{Kind: evaluation.Expression, Text: unsupported}}, Want: evaluation.Values,
	})
	var native *eval.Error
	if !errors.As(err, &native) {
		t.Errorf("error %v, want the native one", err)
	}
}

// TestCommandFails tells what nix-instantiate said.
func TestCommandFails(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ said, want, detail string }{
		{"error: first\n\n       error: the last word\n", "the last word", "       error: the last word"},
		{"error: undefined variable 'x'\n       at /a/b.nix:1:2:\n            1| x\n", "/a/b.nix:1:2: undefined variable 'x'", "            1| x"},
		{
			"error:\n       … while evaluating\n\n       error: The option `a.b' has conflicting definition values:\n       - In `/c.nix': 1\n       - In `/d.nix': 2\n",
			"the option a.b is set to different values: /c.nix (1) and /d.nix (2)", "       - In `/c.nix': 1",
		},
		{"no error at all\n", "", "no error at all"},
	} {
		command := fake(t, "cat >&2 <<'EOF'\n"+test.said+"EOF\nexit 3")
		command.Env[0] += ":/usr/bin:/bin"
		_, err := command.Evaluate(t.Context(), evaluation.Request{Want: evaluation.Values})
		var failed *evaluation.CommandError
		if !errors.As(err, &failed) || failed.Status != 3 {
			t.Fatalf("error %v", err)
		}
		if test.want == "" {
			test.want = failed.Error()
		}
		got := evaluation.Reader{}.Explain(err)
		if diff := cmp.Diff(test.want, got.Message); diff != "" || got.Code != operation.CodeConfiguration {
			t.Errorf("code %s, %s", got.Code, diff)
		}
		if !slices.Contains(got.Details, test.detail) {
			t.Errorf("details %q", got.Details)
		}
	}
}

// TestCommandIsNotOurselves: a link of that name to this program is passed over.
func TestCommandIsNotOurselves(t *testing.T) {
	t.Parallel()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	if err := os.Symlink(self, filepath.Join(dir, evaluation.Program)); err != nil {
		t.Fatal(err)
	}
	command := commandIn(dir + ":" + fake(t, "echo 1").Env[0][len("PATH="):])
	got := evaluate(t, command, evaluation.Request{Want: evaluation.Values})
	if diff := cmp.Diff([]string{"1\n"}, got.Values); diff != "" {
		t.Error(diff)
	}
}
