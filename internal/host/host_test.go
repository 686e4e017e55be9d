package host_test

import (
	"os"
	"path/filepath"
	"strconv"
	"testing"

	"github.com/google/go-cmp/cmp"

	"luminousnix/internal/host"
	"luminousnix/internal/operation"
)

func find(env map[string]string, root string) *host.Host {
	return host.Find(func(name string) string { return env[name] }, root)
}

func TestFind(t *testing.T) {
	t.Parallel()
	type places struct{ Root, Store, State, Log, Conf, Socket string }
	for name, test := range map[string]struct {
		env  map[string]string
		root string
		want places
	}{
		"defaults": {nil, "", places{"/", "/nix/store", "/nix/var/nix", "/nix/var/log/nix", "/etc/nix", "/nix/var/nix/daemon-socket/socket"}},
		"Nix's own variables": {
			map[string]string{"NIX_STORE_DIR": "/s/", "NIX_STATE_DIR": "/v", "NIX_LOG_DIR": "/l", "NIX_CONF_DIR": "/c"},
			"",
			places{"/", "/s", "/v", "/l", "/c", "/v/daemon-socket/socket"},
		},
		"socket": {
			map[string]string{"NIX_DAEMON_SOCKET_PATH": "/sock", "NIX_REMOTE": "unix:///other"},
			"",
			places{"/", "/nix/store", "/nix/var/nix", "/nix/var/log/nix", "/etc/nix", "/sock"},
		},
		"remote": {
			map[string]string{"NIX_REMOTE": "unix:///other"},
			"",
			places{"/", "/nix/store", "/nix/var/nix", "/nix/var/log/nix", "/etc/nix", "/other"},
		},
		"root": {
			nil, "/mnt/",
			places{"/mnt", "/nix/store", "/nix/var/nix", "/nix/var/log/nix", "/mnt/etc/nix", "/nix/var/nix/daemon-socket/socket"},
		},
	} {
		h := find(test.env, test.root)
		got := places{h.Root, string(h.StoreDir), h.StateDir, h.LogDir, h.ConfDir, h.DaemonSocket}
		if diff := cmp.Diff(test.want, got); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
	}
}

// link makes a symbolic link and the folders above it.
func link(t *testing.T, target, file string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(target, file); err != nil {
		t.Fatal(err)
	}
}

func TestProfile(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	h := find(map[string]string{"NIX_STATE_DIR": dir + "/state", "HOME": dir + "/home", "USER": "rose"}, "")
	check := func(what string, name operation.ProfileName, want string, system bool) {
		t.Helper()
		got := h.Profile(name)
		if string(got.Profile) != dir+want || got.System != system {
			t.Errorf("%s: %+v, want %s", what, got, want)
		}
	}
	check("nothing there", "", "/state/profiles/system", true)
	check("named", "work-box", "/state/profiles/system-profiles/work-box", true)
	check("user's, not there", operation.UserProfile, "/home/.local/state/nix/profiles/profile", false)
	link(t, "profile-1-link", dir+"/state/profiles/per-user/rose/profile")
	check("user's of old", operation.UserProfile, "/state/profiles/per-user/rose/profile", false)
	link(t, "profile-1-link", dir+"/home/.local/state/nix/profiles/profile")
	check("user's since 2.14", operation.UserProfile, "/home/.local/state/nix/profiles/profile", false)
	check("no system's: the user's", "", "/home/.local/state/nix/profiles/profile", false)
	link(t, dir+"/elsewhere/profile", dir+"/home/.nix-profile")
	check("where ~/.nix-profile leads", operation.UserProfile, "/elsewhere/profile", false)
	link(t, "system-1-link", dir+"/state/profiles/system")
	check("a system's", "", "/state/profiles/system", true)
}

func write(t *testing.T, file, content string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file, []byte(content), 0o644); err != nil {
		t.Fatal(err)
	}
}

func TestConfiguration(t *testing.T) {
	t.Parallel()
	root := t.TempDir()
	env := map[string]string{"NIX_STATE_DIR": root + "/state"}
	h := find(env, root)
	if got := h.Configuration(); got.Kind != "none" || len(got.Files) != 0 {
		t.Errorf("nothing there: %+v", got)
	}
	write(t, root+"/etc/nixos/configuration.nix", "{ }")
	write(t, root+"/etc/nixos/hardware-configuration.nix", "{ }")
	write(t, root+"/root/.nix-channels", "https://example.org/nixos-25.11 nixos\n")
	write(t, root+"/state/profiles/per-user/root/channels-1-link/nixos/.version", "25.11\n")
	write(t, root+"/state/profiles/per-user/root/channels-1-link/nixos/.version-suffix", ".20251120.c0ffee1")
	link(t, "channels-1-link", root+"/state/profiles/per-user/root/channels")
	want := operation.Configuration{
		Kind:  "channel",
		Files: []string{root + "/etc/nixos/configuration.nix", root + "/etc/nixos/hardware-configuration.nix"},
		Channels: []operation.Channel{{
			Name: "nixos", URL: "https://example.org/nixos-25.11", Version: "25.11.20251120.c0ffee1",
			Path: root + "/state/profiles/per-user/root/channels/nixos",
		}},
	}
	if diff := cmp.Diff(want, h.Configuration()); diff != "" {
		t.Error(diff)
	}

	write(t, root+"/elsewhere/configuration.nix", "{ }")
	env["NIX_PATH"] = "nixpkgs=/none:nixos-config=" + root + "/elsewhere/configuration.nix"
	if got := h.Configuration(); got.Files[0] != root+"/elsewhere/configuration.nix" {
		t.Errorf("search path: %+v", got)
	}

	write(t, root+"/dotfiles/flake.nix", "{ }")
	write(t, root+"/dotfiles/flake.lock", "{ }")
	write(t, root+"/dotfiles/.git/HEAD", "ref: refs/heads/main\n")
	write(t, root+"/dotfiles/.git/packed-refs", "# pack-refs\nabc123 refs/heads/main\n")
	link(t, root+"/dotfiles/flake.nix", root+"/etc/nixos/flake.nix")
	got := h.Configuration()
	if got.Kind != "flake" || got.Flake != root+"/dotfiles" || got.Revision != "abc123" || len(got.Files) != 2 {
		t.Errorf("flake: %+v", got)
	}
}

func TestRuntimeDirOfOthersIsNotUsed(t *testing.T) {
	t.Parallel()
	mine := t.TempDir()
	if got := find(map[string]string{"XDG_RUNTIME_DIR": mine}, "").RuntimeDir(); got != mine+"/luminous-nix" {
		t.Errorf("ours: %s", got)
	}
	none := os.TempDir() + "/luminous-nix-" + strconv.Itoa(os.Geteuid())
	if os.Geteuid() == 0 {
		none = "/run/luminous-nix"
	}
	for _, dir := range []string{"", "relative", "/no/such/folder", "/proc/1/root"} {
		if os.Geteuid() == 0 && dir == "/proc/1/root" {
			continue // root owns it
		}
		if got := find(map[string]string{"XDG_RUNTIME_DIR": dir}, "").RuntimeDir(); got != none {
			t.Errorf("%q: %s, not %s", dir, got, none)
		}
	}
}

// TestAnswersDir: where no folder is ours alone there is none.
func TestAnswersDir(t *testing.T) {
	t.Parallel()
	mine, root := t.TempDir(), t.TempDir()
	none := ""
	if os.Geteuid() == 0 {
		none = root + "/run/luminous-nix/answers"
	}
	if err := os.Mkdir(root+"/run", 0o755); err != nil {
		t.Fatal(err)
	}
	link(t, mine, root+"/link")
	for _, test := range []struct {
		dir  string
		mode os.FileMode
		want string
	}{
		{mine, 0o700, mine + "/luminous-nix/answers"},
		{mine, 0o755, none},
		{mine, 0o770, none},
		{root + "/link", 0o700, none},
		{"", 0o700, none},
		{"relative", 0o700, none},
	} {
		if err := os.Chmod(mine, test.mode); err != nil {
			t.Fatal(err)
		}
		h := find(map[string]string{"XDG_RUNTIME_DIR": test.dir, "XDG_CACHE_HOME": "/cache"}, root)
		if got := h.AnswersDir(false); got != test.want {
			t.Errorf("%q, %o: %q, not %q", test.dir, test.mode, got, test.want)
		}
		if got := h.AnswersDir(true); got != "/cache/luminous-nix/answers" {
			t.Errorf("persistent: %q", got)
		}
	}
	if os.Geteuid() != 0 {
		return
	}
	// Under sudo the environment may be that of somebody else.
	if err := os.Chmod(mine, 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.Chown(mine, 12345, 12345); err != nil {
		t.Fatal(err)
	}
	if got := find(map[string]string{"XDG_RUNTIME_DIR": mine}, root).AnswersDir(false); got != none {
		t.Errorf("under sudo: %q", got)
	}
}
