package settings

import (
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"

	"github.com/pelletier/go-toml/v2"

	"luminousnix/internal/operation"
	"luminousnix/internal/spelling"
)

// FileName is that of a file of settings, below /etc or the folder of a user's settings.
const FileName = "luminous-nix/config.toml"

// files lists the configuration files, the weightier one last.
func files(places Places) []string {
	list := []string{filepath.Join("/", places.Root, "etc", FileName)}
	if base := places.Getenv("XDG_CONFIG_HOME"); filepath.IsAbs(base) {
		return append(list, filepath.Join(base, FileName))
	}
	if home := places.Getenv("HOME"); filepath.IsAbs(home) {
		return append(list, filepath.Join(home, ".config", FileName))
	}
	return list
}

func (s *Settings) readFile(file string) error {
	content, err := os.ReadFile(file)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return operation.Errorf(operation.CodeConfiguration, "reading settings: %w", err).
			WithHint("Correct or move away what is there; without the file the defaults hold.")
	}
	return s.readContent(file, content)
}

func (s *Settings) readContent(file string, content []byte) error {
	var document map[string]any
	if err := toml.Unmarshal(content, &document); err != nil {
		return explainSyntax(file, err)
	}
	return s.take(file, "", document)
}

// In reads what the content of a file sets, by key, as strictly as [Load] does.
func In(file string, content []byte) (map[string]string, error) {
	s := &Settings{origins: map[string]string{}}
	if err := s.readContent(file, content); err != nil {
		return nil, err
	}
	set := map[string]string{}
	for _, setting := range table() {
		if s.origins[setting.key] != "" {
			set[setting.key] = setting.get(s)
		}
	}
	return set, nil
}

func explainSyntax(file string, err error) error {
	var syntax *toml.DecodeError
	if errors.As(err, &syntax) {
		row, column := syntax.Position()
		file = fmt.Sprintf("%s:%d:%d", file, row, column)
	}
	return operation.Errorf(operation.CodeConfiguration, "%s: %w", file, err).
		WithHint("The settings are written in TOML, for example: backend = \"native\"")
}

// take sets every key of a TOML table, prefix being the table's own name.
func (s *Settings) take(file, prefix string, tree map[string]any) error {
	for _, name := range sortedKeys(tree) {
		key := prefix + name
		if inner, ok := tree[name].(map[string]any); ok && len(inner) > 0 {
			if err := s.take(file, key+".", inner); err != nil {
				return err
			}
			continue
		}
		if err := s.takeOne(file, key, tree[name]); err != nil {
			return err
		}
	}
	return nil
}

func (s *Settings) takeOne(file, key string, value any) error {
	for _, setting := range table() {
		if setting.key != key {
			continue
		}
		if err := setting.set(s, fmt.Sprint(value)); err != nil {
			return operation.Errorf(operation.CodeConfiguration, "%s: %s: %w", file, key, err)
		}
		s.origins[key] = file
		return nil
	}
	return operation.Errorf(operation.CodeConfiguration, "%s: there is no setting %q", file, key).
		WithHint(fmt.Sprintf("Did you mean %q? `ask-nix settings` lists all.", nearest(key)))
}

func (s *Settings) readEnvironment(getenv func(string) string) error {
	for _, setting := range table() {
		value := getenv(setting.env)
		if value == "" {
			continue
		}
		if err := setting.set(s, value); err != nil {
			return environmentError(setting.env, err)
		}
		s.origins[setting.key] = setting.env
	}
	// The two switches of the first documents, which choose between the fast
	// backend and the old way.
	for _, name := range []string{"LUMINOUS_NIX_ENHANCED", "LUMINOUS_NIX_PYTHON_BACKEND"} {
		value := getenv(name)
		if value == "" {
			continue
		}
		native, err := parseBool(value)
		if err != nil {
			return environmentError(name, err)
		}
		if !native {
			s.Backend = "command"
			s.origins["backend"] = name + "=" + value
		}
	}
	s.readShared(getenv)
	return nil
}

// readShared reads the variables that ask-nix shares with other programs, and
// which therefore are never an error.
func (s *Settings) readShared(getenv func(string) string) {
	if value := getenv("DEBUG"); value != "" {
		parsed, err := parseBool(value)
		s.Debug = parsed || err != nil
		s.origins["debug"] = "DEBUG"
	}
	if getenv("NO_COLOR") != "" && s.Color == "auto" {
		s.Color = "never"
		s.origins["color"] = "NO_COLOR"
	}
}

func environmentError(name string, err error) error {
	return operation.Errorf(operation.CodeConfiguration, "%s: %w", name, err).
		WithHint("Correct the variable, or unset it to use the default.")
}

func sortedKeys(tree map[string]any) []string {
	keys := make([]string, 0, len(tree))
	for key := range tree {
		keys = append(keys, key)
	}
	slices.Sort(keys)
	return keys
}

// nearest returns the setting whose key takes the fewest edits to reach.
func nearest(key string) string {
	const far = 32
	return slices.MinFunc(table(), func(a, b setting) int {
		return cmp.Compare(spelling.Distance(key, a.key, far), spelling.Distance(key, b.key, far))
	}).key
}
