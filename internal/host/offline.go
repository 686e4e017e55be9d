package host

import (
	"slices"
	"strings"
)

// nowhere is an address of this machine at which nobody listens: the discard service.
const nowhere = "http://127.0.0.1:9"

// ProgramEnv is an environment for programs of Nix, as NAME=value, with the settings of
// NIX_CONFIG. Offline they are told to fetch nothing, and what does not heed that is led to
// where nobody answers.
func (h *Host) ProgramEnv(env []string) []string {
	env = slices.DeleteFunc(slices.Clone(env), func(entry string) bool { return strings.HasPrefix(entry, "NIX_CONFIG=") })
	config := h.getenv("NIX_CONFIG")
	if h.Offline != "" {
		config += "\nsubstitute = false\ntarball-ttl = 4294967295\n"
	}
	if config != "" {
		env = append(env, "NIX_CONFIG="+config)
	}
	if h.Offline == "" {
		return env
	}
	for _, name := range []string{"http_proxy", "https_proxy", "ftp_proxy", "all_proxy", "HTTP_PROXY", "HTTPS_PROXY", "FTP_PROXY", "ALL_PROXY"} {
		env = append(env, name+"="+nowhere)
	}
	return append(env, "no_proxy=", "NO_PROXY=", "GIT_ALLOW_PROTOCOL=file")
}
