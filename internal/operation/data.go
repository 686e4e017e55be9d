package operation

import "time"

// Unknown stands for a value that a generation does not tell.
const Unknown = "Unknown"

// Generation is one generation of a profile. The first seven fields are those
// of nixos-rebuild's list-generations --json.
type Generation struct {
	Number                GenerationNumber `json:"generation"`
	Date                  string           `json:"date"` // local time, YYYY-MM-DD HH:MM:SS
	NixosVersion          string           `json:"nixosVersion"`
	KernelVersion         string           `json:"kernelVersion"`
	ConfigurationRevision string           `json:"configurationRevision"`
	Specialisations       []string         `json:"specialisations"`
	Current               bool             `json:"current"` // the profile points at it
	Booted                bool             `json:"booted"`  // the machine was started with it
	Running               bool             `json:"running"` // its configuration is active
	Pinned                bool             `json:"pinned"`
	Backup                bool             `json:"backup,omitempty"` // left behind by the last switch, and kept
	Path                  string           `json:"path"`             // store path
}

// Generations is the data of list-generations, newest first.
type Generations struct {
	Profile     string       `json:"profile"` // path of the profile link
	System      bool         `json:"system"`  // a NixOS system's profile, not a user's
	Total       int          `json:"total"`
	Generations []Generation `json:"generations"`
}

// PackageVersion is a package in a closure or a profile.
type PackageVersion struct {
	Name    string `json:"name"`
	Version string `json:"version,omitempty"`
}

// Change is a package that is in only one of two closures, or in both with
// different versions.
type Change struct {
	Name      string   `json:"name"`
	From      []string `json:"from,omitempty"` // versions; "" is a path without one
	To        []string `json:"to,omitempty"`
	SizeDelta int64    `json:"sizeDelta"` // bytes of NAR
}

// Comparison is the data of compare-generations: names and versions of two
// closures.
type Comparison struct {
	From      GenerationNumber `json:"from"`
	To        GenerationNumber `json:"to"`
	FromPath  string           `json:"fromPath"`
	ToPath    string           `json:"toPath"`
	Added     []Change         `json:"added"`
	Removed   []Change         `json:"removed"`
	Changed   []Change         `json:"changed"`
	SizeDelta int64            `json:"sizeDelta"` // bytes of NAR, of the whole closure
}

// InstalledPackage is a package that a profile gives to its user.
type InstalledPackage struct {
	Name    string `json:"name"`
	Version string `json:"version"`
	Scope   Scope  `json:"scope"` // system or user
	Path    string `json:"path"`  // store path
}

// InstalledPackages is the data of list-packages, by name.
type InstalledPackages struct {
	Total    int                `json:"total"`
	Packages []InstalledPackage `json:"packages"`
}

// FileSystem is the space of one file system, in bytes.
type FileSystem struct {
	Path  string `json:"path"`
	Total int64  `json:"total"`
	Used  int64  `json:"used"`
	Free  int64  `json:"free"` // to an ordinary user
}

// Disk is the data of disk-usage.
type Disk struct {
	FileSystems []FileSystem `json:"fileSystems"`
	StorePaths  int64        `json:"storePaths"` // valid paths
	StoreBytes  int64        `json:"storeBytes"` // sum of their NAR sizes
	// Dead is what a collection would free now, in bytes.
	Dead int64 `json:"dead"`
	// Profile is the profile of Generations, which are newest first; all of them.
	Profile     string            `json:"profile,omitempty"`
	Generations []GenerationSpace `json:"generations,omitempty"`
	// Packages are the largest, first.
	Packages []PackageSpace `json:"packages,omitempty"`
}

// System is the data of show-system.
type System struct {
	NixOS             bool             `json:"nixos"`
	NixosVersion      string           `json:"nixosVersion"`
	NixVersion        string           `json:"nixVersion"`
	Kernel            string           `json:"kernel"`
	Profile           string           `json:"profile"`
	CurrentGeneration GenerationNumber `json:"currentGeneration"` // 0 is none
	RunningGeneration GenerationNumber `json:"runningGeneration"`
	BootedGeneration  GenerationNumber `json:"bootedGeneration"`
	RunningSystem     string           `json:"runningSystem"` // store path
	BootedSystem      string           `json:"bootedSystem"`
	StoreDir          string           `json:"storeDir"`
	StateDir          string           `json:"stateDir"`
	DaemonSocket      string           `json:"daemonSocket"`
	Daemon            string           `json:"daemon"` // protocol version, or why it does not answer
	Backend           string           `json:"backend"`
	BackendReason     string           `json:"backendReason"`
}

// Configuration is the data of show-configuration.
type Configuration struct {
	Kind     string    `json:"kind"`     // "flake", "channel" or "none"
	Files    []string  `json:"files"`    // the entry file first
	Flake    string    `json:"flake"`    // directory
	Revision string    `json:"revision"` // of the configuration's repository
	BuiltAs  string    `json:"builtAs"`  // revision that the current generation was built from
	Channels []Channel `json:"channels"`
}

// Channel is a channel on this machine.
type Channel struct {
	Name    string `json:"name"`
	URL     string `json:"url,omitempty"`
	Version string `json:"version"`
	Path    string `json:"path"`
}

// Check is the data of check-configuration.
type Check struct {
	File     string `json:"file"`     // the configuration's entry file
	Toplevel string `json:"toplevel"` // derivation path of the system
	Name     string `json:"name"`     // the system's
	Cached   bool   `json:"cached"`   // nothing has changed since it was evaluated before
	// Changed says what has changed since, as in "because …"; "" where it was not
	// evaluated before.
	Changed      string  `json:"changed,omitempty"`
	EvaluationMs float64 `json:"evaluationMs"`
	// Backend is what evaluated, and BackendReason why it was not the one that is
	// used by default.
	Backend       string `json:"backend"`
	BackendReason string `json:"backendReason,omitempty"`
}

// Impact is what a switch between two systems does to the running machine beyond
// packages.
type Impact struct {
	Started []string `json:"started"` // units that only the new system has
	Stopped []string `json:"stopped"` // units that only the old one has
	Changed []string `json:"changed"` // units that are defined otherwise
	// Reboot is what only takes effect when the machine is started again: kernel,
	// initrd, kernel-modules, kernel-params, systemd.
	Reboot []string `json:"reboot"`
}

// Built is the data of build-system.
type Built struct {
	Toplevel string `json:"toplevel"` // store path
	Link     string `json:"link"`     // that keeps it
	// Changes and Impact compare it with the system that runs, or the current one;
	// nil where there is none.
	Changes  *Comparison `json:"changes,omitempty"`
	Impact   *Impact     `json:"impact,omitempty"`
	Compared string      `json:"comparedWith,omitempty"` // store path
}

// Cache is the data of show-cache.
type Cache struct {
	Directory  string `json:"directory"` // "" where no folder is this user's alone, and answers are kept in memory
	Persistent bool   `json:"persistent"`
	Entries    int    `json:"entries"`
	Expired    int    `json:"expired"`
	Bytes      int64  `json:"bytes"`
	// Oldest is when the oldest entry was put in; nil if there is none.
	Oldest *time.Time `json:"oldest,omitempty"`
	TTL    int        `json:"ttlSeconds"`
	// Hits and Misses are from the counts of metrics, and last until these are deleted.
	// HitRate is 0 to 1, and 0 where nothing was looked for.
	Hits    int     `json:"hits"`
	Misses  int     `json:"misses"`
	HitRate float64 `json:"hitRate"`
	// Prepared counts what was found out beforehand at the prompt, and PreparedRight how
	// often that was what was asked for next.
	Prepared      int `json:"prepared"`
	PreparedRight int `json:"preparedRight"`
	// Evaluations are kept results of evaluations, which have no time to live.
	Evaluations     int   `json:"evaluations"`
	EvaluationBytes int64 `json:"evaluationBytes"`
}

// Cleared is the data of clear-cache.
type Cleared struct {
	Entries         int   `json:"entries"`
	Bytes           int64 `json:"bytes"`
	Evaluations     int   `json:"evaluations"`
	EvaluationBytes int64 `json:"evaluationBytes"`
}

// DryActivated is the data of dry-activate-system.
type DryActivated struct {
	Toplevel string   `json:"toplevel"` // store path
	Output   []string `json:"output"`   // what switch-to-configuration says that it would do
}

// Rebuilt is the data of rebuild-remotely.
type Rebuilt struct {
	Argv []string `json:"argv"` // what was run
	// TargetHost is the machine that was changed, this one if it is empty; BuildHost the
	// one that was to build.
	TargetHost string `json:"targetHost,omitempty"`
	BuildHost  string `json:"buildHost,omitempty"`
	Status     int    `json:"status"` // that nixos-rebuild ended with
}

// Switched is the data of rollback and switch-generation.
type Switched struct {
	Profile   string           `json:"profile"`
	From      GenerationNumber `json:"from"`
	To        GenerationNumber `json:"to"`
	Activated bool             `json:"activated"`
	// Activation is what came of the activation, where there was to be one.
	Activation *Activation `json:"activation,omitempty"`
}

// HelpData is the data of help.
type HelpData struct {
	Topic      string `json:"topic,omitempty"`
	Operations []Spec `json:"operations"`
}

// NewData returns a pointer to an empty value of the data type of a read-only
// operation whose answers may be kept and read back; nil for the others.
func NewData(name Name) any {
	switch name {
	case ListGenerations:
		return new(Generations)
	case CompareGenerations:
		return new(Comparison)
	case SearchPackages, SearchOptions, FindProgram:
		return new(Found)
	case ShowPackage, ShowOption:
		return new(Info)
	case ListPackages:
		return new(InstalledPackages)
	case ShowConfiguration:
		return new(Configuration)
	}
	return nil
}
