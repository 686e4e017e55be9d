package nixos

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"luminousnix/internal/process"
)

// Action is what switch-to-configuration is asked to do.
type Action string

// The actions.
const (
	Switch      Action = "switch"       // now, and at every boot
	Boot        Action = "boot"         // at the next boot
	Test        Action = "test"         // now, until the next boot
	DryActivate Action = "dry-activate" // say what would be done
)

// Exit statuses of switch-to-configuration that mean something of their own.
const (
	StatusPreCheck    = 1   // a check before, or the boot loader
	StatusActivate    = 2   // the activation script
	StatusUnits       = 4   // the system is active, but units failed
	StatusOtherInit   = 100 // the system needs another init: only at a reboot
	activationProgram = "bin/switch-to-configuration"
)

// ActivationError means that switch-to-configuration did not succeed.
type ActivationError struct {
	Action Action
	Status int
}

func (e *ActivationError) Error() string {
	meaning := ""
	switch e.Status {
	case StatusPreCheck:
		meaning = " (a check or the boot loader failed before anything was activated)"
	case StatusActivate:
		meaning = " (the activation script failed)"
	case StatusUnits:
		meaning = " (the system is active, but some services failed)"
	case StatusOtherInit:
		meaning = " (it can only be started with a reboot)"
	}
	return fmt.Sprintf("switch-to-configuration %s ended with status %d%s", e.Action, e.Status, meaning)
}

// Activation is a run of a toplevel's switch-to-configuration.
type Activation struct {
	Toplevel string
	Action   Action
	Env      []string
	// Output takes what it says, or Lines each line of it.
	Output *os.File
	Lines  func(string)
	// Inherit are files that are open in it, from descriptor 3 on.
	Inherit []*os.File
}

// Run runs it to its end. Ctrl-C does not reach it, since an activation that stops
// half-way leaves services down; when ctx ends it is killed. The error is an
// [*ActivationError] when the program ended with a status other than 0.
func (a Activation) Run(ctx context.Context) error {
	_, err := process.Run(ctx, process.Command{
		Argv: []string{filepath.Join(a.Toplevel, activationProgram), string(a.Action)},
		Env:  a.Env, Output: a.Output, Lines: a.Lines, Inherit: a.Inherit, Dir: "/", Detached: true,
	})
	var exit *process.ExitError
	if errors.As(err, &exit) {
		return &ActivationError{a.Action, exit.Status}
	}
	if err != nil {
		return fmt.Errorf("activating %s: %w", a.Toplevel, err)
	}
	return nil
}

// ActivationEnv picks the only variables that an activation is given.
func ActivationEnv(getenv func(string) string) []string {
	env := []string{"PATH=" + getenv("PATH")}
	for _, name := range []string{"LOCALE_ARCHIVE", "NIXOS_NO_CHECK", "NIXOS_INSTALL_BOOTLOADER"} {
		if value := getenv(name); value != "" {
			env = append(env, name+"="+value)
		}
	}
	return env
}
