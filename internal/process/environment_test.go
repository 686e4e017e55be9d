package process_test

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"luminousnix/internal/process"
)

// TestClean: nothing goes through to a program that would have it run the code of somebody
// else, in whichever way it is started; what Nix and people need does.
func TestClean(t *testing.T) {
	t.Parallel()
	good := []string{"PATH=/usr/bin:/bin", "HOME=/home/rose", "NIX_PATH=nixpkgs=/x", "NIX_CONFIG=cores = 2", "LANG=C", "https_proxy=http://proxy", "TMPDIR=/tmp"}
	bad := []string{
		"LD_PRELOAD=/tmp/evil.so", "LD_LIBRARY_PATH=/tmp", "LD_AUDIT=/tmp/evil.so", "GCONV_PATH=/tmp", "GLIBC_TUNABLES=x", "BASH_ENV=/tmp/evil",
		"ENV=/tmp/evil", "SHELLOPTS=xtrace", "PS4=$(id)", "BASH_FUNC_ls%%=() { id; }", "IFS=x", "PYTHONPATH=/tmp", "PYTHONSTARTUP=/tmp/evil",
		"PERL5LIB=/tmp", "PERL5OPT=-Mevil", "RUBYOPT=-revil", "NODE_OPTIONS=--require=/tmp/evil", "GIT_EXEC_PATH=/tmp",
	}
	env := append(append([]string{}, bad...), good...)
	if diff := cmp.Diff(good, process.Clean(env)); diff != "" {
		t.Error(diff)
	}
	out, err := process.Run(t.Context(), process.Command{Argv: []string{"env"}, Env: env})
	if err != nil {
		t.Fatal(err)
	}
	conn, wait, err := process.Talk(process.Command{Argv: []string{"env"}, Env: env})
	if err != nil {
		t.Fatal(err)
	}
	said := make([]byte, 1<<16)
	n, _ := conn.Read(said)
	if err := errors.Join(conn.Close(), wait()); err != nil {
		t.Error(err)
	}
	for _, entry := range bad {
		name, _, _ := strings.Cut(entry, "=")
		if bytes.Contains(out, []byte(name+"=")) || bytes.Contains(said[:n], []byte(name+"=")) {
			t.Errorf("%s went through: %s%s", name, out, said[:n])
		}
	}
	for _, entry := range good {
		if !bytes.Contains(out, []byte(entry)) || !bytes.Contains(said[:n], []byte(entry)) {
			t.Errorf("%s did not go through", entry)
		}
	}
}

// TestProgramsOfOthers: root starts nothing that somebody else may have written, and nobody
// what is in a folder that is named by no absolute path.
func TestProgramsOfOthers(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	program := filepath.Join(dir, "tool")
	if err := errors.Join(os.WriteFile(program, []byte("#!/bin/sh\n"), 0o755), os.Chmod(dir, 0o755)); err != nil {
		t.Fatal(err)
	}
	find := func() error { _, err := process.Find("tool", []string{"PATH=.:" + dir}); return err }
	if err := find(); err != nil {
		t.Fatal(err)
	}
	if _, err := process.Find("process_test.go", []string{"PATH=.:"}); !errors.Is(err, process.ErrNotFound) {
		t.Errorf("found below the folder we are in: %v", err)
	}
	if os.Geteuid() != 0 {
		t.Skip("only root starts nothing of others")
	}
	for name, spoil := range map[string]func() error{
		"a file that all may write":   func() error { return os.Chmod(program, 0o777) },
		"a folder that all may write": func() error { return os.Chmod(dir, 0o777) },
		"a file of somebody else":     func() error { return os.Chown(program, 12345, 12345) },
		"a folder of somebody else":   func() error { return os.Chown(dir, 12345, 12345) },
	} {
		if err := spoil(); err != nil {
			t.Fatal(err)
		}
		if err := find(); !errors.Is(err, process.ErrNotFound) {
			t.Errorf("%s: %v", name, err)
		}
		if err := errors.Join(os.Chown(dir, 0, 0), os.Chown(program, 0, 0), os.Chmod(dir, 0o755), os.Chmod(program, 0o755)); err != nil {
			t.Fatal(err)
		}
		if err := find(); err != nil {
			t.Fatal(err)
		}
	}
}
