package host

import (
	"os"
	"path/filepath"
)

// Place is a folder in which programs are.
type Place struct {
	Dir  string
	Name string // for people
}

// Places are where programs are looked for: what PATH says, and then where NixOS and Nix
// put those of the machine and of whoever asks. PATH may be a short one, under sudo or in
// a unit.
func (h *Host) Places() []Place {
	var places []Place
	for _, dir := range filepath.SplitList(h.getenv("PATH")) {
		if filepath.IsAbs(dir) {
			places = append(places, Place{dir, "PATH"})
		}
	}
	places = append(places,
		Place{h.Path("run", "current-system", "sw", "bin"), "the running system"},
		Place{filepath.Join(h.StateDir, "profiles", "default", "bin"), "the default profile"})
	if h.Home != "" && (!IsRoot() || ownedByUs(h.Home)) { // sudo may leave root the home of somebody else
		places = append(places, Place{filepath.Join(h.Home, ".nix-profile", "bin"), "your profile"})
	}
	return places
}

// Program is the path of a program, and where it was found; "" is nowhere. Our own program
// is passed over: it may be there under another name.
func (h *Host) Program(name string) (path, from string) {
	self, _ := os.Stat("/proc/self/exe") // without that a link to us is not recognised
	for _, place := range h.Places() {
		file := filepath.Join(place.Dir, name)
		info, err := os.Stat(file)
		if err == nil && info.Mode().IsRegular() && info.Mode()&0o111 != 0 && (self == nil || !os.SameFile(info, self)) {
			return file, place.Name
		}
	}
	return "", ""
}
