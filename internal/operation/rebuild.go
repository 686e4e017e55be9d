package operation

import (
	"strconv"
	"strings"
)

// Source says where the configuration of a system is, as the flags of nixos-rebuild do.
// The zero value is the machine's own one.
type Source struct {
	// Flake is a flake, with the name of a system after a #: that of this machine by
	// default. NoFlake passes over the machine's flake.
	Flake   string `json:"flake,omitempty"`
	NoFlake bool   `json:"noFlake,omitempty"`
	// File is the absolute path of a Nix file that gives the system, Attribute what of
	// it is the system.
	File      string     `json:"file,omitempty"`
	Attribute OptionPath `json:"attribute,omitempty"`
	// Include are entries of the search path, before all others: NAME=PATH or PATH.
	Include []string `json:"include,omitempty"`
}

// IsZero reports whether it is the machine's own configuration.
func (s Source) IsZero() bool {
	return s.Flake == "" && !s.NoFlake && s.File == "" && s.Attribute == "" && len(s.Include) == 0
}

func (s Source) validate() error {
	for _, text := range append([]string{s.Flake, s.File}, s.Include...) {
		if text == "" {
			continue
		}
		if strings.HasPrefix(text, "-") {
			return Errorf(CodeRefused, "%s looks like a flag, not like a place", Quote(text))
		}
		if err := checkPrintable(text); err != nil {
			return err
		}
	}
	if s.Attribute != "" {
		if _, err := ParseOptionPath(string(s.Attribute)); err != nil {
			return err
		}
	}
	if s.Flake != "" && (s.NoFlake || s.File != "" || s.Attribute != "") {
		return Errorf(CodeUsage, "a flake and a file cannot both be the configuration")
	}
	return nil
}

// Build says how things are built, as the flags of nixos-rebuild do. The zero value is
// as the daemon's nix.conf says.
type Build struct {
	// MaxJobs is the number of builds at once, Cores that of cores for each.
	MaxJobs int `json:"maxJobs,omitempty"`
	Cores   int `json:"cores,omitempty"`
	// KeepGoing goes on with other builds when one has failed.
	KeepGoing bool `json:"keepGoing,omitempty"`
	// Settings are others of nix.conf, NAME=VALUE.
	Settings []string `json:"settings,omitempty"`
}

// IsZero reports whether nothing is said.
func (b Build) IsZero() bool {
	return b.MaxJobs == 0 && b.Cores == 0 && !b.KeepGoing && len(b.Settings) == 0
}

func (b Build) validate() error {
	if min(b.MaxJobs, b.Cores) < 0 {
		return Errorf(CodeUsage, "%d is negative; a number from 1 is meant here", min(b.MaxJobs, b.Cores))
	}
	for _, s := range b.Settings {
		name, value, ok := strings.Cut(s, "=")
		if !ok || name == "" || checkPrintable(s) != nil {
			return Errorf(CodeUsage, "%s is not a setting of nix.conf", Quote(s)).WithHint("It is written --option NAME VALUE.")
		}
		if _, err := strconv.Atoi(value); err != nil && (name == "cores" || name == "max-jobs" && value != "auto") {
			return Errorf(CodeUsage, "%s: %q is not a number", name, value)
		}
	}
	return nil
}
