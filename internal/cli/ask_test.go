package cli_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"os/exec"
	"testing"

	"luminousnix/internal/operation"
	"luminousnix/internal/testbed"
)

// told is what ask-nix says with --json, whose data is a T.
type told[T any] struct {
	Message string
	Plan    *operation.Plan
	Data    T
	Error   *operation.Error
	Status  int // of the process
}

// ask runs ask-nix on a bed, which activates nothing, and returns what it says.
func ask[T any](t *testing.T, nix *testbed.Nix, args ...string) (result told[T]) {
	t.Helper()
	cmd := nix.Command(t.Context(), binary, append(args, "--json")...)
	cmd.Env = append(cmd.Env, "LUMINOUS_NIX_ACTIVATE=never", "LUMINOUS_NIX_ALLOW_UNPRIVILEGED=yes")
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil && !errors.As(err, new(*exec.ExitError)) {
		t.Fatal(err)
	}
	if err := json.Unmarshal(out, &result); err != nil {
		t.Fatalf("%v: %v\n%s%s", args, err, out, &stderr)
	}
	result.Status = cmd.ProcessState.ExitCode()
	return result
}
