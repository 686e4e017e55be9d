package profile_test

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"luminousnix/nix/profile"
)

// linkAll makes links below dir: each name leads to the target, which is below
// dir too if it begins with a slash.
func linkAll(t *testing.T, dir string, links map[string]string) {
	t.Helper()
	for name, target := range links {
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if strings.HasPrefix(target, "/") && !strings.HasPrefix(target, "/nix/store") {
			target = filepath.Join(dir, target)
		}
		if err := os.Symlink(target, path); err != nil {
			t.Fatal(err)
		}
	}
}

// TestLocations has homes and state directories as Nix 2.8, 2.26 and 2.34 leave
// them.
func TestLocations(t *testing.T) {
	t.Parallel()
	const old, home = "/state/profiles/per-user/ann/", "/home/.local/state/nix/profiles/"
	for _, c := range []struct {
		name                        string
		links                       map[string]string
		root                        bool
		env                         map[string]string
		user, homeManager, channels string
	}{
		{
			name: "nothing there",
			user: home + "profile", homeManager: home + "home-manager", channels: home + "channels",
		},
		{
			name:  "before 2.14",
			links: map[string]string{"home/.nix-profile": old + "profile", old + "profile": "profile-1-link", old + "channels": "channels-3-link"},
			user:  old + "profile", homeManager: home + "home-manager", channels: old + "channels",
		},
		{
			name:  "before 2.14 without the link in the home",
			links: map[string]string{old + "profile": "profile-1-link", old + "home-manager": "home-manager-1-link"},
			user:  old + "profile", homeManager: old + "home-manager", channels: home + "channels",
		},
		{
			name: "since 2.14, with an older one left",
			links: map[string]string{
				"home/.nix-profile": home + "profile", home + "profile": "profile-1-link",
				home + "home-manager": "home-manager-2-link", old + "profile": "profile-9-link", old + "home-manager": "home-manager-8-link",
			},
			user: home + "profile", homeManager: home + "home-manager", channels: home + "channels",
		},
		{
			name:  "link to a profile that is still to be made",
			links: map[string]string{"home/.nix-profile": old + "profile"},
			user:  old + "profile", homeManager: home + "home-manager", channels: home + "channels",
		},
		{
			name:  "use-xdg-base-directories",
			links: map[string]string{"home/.local/state/nix/profile": home + "profile", home + "profile": "profile-1-link"},
			user:  home + "profile", homeManager: home + "home-manager", channels: home + "channels",
		},
		{
			name:  "XDG_STATE_HOME",
			links: map[string]string{"xdg/nix/profile": "/xdg/nix/profiles/mine", "xdg/nix/profiles/mine": "mine-1-link"},
			env:   map[string]string{"XDG_STATE_HOME": "/xdg"},
			user:  "/xdg/nix/profiles/mine", homeManager: "/xdg/nix/profiles/home-manager", channels: "/xdg/nix/profiles/channels",
		},
		{
			name: "NIX_STATE_HOME comes first",
			env:  map[string]string{"XDG_STATE_HOME": "/xdg", "NIX_STATE_HOME": "/nsh"},
			user: "/nsh/profiles/profile", homeManager: "/nsh/profiles/home-manager", channels: "/nsh/profiles/channels",
		},
		{
			name: "root before 2.14", root: true,
			links: map[string]string{"home/.nix-profile": "/state/profiles/default", "state/profiles/default": "default-1-link"},
			user:  "/state/profiles/default", homeManager: "/state/profiles/per-user/root/home-manager", channels: "/state/profiles/per-user/root/channels",
		},
		{
			name: "root before 2.14 without the link in the home", root: true,
			links: map[string]string{"state/profiles/default": "default-1-link"},
			user:  "/state/profiles/default", homeManager: "/state/profiles/per-user/root/home-manager", channels: "/state/profiles/per-user/root/channels",
		},
		{
			name: "root since 2.14", root: true,
			links: map[string]string{
				"home/.nix-profile":      "/state/profiles/default",
				"state/profiles/default": "/state/profiles/per-user/root/profile", "state/profiles/per-user/root/profile": "profile-1-link",
			},
			user: "/state/profiles/per-user/root/profile", homeManager: "/state/profiles/per-user/root/home-manager", channels: "/state/profiles/per-user/root/channels",
		},
		{
			name: "root of a new machine", root: true,
			user: "/state/profiles/per-user/root/profile", homeManager: "/state/profiles/per-user/root/home-manager", channels: "/state/profiles/per-user/root/channels",
		},
		{
			name:  "the link leads to a store path",
			links: map[string]string{"home/.nix-profile": "/", old + "profile": "profile-1-link"},
			user:  old + "profile", homeManager: home + "home-manager", channels: home + "channels",
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			linkAll(t, dir, c.links)
			l := profile.Locations{
				StateDir: profile.StateDir(dir + "/state"), Home: dir + "/home", User: "ann", Root: c.root,
				Getenv: func(name string) string {
					if c.env[name] == "" {
						return ""
					}
					return dir + c.env[name]
				},
			}
			want := map[string]string{
				"user": c.user, "home-manager": c.homeManager, "channels": c.channels,
				"system": "/state/profiles/system", "named": "/state/profiles/system-profiles/web",
			}
			got := map[string]string{}
			for name, p := range map[string]profile.Profile{
				"user": l.UserProfile(), "home-manager": l.HomeManager(), "channels": l.Channels(),
				"system": l.System(), "named": l.SystemNamed("web"),
			} {
				got[name] = strings.TrimPrefix(string(p), dir)
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Error(diff)
			}
		})
	}
	if got := (profile.Locations{}).System(); got != "/nix/var/nix/profiles/system" {
		t.Error(got)
	}
}

func TestResolveFails(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	linkAll(t, dir, map[string]string{"loop": "loop2", "loop2": "loop", "folder": "."})
	for _, name := range []string{"missing", "folder"} {
		if p, err := profile.Resolve(filepath.Join(dir, name)); !errors.Is(err, profile.ErrNotExist) {
			t.Errorf("%s: %s, %v", name, p, err)
		}
	}
	if p, err := profile.Resolve(filepath.Join(dir, "loop")); err == nil {
		t.Errorf("loop: %s", p)
	}
}

func TestFind(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	linkAll(t, dir, map[string]string{
		"profiles/system":                    "system-3-link",
		"profiles/system-3-link":             "/nix/store/00000000000000000000000000000000-symlink-join",
		"profiles/default":                   "/profiles/per-user/root/profile",
		"profiles/foreign":                   "system-3-link", // whose generations are not its own
		"profiles/per-user/root/profile":     "profile-1-link",
		"profiles/per-user/root/channels":    "channels-12-link", // dangles
		"profiles/system-profiles/web":       "web-2-link",
		"profiles/.0_system":                 "system-3-link",
		"home/profiles/a-link":               "a-link-1-link",
		"profiles/per-user/elsewhere":        "/home", // links are not followed
		"profiles/system-profiles/web-2link": "x",
	})
	want := []profile.Profile{
		"/home/profiles/a-link", "/profiles/per-user/root/channels", "/profiles/per-user/root/profile",
		"/profiles/system", "/profiles/system-profiles/web",
	}
	got, err := profile.Find(dir+"/profiles", dir+"/home/profiles/", dir+"/profiles/per-user", dir+"/missing")
	if err != nil {
		t.Fatal(err)
	}
	for i, p := range got {
		got[i] = profile.Profile(strings.TrimPrefix(string(p), dir))
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestGarbageDirs(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	linkAll(t, dir, map[string]string{"home/.nix-profile": "/data/mine", "data/mine": "mine-1-link"})
	l := profile.Locations{StateDir: profile.StateDir(dir + "/state"), Home: dir + "/home", User: "ann"}
	want := []string{dir + "/home/.local/state/nix/profiles", dir + "/state/profiles", dir + "/data"}
	if diff := cmp.Diff(want, l.GarbageDirs()); diff != "" {
		t.Error(diff)
	}
}
