// Package recovery decides what is done after something has failed: whether it is tried
// again, after how long, and what is done before; or whether that is for a person to do.
//
// It only decides. [Classify] says what kind of trouble an error is, by its type and never
// by its text; [Policy.Decide] says what comes next, given what was done already; [Advise]
// says what a person can do when nothing does. Who acts is the engine, around whole
// operations, and around each connection to Nix's daemon.
//
// Three things hold whatever happens: there are at most [Retries] repetitions and one of
// each other remedy; nothing begins once [Policy.Deadline] has passed since the first
// failure, or whoever asked is gone; and nothing is repeated that may have changed
// something, unless doing it twice is the same as doing it once ([Repeatable]).
package recovery

import (
	"slices"
	"time"

	"luminousnix/internal/operation"
)

// Retries is how often something is tried again that may pass by itself.
const Retries = 3

// Policy says how long to wait.
type Policy struct {
	// Patience is how long something that is near may take to answer: Nix's daemon. What
	// is far may take several times that. With 0 nothing is tried again.
	Patience time.Duration
	// Rand is a random number from 0 to less than 1, so that many do not try again at the
	// same moment; nil is always one half.
	Rand func() float64
}

// Deadline is how long after the first failure something may still be begun.
func (p Policy) Deadline() time.Duration { return 6 * p.Patience }

// State is what is known when something has failed.
type State struct {
	// Made are the remedies that were tried so far, in order.
	Made []operation.Remedy
	// Since is the time since the first failure.
	Since time.Duration
	// Ended says that nobody waits any more.
	Ended bool
	// Begun says that something may have been changed, Repeatable that it does no harm to
	// do that twice.
	Begun, Repeatable bool
	// Asks says that there is somebody to ask, Agreed that everything was agreed to before.
	Asks, Agreed bool
	// Systemd says that there is one who can start the daemon.
	Systemd bool
}

// Step is what comes next. Without a Remedy nothing does.
type Step struct {
	Remedy operation.Remedy
	Wait   time.Duration // before it
}

// Decide says what is done about trouble. A remedy that changes something else, or builds
// in another way, is to be asked about before.
func (p Policy) Decide(t operation.Trouble, s State) Step {
	if p.Patience <= 0 || s.Ended || s.Since > p.Deadline() || s.Begun && !s.Repeatable {
		return Step{}
	}
	switch t {
	case operation.TroubleNetwork:
		return p.overNetwork(s)
	case operation.TroubleLocked:
		return p.again(s, operation.RemedyRetry, p.Patience/10)
	case operation.TroubleDaemon:
		if step := p.again(s, operation.RemedyRetry, p.Patience/100); step.Remedy != "" {
			return step
		}
		return once(s, operation.RemedyStartDaemon, s.Systemd)
	case operation.TroubleNoDaemon:
		if slices.Contains(s.Made, operation.RemedyRetry) { // it was there a moment ago: it is being started anew
			if step := p.again(s, operation.RemedyRetry, p.Patience/20); step.Remedy != "" {
				return step
			}
		}
		return once(s, operation.RemedyStartDaemon, s.Systemd)
	case operation.TroubleDiskFull:
		return once(s, operation.RemedyCleanUp, s.Asks || s.Agreed)
	case operation.TroubleMemory:
		return once(s, operation.RemedyFewerJobs, s.Asks || s.Agreed)
	case operation.TroubleSwitch:
		return once(s, operation.RemedyRecover, s.Asks) // a yes to something else is none to this
	}
	return Step{}
}

// overNetwork tries the second time only where somebody answers, if that can be said.
func (p Policy) overNetwork(s State) Step {
	remedy := operation.RemedyRetry
	if repeated(s) == 1 && !slices.Contains(s.Made, operation.RemedySubstituters) {
		remedy = operation.RemedySubstituters
	}
	return p.again(s, remedy, p.Patience/10)
}

// again waits twice as long as before, a quarter more or less, if that is before the
// deadline.
func (p Policy) again(s State, remedy operation.Remedy, first time.Duration) Step {
	n := repeated(s)
	if n >= Retries {
		return Step{}
	}
	random := 0.5
	if p.Rand != nil {
		random = p.Rand()
	}
	wait := time.Duration(float64(first<<n) * (0.75 + random/2))
	if s.Since+wait > p.Deadline() {
		return Step{}
	}
	return Step{remedy, wait}
}

// repeated counts what was tried again, for whatever reason.
func repeated(s State) (n int) {
	for _, made := range s.Made {
		if made == operation.RemedyRetry || made == operation.RemedySubstituters {
			n++
		}
	}
	return n
}

func once(s State, remedy operation.Remedy, possible bool) Step {
	if !possible || slices.Contains(s.Made, remedy) {
		return Step{}
	}
	return Step{Remedy: remedy}
}

// Repeatable reports whether doing an operation twice is the same as doing it once, even
// if the first time ended anywhere: its plan is made anew from what there is. What switches
// a system is not, since a switch that was begun is brought to an end by its journal; what
// goes back by steps is not; nor is what is done on other machines; nor is removing packages,
// since what is removed is not found the second time.
func Repeatable(op operation.Operation) bool {
	switch op.Name {
	case operation.InstallPackages, operation.TryPackages, operation.SetOption,
		operation.BuildSystem, operation.DryActivateSystem, operation.CleanUp, operation.CollectGarbage,
		operation.VerifyStore, operation.RepairStore, operation.OptimiseStore,
		operation.UpdateCatalog, operation.BuildCatalog, operation.ClearCache:
		return true
	case operation.UpdateSystem: // that of packages of somebody's own switches nothing
		return op.Arguments.Profile == operation.UserProfile || len(op.Arguments.Packages) > 0
	}
	spec, known := operation.Lookup(op.Name)
	return known && !spec.Changing
}
