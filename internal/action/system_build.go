package action

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"luminousnix/internal/build"
	"luminousnix/internal/evaluation"
	"luminousnix/internal/nixos"
	"luminousnix/internal/operation"
	"luminousnix/nix/daemon"
	"luminousnix/nix/derivation"
	"luminousnix/nix/store"
)

// systemBuild builds the machine's configuration: what build, switch, boot and test
// have in common.
type systemBuild struct {
	machine *Machine
	args    operation.Arguments

	system   *evaluatedSystem
	missing  daemon.Missing
	takes    *operation.Estimate // to build and download that; nil is not known
	compared string              // toplevel that the new one is compared with, "" for none
	built    store.Path
}

// evaluate evaluates the configuration, writes its derivations into the store, and asks
// what is missing.
func (b *systemBuild) evaluate(ctx context.Context, o operation.Observer) error {
	link, err := b.link("system.drv")
	if err != nil {
		return err
	}
	request := evaluation.Request{Write: true, NoCache: b.machine.NoCache, Link: link, Settings: settingsOf(b.args.Build)}
	if b.system, err = evaluateSystem(ctx, b.machine, o, b.args.Source, request); err != nil {
		return err
	}
	if b.system.result.Derivations[0].Link == "" {
		if err := b.keep(ctx, link); err != nil {
			return err
		}
	}
	if b.missing, err = missing(ctx, b.machine, daemon.Outputs(b.system.drv)); err != nil {
		return err
	}
	b.takes = takes(ctx, b.machine, b.args.Build, &b.missing)
	if b.compared = b.machine.Host.RunningSystem(); b.compared == "" {
		b.compared, err = currentTarget(ctx, b.machine, b.machine.Host.SystemProfile())
	}
	return err
}

// link is where a link is made that keeps what was found until the next build or boot:
// else it could be collected while somebody reads the plan.
func (b *systemBuild) link(name string) (string, error) {
	dir := b.machine.Host.RuntimeDir()
	return filepath.Join(dir, name), os.MkdirAll(dir, 0o700)
}

// keep makes the link to a derivation that the nix command has made without one.
func (b *systemBuild) keep(ctx context.Context, link string) error {
	session, err := build.Open(ctx, b.machine.Host, operation.Silent)
	if err != nil {
		return err
	}
	defer session.Close()
	return session.Link(ctx, link, b.system.drv)
}

// plan is what is known before the build.
func (b *systemBuild) plan(summary string) operation.Plan {
	plan := operation.Plan{Summary: summary, Risk: operation.Safe, Steps: missingSteps(&b.missing), Time: b.takes}
	addSpace(&plan, b.machine, &b.missing)
	if len(b.missing.Unknown) > 0 {
		plan.Warnings = append(plan.Warnings, fmt.Sprintf("%d paths are neither built nor downloaded by anything, such as %s",
			len(b.missing.Unknown), b.missing.Unknown[0]))
	}
	return plan
}

// Permit checks that there is room for what is downloaded.
func (b *systemBuild) Permit() error {
	free, err := storeSpace(b.machine, &b.missing)
	if err != nil {
		return err
	}
	return enoughSpace(free)
}

// build builds the system if there still is room for it, and makes a link to it, on one
// connection that keeps it until then.
func (b *systemBuild) build(ctx context.Context, link string, o operation.Observer) error {
	if err := b.Permit(); err != nil {
		return err
	}
	phase(o, "build", "Building "+b.system.name)
	session, err := build.OpenWith(ctx, b.machine.Host, b.args.Build, o)
	if err != nil {
		return err
	}
	defer session.Close()
	session.Expect(ctx, &b.missing)
	if err := session.Build(ctx, daemon.Outputs(b.system.drv)); err != nil {
		return explainBuild(err)
	}
	if b.built, err = session.Output(ctx, b.system.drv, "out"); err != nil {
		return err
	}
	if err := session.Link(ctx, link, b.built); err != nil {
		return err
	}
	if !nixos.IsSystem(string(b.built)) {
		return operation.Errorf(operation.CodeConfiguration, "%s is not a NixOS system", b.built).
			WithHint("The configuration has to give a system.build.toplevel of NixOS.")
	}
	return nil
}

// compare compares what was built with the system that runs; both are nil where there is
// none, or it is the same.
func (b *systemBuild) compare(ctx context.Context) (*operation.Comparison, *operation.Impact, error) {
	if b.compared == "" || b.compared == string(b.built) {
		return nil, nil, nil
	}
	impact := nixos.Impact(b.compared, string(b.built))
	from, err := b.machine.Host.StoreDir.Parse(b.compared)
	if err != nil {
		return nil, &impact, err
	}
	changes, err := compareClosures(ctx, b.machine, from, b.built)
	return changes, &impact, err
}

// missing asks the daemon what would have to be built and downloaded. What is not within
// reach is an error.
func missing(ctx context.Context, m *Machine, paths ...daemon.DerivedPath) (daemon.Missing, error) {
	session, err := build.Open(ctx, m.Host, operation.Silent)
	if err != nil {
		return daemon.Missing{}, err
	}
	defer session.Close()
	missing, err := session.Conn.Missing(ctx, paths)
	if err != nil {
		return missing, err
	}
	return missing, m.withinReach(ctx, missing)
}

// missingSteps says what has to be done before a system is there.
func missingSteps(missing *daemon.Missing) []operation.Step {
	var steps []operation.Step
	if n := len(missing.WillSubstitute); n > 0 {
		steps = append(steps, operation.Step{Action: fmt.Sprintf("Download %d paths, %s, unpacked %s",
			n, operation.Size(missing.DownloadSize), operation.Size(missing.NarSize))})
	}
	if n := len(missing.WillBuild); n > 0 {
		steps = append(steps, operation.Step{Action: fmt.Sprintf("Build %d derivations", n)})
	}
	if len(steps) == 0 {
		steps = append(steps, operation.Step{Action: "Build nothing: all of it is there"})
	}
	return steps
}

// explainBuild makes of a failed build an error for people, with the end of its log.
func explainBuild(err error) error {
	var failed *build.FailedError
	if !errors.As(err, &failed) {
		return err
	}
	explained := operation.Errorf(operation.CodeFailed, "%w", err).
		WithHint("`nix log " + string(failed.Derivation) + "` shows the whole log. Nothing of the machine was changed.")
	explained.Details = failed.Log
	for _, other := range failed.Others {
		name, _ := derivation.NameOf(other.Derivation)
		explained.Details = append(append(explained.Details, "", name+" could not be built either:"), other.Log...)
	}
	return explained
}

// settingsOf are the settings that a build says, for the evaluation by the nix command.
func settingsOf(b operation.Build) (settings []evaluation.Setting) {
	for _, word := range b.Settings {
		name, value, _ := strings.Cut(word, "=")
		settings = append(settings, evaluation.Setting{Name: name, Value: value})
	}
	return settings
}
