package action

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"luminousnix/internal/activation"
	"luminousnix/internal/elevation"
	"luminousnix/internal/nixos"
	"luminousnix/internal/operation"
)

// ActivationLine is a line of what `ask-nix activate` says: the events, and in the end the
// report or an error. It also is the result of the job of an activation.
type ActivationLine struct {
	Event  *operation.Event      `json:"event,omitempty"`
	Done   bool                  `json:"done,omitempty"` // this is the last one
	Report *operation.Activation `json:"report,omitempty"`
	Error  *operation.Error      `json:"error,omitempty"`
}

// What `ask-nix activate` reads while a switch waits to be confirmed.
const (
	WordKeep = "keep"
	WordBack = "back"
)

// err is the error that is said; nil is none.
func (l *ActivationLine) err() error {
	if l.Error == nil {
		return nil // and no *operation.Error that is nil
	}
	return l.Error
}

// transactElevated has root do a task.
func transactElevated(ctx context.Context, m *Machine, task ActivationTask, o operation.Observer) (*operation.Activation, error) {
	words, err := activateWords(m, task)
	if err != nil {
		return nil, err
	}
	answers, write, err := os.Pipe()
	if err != nil {
		return nil, err
	}
	defer write.Close()
	asked := askedBy(ctx, m, o, func(keep bool) error {
		word := WordBack
		if keep {
			word = WordKeep
		}
		_, err := fmt.Fprintln(write, word)
		return err
	})
	defer asked.stop()
	return elevate(ctx, m, words, answers, asked)
}

// elevate has root run `ask-nix activate` with these words, and understands what that says.
// answers, if any, is what it reads; it is closed.
func elevate(ctx context.Context, m *Machine, words []string, answers *os.File, o operation.Observer) (*operation.Activation, error) {
	argv := append([]string{m.Program, "activate"}, words...)
	if m.Change != nil {
		argv = append(argv, "--change="+m.Change.ID)
	}
	var answer ActivationLine
	begun := false
	// Ctrl-C reaches it from the terminal, and it knows what to do then.
	err := elevation.Run(context.WithoutCancel(ctx), m.Elevation, m.Terminal, argv, answers, func(line string) {
		var said ActivationLine
		switch {
		case json.Unmarshal([]byte(line), &said) != nil:
			o.Observe(operation.Event{Kind: operation.EventLog, Text: line})
		case said.Event != nil:
			begun = true
			o.Observe(*said.Event)
		default:
			answer = said
		}
	})
	if answer.Error != nil && answer.Error.Code == operation.CodeInterrupted || !answer.Done && begun {
		m.handOver() // it goes on, and we will know later what came of it
	}
	switch {
	case answer.Error != nil:
		return nil, answer.Error
	case answer.Done:
		return answer.Report, nil
	case err == nil:
		return nil, operation.Errorf(operation.CodeFailed, "the activation said nothing of how it ended").
			WithHint("`ask-nix generations` shows what is current and what runs.")
	case begun:
		return nil, operation.Errorf(operation.CodeInterrupted, "what root does is not seen any more: %w", err).
			WithHint("An activation that has begun goes on; `ask-nix jobs` shows it.")
	case errors.Is(err, elevation.ErrNone):
		return nil, operation.Errorf(operation.CodePermission, "only root can activate a system: %w", err).
			WithHint(AsRoot)
	}
	return nil, operation.Errorf(operation.CodePermission, "only root can activate a system: %w", err).
		WithHint(AsRoot)
}

// activateWords is the command line for root: a fixed verb and a store path, and no more
// than is checked again there.
func activateWords(m *Machine, task ActivationTask) ([]string, error) {
	if task.Resume {
		return []string{"recover"}, nil
	}
	r := task.Request
	words := []string{string(r.Action), string(r.Toplevel)}
	add := func(name, value string) { words = append(words, "--"+name+"="+value) }
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
		words = append(words, "--install-bootloader")
	}
	return words, nil
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
