package cli_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"syscall"
	"testing"

	"github.com/google/go-cmp/cmp"

	"luminousnix/internal/operation"
	"luminousnix/internal/testbed"
)

// readOnly are requests for all operations that only read but attach-job, which needs a job.
var readOnly = []string{
	"generations", "diff 1 3", "search editor --limit 5", "options firewall --limit 3", "info vim", "option services.openssh.enable",
	"installed", "which readelf", "why-depends openssl", "catalog list", "disk", "system", "config", "check", "errors",
	"why error:\u00a0undefined\u00a0variable\u00a0'x'", "health", "metrics", "cache stats", "history", "ask flake", "pins", "jobs", "help",
}

// TestReadOnlyWithoutNetwork has all read-only operations answer in a network namespace
// that has no network, not even a loopback: as they do with one, but for what tells of the
// runs themselves. Where namespaces are not allowed, --offline forbids connections.
func TestReadOnlyWithoutNetwork(t *testing.T) {
	t.Parallel()
	nix := testbed.New(t)
	if err := nix.AddHistory(t.Context()); err != nil {
		t.Fatal(err)
	}
	for _, line := range []string{"search vim", "check", "switch-generation 77 --yes", "clean-up --keep 9 --yes --detach"} {
		_, _ = askIn(t, nix, t.TempDir(), strings.Fields(line)...) // something to tell of
	}
	requests := slices.Clone(readOnly)
	if jobs, err := filepath.Glob(filepath.Join(nix.Dir, "*/**/luminous-nix/jobs/*")); err == nil && len(jobs) > 0 {
		requests = append(requests, "attach "+filepath.Base(jobs[0]))
	} else if out, err := askIn(t, nix, t.TempDir(), "jobs", "--json"); err == nil {
		if id := regexp.MustCompile(`"job":"([^"]+)"|"id":"([^"]+)"`).FindStringSubmatch(out); id != nil {
			requests = append(requests, "attach "+id[1]+id[2])
		}
	}
	without, how := withoutNetwork(t, nix)
	t.Log("without a network: " + how)
	answered := map[operation.Name]bool{}
	for _, request := range requests {
		want, wantErr := askIn(t, nix, t.TempDir(), append(words(request), "--json", "--no-cache")...)
		got, gotErr := without(append(words(request), "--json", "--no-cache")...)
		if fmt.Sprint(gotErr) != fmt.Sprint(wantErr) {
			t.Errorf("%s: %v, with a network %v\n%s", request, gotErr, wantErr, got)
		}
		var result struct{ Operation operation.Name }
		if err := json.Unmarshal([]byte(got), &result); err != nil {
			t.Errorf("%s: %v: %s", request, err, got)
		}
		answered[result.Operation] = true
		if request == "metrics" {
			continue
		}
		if diff := cmp.Diff(sameFree(want), sameFree(got)); diff != "" {
			t.Errorf("%s: %s", request, diff)
		}
	}
	for _, spec := range operation.All() {
		if !spec.Changing && !answered[spec.Name] {
			t.Errorf("%s was not asked for", spec.Name)
		}
	}
}

// sameFree leaves out what differs from run to run, and how much is free.
func sameFree(text string) string {
	return regexp.MustCompile(`[0-9.]+ [KMGT]iB free`).ReplaceAllString(sameJSON(text), "")
}

// withoutNetwork returns a function that runs ask-nix without a network, and how that is
// done.
func withoutNetwork(t *testing.T, nix *testbed.Nix) (run func(args ...string) (string, error), how string) {
	attributes := &syscall.SysProcAttr{Cloneflags: syscall.CLONE_NEWNET}
	if os.Geteuid() != 0 {
		attributes.Cloneflags |= syscall.CLONE_NEWUSER
		attributes.UidMappings = []syscall.SysProcIDMap{{ContainerID: os.Getuid(), HostID: os.Getuid(), Size: 1}}
		attributes.GidMappings = []syscall.SysProcIDMap{{ContainerID: os.Getgid(), HostID: os.Getgid(), Size: 1}}
	}
	probe := exec.CommandContext(t.Context(), "/bin/sh", "-c", "cat /proc/net/dev")
	probe.SysProcAttr = attributes
	out, err := probe.CombinedOutput()
	how = "a network namespace of its own"
	if err != nil || strings.Count(string(out), ":") > 1 {
		how, attributes = fmt.Sprintf("--offline, as there are no network namespaces here (%v)", err), nil
	}
	return func(args ...string) (string, error) {
		if attributes == nil {
			args = append(args, "--offline")
		}
		cmd := nix.Command(t.Context(), binary, args...)
		cmd.Dir, cmd.SysProcAttr = t.TempDir(), attributes
		cmd.Env = append(cmd.Env, "LUMINOUS_NIX_ACTIVATE=always", "LUMINOUS_NIX_ALLOW_UNPRIVILEGED=1")
		out, err := cmd.Output()
		return string(out), err
	}, how
}

// TestConnectionsAttempted records every connection that operations attempt: to the daemon,
// to the system's bus, to the server of listings and that of a channel when they are
// updated, and to a language model when one is configured. Nothing else.
func TestConnectionsAttempted(t *testing.T) {
	t.Parallel()
	nix := testbed.New(t)
	if err := nix.AddHistory(t.Context()); err != nil {
		t.Fatal(err)
	}
	listings := httptest.NewServer(http.FileServer(http.Dir(t.TempDir())))
	defer listings.Close()
	model := httptest.NewServer(http.NotFoundHandler())
	defer model.Close()
	host := func(s *httptest.Server) string { return strings.TrimPrefix(s.URL, "http://") }
	local := []string{"unix " + nix.Socket, "unix unix:path=/var/run/dbus/system_bus_socket"}

	changing := []string{
		"install git --user --yes", "remove git --user --yes", "try git -- true", "build", "switch --yes", "rollback --yes", "switch-generation 3 --yes",
		"test --yes", "boot --yes", "dry-activate", "set services.openssh.enable false --yes", "pin 1 --name first", "unpin 1 --yes",
		"delete-generations 1 --yes", "clean-up --keep 2 --yes", "collect-garbage --yes", "verify", "optimise --yes", "repair --yes", "catalog build",
		"cache clear", "update git --user --yes", "data show", "data delete --yes", "settings", "conversation", "recover --yes", "confirm",
	}
	daemon := 0
	for _, request := range append(slices.Clone(readOnly), changing...) {
		for _, got := range attempted(t, nix, request) {
			if !slices.Contains(local, got) {
				t.Errorf("%s connects to %s", request, got)
			}
			if got == local[0] {
				daemon++
			}
		}
	}
	if daemon < 10 {
		t.Errorf("only %d connections to the daemon were seen", daemon)
	}
	got := attempted(t, nix, "catalog update", "LUMINOUS_NIX_CATALOG_URL="+listings.URL)
	if diff := cmp.Diff([]string{"tcp " + host(listings)}, slices.Compact(got)); diff != "" {
		t.Errorf("catalog update: %s", diff)
	}
	got = attempted(t, nix, "frobnicate\u00a0the\u00a0wotsit\u00a0sideways", "LUMINOUS_NIX_LLM_URL="+model.URL, "LUMINOUS_NIX_LLM_MODEL=tiny")
	if diff := cmp.Diff([]string{"tcp " + host(model)}, slices.Compact(got)); diff != "" {
		t.Errorf("with a language model: %s", diff)
	}
	if got = attempted(t, nix, "frobnicate\u00a0the\u00a0wotsit\u00a0sideways"); len(got) > 0 {
		t.Errorf("without one: %v", got)
	}
	root := filepath.Join(nix.Root, "root")
	if err := os.MkdirAll(root, 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(root, ".nix-channels"), []byte(listings.URL+"/nixos nixos\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	got = attempted(t, nix, "update --yes", "NIX_PATH=nixos-config="+filepath.Join(nix.Root, "etc/nixos/configuration.nix"))
	if !slices.Contains(got, "tcp "+host(listings)) || slices.ContainsFunc(got, func(s string) bool { return s != "tcp "+host(listings) && !slices.Contains(local, s) }) {
		t.Errorf("update connects to %v", got)
	}
	// Offline the same are not even attempted.
	for _, request := range []string{"catalog update --offline", "update --yes --offline"} {
		for _, got := range attempted(t, nix, request, "LUMINOUS_NIX_CATALOG_URL=http://"+unused(t), "NIX_PATH=") {
			if !slices.Contains(local, got) {
				t.Errorf("%s connects to %s", request, got)
			}
		}
	}
}

// unused is an address at which nobody listens.
func unused(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().String()
}

// attempted runs ask-nix and returns the connections that it tells of when debugging.
func attempted(t *testing.T, nix *testbed.Nix, request string, env ...string) (all []string) {
	t.Helper()
	cmd := nix.Command(t.Context(), binary, append([]string{"--debug"}, words(request)...)...)
	cmd.Dir = t.TempDir()
	cmd.Env = append(append(cmd.Env, "LUMINOUS_NIX_ACTIVATE=always", "LUMINOUS_NIX_ALLOW_UNPRIVILEGED=1"), env...)
	var said bytes.Buffer
	cmd.Stderr = &said
	_ = cmd.Run() // some fail: what they have connected to counts all the same
	for line := range strings.Lines(said.String()) {
		if found := connecting.FindStringSubmatch(line); found != nil {
			all = append(all, found[1]+" "+strings.Trim(found[2], `"`))
		}
	}
	if !strings.Contains(said.String(), "peakMemoryKiB") && !strings.HasPrefix(request, "try") {
		t.Errorf("%s has not come to its end: %s", request, said.String())
	}
	return all
}

var connecting = regexp.MustCompile(`level=DEBUG msg=connecting network=(\S+) address=(\S+|"[^"]*")`)
