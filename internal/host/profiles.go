package host

import (
	"os"
	"path/filepath"
	"strconv"

	"golang.org/x/sys/unix"

	"luminousnix/internal/operation"
	"luminousnix/nix/profile"
)

// Chosen is the profile that a request means.
type Chosen struct {
	Profile profile.Profile
	// System is true for profiles of NixOS systems, false for profiles of
	// packages.
	System bool
	// Why says how the profile was chosen when nobody named it.
	Why string
}

// Profile finds the profile that is meant: the one that is named, or else the
// system's, or else, on a machine without a system profile, the user's. It need
// not exist.
func (h *Host) Profile(name operation.ProfileName) Chosen {
	switch name {
	case operation.UserProfile:
		return Chosen{Profile: h.UserProfile()}
	case operation.SystemProfile:
		return Chosen{Profile: h.SystemProfile(), System: true}
	case "":
		system := h.SystemProfile()
		if linkExists(string(system)) {
			return Chosen{Profile: system, System: true}
		}
		if mine := h.UserProfile(); linkExists(string(mine)) {
			return Chosen{Profile: mine, Why: "this machine has no system profile, so your own profile is meant"}
		}
		return Chosen{Profile: system, System: true}
	}
	return Chosen{Profile: h.locations().SystemNamed(string(name)), System: true}
}

// SystemProfileName is the name by which Profile finds a profile of systems again.
func (h *Host) SystemProfileName(p profile.Profile) (operation.ProfileName, error) {
	if p == h.SystemProfile() {
		return operation.SystemProfile, nil
	}
	return operation.ParseProfileName(filepath.Base(string(p)))
}

// SystemProfile is the profile of the machine's NixOS system.
func (h *Host) SystemProfile() profile.Profile { return h.locations().System() }

// UserProfile is the profile of the person asking, wherever their Nix keeps it.
func (h *Host) UserProfile() profile.Profile { return h.locations().UserProfile() }

func (h *Host) locations() profile.Locations {
	name := h.UserName()
	return profile.Locations{
		StateDir: profile.StateDir(h.StateDir), Home: h.Home, User: name, Root: name == "root", Getenv: h.getenv,
	}
}

// Writable reports whether we may change the profile: its folder must let us, or the one
// that it can be made in.
func Writable(p profile.Profile) bool {
	dir := filepath.Dir(string(p))
	for !linkExists(dir) && dir != filepath.Dir(dir) {
		dir = filepath.Dir(dir)
	}
	return unix.Access(dir, unix.W_OK) == nil
}

func linkExists(path string) bool {
	_, err := os.Lstat(path)
	return err == nil
}

func ownedByUs(dir string) bool {
	_, ours := modeOfOurs(dir)
	return ours
}

// oursAlone reports whether it is a folder of the user we run as, which nobody else may
// look into.
func oursAlone(dir string) bool {
	mode, ours := modeOfOurs(dir)
	return ours && mode&0o077 == 0
}

// modeOfOurs is the mode of a folder, no link to one, of the user we run as.
func modeOfOurs(dir string) (mode uint32, ours bool) {
	var stat unix.Stat_t
	ours = unix.Lstat(dir, &stat) == nil && int(stat.Uid) == os.Geteuid() && stat.Mode&unix.S_IFMT == unix.S_IFDIR
	return stat.Mode, ours
}

func uid() string { return strconv.Itoa(os.Geteuid()) }
