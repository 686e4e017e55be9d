package host

import (
	"os"
	"strings"
	"unicode/utf8"
)

// JobEnvironment is what of our environment a process needs that does our work without
// us: all but what belongs to this terminal and session. Those in more win. Each name is
// there once, and no value has a control character: systemd takes no other.
func JobEnvironment(more []string) []string {
	var env []string
	at := map[string]int{}
	for _, entry := range append(ours(), more...) {
		name, value, _ := strings.Cut(entry, "=")
		if !utf8.ValidString(value) || strings.ContainsFunc(value, func(r rune) bool { return r < ' ' || r == 0x7f }) {
			continue
		}
		if n, ok := at[name]; ok {
			env[n] = entry
			continue
		}
		at[name] = len(env)
		env = append(env, entry)
	}
	return env
}

func ours() []string {
	var env []string
	for _, entry := range os.Environ() {
		name, _, _ := strings.Cut(entry, "=")
		if jobVariable(name) {
			env = append(env, entry)
		}
	}
	return env
}

func jobVariable(name string) bool {
	for _, prefix := range []string{"NIX", "LUMINOUS_NIX_", "XDG_", "LC_", "SUDO_"} {
		if strings.HasPrefix(name, prefix) {
			return true
		}
	}
	switch name {
	case "PATH", "HOME", "USER", "LOGNAME", "LANG", "LOCALE_ARCHIVE", "TZ", "TMPDIR", "NH_FLAKE",
		"SSL_CERT_FILE", "http_proxy", "https_proxy", "all_proxy", "no_proxy", "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY":
		return true
	}
	return false
}
