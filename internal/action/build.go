package action

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"luminousnix/internal/build"
	"luminousnix/internal/evaluation"
	"luminousnix/internal/nixos"
	"luminousnix/internal/operation"
	"luminousnix/nix/daemon"
	"luminousnix/nix/store"
)

// resultLink is the link to what was built, in the folder that one is in.
const resultLink = "result"

// buildSystem builds the machine's configuration and changes nothing of the machine.
type buildSystem struct {
	machine *Machine
	link    string // to the result

	// Found by Plan.
	system   *evaluatedSystem
	missing  daemon.Missing
	compared string // toplevel that the new one is compared with, "" for none
	built    store.Path
}

func newBuildSystem(m *Machine, _ operation.Arguments) Change {
	return &buildSystem{machine: m}
}

// Plan evaluates the configuration, writes its derivations into the store, and asks
// what is missing.
func (b *buildSystem) Plan(ctx context.Context, o operation.Observer) (operation.Plan, error) {
	folder, err := os.Getwd()
	if err != nil {
		return operation.Plan{}, err
	}
	b.link = filepath.Join(folder, resultLink)
	request, err := b.request()
	if err != nil {
		return operation.Plan{}, err
	}
	if b.system, err = evaluateSystem(ctx, b.machine, o, request); err != nil {
		return operation.Plan{}, err
	}
	if b.missing, err = missing(ctx, b.machine, daemon.Outputs(b.system.drv)); err != nil {
		return operation.Plan{}, err
	}
	if b.compared = b.machine.Host.RunningSystem(); b.compared == "" {
		b.compared, err = currentTarget(ctx, b.machine, b.machine.Host.SystemProfile())
	}
	plan := operation.Plan{
		Summary: "Build " + b.system.name, Risk: operation.Safe,
		Steps: append(missingSteps(&b.missing), operation.Step{Action: "Link the result", Path: b.link}),
	}
	if len(b.missing.Unknown) > 0 {
		plan.Warnings = append(plan.Warnings, fmt.Sprintf("%d paths are neither built nor downloaded by anything, such as %s",
			len(b.missing.Unknown), b.missing.Unknown[0]))
	}
	return plan, err
}

// request has the derivations written, and kept by a link until the next build or
// boot: else they could be collected while somebody reads the plan.
func (b *buildSystem) request() (evaluation.Request, error) {
	dir := b.machine.Host.RuntimeDir()
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return evaluation.Request{}, err
	}
	return evaluation.Request{Write: true, NoCache: b.machine.NoCache, Link: filepath.Join(dir, "system.drv")}, nil
}

// missing asks the daemon what would have to be built and downloaded.
func missing(ctx context.Context, m *Machine, paths ...daemon.DerivedPath) (daemon.Missing, error) {
	session, err := build.Open(ctx, m.Host, operation.Silent)
	if err != nil {
		return daemon.Missing{}, err
	}
	defer session.Close()
	return session.Conn.Missing(ctx, paths)
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

func (b *buildSystem) Apply(ctx context.Context, o operation.Observer) (Answer, error) {
	phase(o, "build", "Building "+b.system.name)
	if err := b.build(ctx, o); err != nil {
		return Answer{}, explainBuild(err)
	}
	data := &operation.Built{Toplevel: string(b.built), Link: b.link}
	answer := Answer{Message: fmt.Sprintf("%s is built.", b.system.name), Data: data, Warnings: warnings(b.system.result.Messages)}
	if b.compared == "" || b.compared == data.Toplevel {
		if b.compared != "" {
			answer.Message = fmt.Sprintf("%s is built; it is the system that runs.", b.system.name)
		}
		return answer, nil
	}
	data.Compared = b.compared
	impact := nixos.Impact(b.compared, data.Toplevel)
	data.Impact = &impact
	var err error
	if data.Changes, err = b.changes(ctx); err != nil {
		answer.Warnings = append(answer.Warnings, fmt.Sprintf("what differs in packages cannot be told: %v", err))
	}
	return answer, nil
}

// build builds the system and makes the link, on one connection that keeps it.
func (b *buildSystem) build(ctx context.Context, o operation.Observer) error {
	session, err := build.Open(ctx, b.machine.Host, o)
	if err != nil {
		return err
	}
	defer session.Close()
	if err := session.Build(ctx, daemon.Outputs(b.system.drv)); err != nil {
		return err
	}
	if b.built, err = session.Output(ctx, b.system.drv, "out"); err != nil {
		return err
	}
	return session.Link(ctx, b.link, b.built)
}

// changes compares the packages with those of the system that runs.
func (b *buildSystem) changes(ctx context.Context) (*operation.Comparison, error) {
	from, err := b.machine.Host.StoreDir.Parse(b.compared)
	if err != nil {
		return nil, err
	}
	return compareClosures(ctx, b.machine, from, b.built)
}

// Verify checks that the link leads to a NixOS system.
func (b *buildSystem) Verify(context.Context) error {
	target, err := os.Readlink(b.link)
	if err != nil {
		return err
	}
	if target != string(b.built) {
		return operation.Errorf(operation.CodeFailed, "%s leads to %s, not to %s", b.link, target, b.built).
			WithHint("Another program has replaced it.")
	}
	if _, err := os.Stat(filepath.Join(target, "nixos-version")); err != nil {
		return operation.Errorf(operation.CodeConfiguration, "%s is not a NixOS system: %w", target, err).
			WithHint("The configuration has to give a system.build.toplevel of NixOS.")
	}
	return nil
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
	return explained
}
