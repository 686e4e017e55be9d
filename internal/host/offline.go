package host

// nowhere is an address of this machine at which nobody listens: the discard service.
const nowhere = "http://127.0.0.1:9"

// ProgramEnv is an environment for programs of Nix, as NAME=value. Offline they are told to
// fetch nothing, and what does not heed that is led to where nobody answers.
func (h *Host) ProgramEnv(env []string) []string {
	if h.Offline == "" {
		return env
	}
	env = append([]string{}, env...)
	for _, name := range []string{"http_proxy", "https_proxy", "ftp_proxy", "all_proxy", "HTTP_PROXY", "HTTPS_PROXY", "FTP_PROXY", "ALL_PROXY"} {
		env = append(env, name+"="+nowhere)
	}
	return append(
		env, "no_proxy=", "NO_PROXY=", "GIT_ALLOW_PROTOCOL=file",
		"NIX_CONFIG="+h.getenv("NIX_CONFIG")+"\nsubstitute = false\ntarball-ttl = 4294967295\n",
	)
}
