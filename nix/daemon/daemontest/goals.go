package daemontest

import (
	"fmt"
	"slices"

	"luminousnix/nix/daemon"
	"luminousnix/nix/derivation"
	"luminousnix/nix/nar"
	"luminousnix/nix/store"
)

// builds is what one request builds.
type builds struct {
	*connection
	mode daemon.BuildMode
	done map[store.Path]outcome
	busy map[store.Path]bool // derivations that are waiting for their inputs

	// The activities of the whole and how far it is.
	realise, building, copying  uint64
	expected, built, ran, broke int
}

func (c *connection) newBuilds(mode daemon.BuildMode) *builds {
	b := &builds{connection: c, mode: mode, done: map[store.Path]outcome{}, busy: map[store.Path]bool{}}
	b.realise = c.start(daemon.LevelError, daemon.ActivityRealise, "")
	b.building = c.start(daemon.LevelError, daemon.ActivityBuilds, "")
	b.copying = c.start(daemon.LevelError, daemon.ActivityCopyPaths, "")
	b.progress()
	return b
}

func (b *builds) end() {
	b.stop(b.copying)
	b.stop(b.building)
	b.stop(b.realise)
}

func (b *builds) progress() {
	b.result(b.building, daemon.ResultProgress, b.built, b.expected+b.built, b.ran, b.broke)
	b.result(b.copying, daemon.ResultProgress, 0, 0, 0, 0)
	b.result(b.realise, daemon.ResultSetExpected, int(daemon.ActivityFileTransfer), 0)
	b.result(b.realise, daemon.ResultSetExpected, int(daemon.ActivityCopyPath), 0)
}

// derived makes one path valid, or the outputs of a derivation.
func (b *builds) derived(p daemon.DerivedPath) (outcome, error) {
	if b.ctx.Err() != nil {
		return outcome{}, errHungUp
	}
	if len(p.Outputs) == 0 {
		return b.path(p.Path)
	}
	if !b.objects.isValid(p.Path) {
		if found, err := b.substitute(p.Path); err != nil || !found {
			return failed(daemon.StatusMiscFailure, fail("cannot build missing derivation '%s'", p.Path)), nil
		}
	}
	b.objects.tempRoot(b.id, p.Path)
	drv, err := b.objects.readDerivation(p.Path)
	if err != nil {
		return failed(daemon.StatusMiscFailure, err), nil
	}
	for _, name := range p.Outputs {
		if _, ok := drv.Outputs[name]; !ok && name != daemon.AllOutputs {
			return failed(daemon.StatusMiscFailure, fail("derivation '%s' does not have wanted outputs '%s'", p.Path, name)), nil
		}
	}
	return b.derivation(p.Path, drv, p.Outputs)
}

// path makes a path valid by downloading it, if it is not.
func (b *builds) path(p store.Path) (outcome, error) {
	b.objects.tempRoot(b.id, p)
	if b.objects.isValid(p) {
		return outcome{status: daemon.StatusAlreadyValid}, nil
	}
	found, err := b.substitute(p)
	switch {
	case err != nil && fatal(err):
		return outcome{}, err
	case err != nil:
		return failed(daemon.StatusMiscFailure, err), nil
	case !found:
		return failed(daemon.StatusNoSubstituters, fail("path '%s' is required, but there is no substituter that can build it", p)), nil
	}
	return outcome{status: daemon.StatusSubstituted}, nil
}

// derivation makes the wanted outputs valid.
func (b *builds) derivation(p store.Path, drv *derivation.Derivation, wanted []string) (outcome, error) {
	if before, ok := b.done[p]; ok && !before.success() {
		return before, nil
	}
	b.tempRootOutputs(p, drv)
	invalid, known := b.invalid(drv, wanted)
	if known && b.mode == daemon.BuildNormal {
		if len(invalid) == 0 {
			return outcome{status: daemon.StatusAlreadyValid, outputs: b.realisations(drv, wanted)}, nil
		}
		if b.allOffered(invalid) {
			for _, output := range invalid {
				if o, err := b.path(output); err != nil || !o.success() {
					return o, err
				}
			}
			return outcome{status: daemon.StatusSubstituted, outputs: b.realisations(drv, wanted)}, nil
		}
	}
	if b.busy[p] {
		return failed(daemon.StatusMiscFailure, fail("derivation '%s' depends on itself", p)), nil
	}
	b.busy[p] = true
	defer delete(b.busy, p)
	if o, err := b.inputs(p, drv); err != nil || !o.success() {
		b.done[p] = o
		return o, err
	}
	o, err := b.one(p, drv)
	b.done[p] = o
	return o, err
}

// inputs makes valid what a derivation needs. Only its outcome's success counts.
func (b *builds) inputs(p store.Path, drv *derivation.Derivation) (outcome, error) {
	mode := b.mode
	b.mode = daemon.BuildNormal // inputs are neither checked nor repaired
	defer func() { b.mode = mode }()
	broken := 0
	for _, input := range drv.Inputs() {
		o, err := b.derived(daemon.DerivedPath{Path: input, Outputs: drv.InputDerivations[input]})
		if err != nil {
			return outcome{}, err
		}
		if !o.success() {
			broken++
			if !b.settings.keepGoing {
				break
			}
		}
	}
	for _, source := range drv.InputSources {
		if o, err := b.path(source); err != nil {
			return outcome{}, err
		} else if !o.success() {
			broken++
		}
	}
	if broken > 0 {
		return failed(daemon.StatusDependencyFailed, fail(fmt.Sprintf("%d dependencies of derivation '%%s' failed to build", broken), p)), nil
	}
	return outcome{}, nil
}

// one builds a derivation whose inputs are there, unless somebody else does so
// in the meantime.
func (b *builds) one(p store.Path, drv *derivation.Derivation) (outcome, error) {
	kind, err := drv.Kind()
	if err != nil {
		return failed(daemon.StatusMiscFailure, err), nil
	}
	if err := b.canBuild(kind, drv); err != nil {
		return failed(daemon.StatusMiscFailure, err), nil
	}
	b.tempRootOutputs(p, drv)
	all := []string{daemon.AllOutputs}
	outputs := []store.Path{p} // for those whose outputs are not known yet
	if kind != derivation.Floating {
		outputs = nil
		for _, output := range drv.Outputs {
			outputs = append(outputs, output.Path)
		}
	}
	unlock, err := b.objects.lock(b.ctx, outputs...)
	if err != nil {
		return outcome{}, err
	}
	defer unlock()
	invalid, known := b.invalid(drv, all)
	switch b.mode {
	case daemon.BuildNormal:
		if known && len(invalid) == 0 {
			return outcome{status: daemon.StatusAlreadyValid, outputs: b.realisations(drv, all)}, nil
		}
	case daemon.BuildCheck:
		if len(invalid) > 0 {
			return outcome{}, &requestError{fail("some outputs of '%s' are not valid, so checking is not possible", p)}
		}
	case daemon.BuildRepair:
		if len(invalid) == 0 && !slices.ContainsFunc(outputs, b.isDamaged) {
			return outcome{status: daemon.StatusAlreadyValid, outputs: b.realisations(drv, all)}, nil
		}
	}
	if b.settings.maxJobs == 0 {
		return outcome{}, &requestError{fail("unable to start any build; either increase '--max-jobs' or enable remote builds.\nhttps://nixos.org/manual/nix/stable/advanced-topics/distributed-builds.html")}
	}
	o, err := b.run(p, drv)
	if o.success() {
		o.outputs = b.realisations(drv, all)
	}
	return o, err
}

// isDamaged says whether a valid path is not what it was.
func (b *builds) isDamaged(p store.Path) bool {
	info := b.objects.info(p)
	if info == nil || !isThere(p) {
		return true
	}
	got, _, err := nar.Hash(string(p))
	return err != nil || got != info.NarHash
}

// realisations returns which paths the wanted outputs are, by their IDs.
func (b *builds) realisations(drv *derivation.Derivation, wanted []string) map[string]string {
	outputs := map[string]string{}
	for _, name := range drv.OutputNames() {
		if !slices.Contains(wanted, name) && !slices.Contains(wanted, daemon.AllOutputs) {
			continue
		}
		if id, ok := b.outputID(drv, name); ok {
			outputs[id] = newRealisation(id, b.outputPath(drv, name)).text()
		}
	}
	return outputs
}
