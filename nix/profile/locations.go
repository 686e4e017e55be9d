package profile

import (
	"os"
	"path/filepath"
)

// Locations knows where the profiles of a machine, and of one of its users, are
// or would be. What it returns need not exist, except where it says so.
//
// Until Nix 2.13 the profiles of users are in the state directory; since 2.14
// those of all but root are in the user's home. Both may exist on one machine,
// since nothing moves them.
type Locations struct {
	StateDir StateDir
	Home     string // the user's home directory
	User     string // the name of the user's account
	Root     bool   // the user is root
	// Getenv reads the user's environment: NIX_STATE_HOME and XDG_STATE_HOME;
	// nil means an empty one.
	Getenv func(string) string
}

// System is the profile of the machine's NixOS.
func (l Locations) System() Profile { return Profile(l.StateDir.path("profiles", "system")) }

// SystemNamed is the one that nixos-rebuild --profile-name makes.
func (l Locations) SystemNamed(name string) Profile {
	return Profile(l.StateDir.path("profiles", "system-profiles", name))
}

// Default is what new users see of packages: the profile of root, or since Nix
// 2.14 a link to it, which [Resolve] follows.
func (l Locations) Default() Profile { return Profile(l.StateDir.path("profiles", "default")) }

// StateHome is the user's own state directory of Nix: NIX_STATE_HOME, else
// XDG_STATE_HOME/nix, else .local/state/nix in the home directory.
func (l Locations) StateHome() string {
	if dir := l.getenv("NIX_STATE_HOME"); dir != "" {
		return dir
	}
	if dir := l.getenv("XDG_STATE_HOME"); dir != "" {
		return filepath.Join(dir, "nix")
	}
	return filepath.Join(l.Home, ".local", "state", "nix")
}

func (l Locations) getenv(name string) string {
	if l.Getenv == nil {
		return ""
	}
	return l.Getenv(name)
}

// UserDirs are the folders that may have profiles of the user, that of the
// newest Nix first.
func (l Locations) UserDirs() []string {
	if l.Root {
		return []string{l.StateDir.path("profiles", "per-user", "root")}
	}
	dirs := []string{filepath.Join(l.StateHome(), "profiles")}
	if l.User != "" {
		dirs = append(dirs, l.StateDir.path("profiles", "per-user", l.User))
	}
	return dirs
}

// UserLinks are the links by which a user's programs are found, each of which
// leads to the user's profile if it exists: ~/.nix-profile, and what takes its
// place with Nix's setting use-xdg-base-directories.
func (l Locations) UserLinks() []string {
	return []string{filepath.Join(l.Home, ".nix-profile"), filepath.Join(l.StateHome(), "profile")}
}

// UserProfile is the user's profile of packages: where the first of the links
// leads that exists, else the first that exists of the places where Nix has
// kept it, else the place where the newest Nix would make it.
func (l Locations) UserProfile() Profile {
	for _, link := range l.UserLinks() {
		if p, err := Resolve(link); err == nil {
			return p
		}
	}
	if l.Root {
		own := l.own("profile")
		if p, err := Resolve(string(l.Default())); err == nil && !isLink(string(own)) {
			return p // of a Nix before 2.14
		}
		return own
	}
	return l.own("profile")
}

// HomeManager is the user's profile of home-manager.
func (l Locations) HomeManager() Profile { return l.own("home-manager") }

// Channels is the user's profile of channels; root's are everybody's.
func (l Locations) Channels() Profile { return l.own("channels") }

// own is the first that exists of the user's profiles with that name, or else
// where the newest Nix would make it.
func (l Locations) own(name string) Profile {
	dirs := l.UserDirs()
	for _, dir := range dirs {
		if path := filepath.Join(dir, name); isLink(path) {
			return Profile(path)
		}
	}
	return Profile(filepath.Join(dirs[0], name))
}

// GarbageDirs are the folders whose profiles nix-collect-garbage --delete-old
// thins out when the user runs it, for [Find]: the user's own, the machine's
// (where the user may write), and that of the profile which the user's link
// leads to. Nix before 2.14 looks into the machine's only.
func (l Locations) GarbageDirs() []string {
	dirs := []string{l.UserDirs()[0], l.StateDir.path("profiles")}
	for _, link := range l.UserLinks() {
		if p, err := Resolve(link); err == nil {
			return append(dirs, filepath.Dir(string(p)))
		}
	}
	return dirs
}

func isLink(path string) bool {
	_, err := os.Readlink(path)
	return err == nil
}
