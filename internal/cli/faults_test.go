package cli_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"luminousnix/internal/operation"
	"luminousnix/internal/testbed"
)

// A faulty machine is one on which things fail: each test of this file's kind says in its
// name what, and checks what is told, what is lost, and how long it takes. `make
// test-faults` runs all of them; docs/reliability.md lists them.
type faulty struct {
	*testing.T
	nix      *testbed.Nix
	packages string // folder that is <nixpkgs>
	env      []string
}

// deadline is how long anything here may take, however busy this machine is.
const deadline = time.Minute

// reply is what ask-nix said.
type reply struct {
	Success  bool
	Message  string
	Plan     *operation.Plan
	Error    *operation.Error
	Recovery []operation.Recovery
	status   int
	said     string // on standard error
	took     time.Duration
}

// onFaulty makes a machine of a Nix that runs.
func onFaulty(t *testing.T, nix *testbed.Nix) *faulty {
	t.Helper()
	f := &faulty{T: t, nix: nix, packages: filepath.Join(nix.Dir, "packages")}
	if err := os.Mkdir(f.packages, 0o755); err != nil {
		t.Fatal(err)
	}
	f.env = []string{
		"NIX_PATH=nixpkgs=" + f.packages, "LUMINOUS_NIX_ACTIVATE=never", "LUMINOUS_NIX_ALLOW_UNPRIVILEGED=yes", "LUMINOUS_NIX_PATIENCE=1",
	}
	return f
}

// offer makes packages of scripts that build them, by name.
func (f *faulty) offer(builders map[string]string) {
	f.Helper()
	var text strings.Builder
	text.WriteString("{ ... }:\n{\n")
	for name, script := range builders {
		text.WriteString("  " + name + ` = derivation { name = "` + name + `-1.0"; version = "1.0"; system = builtins.currentSystem; builder = "/bin/sh"; PATH = "/usr/bin:/bin"; args = [ "-c" ''` +
			script + "'' ]; } // { meta = { }; };\n")
	}
	text.WriteString("}\n")
	if err := os.WriteFile(filepath.Join(f.packages, "default.nix"), []byte(text.String()), 0o644); err != nil {
		f.Fatal(err)
	}
}

// command is ask-nix with what it is asked, as JSON.
func (f *faulty) command(args ...string) *exec.Cmd {
	cmd := f.nix.Command(f.Context(), binary, append(args, "--json")...)
	// One index of packages for all, as for the scripts.
	cmd.Env = append(append(cmd.Env, f.env...), "XDG_CACHE_HOME="+filepath.Join(filepath.Dir(binary), "cache"))
	return cmd
}

func (f *faulty) ask(args ...string) reply {
	f.Helper()
	return f.finish(f.command(args...), nil)
}

// finish runs a command, with what is to be done meanwhile. What is said on standard error is
// in the reply where nobody else wants it.
func (f *faulty) finish(cmd *exec.Cmd, meanwhile func()) (a reply) {
	f.Helper()
	var out, said bytes.Buffer
	cmd.Stdout = &out
	if cmd.Stderr == nil {
		cmd.Stderr = &said
	}
	start := time.Now()
	if err := cmd.Start(); err != nil {
		f.Fatal(err)
	}
	hung := time.AfterFunc(deadline, func() { _ = cmd.Process.Kill() })
	if meanwhile != nil {
		meanwhile()
	}
	err := cmd.Wait()
	a.took = time.Since(start)
	if !hung.Stop() {
		f.Fatalf("%v was still running after %s\n%s", cmd.Args[1:], deadline, &said)
	}
	if err != nil && !errors.As(err, new(*exec.ExitError)) {
		f.Fatal(err)
	}
	if err := json.Unmarshal(out.Bytes(), &a); err != nil {
		f.Fatalf("%v: %v\n%s%s", cmd.Args[1:], err, &out, &said)
	}
	a.status, a.said = cmd.ProcessState.ExitCode(), said.String()
	return a
}

// remedies are what was done, in a line; "!" stands before what was not after all.
func (a reply) remedies() string {
	var all []string
	for _, made := range a.Recovery {
		name := string(made.Remedy)
		if made.Refused != "" {
			name = "!" + name
		}
		all = append(all, name)
	}
	return strings.Join(all, " ")
}

// wantFailure checks how something has failed, and that what to do is told.
func (f *faulty) wantFailure(what string, a reply, status int, message, hint string) {
	f.Helper()
	if a.Success || a.status != status || a.Error == nil || !strings.Contains(a.Error.Message, message) || !strings.Contains(a.Error.Hint, hint) || a.Error.Hint == "" {
		f.Errorf("%s: status %d, %+v; want %d, %q, and to be told %q\n%s", what, a.status, a.Error, status, message, hint, a.said)
	}
}

// wantSuccess checks that something came to a good end by these remedies.
func (f *faulty) wantSuccess(what string, a reply, remedies string) {
	f.Helper()
	if !a.Success || a.status != 0 {
		f.Errorf("%s: status %d, %+v\n%s", what, a.status, a.Error, a.said)
	}
	if got := a.remedies(); got != remedies {
		f.Errorf("%s: %q was done, want %q: %+v", what, got, remedies, a.Recovery)
	}
}

// must runs a program of Nix.
func (f *faulty) must(name string, args ...string) string {
	f.Helper()
	cmd := f.nix.Command(f.Context(), name, args...)
	cmd.Env = append(cmd.Env, f.env...)
	var said bytes.Buffer
	cmd.Stderr = &said
	out, err := cmd.Output()
	if err != nil {
		f.Fatalf("%s: %v\n%s", cmd, err, &said)
	}
	return strings.TrimSpace(string(out))
}

// sound checks that Nix finds nothing wrong with its store.
func (f *faulty) sound() {
	f.Helper()
	f.must("nix-store", "--verify", "--check-contents")
}

// wantChain checks that the audit log is as it was written.
func (f *faulty) wantChain() {
	f.Helper()
	if a := f.ask("history", "--verify"); !a.Success {
		f.Errorf("the audit log: %+v", a.Error)
	}
}
