// Package settings is ask-nix's own configuration: two files, the environment
// and the command line, in that order of growing weight.
//
// The files are /etc/luminous-nix/config.toml and
// ~/.config/luminous-nix/config.toml. They are read strictly: a key that does
// not exist is an error which names the nearest one that does. Every setting is
// an environment variable as well, and every value knows where it came from.
package settings

import (
	"time"

	"luminousnix/internal/operation"
)

// Settings holds a value for every setting.
type Settings struct {
	Backend           string // auto, native or command
	Root              string // where /etc, /run and /boot are looked for
	Color             string // auto, always or never
	Persona           string // one of persona.Names
	Debug             bool
	Activate          string // auto, always or never
	AllowUnprivileged bool
	Elevation         string // auto, never, or the program by which to become root
	ActivationTimeout time.Duration
	Patience          time.Duration // how long to wait for what does not answer; 0 tries nothing again
	CacheEnabled      bool
	CacheTTL          time.Duration
	CachePersist      bool
	CachePrepare      bool

	CatalogURL         string
	CatalogChannel     string // "" is that of the machine
	CatalogHomeOptions string // file or URL, "" is what came with the program
	CatalogAutoUpdate  bool

	LLMURL     string // "" asks no language model
	LLMKind    string // auto, openai, plain or ollama
	LLMModel   string
	LLMTimeout time.Duration
	LLMKeyFile string
	LLMRemote  bool

	ConversationHistory bool
	Language            string // auto, en or de
	MetricsEnabled      bool
	Offline             bool

	origins map[string]string
}

// Value is one setting as it is in force.
type Value struct {
	Key     string `json:"key"`
	Value   string `json:"value"`
	Origin  string `json:"origin"` // "default", a file, an environment variable or a flag
	Meaning string `json:"meaning"`
}

// Places says where settings are looked for.
type Places struct {
	Getenv func(string) string
	// Root is the value of --root; it wins over the environment, and moves
	// /etc/luminous-nix.
	Root string
}

// Load reads the settings. Its error is an [*operation.Error] with code
// configuration that names the file or variable.
func Load(places Places) (*Settings, error) {
	s := &Settings{origins: map[string]string{}}
	for _, setting := range table() {
		if err := setting.set(s, setting.initial); err != nil {
			return nil, err
		}
	}
	if places.Root == "" {
		places.Root = places.Getenv("LUMINOUS_NIX_ROOT")
	}
	for _, file := range files(places) {
		if err := s.readFile(file); err != nil {
			return nil, err
		}
	}
	if err := s.readEnvironment(places.Getenv); err != nil {
		return nil, err
	}
	return s, nil
}

// Override sets a setting from a flag of the command line.
func (s *Settings) Override(key, value, flag string) error {
	for _, setting := range table() {
		if setting.key != key {
			continue
		}
		if err := setting.set(s, value); err != nil {
			return operation.Errorf(operation.CodeUsage, "%s: %w", flag, err)
		}
		s.origins[key] = flag
		return nil
	}
	return operation.Errorf(operation.CodeUsage, "there is no setting %q", key)
}

// Values lists all settings in the order of the documentation, without passwords.
func (s *Settings) Values() []Value {
	var values []Value
	for _, setting := range table() {
		values = append(values, Value{setting.key, operation.ShownURL(setting.get(s)), s.Origin(setting.key), setting.meaning})
	}
	return values
}

// Environ is the settings as variables, NAME=value, for a process that is to have the
// same.
func (s *Settings) Environ() []string {
	var env []string
	for _, setting := range table() {
		env = append(env, setting.env+"="+setting.get(s))
	}
	return env
}

// Origin tells where the value of a setting came from.
func (s *Settings) Origin(key string) string {
	if origin := s.origins[key]; origin != "" {
		return origin
	}
	return "default"
}
