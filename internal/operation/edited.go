package operation

// FileEdit is a file of the configuration that is edited.
type FileEdit struct {
	Path string `json:"path"`
	// Diff is what changes, as unified diff.
	Diff string `json:"diff"`
	// Backup is where the file is kept as it was.
	Backup string `json:"backup"`
}

// Edited is the data of set-option, and of install-packages and remove-packages for the
// whole system. The machine itself changes when it is switched.
type Edited struct {
	Files []FileEdit `json:"files"`
	// Option and Value are what was set, Value as it stands in the file.
	Option string `json:"option,omitempty"`
	Value  string `json:"value,omitempty"`
	// Packages are the attribute paths of what was installed or removed.
	Packages []string `json:"packages,omitempty"`
}

// Tried is the data of try-packages: packages that are in the store and in no profile.
type Tried struct {
	Packages []string `json:"packages"` // names with version
	Paths    []string `json:"paths"`    // store paths
	// Path is what has to come first in PATH for their programs to be found.
	Path string `json:"path"`
	// Links keep them from being collected, until the machine is started again.
	Links []string `json:"links"`
}
