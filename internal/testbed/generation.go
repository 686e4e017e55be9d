package testbed

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"golang.org/x/sys/unix"
)

// CommandError is a command that ended with an error, with what it had to say.
type CommandError struct {
	Args   []string
	Stderr string
	Err    error // usually an *exec.ExitError
}

func (e *CommandError) Error() string {
	return fmt.Sprintf("testbed: %s: %v\n%s", strings.Join(e.Args, " "), e.Err, e.Stderr)
}

func (e *CommandError) Unwrap() error { return e.Err }

func (n *NixOS) output(ctx context.Context, name string, args ...string) (string, error) {
	return Output(n.machine.Command(ctx, name, args...))
}

// Output runs a command and returns what it writes to its standard output, without
// the line's end. The error is a *CommandError.
func Output(cmd *exec.Cmd) (string, error) {
	var stdout, stderr bytes.Buffer
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	if err := cmd.Run(); err != nil {
		return "", &CommandError{Args: cmd.Args, Stderr: stderr.String(), Err: err}
	}
	return strings.TrimSpace(stdout.String()), nil
}

// Build builds a system and returns its store path, the toplevel. Nothing keeps
// it from being collected until it is a generation. A failed build or evaluation
// is a *CommandError.
func (n *NixOS) Build(ctx context.Context, s System) (toplevel string, err error) {
	// A path literal could not hold every directory's name.
	text := s.Configuration("(/. + " + quoteNix(n.hardwareFile()) + ")")
	sum := sha256.Sum256([]byte(text))
	file := filepath.Join(n.temporary, hex.EncodeToString(sum[:8])+"-configuration.nix")
	if err := os.WriteFile(n.at(file), []byte(text), 0o644); err != nil {
		return "", fmt.Errorf("testbed: %w", err)
	}
	return n.output(ctx, "nix-build", "<nixpkgs/nixos>", "--attr", "config.system.build.toplevel",
		"--no-out-link", "-I", "nixos-config="+file)
}

// AddGeneration makes toplevel the newest generation of the system profile and
// the current one, and returns its number. Nix makes no new generation if the
// newest one is of the same path; the number is that one's then.
func (n *NixOS) AddGeneration(ctx context.Context, toplevel string) (number int, err error) {
	if _, err := n.output(ctx, "nix-env", "--profile", n.SystemProfile, "--set", toplevel); err != nil {
		return 0, err
	}
	return n.currentGeneration()
}

// currentGeneration is the number in the profile's link, `system-N-link`.
func (n *NixOS) currentGeneration() (int, error) {
	link, err := os.Readlink(n.at(n.SystemProfile))
	if err != nil {
		return 0, fmt.Errorf("testbed: %w", err)
	}
	number, err := strconv.Atoi(strings.TrimSuffix(strings.TrimPrefix(link, "system-"), "-link"))
	if err != nil {
		return 0, fmt.Errorf("testbed: the profile leads to %q: %w", link, err)
	}
	return number, nil
}

// GenerationLink is the path of a generation of the system profile.
func (n *NixOS) GenerationLink(number int) string {
	return fmt.Sprintf("%s-%d-link", n.SystemProfile, number)
}

// SetGenerationTime makes it look as if the generation had been made at t, which
// Nix reads from its link.
func (n *NixOS) SetGenerationTime(number int, t time.Time) error {
	at := unix.NsecToTimeval(t.UnixNano())
	if err := unix.Lutimes(n.at(n.GenerationLink(number)), []unix.Timeval{at, at}); err != nil {
		return fmt.Errorf("testbed: time of generation %d: %w", number, err)
	}
	return nil
}

// Switched is what a run of switch-to-configuration came to.
type Switched struct {
	Status int    // the exit status: 0, or what Fault lists; -1 if a signal ended it
	Output string // both streams together
}

// Switch runs the system's switch-to-configuration with an action: switch,
// boot, test, dry-activate or check. A run that fails is no error, but one that
// cannot be started or is cut short is.
func (n *NixOS) Switch(ctx context.Context, toplevel, action string) (Switched, error) {
	cmd := n.machine.Command(ctx, filepath.Join(toplevel, "bin", "switch-to-configuration"), action)
	out, err := cmd.CombinedOutput()
	result := Switched{Status: cmd.ProcessState.ExitCode(), Output: string(out)}
	var exit *exec.ExitError
	if ctx.Err() == nil && errors.As(err, &exit) {
		return result, nil
	}
	if err != nil {
		return result, fmt.Errorf("testbed: switch-to-configuration %s: %w", action, err)
	}
	return result, nil
}
