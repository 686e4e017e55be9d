// Package activation takes a machine from one NixOS system to another as a
// transaction: afterwards the machine is in the new state or in the old one.
//
// [Run] goes through the steps and writes each into a journal before it is taken:
//
//	sync      what is in the store reaches the disk
//	profile   the profile is pointed at the new system
//	activate  switch-to-configuration runs
//	verify    it is the one that runs, and no more units have failed than before
//	confirm   somebody confirms it in time, where that was asked for
//
// Where a step fails, the way back is gone: the profile is pointed at the generation
// that was current, and the old system is activated again. Where this process itself
// ends, the journal is still there when ask-nix is started the next time; [Resume]
// then finishes what had been activated and takes back all else.
//
// The order is that of nixos-rebuild, which syncs nothing and leaves the profile at a
// system that could not be activated.
package activation

import (
	"context"
	"io"
	"time"

	"luminousnix/internal/nixos"
	"luminousnix/internal/operation"
	"luminousnix/nix/profile"
	"luminousnix/nix/store"
)

// Request is what a transaction is to do.
type Request struct {
	// Action is switch, boot or test. A test leaves the profile alone.
	Action   nixos.Action `json:"action"`
	Toplevel store.Path   `json:"toplevel"`
	// Specialisation of the system that is activated; "" is the system itself.
	Specialisation string `json:"specialisation,omitempty"`
	// Profile is the profile of the system; "" for a test.
	Profile profile.Profile `json:"profile,omitempty"`
	// Generation of the profile that leads to Toplevel; 0 makes a new one.
	Generation int `json:"generation,omitempty"`
	// Expected is the generation that has to be current; 0 is none.
	Expected int `json:"expected,omitempty"`
	// ConfirmWithin takes everything back unless it is confirmed in this time; 0
	// asks for no confirmation.
	ConfirmWithin time.Duration `json:"confirmWithin,omitempty"`
	// InstallBootLoader installs the boot loader itself anew.
	InstallBootLoader bool `json:"installBootLoader,omitempty"`
	// Change is what it belongs to in the audit log; it is handed on to the report.
	Change operation.ChangeID `json:"change,omitzero"`
}

// Profiles reads and changes profiles.
type Profiles interface {
	Profile(ctx context.Context, p profile.Profile) (profile.State, error)
	Switch(ctx context.Context, p profile.Profile, number int) error
	// Set makes the path a generation and the current one, as nix-env --set does.
	Set(ctx context.Context, p profile.Profile, path store.Path) (number int, err error)
}

// Units tells about the services of a machine.
type Units interface {
	// FailedUnits are the names of those that have failed.
	FailedUnits(ctx context.Context) ([]string, error)
	// Log is the end of what a unit said.
	Log(ctx context.Context, unit string) []string
}

// Machine is what a transaction works on.
type Machine struct {
	// Dir is where the journal is, a folder of whoever may activate.
	Dir      string
	Profiles Profiles
	// Units is nil where systemd does not run: then no unit is known to have failed.
	Units Units
	// Keep keeps a path from the garbage collector until it is closed.
	Keep func(context.Context, store.Path) (io.Closer, error)
	// StoreDir is the folder whose file system is synced.
	StoreDir store.Dir
	// Running is the toplevel that runs, and BootID what is another one after each
	// start of the machine.
	Running func() string
	BootID  func() string
	// Left, if set, is told of the generation that a switch has left behind, which is
	// what one would go back to.
	Left func(profile.Profile, profile.Generation) error
	// Env is the environment of switch-to-configuration.
	Env []string
	// Timeout ends an activation that hangs.
	Timeout time.Duration
	Now     func() time.Time
	// Reached, if set, is called when a step has been written down, before it is
	// taken.
	Reached func(Step)
}

// DefaultTimeout is how long an activation may take. The services of a system have
// 90 seconds each to stop, one after the other at worst.
const DefaultTimeout = 30 * time.Minute
