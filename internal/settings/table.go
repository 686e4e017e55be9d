package settings

import (
	"fmt"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"luminousnix/internal/elevation"
	"luminousnix/internal/persona"
)

// setting is one row of the table: how a value is read and shown.
type setting struct {
	key     string // in the file; a dot separates table and key
	env     string
	initial string
	meaning string
	set     func(*Settings, string) error
	get     func(*Settings) string
}

// table lists every setting there is.
func table() []setting {
	return []setting{
		choice("backend", "LUMINOUS_NIX_BACKEND", "how Nix is reached: auto, native or command",
			func(s *Settings) *string { return &s.Backend }, "auto", "native", "command"),
		{
			"root", "LUMINOUS_NIX_ROOT", "/", "where /etc, /run and /boot are looked for",
			func(s *Settings, value string) error {
				if !filepath.IsAbs(value) {
					return fmt.Errorf("%q is not an absolute path", value)
				}
				s.Root = filepath.Clean(value)
				return nil
			},
			func(s *Settings) string { return s.Root },
		},
		boolean("offline", "LUMINOUS_NIX_OFFLINE", "false", "fetch nothing: work with what is on this machine",
			func(s *Settings) *bool { return &s.Offline }),
		choice("activate", "LUMINOUS_NIX_ACTIVATE", "whether a switch runs the system's activation; auto does unless root is moved",
			func(s *Settings) *string { return &s.Activate }, "auto", "always", "never"),
		boolean("allow_unprivileged", "LUMINOUS_NIX_ALLOW_UNPRIVILEGED", "false", "try to change a system without being root",
			func(s *Settings) *bool { return &s.AllowUnprivileged }),
		choice("elevation", "LUMINOUS_NIX_ELEVATION", "how to become root for an activation: auto, never, sudo, doas or run0",
			func(s *Settings) *string { return &s.Elevation }, append([]string{elevation.Auto, elevation.Never}, elevation.Programs()...)...),
		seconds("activation_timeout", "LUMINOUS_NIX_ACTIVATION_TIMEOUT", "1800", "after how many seconds an activation that hangs is killed and taken back",
			func(s *Settings) *time.Duration { return &s.ActivationTimeout }),
		seconds("patience", "LUMINOUS_NIX_PATIENCE", "10", "how many seconds Nix's daemon may take to answer; what fails for a while is tried again over six times that, and nothing is with 0",
			func(s *Settings) *time.Duration { return &s.Patience }),
		boolean("cache.enabled", "LUMINOUS_NIX_CACHE", "true", "keep answers between runs",
			func(s *Settings) *bool { return &s.CacheEnabled }),
		seconds("cache.ttl", "LUMINOUS_NIX_CACHE_TTL", "300", "how many seconds an answer is kept that only a server can check; 0 keeps no answers at all",
			func(s *Settings) *time.Duration { return &s.CacheTTL }),
		boolean("cache.persist", "LUMINOUS_NIX_CACHE_PERSIST", "false", "keep answers when the machine is started again",
			func(s *Settings) *bool { return &s.CachePersist }),
		boolean("cache.prepare", "LUMINOUS_NIX_CACHE_PREPARE", "true", "at the prompt of ask-nix, find out beforehand what is likely to be asked next",
			func(s *Settings) *bool { return &s.CachePrepare }),
		text("catalog.url", "LUMINOUS_NIX_CATALOG_URL", "https://channels.nixos.org", "where the listings of channels are downloaded from",
			func(s *Settings) *string { return &s.CatalogURL }),
		text("catalog.channel", "LUMINOUS_NIX_CATALOG_CHANNEL", "", "the channel that is the newest; that of this machine, or nixos-unstable, if empty",
			func(s *Settings) *string { return &s.CatalogChannel }),
		text("catalog.home_options", "LUMINOUS_NIX_CATALOG_HOME_OPTIONS", "", "home-manager's options.json, a file or URL; what came with ask-nix if empty",
			func(s *Settings) *string { return &s.CatalogHomeOptions }),
		boolean("catalog.auto_update", "LUMINOUS_NIX_CATALOG_AUTO_UPDATE", "false", "after an answer, download a catalogue that is older than a day",
			func(s *Settings) *bool { return &s.CatalogAutoUpdate }),
		text("llm.url", "LUMINOUS_NIX_LLM_URL", "", "a language model to ask about sentences that are not understood, such as http://localhost:11434; nobody is asked if empty",
			func(s *Settings) *string { return &s.LLMURL }),
		choice("llm.kind", "LUMINOUS_NIX_LLM_KIND", "how it is asked: auto, openai, plain or ollama",
			func(s *Settings) *string { return &s.LLMKind }, "auto", "openai", "plain", "ollama"),
		text("llm.model", "LUMINOUS_NIX_LLM_MODEL", "", "the name of the model",
			func(s *Settings) *string { return &s.LLMModel }),
		seconds("llm.timeout", "LUMINOUS_NIX_LLM_TIMEOUT", "5", "how many seconds it has to answer",
			func(s *Settings) *time.Duration { return &s.LLMTimeout }),
		text("llm.key_file", "LUMINOUS_NIX_LLM_KEY_FILE", "", "a file with a key for it, that only its owner may read",
			func(s *Settings) *string { return &s.LLMKeyFile }),
		boolean("llm.remote", "LUMINOUS_NIX_LLM_REMOTE", "false", "whether it may be another machine, to which what is said is sent",
			func(s *Settings) *bool { return &s.LLMRemote }),
		boolean("conversation_history", "LUMINOUS_NIX_CONVERSATION_HISTORY", "true", "keep what is said at the prompt of ask-nix in a file",
			func(s *Settings) *bool { return &s.ConversationHistory }),
		choice("language", "LUMINOUS_NIX_LANGUAGE", "in which language sentences are read: auto (the sentence says), en or de",
			func(s *Settings) *string { return &s.Language }, "auto", "en", "de"),
		boolean("metrics.enabled", "LUMINOUS_NIX_METRICS", "true", "count how often and how fast operations run, on this machine only",
			func(s *Settings) *bool { return &s.MetricsEnabled }),
		choice("color", "LUMINOUS_NIX_COLOR", "colour in the output: auto, always or never",
			func(s *Settings) *string { return &s.Color }, "auto", "always", "never"),
		choice("persona", "LUMINOUS_NIX_PERSONA", "how answers are presented: "+strings.Join(persona.Names(), ", "),
			func(s *Settings) *string { return &s.Persona }, persona.Names()...),
		boolean("debug", "LUMINOUS_NIX_DEBUG", "false", "tell on standard error what is being done",
			func(s *Settings) *bool { return &s.Debug }),
	}
}

func choice(key, env, meaning string, field func(*Settings) *string, values ...string) setting {
	return setting{
		key, env, values[0], meaning,
		func(s *Settings, value string) error {
			for _, v := range values {
				if v == value {
					*field(s) = value
					return nil
				}
			}
			return fmt.Errorf("%q is none of %s", value, strings.Join(values, ", "))
		},
		func(s *Settings) string { return *field(s) },
	}
}

func seconds(key, env, initial, meaning string, field func(*Settings) *time.Duration) setting {
	return setting{
		key, env, initial, meaning,
		func(s *Settings, value string) error {
			n, err := strconv.ParseUint(value, 10, 31)
			if err != nil {
				return fmt.Errorf("%q is not a number of seconds", value)
			}
			*field(s) = time.Duration(n) * time.Second
			return nil
		},
		func(s *Settings) string { return strconv.Itoa(int(*field(s) / time.Second)) },
	}
}

func text(key, env, initial, meaning string, field func(*Settings) *string) setting {
	return setting{
		key, env, initial, meaning,
		func(s *Settings, value string) error {
			*field(s) = value
			return nil
		},
		func(s *Settings) string { return *field(s) },
	}
}

func boolean(key, env, initial, meaning string, field func(*Settings) *bool) setting {
	return setting{
		key, env, initial, meaning,
		func(s *Settings, value string) (err error) {
			*field(s), err = parseBool(value)
			return err
		},
		func(s *Settings) string { return strconv.FormatBool(*field(s)) },
	}
}

// parseBool takes the words people use; anything else is an error rather than
// a guess.
func parseBool(s string) (bool, error) {
	switch strings.ToLower(s) {
	case "1", "true", "yes", "on":
		return true, nil
	case "0", "false", "no", "off":
		return false, nil
	}
	return false, fmt.Errorf("%q is neither true (1, yes, on) nor false (0, no, off)", s)
}
