package llm

import (
	"fmt"
	"io"
	"net/http"
	"net/netip"
	"net/url"
	"os"
	"strings"
	"syscall"

	"luminousnix/nix/network"
)

// endpoint is where a request is sent to.
type endpoint struct {
	url   *url.URL
	kind  string // openai, plain or ollama
	local bool   // on this machine
}

// newEndpoint reads the URL. It may be that of the server, of its API or of the very
// function: http://localhost:11434, http://localhost:8080/v1,
// http://localhost:11434/api/chat.
func newEndpoint(c Config) (endpoint, error) {
	u, err := url.Parse(c.URL)
	if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Hostname() == "" || plain(u.Host) != u.Host {
		return endpoint{}, wrong("llm.url is not the address of a server", "Write it as llm.url = \"http://localhost:11434\".")
	}
	if u.User != nil || u.RawQuery != "" || u.Fragment != "" {
		return endpoint{}, wrong("llm.url has more in it than a server and a path", "A key for the server belongs in a file: llm.key_file = \"/path/to/key\".")
	}
	at := endpoint{url: u, kind: c.Kind, local: isLocal(u.Hostname())}
	if !at.local && !c.Remote {
		return endpoint{}, wrong("llm.url is another machine ("+u.Host+"), to which what you say would be sent", "If that is meant, set llm.remote = true.")
	}
	if at.kind == Auto || at.kind == "" {
		at.kind = OpenAI
		if strings.HasPrefix(u.Path, "/api") || u.Port() == "11434" && strings.Trim(u.Path, "/") == "" {
			at.kind = Ollama
		}
	}
	api, function := "/v1", "/chat/completions"
	if at.kind == Ollama {
		api, function = "/api", "/chat"
	}
	u.Path = strings.TrimRight(u.Path, "/")
	switch {
	case strings.HasSuffix(u.Path, function):
	case strings.HasSuffix(u.Path, api):
		u.Path += function
	default:
		u.Path += api + function
	}
	return at, nil
}

// isLocal reports a host that is this machine.
func isLocal(host string) bool {
	address, err := netip.ParseAddr(host)
	return host == "localhost" || err == nil && address.IsLoopback()
}

// client makes what sends requests: directly, and only to this machine, where the
// address is one of it, whatever that name is resolved to.
func (e endpoint) client() *http.Client {
	var dialer network.Dialer
	proxy := http.ProxyFromEnvironment
	if e.local {
		proxy = nil
		dialer.Control = onlyLoopback
	}
	return &http.Client{
		Transport: &http.Transport{
			Proxy: proxy, DialContext: dialer.DialContext, ForceAttemptHTTP2: !e.local,
			DisableKeepAlives: true, DisableCompression: true, MaxResponseHeaderBytes: 16 << 10,
		},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
}

func onlyLoopback(_, address string, _ syscall.RawConn) error {
	if at, err := netip.ParseAddrPort(address); err != nil || !at.Addr().IsLoopback() {
		return fmt.Errorf("%s is not this machine", plain(address))
	}
	return nil
}

// readKey reads the key for a server, which nobody else may be able to read.
func readKey(file string, at endpoint) (string, error) {
	if file == "" {
		return "", nil
	}
	if !at.local && at.url.Scheme != "https" {
		return "", wrong("llm.url would send the key over the network for all to read", "Write it with https, or leave llm.key_file empty.")
	}
	f, err := os.Open(file)
	if err != nil {
		return "", wrong("llm.key_file cannot be read: "+plain(err.Error()), "Put the key of the server there, or leave the setting empty.")
	}
	defer f.Close()
	info, err := f.Stat()
	switch {
	case err != nil:
		return "", wrong("llm.key_file cannot be read: "+plain(err.Error()), "Put the key of the server there, or leave the setting empty.")
	case !info.Mode().IsRegular() || info.Mode().Perm()&0o077 != 0:
		return "", wrong("llm.key_file is not a file that only you can read", "Run: chmod 600 "+plain(file))
	}
	const most = 4096
	content, err := io.ReadAll(io.LimitReader(f, most))
	key := strings.TrimSpace(string(content))
	if err != nil || key == "" || strings.ContainsFunc(key, func(r rune) bool { return r <= ' ' || r >= 0x7f }) {
		return "", wrong("llm.key_file does not hold a key", "It is one word on one line.")
	}
	return key, nil
}
