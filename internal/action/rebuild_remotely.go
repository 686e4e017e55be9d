package action

import (
	"context"
	"fmt"
	"os"
	"slices"
	"strconv"
	"strings"

	"luminousnix/internal/backend"
	"luminousnix/internal/operation"
)

// rebuildRemotely has nixos-rebuild change another machine, or this one with what another
// machine builds. What it does is its own: nobody has a plan of it, and nobody verifies
// it.
type rebuildRemotely struct {
	machine *Machine
	rebuilt operation.Rebuilt
}

func newRebuildRemotely(m *Machine, args operation.Arguments) Change {
	m.Backend, m.BackendReason = backend.NewCommand(m.Host), "only nixos-rebuild reaches other machines yet"
	return &rebuildRemotely{machine: m, rebuilt: operation.Rebuilt{
		Argv:       append([]string{backend.Rebuild}, args.Command...),
		TargetHost: valueOf(args.Command, "--target-host"),
		BuildHost:  valueOf(args.Command, "--build-host"),
	}}
}

// valueOf is the value of a flag, as a word of its own or after =; the last one counts.
func valueOf(words []string, flag string) (value string) {
	for i, word := range words {
		if after, ok := strings.CutPrefix(word, flag+"="); ok {
			value = after
		} else if word == flag && i+1 < len(words) {
			value = words[i+1]
		}
	}
	return value
}

// Plan shows what is run, and finds out whether it is there.
func (r *rebuildRemotely) Plan(context.Context, operation.Observer) (operation.Plan, error) {
	if r.rebuilt.TargetHost == "" && r.rebuilt.BuildHost == "" || !slices.Contains([]string{"switch", "boot", "test"}, r.rebuilt.Argv[1]) {
		return operation.Plan{}, operation.Errorf(operation.CodeUsage, "nixos-rebuild is only asked to switch, boot or test with another machine").
			WithHint("For example: ask-nix switch --target-host rose")
	}
	if err := r.machine.online("reaching another machine", "Leave out --target-host and --build-host to change this one."); err != nil {
		return operation.Plan{}, err
	}
	program, err := backend.FindRebuild(r.machine.Host)
	if err != nil {
		return operation.Plan{}, err
	}
	return operation.Plan{
		Summary:  fmt.Sprintf("Have nixos-rebuild change %s (%s)", r.changed(), r.rebuilt.Argv[1]),
		Risk:     operation.Reversible,
		Steps:    []operation.Step{{Action: "Run " + commandLine(r.rebuilt.Argv), Path: commandLine(program.Argv)}},
		Warnings: []string{"ask-nix has no plan of this: what is built and changed is known to nixos-rebuild only, and not verified afterwards"},
	}, nil
}

// changed is the machine that is not the same afterwards.
func (r *rebuildRemotely) changed() string {
	if r.rebuilt.TargetHost != "" {
		return r.rebuilt.TargetHost
	}
	return "this machine, with what " + r.rebuilt.BuildHost + " builds"
}

// Permit refuses to change the real machine where another root is meant.
func (r *rebuildRemotely) Permit() error {
	if r.rebuilt.TargetHost == "" && r.machine.Host.Moved() {
		return operation.Errorf(operation.CodeRefused, "nixos-rebuild changes the real machine, and %s is meant", r.machine.Host.Root).
			WithHint("Leave --root and LUMINOUS_NIX_ROOT out to change the real one.")
	}
	return nil
}

// Apply runs it. What it says goes to standard error: the answer is ours.
func (r *rebuildRemotely) Apply(ctx context.Context, o operation.Observer) (Answer, error) {
	program, err := backend.FindRebuild(r.machine.Host)
	if err != nil {
		return Answer{}, err
	}
	phase(o, "rebuild", "Running nixos-rebuild")
	r.rebuilt.Status, err = program.Run(ctx, r.rebuilt.Argv[1:], os.Environ(), os.Stderr)
	if err != nil {
		return Answer{}, err
	}
	answer := Answer{Message: "nixos-rebuild has changed " + r.changed() + ".", Data: &r.rebuilt}
	if r.rebuilt.Status != 0 {
		return answer, operation.Errorf(operation.CodeFailed, "nixos-rebuild ended with status %d", r.rebuilt.Status).
			WithHint("What it said is above. How far it came with " + r.changed() + " is not known to ask-nix.")
	}
	return answer, nil
}

// Verify has nothing that it could compare with: there was no plan.
func (r *rebuildRemotely) Verify(context.Context) error { return nil }

// commandLine is a command as one would type it.
func commandLine(argv []string) string {
	words := slices.Clone(argv)
	for i, word := range words {
		if word == "" || strings.ContainsFunc(word, func(r rune) bool { return strings.ContainsRune(" \t'\"\\$`*?;&|<>()#~", r) }) {
			words[i] = strconv.Quote(word)
		}
	}
	return strings.Join(words, " ")
}
