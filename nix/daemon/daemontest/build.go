package daemontest

import (
	"errors"
	"slices"
	"strings"
	"time"

	"luminousnix/nix/daemon"
	"luminousnix/nix/daemon/internal/wire"
	"luminousnix/nix/derivation"
	"luminousnix/nix/store"
)

// outcome is how the build of one path ended.
type outcome struct {
	status      daemon.BuildStatus
	message     string
	timesBuilt  int
	start, stop time.Time
	outputs     map[string]string // ID → JSON of the realisation
}

func (o outcome) success() bool { return o.status.Success() }

// failed is the outcome that an error amounts to.
func failed(status daemon.BuildStatus, err error) outcome {
	return outcome{status: status, message: err.Error()}
}

// buildMode reads how to build. Only trusted users may repair, which daemons say
// before they begin.
func (c *connection) buildMode() daemon.BuildMode {
	mode := c.r.Uint()
	switch {
	case c.r.Err() != nil:
	case mode > uint64(daemon.BuildCheck):
		c.r.Fail(fail("Unknown build mode"))
	case daemon.BuildMode(mode) == daemon.BuildRepair && !c.trusted:
		c.r.Fail(fail("repairing is not allowed because you are not in 'trusted-users'"))
	}
	return daemon.BuildMode(mode)
}

// buildPaths has only an error for what fails: its own if one thing does, and
// one that names them if several do.
func (c *connection) buildPaths() error {
	paths, mode := c.derivedPaths(), c.buildMode()
	return c.work(func() error {
		outcomes, err := c.build(paths, mode)
		if err != nil {
			return err
		}
		var names []string
		message := ""
		for i, outcome := range outcomes {
			if !outcome.success() {
				names = append(names, "'"+string(paths[i].Path)+"'")
				message = outcome.message
				if len(paths[i].Outputs) == 0 {
					message = "" // nobody tells what was wrong with a path
				}
			}
		}
		slices.Sort(names)
		names = slices.Compact(names)
		switch {
		case len(names) == 0:
			return nil
		case len(names) == 1 && message != "":
			return &failure{message: message}
		}
		return &failure{message: "build of " + strings.Join(names, ", ") + " failed"}
	}, ack)
}

func (c *connection) buildPathsWithResults() error {
	paths, mode := c.derivedPaths(), c.buildMode()
	var outcomes []outcome
	return c.work(func() (err error) {
		outcomes, err = c.build(paths, mode)
		return err
	}, func(w *wire.Writer) {
		w.Uint(uint64(len(outcomes)))
		for i, outcome := range outcomes {
			w.Text(paths[i].String())
			c.sendOutcome(outcome)
		}
	})
}

func (c *connection) ensurePath() error {
	p := c.path()
	return c.work(func() error {
		found, err := c.substitute(p)
		if err == nil && !found {
			err = fail("path '%s' does not exist and cannot be created", p)
		}
		return err
	}, ack)
}

// buildDerivation builds a derivation that need not be in the store.
func (c *connection) buildDerivation() error {
	p := c.path()
	name, isDerivation := derivation.NameOf(p)
	drv := c.r.BasicDerivation(c.StoreDir, name)
	mode := c.buildMode()
	var result outcome
	return c.work(func() error {
		if !isDerivation {
			return fail("path '%s' is not a derivation", p)
		}
		kind, err := drv.Kind()
		if err != nil {
			return err
		}
		if kind == derivation.InputAddressed && !c.trusted {
			return fail("you are not privileged to build input-addressed derivations")
		}
		b := c.newBuilds(mode)
		defer b.end()
		result, err = b.one(p, drv)
		return err
	}, func(*wire.Writer) { c.sendOutcome(result) })
}

func (c *connection) sendOutcome(o outcome) {
	c.w.Uint(uint64(o.status))
	c.w.Text(o.message)
	c.w.Uint(uint64(o.timesBuilt))
	c.w.Bool(o.status == daemon.StatusNotDeterministic)
	for _, at := range []time.Time{o.start, o.stop} {
		if at.IsZero() {
			c.w.Uint(0)
		} else {
			c.w.Uint(uint64(at.Unix()))
		}
	}
	if c.minor >= wire.SinceCPUTimes {
		c.w.Uint(0) // not measured
		c.w.Uint(0)
	}
	c.w.Map(o.outputs)
}

// build builds or downloads the paths, one after the other. The error is of what
// ends all of it; a builder that fails is an outcome.
func (c *connection) build(paths []daemon.DerivedPath, mode daemon.BuildMode) ([]outcome, error) {
	b := c.newBuilds(mode)
	defer b.end()
	outcomes := make([]outcome, len(paths))
	for i, p := range paths {
		var err error
		if outcomes[i], err = b.derived(p); err != nil {
			return nil, err
		}
		if !outcomes[i].success() && !c.settings.keepGoing {
			b.giveUp(paths[i+1:], outcomes[i+1:])
			break
		}
	}
	return outcomes, nil
}

// giveUp gives the outcomes of what is not begun any more, which have no reason.
// What is there already is found in time.
func (b *builds) giveUp(paths []daemon.DerivedPath, outcomes []outcome) {
	for i, p := range paths {
		outcomes[i] = outcome{status: daemon.StatusMiscFailure}
		if b.isThere(p) {
			if o, err := b.derived(p); err == nil {
				outcomes[i] = o
			}
		}
	}
}

// isThere says whether a build of p has nothing to do.
func (b *builds) isThere(p daemon.DerivedPath) bool {
	if b.mode != daemon.BuildNormal || !b.objects.isValid(p.Path) {
		return false
	}
	if len(p.Outputs) == 0 {
		return true
	}
	drv, err := b.objects.readDerivation(p.Path)
	if err != nil {
		return false
	}
	invalid, known := b.invalid(drv, p.Outputs)
	return known && len(invalid) == 0
}

// fatal says whether an error ends the whole request.
func fatal(err error) bool { return errors.Is(err, errHungUp) || errors.As(err, new(*requestError)) }

// requestError is an error of a request and not only of one build in it.
type requestError struct{ error }

func (e *requestError) Unwrap() error { return e.error }

// tempRootOutputs keeps a derivation and its outputs for the client.
func (c *connection) tempRootOutputs(p store.Path, drv *derivation.Derivation) {
	c.objects.tempRoot(c.id, p)
	for _, output := range drv.Outputs {
		if output.Path != "" {
			c.objects.tempRoot(c.id, output.Path)
		}
	}
}
