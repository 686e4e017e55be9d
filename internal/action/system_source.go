package action

import (
	"cmp"
	"errors"
	"os"
	"path/filepath"
	"strings"

	"luminousnix/internal/diagnosis"
	"luminousnix/internal/evaluation"
	"luminousnix/internal/operation"
	"luminousnix/nix/eval"
)

// systemSource is where a system is evaluated from.
type systemSource struct {
	// file is what people call the configuration: its entry file, or the flake.
	file string
	// flake is a flake with the name of the system; "" is none, and then Sources,
	// Attributes and SearchPath say what to evaluate.
	flake string
	evaluation.Request
}

// sourceOf finds out where the system is to be evaluated from: what is named, else the
// machine's flake, else its configuration with channels. The request says how.
func sourceOf(m *Machine, s operation.Source, r evaluation.Request) (systemSource, error) {
	source := systemSource{Request: r}
	configuration := m.Host.Configuration()
	switch {
	case s.Flake != "":
		source.flake = flakeSystem(s.Flake)
	case s.File != "" || s.Attribute != "":
		return source.ofFile(m, s)
	case configuration.Kind == "flake" && !s.NoFlake:
		source.flake = flakeSystem(configuration.Flake)
	case configuration.Kind == "none":
		return source, operation.Errorf(operation.CodeNotFound, "there is no NixOS configuration on this machine").
			WithHint("It is looked for in NIXOS_CONFIG, in NIX_PATH as nixos-config, and in /etc/nixos/configuration.nix.")
	default:
		return source.ofChannels(m, s)
	}
	source.file = source.flake
	return source, nil
}

// ofChannels is what nixos-rebuild evaluates without flakes.
func (source systemSource) ofChannels(m *Machine, s operation.Source) (systemSource, error) {
	source.file = m.Host.EntryFile()
	if source.file == "" {
		return source, operation.Errorf(operation.CodeNotFound, "this machine has no configuration besides its flake").
			WithHint("Leave --no-flake out to use that.")
	}
	source.Sources = []evaluation.Source{{Text: nixosExpression}}
	source.Attributes = []string{toplevel}
	source.SearchPath = searchPath(m, source.file, s.Include...)
	return source, nil
}

// ofFile is a file that gives systems, or default.nix here.
func (source systemSource) ofFile(m *Machine, s operation.Source) (systemSource, error) {
	source.file = s.File
	if source.file == "" {
		folder, err := os.Getwd()
		if err != nil {
			return source, err
		}
		source.file = filepath.Join(folder, "default.nix")
	}
	source.Sources = []evaluation.Source{{Text: source.file}}
	source.Attributes = []string{strings.TrimPrefix(string(s.Attribute)+"."+toplevel, ".")}
	source.SearchPath = searchPath(m, "", s.Include...)
	return source, nil
}

// flakeSystem adds to a flake the name of the system in it, that of this machine by
// default. A path is made absolute, since it is not from here that it is read.
func flakeSystem(flake string) string {
	place, name, named := strings.Cut(flake, "#")
	if place == "" || strings.HasPrefix(place, ".") || strings.HasPrefix(place, "/") {
		if absolute, err := filepath.Abs(place); err == nil {
			place = absolute
		}
	}
	if !named || name == "" {
		name = "default"
		if host, err := os.Hostname(); err == nil {
			name, _, _ = strings.Cut(host, ".")
		}
	}
	return place + "#" + name
}

// included are the entries of --include.
func included(words []string) (entries []eval.SearchEntry) {
	for _, word := range words {
		prefix, path, named := strings.Cut(word, "=")
		if !named {
			prefix, path = "", word
		}
		entries = append(entries, eval.SearchEntry{Prefix: prefix, Path: path})
	}
	return entries
}

// explainFlake says what to do about a flake that the nix command cannot evaluate.
func explainFlake(flake string, err error) error {
	var failed *evaluation.CommandError
	switch {
	case errors.Is(err, evaluation.ErrNoProgram):
		return operation.Errorf(operation.CodeNotAvailable, "the configuration is a flake, which only the nix command evaluates: %w", err).
			WithHint("Install Nix 2.4 or newer, or use --no-flake.")
	case !errors.As(err, &failed):
		return err
	}
	explained := operation.Errorf(operation.CodeConfiguration, "the flake %s cannot be evaluated", flake).WithCause(err).
		WithHint(cmp.Or(diagnosis.Hint(failed.Stderr), "What the nix command says of it is below."))
	if strings.Contains(failed.Stderr, "does not provide attribute") {
		explained = operation.Errorf(operation.CodeNotFound, "there is no such system in the flake: %s", flake).WithCause(err).
			WithHint("Name one of its nixosConfigurations: --flake FLAKE#NAME.")
	}
	explained.Details = strings.Split(strings.TrimSpace(failed.Stderr), "\n")
	return explained
}
