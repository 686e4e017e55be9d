package operation

import "time"

// GenerationOf is a generation of some profile.
type GenerationOf struct {
	Profile    string           `json:"profile"` // path of the profile link
	Generation GenerationNumber `json:"generation"`
}

// Pin is a generation that somebody, or a switch, wants to be kept.
type Pin struct {
	Generation GenerationNumber `json:"generation"`
	Name       string           `json:"name,omitempty"`
	Note       string           `json:"note,omitempty"`
	Since      time.Time        `json:"since"`
	// Backup says that nobody pinned it: the last switch or rollback left it behind,
	// and the next one that is verified lets it go.
	Backup bool `json:"backup,omitempty"`
	// Gone says that another program has deleted it all the same.
	Gone bool `json:"gone,omitempty"`
}

// Pins is the data of list-pins, by generation.
type Pins struct {
	Profile string `json:"profile"`
	Pins    []Pin  `json:"pins"`
}

// Freed is the data of delete-generations, clean-up and collect-garbage.
type Freed struct {
	Profile string `json:"profile,omitempty"`
	// Deleted are the generations that went, lowest first.
	Deleted []GenerationNumber `json:"deleted,omitempty"`
	Paths   int64              `json:"paths"` // that were removed from the store
	Bytes   int64              `json:"bytes"` // that this freed, as Nix counted them
	// Expected is how many bytes were to be freed, by the sizes in the store's
	// database; for delete-generations those that can be now.
	Expected int64 `json:"expected"`
	// Free is what the store's file system has now, in bytes.
	Free int64 `json:"free,omitempty"`
	// Output are lines of the refresh of the boot menu.
	Output []string `json:"output,omitempty"`
}

// Damage is a store path whose content is not what it was when it was made.
type Damage struct {
	Path    string `json:"path"`
	Problem string `json:"problem"` // "changed", "missing", "unreadable: …"
	// Generations are those that need it, so that they are damaged too.
	Generations []GenerationOf `json:"generations"`
	// Remedy is how it can be mended: "build", "download" or "", for none.
	Remedy   string `json:"remedy,omitempty"`
	Repaired bool   `json:"repaired,omitempty"`
	Failure  string `json:"failure,omitempty"` // why it could not be repaired
}

// StoreCheck is the data of verify-store and repair-store.
type StoreCheck struct {
	Paths   int64    `json:"paths"`   // that were looked at
	Bytes   int64    `json:"bytes"`   // of their archives
	Resumed int64    `json:"resumed"` // of these, those that an earlier run had found sound
	Damaged []Damage `json:"damaged"`
}

// Optimised is the data of optimise-store.
type Optimised struct {
	Files int64 `json:"files"` // that were replaced by links
	Bytes int64 `json:"bytes"` // that this freed
}

// GenerationSpace is the space of one generation, in bytes.
type GenerationSpace struct {
	Generation GenerationNumber `json:"generation"`
	Exclusive  int64            `json:"exclusive"` // freed if it alone were deleted
	Shared     int64            `json:"shared"`    // that it keeps alive too, but others as well
}

// PackageSpace is the space of all paths of a package in the store, in bytes.
type PackageSpace struct {
	Name     string   `json:"name"`
	Versions []string `json:"versions"`
	Paths    int      `json:"paths"`
	Bytes    int64    `json:"bytes"`
}

// Dependency is the data of explain-dependency.
type Dependency struct {
	Package string `json:"package"`
	// Root is what needs it: a toplevel, or the link that keeps it.
	Root string `json:"root"`
	Ways []Way  `json:"ways"` // one for each path of the package
}

// Way is a shortest way along references to a path of a package.
type Way struct {
	Path   string   `json:"path"`
	Root   string   `json:"root"`   // link that keeps it where that is not the profile
	Chain  []string `json:"chain"`  // store paths, from what is kept to the path itself
	UsedBy []string `json:"usedBy"` // store paths that refer to it directly
}
