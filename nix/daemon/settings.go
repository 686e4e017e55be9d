package daemon

import (
	"context"

	"luminousnix/nix/daemon/internal/wire"
)

// Settings are what a client asks of the daemon for all that it does on one
// connection. The daemon takes every field as it is: a zero does not mean its
// own nix.conf; begin with [DefaultSettings]. Of users that it does not trust it
// takes little of it, and says so in [Line]s.
type Settings struct {
	KeepFailed bool // keep the folders of failed builds
	KeepGoing  bool // build on what does not need what failed
	Fallback   bool // build what cannot be downloaded
	Verbosity  Level
	MaxJobs    int // builds at once
	// MaxSilence is after how many seconds without output a build is ended; 0
	// is never.
	MaxSilence int
	// BuildVerbosity is [LevelVomit] for the lines of builds as
	// [ResultBuildLogLine]; some daemons send them as [Line]s at [LevelError].
	BuildVerbosity Level
	Cores          int  // for each build; 0 is all
	Substitute     bool // download what a substituter has
	// Overrides are other settings of nix.conf.
	Overrides map[string]string
}

// DefaultSettings are what Nix does by default, with the lines of builds as
// results.
func DefaultSettings() Settings {
	return Settings{Verbosity: LevelInfo, MaxJobs: 1, BuildVerbosity: LevelVomit, Substitute: true}
}

// SetOptions makes settings hold for the rest of the connection.
func (c *Conn) SetOptions(ctx context.Context, s Settings) error {
	return c.call(ctx, wire.SetOptions, func(w *wire.Writer) {
		w.Bool(s.KeepFailed)
		w.Bool(s.KeepGoing)
		w.Bool(s.Fallback)
		w.Uint(uint64(s.Verbosity))
		w.Uint(uint64(s.MaxJobs))
		w.Uint(uint64(s.MaxSilence))
		w.Bool(true) // use the build hook, obsolete
		w.Uint(uint64(s.BuildVerbosity))
		w.Uint(0) // log type, obsolete
		w.Uint(0) // print build trace, obsolete
		w.Uint(uint64(s.Cores))
		w.Bool(s.Substitute)
		w.Map(s.Overrides)
	}, nil)
}
