// Package elevation finds the program by which a person becomes the administrator for
// one step: sudo, doas or run0.
package elevation

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"luminousnix/internal/process"
)

// Auto means the first program that is there, in the order of Programs; Never that
// none is used.
const (
	Auto  = "auto"
	Never = "never"
)

// Programs are those that are known, in the order in which they are looked for.
func Programs() []string { return []string{"sudo", "doas", "run0"} }

// ErrNone means that there is no such program, or none is to be used.
var ErrNone = errors.New("no way to become root was found")

// Prefix is what to put before a command so that root runs it, with the program by its
// absolute path. choice is Auto, Never or one of Programs. asks says whether somebody
// is there who can be asked for a password.
func Prefix(choice, path string, asks bool) ([]string, error) {
	name, program := choose(choice, path)
	if name == "" {
		return nil, fmt.Errorf("%w: %s", ErrNone, why(choice))
	}
	return arguments(name, program, asks), nil
}

func why(choice string) string {
	switch choice {
	case Never:
		return "the setting elevation forbids it"
	case Auto:
		return fmt.Sprintf("%v are not in PATH", Programs())
	}
	return choice + " is not in PATH"
}

// Name is the program that Prefix would choose; "" if there is none.
func Name(choice, path string) string {
	name, _ := choose(choice, path)
	return name
}

func choose(choice, path string) (name, program string) {
	names := []string{choice}
	switch choice {
	case Never:
		return "", ""
	case Auto:
		names = Programs()
	}
	for _, name := range names {
		if program := find(name, path); program != "" {
			return name, program
		}
	}
	return "", ""
}

// find looks for the program where NixOS has those that may change the user, then in
// the PATH.
func find(name, path string) string {
	for _, dir := range append([]string{"/run/wrappers/bin"}, filepath.SplitList(path)...) {
		file := filepath.Join(dir, name)
		if info, err := os.Stat(file); filepath.IsAbs(dir) && err == nil && info.Mode().IsRegular() && info.Mode()&0o111 != 0 {
			return file
		}
	}
	return ""
}

func arguments(name, program string, asks bool) []string {
	argv := []string{program}
	switch {
	case asks:
	case name == "run0":
		argv = append(argv, "--no-ask-password")
	default:
		argv = append(argv, "-n") // both sudo and doas
	}
	if name == "doas" {
		return argv // ends its options at the command
	}
	return append(argv, "--")
}

// Run has root run a command, and gives each line that it says to lines. The password, if
// one is wanted, is asked for at the terminal; stdin, if any, is what the command reads,
// and is closed. The error is that of [process.Run], or matches [ErrNone].
func Run(ctx context.Context, choice string, asks bool, argv []string, stdin *os.File, lines func(string)) error {
	command := process.Command{Env: os.Environ(), Lines: lines}
	if stdin != nil {
		defer stdin.Close()
		command.Stdin = stdin
	}
	prefix, err := Prefix(choice, os.Getenv("PATH"), asks)
	if err != nil {
		return err
	}
	command.Argv = append(prefix, argv...)
	_, err = process.Run(ctx, command)
	return err
}
