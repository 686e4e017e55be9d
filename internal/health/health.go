// Package health judges the state of a machine's Nix: from what was found out about it,
// the [Facts], it makes findings, each with what helps against it.
//
// It looks at nothing itself, so every judgement can be tested. What could not be found
// out is nil, and is not judged; [Check] says so. The judgements are the functions in
// check_*.go, one for each subject.
package health

import (
	"slices"
	"time"

	"luminousnix/internal/operation"
)

// Facts is what was found out about a machine.
type Facts struct {
	Now time.Time
	// StoreDir is where the store is.
	StoreDir string

	Daemon        *Daemon
	Database      *Database
	Disk          []operation.FileSystem // of the store first, then of /boot
	Units         *Units
	System        *System
	Profiles      *Profiles
	Roots         *Roots
	Memory        *Memory
	Configuration *Configuration
	Settings      *Settings
	Changes       *Changes
}

// Daemon is how Nix's daemon is.
type Daemon struct {
	Socket string
	Err    error  // why it does not answer; nil when it does
	Speaks string // its version and that of the protocol
}

// Database is how Nix's database is.
type Database struct {
	Err error // why it cannot be read; nil when it can
}

// Units are the units of systemd that have failed.
type Units struct{ Failed []string }

// System is the NixOS that runs, and the one that is current. The numbers are those of
// generations, 0 where there is none.
type System struct {
	Version         string // of the running one, such as 25.11.20251120.c0ffee1
	Running         int
	Current         int
	SameAsCurrent   bool     // the running system is the current generation's
	RebootReasons   []string // what of the current system only a reboot starts
	CurrentIsBroken bool     // it has no switch-to-configuration or is not there
}

// Profiles are the system's generations, and what is odd about its profile.
type Profiles struct {
	Generations int
	Oddity      string // "" where nothing is
	Mend        string // a command that mends it
}

// Roots are the links that keep paths from being collected.
type Roots struct{ Dangling int }

// Memory is the machine's memory, in bytes.
type Memory struct{ Total, Swap int64 }

// Configuration is whether the machine's configuration evaluates.
type Configuration struct {
	Err      *operation.Error // nil when it does
	Warnings int
}

// Settings are the settings of Nix, in the order in which they are applied, and what
// they name that this Nix does not know.
type Settings struct{ Set []Setting }

// Setting is one of nix.conf.
type Setting struct{ Name, Value string }

// Changes are what ask-nix has begun to change.
type Changes struct {
	// Interrupted is the last change, if it never ended; "" if it did.
	Interrupted string
	When        time.Time
	// Switch says that it is a switch whose journal is left, to be recovered.
	Switch bool
}

// A check judges one subject. known is false where there are no facts about it.
type check struct {
	subject string
	judge   func(*Facts) (findings []operation.Finding, known bool)
}

// checks are all of them.
func checks() []check {
	return []check{
		{"daemon", checkDaemon},
		{"database", checkDatabase},
		{"disk", checkDisk},
		{"units", checkUnits},
		{"change", checkChanges},
		{"system", checkSystem},
		{"release", checkRelease},
		{"profile", checkProfiles},
		{"roots", checkRoots},
		{"memory", checkMemory},
		{"configuration", checkConfiguration},
		{"settings", checkSettings},
	}
}

// Check judges all that is known, the worst first. Unknown are the subjects that
// nothing was found out about.
func Check(f *Facts) operation.Health {
	health := operation.Health{Healthy: true, Findings: []operation.Finding{}, Checked: []string{}, Unknown: []string{}}
	for _, c := range checks() {
		findings, known := c.judge(f)
		if !known {
			health.Unknown = append(health.Unknown, c.subject)
			continue
		}
		health.Checked = append(health.Checked, c.subject)
		for _, finding := range findings {
			finding.Subject = c.subject
			health.Findings = append(health.Findings, finding)
			if finding.Severity == operation.Problem {
				health.Healthy = false
			}
		}
	}
	slices.SortStableFunc(health.Findings, func(a, b operation.Finding) int { return rank(a.Severity) - rank(b.Severity) })
	return health
}

func rank(s operation.Severity) int {
	switch s {
	case operation.Problem:
		return 0
	case operation.Warning:
		return 1
	}
	return 2
}

// found makes a finding.
func found(severity operation.Severity, id, what string, fixes ...operation.Fix) operation.Finding {
	if fixes == nil {
		fixes = []operation.Fix{}
	}
	return operation.Finding{ID: id, Severity: severity, What: what, Fixes: fixes}
}

func run(command, say string) operation.Fix { return operation.Fix{Command: command, Say: say} }
func add(line, say string) operation.Fix    { return operation.Fix{Line: line, Say: say} }
func do(say string) operation.Fix           { return operation.Fix{Say: say} }
