package process_test

import (
	"bytes"
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"luminousnix/internal/process"
)

var env = []string{"PATH=/usr/bin:/bin", "GIVEN=yes"}

func TestRunOutputAndStatus(t *testing.T) {
	t.Setenv("INHERITED", "no")
	out, err := process.Run(t.Context(), process.Command{
		Argv: []string{"sh", "-c", `echo "$GIVEN${INHERITED-}" "$1"; echo broken >&2; exit 3`, "sh", "; echo $(id)"},
		Env:  env,
	})
	if diff := cmp.Diff("yes ; echo $(id)\n", string(out)); diff != "" {
		t.Error(diff)
	}
	var exit *process.ExitError
	if !errors.As(err, &exit) {
		t.Fatalf("error %v, want an ExitError", err)
	}
	if diff := cmp.Diff(&process.ExitError{Program: exit.Program, Status: 3, Stderr: "broken"}, exit); diff != "" {
		t.Error(diff)
	}
}

func TestRunStreams(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	var stderr bytes.Buffer
	out, err := process.Run(t.Context(), process.Command{
		Argv: []string{"sh", "-c", "cat; pwd; echo careful >&2; exit 4"}, Env: env,
		Dir: dir, Stdin: strings.NewReader("given\n"), Stderr: &stderr,
	})
	if diff := cmp.Diff("given\n"+dir+"\n", string(out)); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff("careful\n", stderr.String()); diff != "" {
		t.Error(diff)
	}
	var exit *process.ExitError
	if !errors.As(err, &exit) {
		t.Fatalf("error %v, want an ExitError", err)
	}
	if diff := cmp.Diff(&process.ExitError{Program: exit.Program, Status: 4}, exit); diff != "" {
		t.Error(diff)
	}
}

func TestRunLines(t *testing.T) {
	t.Parallel()
	var lines []string
	_, err := process.Run(t.Context(), process.Command{
		Argv:  []string{"sh", "-c", "echo one; echo two >&2; printf three"},
		Env:   env,
		Lines: func(line string) { lines = append(lines, line) },
	})
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"one", "two", "three"}, lines); diff != "" {
		t.Error(diff)
	}
}

func TestRunNotFound(t *testing.T) {
	t.Parallel()
	_, err := process.Run(t.Context(), process.Command{Argv: []string{"no-such-program"}, Env: env})
	if !errors.Is(err, process.ErrNotFound) {
		t.Errorf("error %v, want ErrNotFound", err)
	}
}

func TestRunEndsWithContext(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	_, err := process.Run(ctx, process.Command{Argv: []string{"sleep", "600"}, Env: env})
	if !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("error %v, want the deadline", err)
	}
}

func TestRunKilled(t *testing.T) {
	t.Parallel()
	_, err := process.Run(t.Context(), process.Command{Argv: []string{"sh", "-c", "kill -9 $$"}, Env: env})
	var exit *process.ExitError
	if !errors.As(err, &exit) || exit.Status != 137 {
		t.Errorf("error %v, want status 137", err)
	}
}
