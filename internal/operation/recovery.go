package operation

import "fmt"

// Trouble is a kind of failure, by what can be done about it.
type Trouble string

// The troubles.
const (
	TroubleNetwork     Trouble = "network"            // a server did not answer as it should, and may later
	TroubleUnreachable Trouble = "unreachable"        // and will not later either: there is none of that name, or nothing is to be fetched
	TroubleDiskFull    Trouble = "disk-full"          // a file system has no room left
	TroubleDaemon      Trouble = "daemon"             // Nix's daemon went away, or its socket takes nobody
	TroubleNoDaemon    Trouble = "no-daemon"          // there is no socket of Nix's daemon
	TroubleSilent      Trouble = "daemon-silent"      // Nix's daemon takes connections and does not answer
	TroubleLocked      Trouble = "database-locked"    // somebody else has Nix's database
	TroublePermission  Trouble = "permission"         // somebody else may do it
	TroubleSwitch      Trouble = "switch-interrupted" // an earlier switch has to be brought to an end before
	TroubleMemory      Trouble = "out-of-memory"      // a build took more memory than there is
	TroubleHash        Trouble = "hash-mismatch"      // what came is not what was said
	TroubleBuild       Trouble = "build-failed"       // a build ended with an error of its own
	TroubleOther       Trouble = "other"
)

// Remedy is what was done to go on in spite of a failure.
type Remedy string

// The remedies.
const (
	RemedyRetry        Remedy = "retry"              // the same again, after a while
	RemedySubstituters Remedy = "other-substituters" // again, only from the substituters that answer
	RemedyStartDaemon  Remedy = "start-daemon"       // systemd was asked to start the daemon's socket
	RemedyPrograms     Remedy = "nix-programs"       // Nix's programs in place of its daemon
	RemedyCleanUp      Remedy = "clean-up"           // room was made, and then again
	RemedyFewerJobs    Remedy = "fewer-jobs"         // again, with one build at a time
	RemedyRecover      Remedy = "recover-switch"     // the earlier switch was brought to an end, and then again
)

// Recovery is one attempt to go on after a failure.
type Recovery struct {
	Trouble Trouble `json:"trouble"`
	Remedy  Remedy  `json:"remedy"`
	Failure string  `json:"failure"` // what had failed, in a line
	// Message says in a line what was done.
	Message string `json:"message"`
	// Refused says why it was not done after all; "" where it was.
	Refused string `json:"refused,omitempty"`
}

// String is the attempt in a line, as the audit log has it.
func (r Recovery) String() string {
	if r.Refused != "" {
		return fmt.Sprintf("%s: %s; not done: %s: %s", r.Trouble, r.Failure, r.Message, r.Refused)
	}
	return fmt.Sprintf("%s: %s; %s", r.Trouble, r.Failure, r.Message)
}

// SpaceError says that something does not fit into a file system. Err, if there is one, is
// what failed for want of room; without it nothing was tried.
type SpaceError struct {
	Space
	Err error
}

func (e *SpaceError) Error() string {
	if e.Err != nil {
		return e.Err.Error()
	}
	return fmt.Sprintf("%s has %s free, and %s are needed", e.Path, Size(e.Free), Size(e.Needed))
}

func (e *SpaceError) Unwrap() error { return e.Err }
