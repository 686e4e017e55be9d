package build

import (
	"runtime"
	"strconv"
	"strings"

	"luminousnix/internal/host"
	"luminousnix/internal/operation"
	"luminousnix/nix/daemon"
)

// settingsFor are the settings of a connection; nil are those of the daemon's own
// nix.conf. The daemon takes all of them from a client that sends any, so the others are
// those of the client's nix.conf, as for Nix itself.
func settingsFor(h *host.Host, b operation.Build) (*daemon.Settings, error) {
	if b.IsZero() && h.Offline == "" && h.Substituters == nil && !h.Lean {
		return nil, nil
	}
	s := daemon.DefaultSettings()
	s.Overrides = map[string]string{}
	for _, setting := range h.NixConf() {
		switch setting.Name {
		case "max-jobs", "cores", "keep-going", "keep-failed", "fallback":
			if err := set(&s, setting.Name, setting.Value); err != nil {
				return nil, err
			}
		}
	}
	for _, word := range b.Settings {
		name, value, _ := strings.Cut(word, "=")
		if err := set(&s, name, value); err != nil {
			return nil, err
		}
	}
	if h.Offline != "" { // whatever the settings say
		s.Substitute, s.Overrides["builders"] = false, ""
	}
	if h.Substituters != nil {
		s.Overrides["substituters"] = strings.Join(h.Substituters, " ")
	}
	if b.MaxJobs > 0 {
		s.MaxJobs = b.MaxJobs
	}
	if b.Cores > 0 {
		s.Cores = b.Cores
	}
	if h.Lean {
		s.MaxJobs, s.Cores = 1, max(1, runtime.NumCPU()/2)
	}
	s.KeepGoing = s.KeepGoing || b.KeepGoing
	return &s, nil
}

// set sets a setting of nix.conf: those with a place of their own in the protocol, and
// the others by name.
func set(s *daemon.Settings, name, value string) (err error) {
	switch name {
	case "max-jobs":
		if s.MaxJobs = runtime.NumCPU(); value != "auto" {
			s.MaxJobs, err = strconv.Atoi(value)
		}
	case "cores":
		s.Cores, err = strconv.Atoi(value)
	case "keep-going":
		s.KeepGoing = value == "true"
	case "keep-failed":
		s.KeepFailed = value == "true"
	case "fallback":
		s.Fallback = value == "true"
	default:
		s.Overrides[name] = value
	}
	if err != nil {
		return operation.Errorf(operation.CodeUsage, "%s: %q is not a number", name, value)
	}
	return nil
}
