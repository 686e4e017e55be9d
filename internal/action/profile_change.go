package action

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"strings"

	"luminousnix/internal/build"
	"luminousnix/internal/host"
	"luminousnix/internal/operation"
	"luminousnix/nix/daemon"
	"luminousnix/nix/profile"
	"luminousnix/nix/profile/environment"
	"luminousnix/nix/profile/manifest"
)

// profileChange is what installing and removing have in common: a new generation of
// the profile of the person asking, made of the current one.
type profileChange struct {
	machine *Machine
	args    operation.Arguments
	session *build.Session // for all of it, from read on

	// Found by read.
	chosen   host.Chosen
	state    profile.State
	manifest *manifest.Manifest
	nixEnv   bool // the profile was made by nix-env

	missing  daemon.Missing // what is to be built and downloaded
	elements []string       // names of what is installed or removed
	made     profile.Generation
}

// Close ends the connection to the daemon.
func (p *profileChange) Close() error {
	if p.session == nil {
		return nil
	}
	return p.session.Close()
}

// read connects to the daemon, and reads the profile and its list of packages.
func (p *profileChange) read(ctx context.Context, o operation.Observer) error {
	p.chosen = p.machine.Host.Profile(p.name())
	if p.chosen.System {
		return operation.Errorf(operation.CodeUsage, "%s is a system's profile, which packages are not installed into", p.chosen.Profile).
			WithHint("-p user is the profile of whoever asks.")
	}
	state, err := p.machine.Backend.Profile(ctx, p.chosen.Profile)
	if err != nil && !errors.Is(err, profile.ErrNotExist) {
		return err
	}
	p.state = state
	if p.session, err = build.Open(ctx, p.machine.Host, o); err != nil {
		return err
	}
	return p.readManifest(ctx)
}

// name is the name of the profile that is meant.
func (p *profileChange) name() operation.ProfileName {
	return cmp.Or(p.args.Profile, operation.UserProfile)
}

// wayBack is the command that goes back to the generation before the change.
func (p *profileChange) wayBack() string {
	return fmt.Sprintf("ask-nix switch-generation %d -p %s", p.state.Current, p.name())
}

func (p *profileChange) readManifest(ctx context.Context) error {
	target, err := currentTarget(ctx, p.machine, p.chosen.Profile)
	if err != nil {
		return err
	}
	current, err := p.machine.Host.StoreDir.Parse(target)
	if target != "" && err != nil {
		return err
	}
	if target == "" {
		current = ""
	}
	p.manifest, err = environment.Load(p.machine.Host.StoreDir, current, formatOf(p.session.Conn.NixVersion))
	if err != nil {
		return operation.Errorf(operation.CodeFailed, "%s cannot be changed: %w", p.chosen.Profile, err).
			WithHint("It was made by a program that ask-nix does not know.")
	}
	p.nixEnv = current != "" && hasKind(string(current)+"/manifest.nix", 0)
	return nil
}

// formatOf is the form of manifest that a Nix of this version writes, so that it can
// read what we make.
func formatOf(version string) manifest.Format {
	var major, minor int
	if n, _ := fmt.Sscanf(version, "%d.%d", &major, &minor); n < 2 || major > 2 {
		return manifest.V3
	}
	switch {
	case minor < 9:
		return manifest.V2Plain
	case minor < 20:
		return manifest.V2
	}
	return manifest.V3
}

// plan is the plan of either change.
func (p *profileChange) plan(summary string) operation.Plan {
	plan := operation.Plan{
		Summary: summary, Risk: operation.Reversible,
		Steps: []operation.Step{{Action: "Make a generation of the profile", Path: string(p.chosen.Profile)}},
	}
	if p.state.Current > 0 {
		plan.Undo = p.wayBack()
	}
	if p.nixEnv {
		plan.Warnings = append(plan.Warnings, "the profile was made by nix-env, which cannot change it afterwards; going back to the generation before undoes that")
	}
	return plan
}

// Permit checks that we may write the profile, and that there is room for what is
// downloaded.
func (p *profileChange) Permit() error {
	if !host.Writable(p.chosen.Profile) {
		return operation.Errorf(operation.CodePermission, "you may not change %s", p.chosen.Profile).
			WithHint("It belongs to somebody else.")
	}
	free, err := storeSpace(p.machine, &p.missing)
	if err != nil {
		return err
	}
	return enoughSpace(free)
}

// mostTries is how often a profile is read again that others keep changing.
const mostTries = 20

// commit makes a generation of the manifest. Where somebody else has changed the profile
// meanwhile, again makes the change to what it has now: they were first, and nothing of
// theirs is lost. Without again that is an error.
func (p *profileChange) commit(ctx context.Context, o operation.Observer, again func() error) (answer Answer, err error) {
	for range mostTries {
		var changed *profile.ChangedError
		if answer, err = p.make(ctx, o); again == nil || !errors.As(err, &changed) {
			return answer, err
		}
		o.Observe(operation.Event{Kind: operation.EventWarning, Text: "somebody else has changed the profile meanwhile; the change is made to what it has now"})
		if p.state, err = p.machine.Backend.Profile(ctx, p.chosen.Profile); err != nil {
			return Answer{}, err
		}
		p.elements = nil
		if err := p.readManifest(ctx); err != nil {
			return Answer{}, err
		}
		if err := again(); err != nil {
			return Answer{}, err
		}
	}
	return answer, err
}

// make makes the environment of the manifest and a generation of it. That fails if the
// profile has changed since it was read.
func (p *profileChange) make(ctx context.Context, o operation.Observer) (Answer, error) {
	phase(o, "switch", "Making the profile")
	h := p.machine.Host
	e, err := environment.Build(ctx, h.StoreDir, p.manifest)
	var conflict *environment.ConflictError
	if errors.As(err, &conflict) {
		return Answer{}, operation.Errorf(operation.CodeFailed, "%w", err).
			WithHint("Both packages have the same file; remove one of them.")
	}
	if err != nil {
		return Answer{}, err
	}
	if err := p.session.Conn.AddToStoreNar(ctx, e.Info, bytes.NewReader(e.NAR), daemon.AddOptions{}); err != nil {
		return Answer{}, err
	}
	p.made, err = p.chosen.Profile.CreateIf(ctx, p.session.Conn, e.Info.Path, p.state.Token(), profile.CreateOptions{
		StateDir: profile.StateDir(h.StateDir), SyncStore: true,
	})
	var changed *profile.ChangedError
	if errors.As(err, &changed) {
		return Answer{}, operation.Errorf(operation.CodeFailed, "%w", err).WithHint("Nothing was changed. Try again to see the new plan.")
	}
	if err != nil {
		return Answer{}, err
	}
	data := &operation.Switched{
		Profile: string(p.chosen.Profile),
		From:    operation.GenerationNumber(p.state.Current), To: operation.GenerationNumber(p.made.Number),
	}
	answer := Answer{
		Message: fmt.Sprintf("Generation %d of your profile is current now.", p.made.Number), Data: data,
		Back: &operation.WayBack{Profile: data.Profile, From: data.From, To: data.To},
	}
	if data.From == 0 {
		answer.Back.Packages = p.elements
	}
	if p.state.Current > 0 {
		answer.Suggestions = []string{p.wayBack()}
	}
	return answer, nil
}

// Verify reads back which generation is current, and what it has.
func (p *profileChange) Verify(ctx context.Context) error {
	state, err := p.machine.Backend.Profile(ctx, p.chosen.Profile)
	if err != nil {
		return err
	}
	if state.Current != p.made.Number {
		return operation.Errorf(operation.CodeFailed, "generation %d is current, not %d", state.Current, p.made.Number).
			WithHint("Another program changed the profile meanwhile; `ask-nix generations -p " + string(p.name()) + "` shows it.")
	}
	target, err := currentTarget(ctx, p.machine, p.chosen.Profile)
	if err != nil {
		return err
	}
	path, err := p.machine.Host.StoreDir.Parse(target)
	if err != nil {
		return err
	}
	now, err := environment.Load(p.machine.Host.StoreDir, path, p.manifest.Format)
	if err == nil && len(now.Elements) != len(p.manifest.Elements) {
		err = fmt.Errorf("the profile has %d packages, not %d: %s", len(now.Elements), len(p.manifest.Elements), strings.Join(p.elements, ", "))
	}
	return err
}
