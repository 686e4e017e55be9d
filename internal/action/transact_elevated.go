package action

import (
	"context"
	"encoding/json"
	"errors"
	"path/filepath"
	"strconv"
	"strings"

	"luminousnix/internal/activation"
	"luminousnix/internal/elevation"
	"luminousnix/internal/nixos"
	"luminousnix/internal/operation"
)

// ActivationLine is a line of what the command says that activates as root: the events,
// and in the end the report or an error.
type ActivationLine struct {
	Event  *operation.Event      `json:"event,omitempty"`
	Report *operation.Activation `json:"report,omitempty"`
	Error  *operation.Error      `json:"error,omitempty"`
}

// err is the error that is said; nil is none.
func (l *ActivationLine) err() error {
	if l.Error == nil {
		return nil // and no *operation.Error that is nil
	}
	return l.Error
}

// transactElevated has root run `ask-nix activate`, and understands what that says.
func transactElevated(ctx context.Context, m *Machine, task ActivationTask, o operation.Observer) (*operation.Activation, error) {
	argv, err := elevated(m, task)
	if err != nil {
		return nil, err
	}
	var answer ActivationLine
	// Ctrl-C reaches it from the terminal, and it knows what to do then.
	err = elevation.Run(context.WithoutCancel(ctx), m.Elevation, m.Terminal, argv, func(line string) {
		var said ActivationLine
		switch {
		case json.Unmarshal([]byte(line), &said) != nil:
			o.Observe(operation.Event{Kind: operation.EventLog, Text: line})
		case said.Event != nil:
			o.Observe(*said.Event)
		default:
			answer = said
		}
	})
	switch {
	case answer.Report != nil:
		return answer.Report, nil
	case answer.Error != nil:
		return nil, answer.Error
	case errors.Is(err, elevation.ErrNone):
		return nil, operation.Errorf(operation.CodePermission, "only root can activate a system: %w", err).
			WithHint("Run it as root, or install sudo, doas or run0.")
	case err != nil:
		return nil, operation.Errorf(operation.CodePermission, "only root can activate a system: %w", err).
			WithHint("Run it in a terminal, where you can be asked for a password, or as root.")
	}
	return nil, operation.Errorf(operation.CodeFailed, "the activation said nothing of how it ended").
		WithHint("`ask-nix generations` shows what is current and what runs.")
}

// elevated is the command line for root: a fixed verb and a store path, and no more than
// is checked again there.
func elevated(m *Machine, task ActivationTask) ([]string, error) {
	argv := []string{m.Program, "activate"}
	add := func(name, value string) { argv = append(argv, "--"+name+"="+value) }
	if m.Change != nil {
		add("change", m.Change.ID)
	}
	if task.Resume {
		return append(argv, "recover"), nil
	}
	r := task.Request
	argv = append(argv, string(r.Action), string(r.Toplevel))
	if r.Profile != "" {
		name, err := m.Host.SystemProfileName(r.Profile)
		if err != nil {
			return nil, err
		}
		add("profile-name", string(name))
		add("expected", strconv.Itoa(r.Expected))
	}
	if r.Generation != 0 {
		add("generation", strconv.Itoa(r.Generation))
	}
	if r.Specialisation != "" {
		add("specialisation", r.Specialisation)
	}
	if r.ConfirmWithin != 0 {
		add("confirm-within", r.ConfirmWithin.String())
	}
	if r.InstallBootLoader {
		argv = append(argv, "--install-bootloader")
	}
	return argv, nil
}

// CheckActivation checks a request that comes from a command line of root: the path is
// that of a NixOS system in the store, and nothing else is run.
func CheckActivation(m *Machine, r activation.Request) error {
	path, err := m.Host.StoreDir.Parse(string(r.Toplevel))
	if err != nil || path != r.Toplevel {
		return operation.Errorf(operation.CodeRefused, "%q is not a path of the store", string(r.Toplevel))
	}
	if !nixos.IsSystem(string(path)) {
		return operation.Errorf(operation.CodeRefused, "%s is not a NixOS system", path).
			WithHint("It has no nixos-version; the configuration has to give a system.build.toplevel.")
	}
	if s := r.Specialisation; s != "" && (strings.Contains(s, "/") || !nixos.IsSystem(filepath.Join(string(path), "specialisation", s))) {
		return operation.Errorf(operation.CodeNotFound, "%s has no specialisation %q", path, s)
	}
	return nil
}
